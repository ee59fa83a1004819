"""`callfloor bench chances`: the judgement, the page, the picture, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest

from app.cli import run
from app.pacing.chances import judge, report_of, weak_histories
from app.pacing.chances_page import page, picture
from app.pacing.chances_report import ChanceReport
from app.profile import open_profile
from dialer_core.clock import ManualClock
from dialer_core.model.errors import KnownError
from dialer_core.model.states import Mode
from dialer_core.pacing.chances import History, HistoryMaker, Ints
from dialer_core.rules.profiles import profile
from dialer_core.simulation.histories import made_history
from dialer_core.store.opening import migrate, open_database
from tests.store.floor_kit import FloorKit
from tests.store.made_calls import put_in


@pytest.fixture(scope="module")
def report() -> ChanceReport:
    return report_of(77, days=8)


def history(days: int, calls_an_hour: float) -> tuple[History, Ints]:
    maker = HistoryMaker()
    for made in made_history(3, days=days, calls_an_hour=calls_an_hour):
        maker.add(made.call)
    found = maker.history()
    return found, (found.at_s // 86_400).astype(np.int64)


def test_all_towns_are_judged_on_days_that_were_held_back(report: ChanceReport) -> None:
    assert report.main.name == "plain"
    assert len(report.others) == 5
    assert report.main.held_out == "the last 1 of 7 days, each by the days before it"
    for one in (report.main, *report.others):
        assert one.answered.calls > 500
        assert one.answered.brier_of_truth is not None
        assert one.answered.brier_of_truth < one.answered.brier < one.answered.brier_of_base
        assert one.answered.error < 0.08


def test_the_page_shows_what_was_found(report: ChanceReport) -> None:
    text = page(report, "pictures/x.svg")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len({line.count("|") for line in rows if line.startswith("| plain")}) == 1
    for part in report.main.answered.bins:
        assert f"| {100 * part.predicted:.1f} % | {100 * part.observed:.1f} % |" in text
    assert "seed 77" in text
    assert "(pictures/x.svg)" in text


def test_the_picture_is_one(report: ChanceReport) -> None:
    root = ElementTree.fromstring(picture(report))
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f".//{space}circle")) == 20


def test_few_calls_give_everybody_about_the_same() -> None:
    weak = weak_histories(5, days=5)
    spans = [one.most - one.least for one in weak]
    assert weak[0].calls == 1
    assert spans[0] < 0.05
    assert spans == sorted(spans)
    assert weak[-1].brier < weak[-1].brier_of_average


def test_a_single_day_is_judged_on_its_last_third() -> None:
    calls, day = history(1, 80)
    found = judge("today", calls, day)
    assert "last third" in found.held_out
    assert found.calls_before == len(calls) * 2 // 3
    assert found.answered.brier_of_truth is None


def test_too_few_calls_are_not_judged() -> None:
    calls, day = history(1, 5)
    with pytest.raises(KnownError, match="from 200 on"):
        judge("today", calls, day)


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def called(tmp_path: Path) -> Path:
    """A profile with a campaign that has made some 1,300 calls."""
    found = open_profile(tmp_path / "floor")
    found.database_path.parent.mkdir(parents=True, exist_ok=True)
    migrate(found.database_path)
    database = open_database(found.database_path)
    kit = FloorKit(database, ManualClock(datetime(2026, 2, 9, 11, 0, tzinfo=UTC)))
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"))
    made = made_history(3, days=4, calls_an_hour=30.0)
    put_in(database, kit.campaign_id, [one.call for one in made])
    kit.close()
    database.close()
    return found.root


def test_a_campaigns_own_calls_are_judged(called: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    words = ["bench", "chances", "--profile", str(called), "--campaign", "Campaign predictive"]
    assert run([*words, "--json", str(out)]) == 0
    report = msgspec.json.decode(out.read_bytes(), type=ChanceReport)
    assert report.main.name == "Campaign predictive"
    assert report.main.answered.calls > 200
    assert report.others == []


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["--campaign", "X"], 2, "belong together"),
        (["--profile", "{floor}"], 2, "belong together"),
        (["--profile", "{floor}", "--campaign", "Spring"], 1, "there are: Campaign predictive"),
        (["--profile", "{floor}/none", "--campaign", "X"], 1, "There is no profile"),
        (["--profile", "{floor}", "--campaign", "X", "--docs", "x.md"], 2, "stay its own"),
    ],
)
def test_words_that_make_no_sense_are_told_so(
    called: Path, words: list[str], status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [word.replace("{floor}", str(called)) for word in words]
    assert run(["bench", "chances", *filled]) == status
    assert says in capsys.readouterr().err.replace("\n", " ")
