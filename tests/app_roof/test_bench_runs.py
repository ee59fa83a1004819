"""Whole runs of the benchmark and of the single day, small ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from rich.console import Console

from app.cli import run
from app.errors import KnownError, UsageError
from app.pacing import asked, crew, one_day, tables
from app.pacing.bench import BenchOptions, jobs_of, run_bench
from app.pacing.entrants import ENTRANTS, HINTS
from app.pacing.fingerprint import fingerprint
from app.pacing.report import BEGIN, END, read_report
from app.pacing.work import MEMORY_DAY, DayFigures, Job, plan_of, run_day
from dialer_core.model.states import Mode

pytestmark = pytest.mark.qt  # of the house, not of the core


# --- runs ----------------------------------------------------------------------------------------

TINY = BenchOptions(
    scenarios=("b2c_cold",), seats="3", seeds="2", hours=0.2, pacers="progressive,predictive",
    workers=0,
)  # fmt: skip


def test_a_benchmark_of_four_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs = tmp_path / "docs" / "pacing.md"
    docs.parent.mkdir()
    docs.write_text(f"# Pacing\n\n{BEGIN}\n{END}\n")
    file, table = tmp_path / "out.json", tmp_path / "table.md"
    options = replace(TINY, json_file=file, table_file=table, docs_file=docs)
    assert run_bench(options) == 0
    report = read_report(file)
    assert report.is_complete
    assert len(report.days) == 4
    assert {row.entrant for row in report.rows} == {"progressive", "predictive"}
    assert report.fitting.overlap == ["b2c_cold"]
    assert report.code == fingerprint()
    assert all(one.decides > 0 and one.seconds > 0 for one in report.days)
    assert "seeds 1-2" in docs.read_text()
    assert (tmp_path / "docs" / "pictures" / "pacing.svg").read_text().startswith("<svg")
    assert "#### b2c_cold" in table.read_text()
    out = capsys.readouterr().out
    assert out == ""  # the figures went to the file

    again = replace(options, seeds="3", earlier=(file,))
    assert run_bench(again) == 0
    assert "4 of them simulated before" in capsys.readouterr().err
    days = read_report(file).days
    assert len(days) == 6
    assert set(report.days) < set(days)  # not one was simulated anew


def test_without_a_file_the_json_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    words = "bench pacing --scenario b2c_cold --seats 3 --seeds 1000-1000 --hours 0.1 --workers 0"
    assert run([*words.split(), "--pacers", "progressive"]) == 0
    report = msgspec.json.decode(capsys.readouterr().out)
    assert report["fitting"]["overlap"] == ["b2c_cold", "seed 1000"]  # it says so itself


def test_days_of_other_code_are_not_mixed_in(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    assert run_bench(replace(TINY, seeds="1", pacers="progressive", json_file=file)) == 0
    report = msgspec.structs.replace(read_report(file), code="0" * 12)
    file.write_bytes(msgspec.json.encode(report))
    with pytest.raises(KnownError, match="made by other code"):
        run_bench(replace(TINY, earlier=(file,)))
    file.write_text("{}")
    with pytest.raises(KnownError, match="no report"):
        run_bench(replace(TINY, earlier=(file,)))


def test_what_was_simulated_can_be_told_without_simulating_more(tmp_path: Path) -> None:
    one, two, told = tmp_path / "one.json", tmp_path / "two.json", tmp_path / "told.json"
    assert run_bench(replace(TINY, seeds="1", pacers="progressive", json_file=one)) == 0
    assert run_bench(replace(TINY, seeds="2", pacers="progressive", json_file=two)) == 0
    tell = replace(TINY, seeds="1-9", earlier=(one, two), json_file=told, is_told_only=True)
    assert run_bench(tell) == 0
    assert [day.seed for day in read_report(told).days] == [1, 2]
    with pytest.raises(UsageError, match="--from"):
        run_bench(replace(TINY, is_told_only=True))


def test_the_fingerprint_minds_statements_only(tmp_path: Path) -> None:
    room = tmp_path / "pacing"
    room.mkdir()
    (room / "a.py").write_text("x = 1\n")
    first = fingerprint(tmp_path)
    (room / "a.py").write_text("# why\nx  =  1\n")
    assert fingerprint(tmp_path) == first
    (room / "a.py").write_text("x = 2\n")
    assert fingerprint(tmp_path) != first


def test_two_processes_give_what_one_gives() -> None:
    jobs = jobs_of(replace(TINY, seeds="2"))
    alone = crew.run_jobs(jobs, 0, lambda _: None)
    together = crew.run_jobs(jobs, 2, lambda _: None)
    assert alone.is_complete
    assert together.is_complete

    def truth(days: Sequence[DayFigures]) -> set[tuple[object, ...]]:
        return {(d.entrant, d.seed, d.utilisation, d.people_connected, d.dials) for d in days}

    assert truth(alone.days) == truth(together.days)


def test_ctrl_c_keeps_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[Job] = []

    def interrupted(job: Job) -> DayFigures:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(job)
        return run_day(job)

    monkeypatch.setattr(crew, "run_day", interrupted)
    file = tmp_path / "out.json"
    assert run_bench(replace(TINY, json_file=file)) == 130
    report = read_report(file)
    assert not report.is_complete
    assert len(report.days) == 2
    assert "Stopped: 2 days are kept" in capsys.readouterr().err


def test_the_longest_days_go_first_and_hard_ones_are_asked_for() -> None:
    jobs = jobs_of(replace(TINY, seats="3,5", hard=True))
    hard = {job.hard for job in jobs if job.hard}
    assert len(hard) > 5
    assert len([job for job in jobs if not job.hard]) == 8
    weights = [crew.weight(job) for job in jobs]
    assert max(weights) == crew.weight(replace(jobs[0], entrant="predictive", seats=5))
    whole = jobs_of(replace(TINY, pacers="", hours=8.0))
    assert [job.hard for job in whole if job.hard] == [MEMORY_DAY]


def test_memory_is_watched_on_one_day() -> None:
    ground = asked.scenario_of("b2c_cold")
    found = run_day(Job("progressive", ground, 1, 0, 2.2, MEMORY_DAY))
    assert found.pacer_grew_mb is not None
    assert abs(found.pacer_grew_mb) < 1.0


def test_hints_are_those_of_the_heading() -> None:
    assert "35 %" in tables.hints_sentence()
    plan = plan_of(Job("hints", asked.scenario_of("b2c_cold"), 3, 1), ENTRANTS["hints"])
    assert plan.hints == HINTS
    assert plan.mode is Mode.PREDICTIVE


# --- one day -------------------------------------------------------------------------------------


def test_one_day_is_told_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "day.json"
    words = "simulate --scenario b2c_cold --seats 3 --mode progressive --hours 1 --json"
    assert run([*words.split(), str(file)]) == 0
    out = capsys.readouterr().out
    assert "b2c_cold, 3 seats, progressive, 1 h: utilisation" in out
    assert "1:00" in out
    kept = msgspec.json.decode(file.read_bytes())
    assert kept["is_complete"] is True
    assert len(kept["series"]["talking"]) == 60
    assert sum(kept["series"]["dials"]) == kept["dials"]


def test_a_file_may_say_how_long_and_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\n[day]\nseats = 2\nhours = 0.5\n')
    assert run(["simulate", "--scenario", str(path), "--mode", "progressive"]) == 0
    assert "mine, 2 seats, progressive, 0.5 h" in capsys.readouterr().out
    words = ["simulate", "--scenario", str(path), "--mode", "preview", "--seats", "1"]
    assert run(words) == 0
    assert "mine, 1 seat, preview, 0.5 h" in capsys.readouterr().out


def test_a_day_can_be_left_in_the_middle() -> None:
    plan = one_day.plan_of(one_day.DayOptions(seats=3, hours=1.0, mode="progressive"))
    told: list[float] = []

    def done(share: float) -> None:
        told.append(share)
        if len(told) == one_day.SLICES // 2:
            raise KeyboardInterrupt

    result, is_complete = one_day.passed(plan, done)
    assert not is_complete
    half = one_day.passed(plan, lambda _: None)[0]
    assert 0 < result.dials < half.dials
    one_day.tell(result, Console(quiet=True))


def test_bars() -> None:
    assert one_day.bars(np.array([0.0, 1.0, 8.0])) == " ▁█"
    assert one_day.bars(np.array([0.0, 0.0])) == "  "
    assert len(one_day.bars(np.ones(500), width=40)) == 40
