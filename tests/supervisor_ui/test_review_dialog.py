"""Detected machines are listened to, and what somebody says of them counts."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import delete, insert, select

from app.desk.loudspeaker import Loudspeaker
from app.desk.review_desk import NOT_HERE, ReviewDesk
from app.desk.review_view import cause_words, found_words, law_words
from app.look.theme import Theme
from app.tools.reviews import join_reviews
from dialer_core.clock import ManualClock
from dialer_core.engine import events as e
from dialer_core.model.call_control import RecordingPolicy, RecordingState
from dialer_core.model.ids import SessionId
from dialer_core.model.states import FormulaClass, Mode, Outcome
from dialer_core.rules.profiles import profile
from dialer_core.store.machines_heard import Heard
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.schema import MachineReviewRow, RecordingRow
from supervisor_ui.review_dialog import ALL_HEARD, EMPTY, LISTEN_FIRST, ReviewDialog
from tests.store.floor_kit import FloorKit


class HandSpeaker(Loudspeaker):
    """Notes what would be heard; a test ends it."""

    def __init__(self) -> None:
        super().__init__()
        self.played: list[Path] = []

    def play(self, path: Path) -> bool:
        self.played.append(path)
        return True

    def stop(self) -> None:
        """Nothing sounds."""


class Review:
    """A real window over a real floor with two machines, of which one has its recording here."""

    def __init__(self, folder: Path, theme: Theme, qtbot: QtBot) -> None:
        path = folder / "floor.db"
        migrate(path)
        self.qtbot = qtbot
        self.database = open_database(path)
        self.kit = FloorKit(self.database, ManualClock())
        self.kit.add_campaign(Mode.PREVIEW, profile("GB"))
        self.kit.take_lease()
        session = self.kit.log_in()
        self.attempts = [self.machine(session, folder, n) for n in range(2)]
        self.speaker = HandSpeaker()
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.dialog = ReviewDialog(theme, self.parent)
        self.desk = ReviewDesk(path, self.kit.clock, "supervisor (Sue)", lambda: 1, self.speaker)
        join_reviews(self.desk, self.dialog)
        self.dialog.show()

    def machine(self, session: SessionId, folder: Path, n: int) -> str:
        answer = self.kit.commit(self.kit.lease()[0], session)
        assert isinstance(answer, e.AttemptCommitted), answer
        self.kit.close_call(answer.attempt_id, Outcome.ANSWER_MACHINE_AMD, FormulaClass.AMDET)
        file = folder / f"{answer.attempt_id}.wav"
        with wave.open(str(file), "wb") as sound:
            sound.setparams((2, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(4 * 8000))
        row = {
            "attempt_id": answer.attempt_id,
            "path": str(file),
            "policy": RecordingPolicy.ALL,
            "state": RecordingState.STOPPED,
            "started_at": self.kit.now.utc,
            "recorded_s": 1.0 + n,
            "sentence": "",
        }
        with self.database.writing() as connection:
            connection.execute(insert(RecordingRow), row)
        return answer.attempt_id

    def open(self) -> None:
        with self.qtbot.waitSignal(self.desk.sampled):
            self.desk.show()

    def press(self, key: str) -> None:
        QTest.keyClicks(self.dialog, key)

    def said(self) -> dict[str, bool]:
        with self.database.reading() as connection:
            rows = connection.execute(
                select(MachineReviewRow.attempt_id, MachineReviewRow.was_person)
            )
            return {row.attempt_id: row.was_person for row in rows}

    def close(self) -> None:
        self.desk.stop()
        self.dialog.close()
        self.kit.close()
        self.database.close()


@pytest.fixture
def review(tmp_path: Path, theme: Theme, qtbot: QtBot) -> Iterator[Review]:
    made = Review(tmp_path, theme, qtbot)
    yield made
    made.close()


def test_one_after_the_other_by_keys_alone(review: Review) -> None:
    review.open()
    dialog, speaker = review.dialog, review.speaker
    assert dialog.place.text() == "Greeting 1 of 2"
    review.press("p")
    assert review.said() == {}, LISTEN_FIRST
    review.press(" ")
    assert len(speaker.played) == 1
    with review.qtbot.waitSignal(review.desk.noted):
        review.press("m")
    assert dialog.place.text() == "Greeting 2 of 2"
    assert len(speaker.played) == 2, "the next is heard without being asked for"
    assert dialog.found.text().startswith("Of 1 machine listened to, 0 were people")
    with review.qtbot.waitSignal(review.desk.noted):
        review.press("n")
    assert dialog.place.text() == ALL_HEARD
    assert sorted(review.said().values()) == [False, True], "not sure counts as a person"
    assert "1 was a person: 50.0 %" in dialog.found.text()
    assert "0.5 of an abandoned call" in dialog.law.text(), "worse than the rules assume"
    assert "2 machines found so far count as 1.0 abandoned calls" in dialog.budget.text()


def test_what_was_said_can_be_said_anew(review: Review) -> None:
    review.open()
    review.press(" ")
    first = review.dialog.greeting
    assert first is not None
    with review.qtbot.waitSignal(review.desk.noted):
        review.press("p")
    assert review.said() == {first.attempt_id: True}
    review.press("b")
    assert review.dialog.greeting == first
    with review.qtbot.waitSignal(review.desk.noted):
        review.press("m")
    assert review.said() == {first.attempt_id: False}


def test_a_recording_that_is_elsewhere_is_said(review: Review, tmp_path: Path) -> None:
    review.open()
    for file in tmp_path.glob("*.wav"):
        file.unlink()
    review.press(" ")
    assert review.dialog.sentence.text() == NOT_HERE
    assert not review.dialog.says["person"].isEnabled()


def test_with_nothing_kept_the_window_says_where_it_would_come_from(review: Review) -> None:
    with review.database.writing() as connection:
        connection.execute(delete(RecordingRow))
    review.open()
    assert review.dialog.cause.text() == EMPTY
    assert not review.dialog.play.isEnabled()
    assert "no machine" not in review.dialog.budget.text()


def test_space_on_a_focused_button_presses_that_button(review: Review) -> None:
    review.open()
    review.dialog.leave.setFocus()
    QTest.keyClick(review.dialog.leave, Qt.Key.Key_Space)
    assert not review.dialog.isVisible()


def test_the_words_of_the_law_follow_what_was_heard() -> None:
    rules = profile("GB")
    assert "0.15 of an abandoned call until 200" in law_words(rules, Heard())
    assert "0.15 of" in law_words(rules, Heard(people=1, reviewed=40))
    assert "0.25 of" in law_words(rules, Heard(people=10, reviewed=40)), "worse counts at once"
    # Wilson, one-sided 95 %, 4 of 200
    assert law_words(rules, Heard(people=4, reviewed=200)).startswith(
        "The law counts every machine found as 0.044 "
    )
    assert "4.7 %, with 95 % certainty between 2.3 % and 9.4 %" in found_words(Heard(7, 148))


@pytest.mark.parametrize("cause", ["long_greeting", "beep", "fax", "modem", "sit", ""])
def test_each_cause_has_words(cause: str) -> None:
    assert cause_words(cause).endswith(".")
