"""Listening in: what is drawn is what is heard, keys ask for it, closing leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk.doctor import Facts, LegFacts, symptoms
from app.desk.supervising import JOIN_LIMIT_S, NO_PHONE, NOT_JOINED, Supervising, seat_advice
from app.desk.views import (
    AdviceView,
    Listening,
    SeatAdviceView,
    SeatState,
    SupervisedView,
    SupervisorView,
)
from app.errors import KnownError
from app.look.theme import Theme
from dialer_core.clock import Instant, ManualClock
from supervisor_ui.call_dialog import NO_CALL, WAYS, CallDialog
from supervisor_ui.doctor_panel import MOST_ROWS, DoctorPanel
from supervisor_ui.gallery_states import NOW_UTC_S, floor
from supervisor_ui.hearing_picture import AGENT, PERSON, YOU, sentence, who_hears
from supervisor_ui.window import SupervisorWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
CALL = SupervisedView(
    session_id=100,
    attempt_id="a-1",
    agent="Anna Kowalska",
    person="Siân Hughes",
    since_utc_s=NOW_UTC_S - 192,
)
MUTED = AdviceView("Anna's microphone is muted by the system.", "Unmute it.", "trouble")


@pytest.fixture
def dialog(theme: Theme) -> Iterator[CallDialog]:
    parent = QWidget()
    made = CallDialog(theme, lambda: NOW_UTC_S, parent)
    made.show_call(CALL)
    made.show()
    yield made
    made.close()
    parent.close()


def asked(dialog: CallDialog) -> list[tuple[str, str]]:
    wishes: list[tuple[str, str]] = []
    dialog.listening_requested.connect(lambda attempt, how: wishes.append((attempt, how)))
    return wishes


# --- who hears whom -------------------------------------------------------------------------


def test_who_listens_is_heard_by_nobody() -> None:
    pairs = who_hears(Listening.LISTEN)
    assert {pair for pair in pairs if pair[0] == YOU} == set()
    assert {pair for pair in pairs if pair[1] == YOU} == {(PERSON, YOU), (AGENT, YOU)}


def test_a_whisper_is_never_heard_by_the_person() -> None:
    assert (YOU, PERSON) not in who_hears(Listening.WHISPER)
    assert (YOU, AGENT) in who_hears(Listening.WHISPER)


def test_barging_in_is_heard_by_all_and_taking_over_by_the_person_alone() -> None:
    assert len(who_hears(Listening.BARGE)) == 6
    assert who_hears(Listening.TAKE_OVER) == {(PERSON, YOU), (YOU, PERSON)}


@pytest.mark.parametrize("how", [None, *Listening])
def test_the_sentence_says_what_the_picture_shows(how: Listening | None) -> None:
    pairs, words = who_hears(how), sentence(how, "Anna", "Siân")
    is_in = any(YOU in pair for pair in pairs)
    assert ("You are not in this call" in words) is not is_in
    assert ("Nobody hears you" in words) == (how is Listening.LISTEN)
    assert ("Only Anna hears you" in words) == (how is Listening.WHISPER)


# --- the dialog -----------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "words", "key", "_hint"), WAYS)
def test_a_way_is_asked_for_by_mouse_and_by_key(
    dialog: CallDialog, how: Listening, words: str, key: str, _hint: str
) -> None:
    wishes = asked(dialog)
    assert (dialog.buttons[how].text(), dialog.buttons[how].key) == (words, key)
    QTest.mouseClick(dialog.buttons[how], Qt.MouseButton.LeftButton)
    QTest.keyClick(dialog, Qt.Key(ord(key)))
    assert wishes == [("a-1", how.value)] * 2


def test_what_holds_is_drawn_and_not_asked_for_again(dialog: CallDialog) -> None:
    wishes = asked(dialog)
    dialog.show_call(replace(CALL, listening=Listening.WHISPER))
    assert dialog.picture.pairs == who_hears(Listening.WHISPER)
    assert dialog.words.text() == "You hear both. Only Anna Kowalska hears you."
    QTest.keyClick(dialog, Qt.Key.Key_W)
    assert wishes == []
    assert dialog.title.full_text == "Anna Kowalska with Siân Hughes"
    assert dialog.time.text() == "03:12"


def test_the_way_there_is_told_and_the_picture_stays_true(dialog: CallDialog) -> None:
    dialog.show_call(replace(CALL, is_joining=True))
    assert dialog.words.text() == "Joining …"
    assert dialog.picture.pairs == who_hears(None)


@pytest.mark.parametrize("listening", [Listening.LISTEN, Listening.WHISPER, Listening.BARGE])
def test_closing_leaves_the_call(dialog: CallDialog, listening: Listening) -> None:
    wishes = asked(dialog)
    dialog.show_call(replace(CALL, listening=listening))
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert wishes == [("a-1", "leave")]
    assert not dialog.isVisible()


def test_closing_before_joining_asks_nothing_and_after_taking_over_keeps_the_call(
    dialog: CallDialog,
) -> None:
    wishes = asked(dialog)
    dialog.close()
    dialog.show()
    dialog.show_call(replace(CALL, listening=Listening.TAKE_OVER))
    assert not any(button.isEnabled() for button in dialog.buttons.values())
    dialog.close()
    assert wishes == []


def test_without_a_phone_or_a_call_nothing_can_be_asked(dialog: CallDialog) -> None:
    wishes = asked(dialog)
    for view in (replace(CALL, has_phone=False), replace(CALL, is_up=False)):
        dialog.show_call(view)
        for _how, _words, key, _hint in WAYS:
            QTest.keyClick(dialog, Qt.Key(ord(key)))
        assert not any(button.isEnabled() for button in dialog.buttons.values())
    assert wishes == []
    assert dialog.words.text() == NO_CALL


def test_trouble_and_advice_are_read_whole(dialog: CallDialog) -> None:
    dialog.show_call(replace(CALL, trouble=NOT_JOINED, advice=(MUTED,)))
    assert dialog.trouble.text() == NOT_JOINED
    assert dialog.advice[0].text() == f"{MUTED.sentence} {MUTED.what_to_do}"
    assert dialog.advice[1].isHidden()
    assert dialog.width() == 560
    assert dialog.height() < 700


# --- from the floor -------------------------------------------------------------------------

Show = Callable[[SupervisorView | None], SupervisorWindow]


def test_enter_or_a_double_click_on_a_row_opens_its_call(show_window: Show, qtbot: QtBot) -> None:
    window = show_window(floor(10))
    table = window.floor.table
    row = next(n for n in range(10) if window.floor.agents()[n] == "Dai Evans")
    index = table.model().index(row, 1)
    table.setFocus()
    table.setCurrentIndex(index)
    with qtbot.waitSignal(window.seat_opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [103]


def test_the_doctor_stands_beside_the_floor_while_something_is_wrong(show_window: Show) -> None:
    window = show_window(floor(10))
    assert window.doctor.isHidden()
    advice = (SeatAdviceView(100, "Anna Kowalska", (MUTED,)),)
    window.show_view(replace(floor(10), advice=advice))
    assert window.doctor.isVisible()
    assert window.doctor.sentences == (MUTED.sentence,)
    window.show_view(floor(10))
    assert window.doctor.isHidden()


def test_the_doctor_shows_the_worst_and_counts_the_rest(theme: Theme, qtbot: QtBot) -> None:
    parent = QWidget()
    panel = DoctorPanel(theme)
    panel.setParent(parent)
    qtbot.addWidget(parent)
    seats = [SeatAdviceView(n, f"Agent {n}", (MUTED, MUTED)) for n in range(1, 6)]
    panel.show_advice(seats)
    parent.show()
    assert len(panel.sentences) == MOST_ROWS
    assert panel.sentences[0] == f"{MUTED.sentence}  (and 1 more)"
    with qtbot.assertNotEmitted(panel.seat_opened):
        panel.show_advice(seats)


# --- at the desk ----------------------------------------------------------------------------


class Wishes:
    """A store that remembers what was wanted."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Listening, int]] = []

    def __call__(self, attempt: str, how: Listening, session: int, now: Instant) -> None:
        self.all.append((attempt, how, session))


def listened(how: Listening | None, attempt_id: str = "a-1") -> SupervisorView:
    """The floor with a call of Anna's that is listened to like this, and a phone here."""
    view = floor(3)
    first = replace(view.seats[0], attempt_id=attempt_id, listening=how, state=SeatState.TALKING)
    return replace(view, seats=(first, *view.seats[1:]), own_session_id=9)


def test_a_wish_is_written_and_followed_until_the_line_says_so() -> None:
    wishes, clock = Wishes(), ManualClock()
    desk = Supervising(wishes, clock)
    desk.ask("a-1", Listening.WHISPER, 9)
    assert wishes.all == [("a-1", Listening.WHISPER, 9)]
    view = desk.view(listened(None), 100)
    assert view is not None
    assert (view.is_joining, view.trouble, view.is_up) == (True, "", True)
    view = desk.view(listened(Listening.WHISPER), 100)
    assert view is not None
    assert (view.is_joining, view.listening) == (False, Listening.WHISPER)


def test_a_wish_that_takes_too_long_is_trouble() -> None:
    clock = ManualClock()
    desk = Supervising(Wishes(), clock)
    desk.ask("a-1", Listening.LISTEN, 9)
    clock.advance(JOIN_LIMIT_S + 0.1)
    view = desk.view(listened(None), 100)
    assert view is not None
    assert (view.is_joining, view.trouble) == (False, NOT_JOINED)
    next_call = desk.view(listened(None, "a-2"), 100)
    assert next_call is not None
    assert next_call.trouble == ""


def test_without_a_phone_or_a_call_there_is_a_sentence() -> None:
    desk = Supervising(Wishes(), ManualClock())
    with pytest.raises(KnownError, match=NO_PHONE):
        desk.ask("a-1", Listening.LISTEN, 0)
    with pytest.raises(KnownError, match="is over"):
        desk.ask("", Listening.LISTEN, 9)
    assert desk.view(listened(None), 4711) is None


def test_the_worst_seat_comes_first_and_the_trunk_before_seats() -> None:
    lossy = symptoms(
        Facts(name="Ben", is_in_call=True, call_age_s=9.0, seat=LegFacts(loss_in=0.08))
    )
    muted = symptoms(Facts(name="Anna", is_muted_by_system=True))
    found = seat_advice([(1, "Ben", lossy), (2, "Anna", muted), (0, "", muted), (3, "Cy", [])])
    assert [one.session_id for one in found] == [0, 2, 1]
    assert found[2].advice[0].sentence == "Many packets are lost on the way to Ben (8 %)."
