"""The file in which a seat keeps what the floor does not have yet."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.desk.outcome_journal import KeptOutcome, OutcomeJournal

NOTE = KeptOutcome("a1", 7, "", "so far", 100.0)
SALE = KeptOutcome("a1", 7, "SALE", "so far, and sold", 110.0)


def test_the_first_outcome_stands_and_takes_the_place_of_a_note(tmp_path: Path) -> None:
    journal = OutcomeJournal(tmp_path / "kept" / "seat.json")
    for one in (NOTE, SALE, KeptOutcome("a1", 7, "NO", "", 120.0), NOTE):
        journal.keep(one)
    assert journal.kept == (SALE,)


def test_it_outlives_the_program_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "seat.json"
    OutcomeJournal(path).keep(SALE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    again = OutcomeJournal(path)
    assert again.kept == (SALE,)
    assert "sold" not in repr(again.kept)
    again.delivered(SALE)
    assert not path.exists()
    assert OutcomeJournal(path).kept == ()


def test_what_came_while_it_was_on_its_way_is_kept(tmp_path: Path) -> None:
    journal = OutcomeJournal(tmp_path / "seat.json")
    journal.keep(NOTE)
    journal.keep(SALE)
    journal.delivered(NOTE)
    assert journal.kept == (SALE,)


def test_a_damaged_file_keeps_nobody_from_working(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "seat.json"
    path.write_text("{")
    journal = OutcomeJournal(path)
    assert "is not delivered" in caplog.text
    journal.keep(SALE)
    assert OutcomeJournal(path).kept == (SALE,)
