"""`callfloor replay`: a day that was really recorded, replayed as it was and otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import run
from app.errors import UsageError
from app.replay import runs
from app.replay.command import make_comparison
from app.replay.comparison import Comparison, day_range
from app.replay.runs import replay_all
from app.replay.settings import SETTINGS, changed, parse
from dialer_core.clock import Instant
from dialer_core.model.levers import NO_LEVERS, OFFICE_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.simulation.day import Rest
from dialer_core.simulation.replay import ReplaySettings, prepare
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.recorded import read_day
from tests.store.recorded_floor import RecordedRun, plan_of_day, record_day

WAS = ReplaySettings(
    mode=Mode.PREDICTIVE,
    target=0.02,
    cap=0.03,
    connect_limit_s=2.0,
    max_ring_s=25.0,
    lines=9,
    seats=0,
    levers=OFFICE_LEVERS,
    parked_an_hour=6,
)
DAY = "2026-03-03"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("floor")


@pytest.fixture(scope="module")
def recorded(home: Path) -> Iterator[RecordedRun]:
    """Half an hour of three seats, with a break, in the profile `home`."""
    path = home / "data" / "callfloor.sqlite3"
    path.parent.mkdir()
    path.parent.chmod(0o700)
    migrate(path)
    database = open_database(path)
    run_of_day = record_day(database, plan_of_day(3, 30, rests=(Rest(600.0, 240.0, 0.0),)))
    database.close()
    yield run_of_day
    assert not list(path.parent.glob("*-journal"))


def compared(home: Path, recorded: RecordedRun, *words: str, seeds: int = 6) -> Comparison:
    path = home / "data" / "callfloor.sqlite3"
    return make_comparison(path, DAY, "1", words, seeds, recorded.ended)


# --- a recorded day ------------------------------------------------------------------------------


def test_the_replay_as_it_was_agrees_with_the_record(home: Path, recorded: RecordedRun) -> None:
    found = compared(home, recorded, seeds=12)
    rows = {row.name: row for row in found.rows}
    truth = recorded.result
    utilisation = rows["Utilisation"]
    # the record's day goes from its first call to its last, the truth's from log-in to the end
    assert utilisation.recorded == pytest.approx(truth.utilisation, abs=0.02)
    assert utilisation.as_it_was.low - 0.005 <= utilisation.recorded
    assert utilisation.recorded <= utilisation.as_it_was.high + 0.005
    assert abs(utilisation.off_by) < 0.02
    dials = rows["Dials"]
    assert dials.recorded == truth.dials
    assert abs(dials.off_by) < 0.05 * truth.dials
    assert rows["People connected"].recorded == pytest.approx(truth.people_connected, abs=1)
    assert found.calls_drawn < 0.03 * truth.dials
    assert utilisation.other is None


def test_another_setting_stands_beside_it(home: Path, recorded: RecordedRun) -> None:
    found = compared(home, recorded, "mode=progressive", "lines=1")
    rows = {row.name: row for row in found.rows}
    lost = rows["Abandoned (people)"]
    assert lost.other is not None
    assert (lost.other.mean, found.over_cap_other) == (0.0, 0.0)
    busy = rows["Utilisation"]
    assert busy.difference is not None
    assert busy.other is not None
    assert busy.difference.mean == pytest.approx(busy.other.mean - busy.as_it_was.mean)
    assert busy.difference.high < -0.2, "three seats on one line wait most of their time"


def test_more_seats_need_people_who_were_not_called(home: Path, recorded: RecordedRun) -> None:
    found = compared(home, recorded, "seats=+2", seeds=3)
    assert found.calls_drawn > 10
    assert found.cautions[0].startswith(f"{found.calls_drawn:,.0f} of {found.calls:,.0f} calls")


def test_two_processes_say_what_one_says(
    home: Path, recorded: RecordedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "data" / "callfloor.sqlite3"
    ready = prepare(read_day(path, "1", DAY, recorded.ended))
    alone = replay_all(ready, [ready.settings], 3)
    monkeypatch.setattr(runs, "WORTH_IT_S", 0.0)
    assert replay_all(ready, [ready.settings], 3) == alone


def test_the_command_writes_the_table_and_the_file(
    home: Path, recorded: RecordedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (home / "data" / "callfloor.sqlite3").read_bytes()
    file = tmp_path / "replay.json"
    words = ["replay", "--profile", str(home), "--day", DAY, "--campaign", "Spring renewals"]
    status = run([*words, "--set", "target=1%", "--seeds", "2", "--json", str(file)])
    out = capsys.readouterr().out
    assert status == 0
    for text in ("Spring renewals, 2026-03-03", "with target=1%", "Utilisation", "cannot know"):
        assert text in out
    assert json.loads(file.read_text())["seeds"] == 2
    assert (home / "data" / "callfloor.sqlite3").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--day", "2026-03-02", "--campaign", "1"], "it did on 2026-03-03."),
        (["--day", "soon", "--campaign", "1"], "'soon' is no day"),
        (["--day", DAY, "--campaign", "Winter"], "there are 1 (Spring renewals)."),
        (["--day", DAY, "--campaign", "1", "--set", "speed=2"], "there are target: a share"),
        (["--day", DAY, "--campaign", "1", "--set", "target"], "there are target: a share"),
        (["--day", DAY, "--campaign", "1", "--set", "max_ring=x"], "takes 1 to 120 seconds"),
        (["--day", DAY, "--campaign", "1", "--set", "target=0.1"], "above the cap of 3.0%"),
        (["--day", DAY, "--campaign", "1", "--set", "seats=-9"], "leaves nobody on the floor"),
        (["--day", DAY, "--campaign", "1", "--seeds", "0"], "--seeds is 1 to 1000."),
    ],
)
def test_what_cannot_be_replayed_is_told_in_a_sentence(
    home: Path,
    recorded: RecordedRun,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    sentence: str,
) -> None:
    assert run(["replay", "--profile", str(home), *words]) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_day_of_one_call_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "floor.db"
    migrate(path)
    database = open_database(path)
    run_of_day = record_day(database, plan_of_day(1, 0.6, Mode.PROGRESSIVE), people=1)
    database.close()
    assert run_of_day.result.dials == 1
    with pytest.raises(Exception, match="Only 1 call was placed") as refused:
        make_comparison(path, "today", "1", (), 2, run_of_day.ended)
    assert getattr(refused.value, "exit_status", 1) == 2


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "name", "value"),
    [
        ("target=0.01", "target", 0.01),
        ("target=1%", "target", 0.01),
        ("TARGET = 0", "target", 0.0),
        ("cap=0.05", "cap", 0.05),
        ("mode=preview", "mode", Mode.PREVIEW),
        ("connect_limit=3", "connect_limit_s", 3.0),
        ("max_ring=40", "max_ring_s", 40.0),
        ("lines=12", "lines", 12),
        ("seats=+1", "seats", 1),
        ("seats=-2", "seats", -2),
        ("hold_breaks=off", "levers", Levers(held_breaks=False, parked_wrap_up=False)),
        ("choice=off", "levers", Levers(choice=False, parked_wrap_up=False)),
        ("parked=4", "levers", Levers()),
        ("parked=4", "parked_an_hour", 4),
        ("parked=0", "levers", OFFICE_LEVERS),
        ("levers=off", "levers", NO_LEVERS),
        ("levers=all", "levers", Levers()),
    ],
)
def test_each_name_sets_its_setting(word: str, name: str, value: object) -> None:
    assert getattr(changed(WAS, [word]), name) == value


def test_settings_are_carried_out_in_their_order() -> None:
    both = changed(WAS, ["cap=0.05", "target=0.04", "levers=off", "parked=2"])
    assert (both.cap, both.target, both.parked_an_hour) == (0.05, 0.04, 2)
    assert both.levers.parked_wrap_up
    assert not both.levers.choice
    assert changed(WAS, ["cap=0.01"]).target == 0.01, "a target never lies above its cap"


@pytest.mark.parametrize(
    "word",
    ["target=-1", "target=nan", "target=", "mode=fast", "connect_limit=0", "lines=1e9", "lines=0",
     "seats=3", "seats=+99", "hold_breaks=maybe", "levers=some", "parked=-1", "max_ring=inf"],
)  # fmt: skip
def test_a_value_that_a_name_does_not_take_is_told_with_what_it_takes(word: str) -> None:
    name = word.partition("=")[0]
    with pytest.raises(UsageError) as refused:
        parse([word])
    assert SETTINGS[name].takes in refused.value.sentence


def test_one_replay_has_no_interval() -> None:
    one = day_range([0.5])
    assert (one.mean, one.low, one.high) == (0.5, 0.5, 0.5)
    three = day_range([0.4, 0.5, 0.6])
    assert three.low == pytest.approx(0.5 - 4.3027 * 0.1 * (4 / 3) ** 0.5, abs=1e-4)


def test_now_is_handed_in(home: Path, recorded: RecordedRun) -> None:
    path = home / "data" / "callfloor.sqlite3"
    next_day = Instant(0.0, recorded.ended.after(86_400.0).utc)
    assert make_comparison(path, "yesterday", "1", (), 1, next_day).day == DAY
