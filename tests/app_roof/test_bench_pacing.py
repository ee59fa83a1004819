"""The benchmark and the single day on the command line: figures, words, documents, mistakes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from app.cli import run
from app.errors import KnownError, UsageError
from app.pacing import asked, tables, targets
from app.pacing.entrants import ENTRANTS
from app.pacing.figures import Range, Row, is_over, rows_of
from app.pacing.picture import picture
from app.pacing.report import BEGIN, END, put_into, spans
from app.pacing.verdicts import Verdict, verdicts_of
from app.pacing.work import MEMORY_DAY, DayFigures, Job, Timed, plan_of
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.simulation.public import SCENARIOS

pytestmark = pytest.mark.qt  # of the house, not of the core


def day(entrant: str = "predictive", seed: int = 1, **changes: object) -> DayFigures:
    plain = DayFigures(
        entrant=entrant, scenario="b2c_cold", seats=5, seed=seed, hours=8.0, hard="",
        utilisation=0.78, worked_s=36000.0, people_connected=970, people_abandoned=30,
        highest_rate=0.03, dials=4000, wait_mean_s=20.0, wait_p95_s=60.0, parked=0,
        decides=1000, decide_mean_us=100.0, decide_worst_us=900.0, decides_slow=0, seconds=2.0,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def told(verdicts: Sequence[Verdict], target: int, what: str) -> Verdict:
    return next(one for one in verdicts if one.target == target and what in one.what)


# --- words ---------------------------------------------------------------------------------------


def test_seeds_and_seats_in_words() -> None:
    assert asked.seeds_of("3") == [1, 2, 3]
    assert asked.seeds_of("21-23") == [21, 22, 23]
    assert asked.seats_of("5,3, 5") == [3, 5]
    assert spans([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"
    assert spans([]) == ""


@pytest.mark.parametrize("words", ["junk", "", "0", "-3", "9-3", "1-2-3", "1.5", "20000"])
def test_seeds_that_make_no_sense(words: str) -> None:
    with pytest.raises(UsageError, match="--seeds takes"):
        asked.seeds_of(words)


@pytest.mark.parametrize("words", ["0", "3,x", "", "21", "-1"])
def test_seats_that_make_no_sense(words: str) -> None:
    with pytest.raises(UsageError, match="--seats takes"):
        asked.seats_of(words)


@pytest.mark.parametrize("hours", [0.0, -1.0, math.nan, math.inf, 25.0])
def test_hours_that_make_no_sense(hours: float) -> None:
    with pytest.raises(UsageError, match="--hours takes"):
        asked.hours_of(hours)


def test_who_takes_part() -> None:
    assert [one.name for one in asked.entrants_of("adapt,progressive", "all")] == [
        "progressive",
        "adapt",
    ]
    assert {one.group for one in asked.entrants_of("", "off")} == {"base"}
    assert {one.group for one in asked.entrants_of("", "parked,relief")} == {
        "base",
        "parked",
        "relief",
    }
    assert len(asked.entrants_of("", "all")) == len(ENTRANTS)
    with pytest.raises(UsageError, match="no pacer 'magic'"):
        asked.entrants_of("magic", "all")
    with pytest.raises(UsageError, match="not 'magic'"):
        asked.entrants_of("", "magic")


def test_whoever_is_compared_meets_the_same_people() -> None:
    for one in ENTRANTS.values():
        if one.against:
            assert ENTRANTS[one.against].hints == one.hints


def test_a_scenario_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nhuman = 0.4\n[day]\nlines = 4\nbreaks = 0\ndrift = 0.0\n')
    ground = asked.scenario_of(str(path))
    assert ground.scenario.name == "mine"
    plan = plan_of(Job("progressive", ground, 2, 1, 1.0), ENTRANTS["progressive"])
    assert (plan.lines, plan.drift, len(plan.seats)) == (4, 0.0, 2)
    assert asked.scenarios_of([]) == [asked.scenario_of(name) for name in SCENARIOS]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("human = 2\n", '"human" must be a number'),
        ("human =\n", "no TOML"),
        ('name = "b2c_cold"\nhuman = 0.4\n', "another scenario than the known"),
    ],
)
def test_a_file_that_is_no_scenario(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=words):
        asked.scenario_of(str(path))


@pytest.mark.parametrize(
    "words",
    [
        "bench pacing --scenario mars",
        "bench pacing --scenario nowhere.toml",
        "bench pacing --seeds junk",
        "bench pacing --seats 0",
        "bench pacing --workers -1",
        "simulate --scenario mars",
        "simulate --seats 0",
        "simulate --hours 0",
        "simulate --hard none",
        "simulate --levers some",
    ],
)
def test_mistakes_are_one_sentence_and_status_2(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.strip().splitlines()) == 1
    assert told.err.strip().endswith(".")


# --- figures -------------------------------------------------------------------------------------


def test_a_row_of_days() -> None:
    days = [
        day(seed=1, utilisation=0.76),
        day(seed=2, utilisation=0.80, people_connected=960, people_abandoned=40),
        day("progressive", 1, utilisation=0.70),
        day("progressive", 2, utilisation=0.71),
        day("predictive", 3, hard="waves", utilisation=0.1),
    ]
    row = next(row for row in rows_of(days) if row.entrant == "predictive")
    assert (row.days, row.days_over) == (2, 1)  # 30 of 1000 is within, 40 is over
    assert row.utilisation.mean == pytest.approx(0.78)
    assert row.abandoned.mean == pytest.approx(70 / 2000)
    assert row.gain_over_progressive is not None
    assert row.gain_over_progressive.mean == pytest.approx(0.075)
    assert row.dials_per_connect.mean == pytest.approx(8000 / 1930)
    assert row.decide_mean_us == pytest.approx(100.0)


def test_nobody_lost_is_not_nobody_ever() -> None:
    (row,) = rows_of([day(seed=1, people_abandoned=0), day(seed=2, people_abandoned=0)])
    assert row.abandoned.mean == 0.0
    assert row.abandoned.high == pytest.approx(0.002, abs=0.0005)


@pytest.mark.parametrize(("lost", "over"), [(3, False), (4, True), (0, False)])
def test_the_boundary_of_a_day(lost: int, over: bool) -> None:
    assert is_over(day(people_connected=100 - lost, people_abandoned=lost)) is over


def test_a_stopwatch_counts_what_a_pacer_takes() -> None:
    class Nothing:
        def decide(self, view: FloorView) -> Decision:
            return Decision(int(view.now))

    times = iter([0.0, 0.001, 1.0, 1.007])
    timed = Timed(Nothing(), lambda: next(times))
    view = FloorView(3.0, 9.0, 2.0, 5)
    assert timed.decide(view).launch == 3
    timed.decide(view)
    assert (timed.decides, timed.slow) == (2, 1)
    assert timed.total_s == pytest.approx(0.008)
    assert timed.worst_s == pytest.approx(0.007)


# --- targets -------------------------------------------------------------------------------------


def test_targets_beside_figures() -> None:
    days = [
        *(day(seed=seed, utilisation=0.78 + 0.001 * seed) for seed in range(1, 11)),
        *(day("blind", seed, utilisation=0.78) for seed in range(1, 11)),
        *(day("hints", seed, utilisation=0.79) for seed in range(1, 11)),
        day("levers", 1, hard="waves", highest_rate=0.045, people_abandoned=20),
    ]
    found = verdicts_of(rows_of(days), days)
    best = told(found, 1, "utilisation")
    assert best.wanted == pytest.approx(77.6)
    assert best.is_met is True
    assert told(found, 1, "days within").is_met is True
    assert told(found, 2, "points").is_met is False
    assert told(found, 3, "utilisation").is_met is None  # nobody took the relief seat
    assert told(found, 4, "worst running").is_met is False
    assert told(found, 4, "ended over").is_met is True
    assert told(found, 5, "decide, mean").is_met is None  # no floor of twenty
    table = tables.verdict_table(found, 1)
    assert "≥ 77.6 %" in table
    assert "| met |" in table
    assert "**not met**" in tables.verdict_table(found, 2)


def test_costs_are_those_of_the_largest_floor() -> None:
    days = [
        day(seats=20, decide_mean_us=160.0, decide_worst_us=4000.0, seconds=4.0, hours=4.0),
        day("progressive", seats=20, seconds=1.5),
        day(seats=20, hard=MEMORY_DAY, pacer_grew_mb=0.2),
    ]
    found = verdicts_of(rows_of(days), days)
    assert told(found, 5, "decide, mean").is_met is False
    assert told(found, 5, "decide, worst").is_met is True
    assert told(found, 5, "predictive").measured == Range(8.0, None, None)
    assert told(found, 5, "progressive").is_met is True
    assert told(found, 5, "memory").is_met is True


def test_the_published_table_is_whole() -> None:
    assert set(targets.BEST_KNOWN) == set(SCENARIOS)
    for known in targets.BEST_KNOWN.values():
        assert list(known) == [3, 5, 10, 15, 20]
        assert all(one.progressive < one.best < 100 for one in known.values())


# --- tables and picture --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Range(0.5, 0.4, 0.6), "50.0 ± 10.0"),
        (Range(0.5, None, None), "50.0"),
        (Range(0.0, 0.0, 0.02), "0.0 (0.0 to 2.0)"),
        (None, "–"),
    ],
)
def test_a_figure_in_words(figure: Range | None, words: str) -> None:
    assert tables.per_cent(figure) == words


def rows() -> list[Row]:
    names = ("progressive", "predictive", "blind", "hints")
    return rows_of(
        [
            day(name, seed, seats=seats, scenario=scenario, utilisation=0.7 + seats / 100)
            for name in names
            for seed in (1, 2)
            for seats in (3, 5)
            for scenario in ("b2c_cold", "own")
        ]
    )


def test_tables_name_every_pacer_and_floor() -> None:
    summary = tables.summary_tables(rows())
    assert "| *best known, published* | 74.7 | 77.1 |" in summary
    assert summary.count("### ") == 2
    assert "| + hints and held breaks | 73.0 ± 0.0 | 75.0 ± 0.0 |" in summary
    full = tables.full_table(rows())
    widths = {line.count("|") for line in full.splitlines() if line.startswith("|")}
    assert widths == {14}
    assert "against" in tables.worth_table(rows())


def test_the_picture_is_well_formed_and_within_its_frame() -> None:
    root = ElementTree.fromstring(picture(rows()))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    lines = root.findall(".//{*}polyline")
    assert len(lines) >= 2 * 3
    for line in lines:
        for point in line.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height
    assert any(
        "Hollow" in (text.text or "") for text in root.iter("{http://www.w3.org/2000/svg}text")
    )


def test_a_document_keeps_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "pacing.md"
    path.write_text(f"Before.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    put_into(path, "new")
    put_into(path, "newer")
    text = path.read_text()
    assert text == f"Before.\n\n{BEGIN}\n\nnewer\n{END}\n\nAfter.\n"
    path.write_text("No markers.")
    with pytest.raises(KnownError, match="no place for the tables"):
        put_into(path, "new")
