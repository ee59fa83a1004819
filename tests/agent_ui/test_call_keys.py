"""Hold, transfer, keypad, recording, manual dialling: keys ask, views answer, focus stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from agent_ui.call_states import COLLEAGUES, call_states
from agent_ui.window import AgentWindow
from app.desk.views import (
    AgentView,
    Arrangement,
    CallAction,
    CallWish,
    ColleagueView,
    ControlView,
    NumberAnswer,
    RecordingPolicy,
    RecordingState,
    SeatState,
    ThirdStage,
)
from tests.agent_ui.conftest import Hand

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

Views = Callable[[str], AgentView]
Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def press(
    window: AgentWindow, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifier)


def state(name: str) -> AgentView:
    return next(view for found, view, _ in call_states() if found == name)


def talking(**control: object) -> AgentView:
    return replace(state("call-transfer"), control=ControlView(**control))  # type: ignore[arg-type]


@pytest.fixture
def wishes(window: AgentWindow) -> list[CallWish]:
    seen: list[CallWish] = []
    window.call_wished.connect(seen.append)
    return seen


@pytest.fixture
def outcomes(window: AgentWindow) -> list[str]:
    seen: list[str] = []
    window.outcome_chosen.connect(lambda _attempt, code, _note: seen.append(code))
    return seen


# --- hold and recording -----------------------------------------------------------------------


def test_hold_is_shown_once_the_line_says_so(window: AgentWindow, wishes: list[CallWish]) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_H)
    assert wishes == [CallWish(CallAction.HOLD, "a-4711")]  # type: ignore[arg-type]
    assert window.desk.calls.hold_button.text() == "Hold"
    window.show_view(talking(arrangement=Arrangement.HOLD))
    assert window.desk.calls.hold_button.text() == "Resume"
    assert "on hold" in window.desk.card.headline.full_text
    press(window, Key.Key_H)
    assert wishes[1].action is CallAction.RESUME


def test_how_long_somebody_has_waited_runs_on(window: AgentWindow, clock: Hand) -> None:
    window.show_view(talking(arrangement=Arrangement.HOLD, since_utc_s=clock.now - 24))
    assert "0:24" in window.desk.card.headline.full_text
    clock.now += 6
    window.tick()
    assert "0:30" in window.desk.card.headline.full_text


@pytest.mark.parametrize("name", ["preview", "ringing", "available", "wrap-up", "paused"])
def test_keys_of_a_call_do_nothing_without_one(
    window: AgentWindow, view_of: Views, wishes: list[CallWish], name: str
) -> None:
    window.show_view(view_of(name))
    window.show()
    for key in (Key.Key_H, Key.Key_T, Key.Key_K, Key.Key_R):
        press(window, key)
    assert wishes == []
    assert window.desk.tools.open_tool == ""
    for button in (window.desk.calls.hold_button, window.desk.calls.transfer_button):
        assert not button.isEnabled()
        assert button.toolTip()


@pytest.mark.parametrize(
    ("recording", "asked", "label"),
    [
        (RecordingState.OFF, CallAction.RECORD_START, "Record"),
        (RecordingState.RECORDING, CallAction.RECORD_PAUSE, "Payment step"),
        (RecordingState.PAUSED, CallAction.RECORD_RESUME, "Resume recording"),
    ],
)
def test_r_does_what_the_recording_allows(
    window: AgentWindow,
    wishes: list[CallWish],
    recording: RecordingState,
    asked: CallAction,
    label: str,
) -> None:
    window.show_view(talking(recording=recording, recording_policy=RecordingPolicy.ON_DEMAND))
    window.show()
    assert window.desk.calls.record_button.text() == label
    press(window, Key.Key_R)
    assert [wish.action for wish in wishes] == [asked]


def test_a_campaign_without_recording_has_no_key_for_it(
    window: AgentWindow, wishes: list[CallWish]
) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_R)
    assert not window.desk.calls.record_button.isVisible()
    assert wishes == []


def test_a_payment_step_that_lasts_is_an_alarm(window: AgentWindow, clock: Hand) -> None:
    window.show_view(
        talking(
            recording=RecordingState.PAUSED,
            recording_policy=RecordingPolicy.ALL,
            recording_since_utc_s=clock.now - 100,
            payment_limit_s=120.0,
        )
    )
    window.show()
    assert "1:40" in window.desk.calls.recording.words.text()
    assert not window.desk.notices.isVisible()
    clock.now += 21
    window.tick()
    assert "paused for 2:01" in " ".join(window.desk.notices.notices)
    window.show_view(talking(recording=RecordingState.RECORDING))
    assert not window.desk.notices.isVisible()


# --- transfer ---------------------------------------------------------------------------------


def test_a_colleague_is_asked_first(
    window: AgentWindow, wishes: list[CallWish], qtbot: QtBot
) -> None:
    window.show_view(talking())
    window.show()
    with qtbot.waitSignal(window.colleagues_watched) as watched:
        press(window, Key.Key_T)
    assert watched.args == [True]
    panel = window.desk.tools.transfer
    assert window.focusWidget() is panel.field.line
    assert not panel.ask_button.isEnabled()
    window.show_colleagues(COLLEAGUES)
    QTest.mouseClick(panel.colleagues.rows[0], Qt.MouseButton.LeftButton)
    press(window, Key.Key_Return)
    assert [(wish.action, wish.colleague, wish.number) for wish in wishes] == [
        (CallAction.CONSULT, 3, "")
    ]


def test_a_number_is_handed_over_at_once(window: AgentWindow, wishes: list[CallWish]) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    QTest.keyClicks(window.desk.tools.transfer.field.line, "0161 496 0188")
    press(window, Key.Key_Return, CONTROL)
    assert wishes == []  # nothing is known of the number yet
    window.show_answer(NumberAnswer("0161 496 0188", can_dial=True))
    press(window, Key.Key_Return, CONTROL)
    assert [(wish.action, wish.number) for wish in wishes] == [
        (CallAction.BLIND_TRANSFER, "0161 496 0188")
    ]


def test_a_late_answer_about_another_number_counts_for_nothing(window: AgentWindow) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    field = window.desk.tools.transfer.field
    QTest.keyClicks(field.line, "0161")
    window.show_answer(NumberAnswer("01", "Too short."))
    assert field.words.text() == ""
    window.show_answer(NumberAnswer("0161", "Too short."))
    assert field.words.text() == "Too short."
    assert not window.desk.tools.transfer.ask_button.isEnabled()


def test_whoever_talks_cannot_be_chosen(window: AgentWindow) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    window.show_colleagues(COLLEAGUES)
    rows = {row.colleague.name: row for row in window.desk.tools.transfer.colleagues.rows}
    busy = rows["Ben Okafor"]
    QTest.mouseClick(busy, Qt.MouseButton.LeftButton)
    assert window.desk.tools.transfer.colleagues.chosen is None
    assert "is in a call" in busy.toolTip()


def test_a_pause_is_named_by_its_reason_and_only_one_is_for_colleagues(
    window: AgentWindow,
) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    window.show_colleagues(COLLEAGUES)
    rows = {row.colleague.name: row for row in window.desk.tools.transfer.colleagues.rows}
    at_lunch, willing = rows["Farah Siddiqui"], rows["Dilys Parry"]
    assert at_lunch.accessibleName() == "Farah Siddiqui, Lunch"
    assert at_lunch.toolTip() == "Farah Siddiqui is on pause (Lunch)."
    assert not at_lunch.isEnabled()
    assert willing.isEnabled()


def test_a_chosen_colleague_who_takes_a_call_is_chosen_no_more(window: AgentWindow) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    window.show_colleagues((ColleagueView(3, "Chloë Rivers", SeatState.AVAILABLE),))
    panel = window.desk.tools.transfer
    QTest.mouseClick(panel.colleagues.rows[0], Qt.MouseButton.LeftButton)
    assert panel.ask_button.isEnabled()
    window.show_colleagues((ColleagueView(3, "Chloë Rivers", SeatState.TALKING),))
    assert not panel.ask_button.isEnabled()


def test_letters_in_the_number_field_are_no_keys(
    window: AgentWindow, wishes: list[CallWish], outcomes: list[str], qtbot: QtBot
) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    line = window.desk.tools.transfer.field.line
    with qtbot.assertNotEmitted(window.mute_requested):
        QTest.keyClicks(line, "mh1")
    assert line.text() == "mh1"
    assert wishes == []
    assert outcomes == []
    press(window, Key.Key_H, ALT)
    assert [wish.action for wish in wishes] == [CallAction.HOLD]


def test_escape_gives_the_keyboard_back(window: AgentWindow, outcomes: list[str]) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    press(window, Key.Key_Escape)
    assert window.desk.tools.open_tool == ""
    assert window.focusWidget() is window.desk
    press(window, Key.Key_1)
    assert outcomes == ["SUCCESS"]


@pytest.mark.parametrize("key", [Key.Key_T, Key.Key_K])
def test_no_text_field_inherits_the_focus_of_a_closed_panel(
    window: AgentWindow, wishes: list[CallWish], key: Key
) -> None:
    window.show_view(talking())
    window.show()
    press(window, key)
    assert window.focusWidget() is not window.desk
    press(window, Key.Key_Escape)
    press(window, Key.Key_H)
    assert window.desk.outcomes.note.toPlainText() == ""
    assert [wish.action for wish in wishes] == [CallAction.HOLD]


@pytest.mark.parametrize(
    ("key", "action"),
    [
        (Key.Key_Return, CallAction.HAND_OVER),
        (Key.Key_A, CallAction.CONFERENCE),
        (Key.Key_B, CallAction.CANCEL_THIRD),
    ],
)
def test_keys_while_a_third_party_is_there(
    window: AgentWindow, wishes: list[CallWish], key: Key, action: CallAction
) -> None:
    window.show_view(state("call-consult"))
    window.show()
    press(window, key)
    assert [wish.action for wish in wishes] == [action]


def test_nobody_is_handed_to_a_phone_that_still_rings(
    window: AgentWindow, wishes: list[CallWish]
) -> None:
    window.show_view(state("call-consult-ringing"))
    window.show()
    press(window, Key.Key_Return)
    press(window, Key.Key_A)
    assert wishes == []
    press(window, Key.Key_B)
    assert [wish.action for wish in wishes] == [CallAction.CANCEL_THIRD]


def test_who_talks_and_who_waits(window: AgentWindow) -> None:
    window.show_view(state("call-consult"))
    cards = window.desk.tools.transfer.cards
    assert [(card.party.name, card.party.state) for card in cards] == [
        ("Siân Hughes", "hold"),
        ("Chloë Rivers", "talking"),
    ]
    window.show_view(state("call-conference"))
    assert [card.party.state for card in cards] == ["talking", "talking"]
    window.show_view(talking(third=ThirdStage.UP, third_label="Chloë Rivers"))
    assert [card.party.state for card in cards] == ["talking", "hold"]


def test_a_third_party_opens_the_panel_and_takes_no_keyboard(window: AgentWindow) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_N)
    note = window.desk.outcomes.note
    QTest.keyClicks(note, "asks Chlo")
    window.show_view(state("call-consult-ringing"))
    assert window.desk.tools.open_tool == "transfer"
    assert window.focusWidget() is note
    QTest.keyClicks(note, "e abba")
    assert note.toPlainText() == "asks Chloe abba"


def test_escape_leaves_nobody_forgotten(window: AgentWindow, wishes: list[CallWish]) -> None:
    window.show_view(state("call-consult"))
    window.show()
    press(window, Key.Key_Escape)
    press(window, Key.Key_T)
    assert window.desk.tools.open_tool == "transfer"
    assert wishes == []


def test_the_panel_goes_with_the_third_party_and_says_why(window: AgentWindow, clock: Hand) -> None:
    window.show_view(state("call-consult-ringing"))
    window.show()
    trouble = "Chloë Rivers did not answer."
    window.show_view(talking(trouble=trouble))
    assert window.desk.tools.open_tool == ""
    assert window.desk.notices.notices == (trouble,)
    clock.now += 30
    window.tick()
    assert not window.desk.notices.isVisible()  # it has been read


def test_the_end_of_the_call_closes_what_was_open(window: AgentWindow, view_of: Views) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_T)
    window.show_view(view_of("wrap-up"))
    assert window.desk.tools.open_tool == ""
    assert window.focusWidget() is window.desk


def test_in_a_colleagues_call_only_mute_and_hang_up_are_left(window: AgentWindow) -> None:
    window.show_view(state("call-asked-by-colleague"))
    window.show()
    calls = window.desk.calls
    assert window.desk.tools.open_tool == ""
    assert not calls.hold_button.isEnabled()
    assert "colleague's call" in calls.transfer_button.toolTip()
    assert calls.hang_up_button.isEnabled()
    assert calls.mute_button.isEnabled()


# --- keypad -----------------------------------------------------------------------------------


def test_typed_figures_go_into_the_call_and_choose_no_outcome(
    window: AgentWindow, wishes: list[CallWish], outcomes: list[str]
) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_K)
    window.desk.setFocus()  # wherever the focus went meanwhile
    for sign in "47#":
        QTest.keyClicks(window.focusWidget() or window, sign)
    assert [wish.digits for wish in wishes] == ["4", "7", "#"]
    assert {wish.action for wish in wishes} == {CallAction.DIGITS}
    assert window.desk.tools.keypad.sent.full_text == "47#"
    assert outcomes == []
    press(window, Key.Key_Escape)
    press(window, Key.Key_1)
    assert outcomes == ["SUCCESS"]


def test_the_keypads_buttons_send_as_well(window: AgentWindow, wishes: list[CallWish]) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_K)
    QTest.mouseClick(window.desk.tools.keypad.buttons["*"], Qt.MouseButton.LeftButton)
    assert [wish.digits for wish in wishes] == ["*"]
    assert not any(button.isEnabled() for button in window.desk.outcomes.buttons.values())


def test_another_call_begins_with_an_empty_keypad(window: AgentWindow, view_of: Views) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_K)
    QTest.keyClicks(window.desk.tools.keypad, "12")
    window.show_view(view_of("talking-parked"))  # another person
    assert window.desk.tools.keypad.sent.full_text == ""


# --- dialling by hand -------------------------------------------------------------------------


def test_a_number_is_dialled_by_hand(window: AgentWindow, qtbot: QtBot) -> None:
    window.show_view(state("dial"))
    window.show()
    press(window, Key.Key_D)
    panel = window.desk.tools.dialling
    assert window.focusWidget() is panel.field.line
    with qtbot.waitSignal(window.number_asked) as asked:
        QTest.keyClicks(panel.field.line, "0161 496 0199")
    assert asked.args == ["0161 496 0199"]
    with qtbot.assertNotEmitted(window.dial_number_requested):
        press(window, Key.Key_Return)
    window.show_answer(NumberAnswer("0161 496 0199", can_dial=True))
    with qtbot.waitSignal(window.dial_number_requested) as dialled:
        press(window, Key.Key_Return)
    assert dialled.args == ["0161 496 0199"]
    with qtbot.assertNotEmitted(window.dial_number_requested):
        press(window, Key.Key_Return)  # it is on its way
    refused = "This number is on the list of those who want no calls."
    window.show_answer(NumberAnswer("0161 496 0199", refused))
    assert panel.field.words.text() == refused
    assert not panel.dial_button.isEnabled()


def test_what_the_gate_says_stands_under_the_number(window: AgentWindow, clock: Hand) -> None:
    view = state("dial")
    window.show_view(view)
    window.show()
    press(window, Key.Key_D)
    panel = window.desk.tools.dialling

    def ask() -> None:
        panel.show_number("")
        panel.show_number("0161 496 0199")
        window.show_answer(NumberAnswer("0161 496 0199", can_dial=True))
        press(window, Key.Key_Return)

    ask()
    refused = "This number is on the list of those who want no calls."
    after = replace(view, control=ControlView(trouble=refused))
    window.show_view(after)
    assert panel.field.words.text() == refused
    assert not window.desk.notices.isVisible()
    ask()  # and the same answer again, which no view can tell from the first
    assert panel.field.words.text() == ""
    clock.now += 5
    window.tick()
    assert panel.field.words.text() == refused
    window.show_view(view)
    ask()
    clock.now += 5
    window.tick()
    assert "No dialler answers" in panel.field.words.text()


def test_no_dialling_where_the_campaign_forbids_it(window: AgentWindow) -> None:
    window.show_view(replace(state("dial"), can_dial_by_hand=False))
    window.show()
    press(window, Key.Key_D)
    assert window.desk.tools.open_tool == ""
    assert not window.desk.calls.dial_button.isVisible()


def test_a_links_number_is_shown_and_not_dialled(window: AgentWindow, qtbot: QtBot) -> None:
    window.show_view(state("dial"))
    window.show()
    with qtbot.assertNotEmitted(window.dial_number_requested, wait=50):
        assert window.show_linked_number("+441614960199") == ""
    panel = window.desk.tools.dialling
    assert panel.field.text == "+441614960199"
    window.show_answer(NumberAnswer("+441614960199", can_dial=True))
    with qtbot.waitSignal(window.dial_number_requested):
        press(window, Key.Key_Return)


def test_a_link_in_a_call_or_before_the_login_is_refused(window: AgentWindow) -> None:
    assert "log in" in window.show_linked_number("+441614960199")
    window.show_view(replace(talking(), can_dial_by_hand=True))
    assert window.show_linked_number("+441614960199") == "Hang up first."
    assert window.desk.tools.open_tool == ""


# --- what headsets and other programs ask -----------------------------------------------------


def test_a_headsets_one_button_answers_and_hangs_up(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("preview"))
    window.show()
    with qtbot.waitSignal(window.dial_requested):
        window.press_action("hook")
    window.show_view(talking())
    with qtbot.waitSignal(window.hang_up_requested):
        window.press_action("hook")
    with qtbot.waitSignal(window.mute_requested) as muted:
        window.press_action("mute")
    assert muted.args == [True]


def test_a_key_of_another_program_moves_no_focus(window: AgentWindow) -> None:
    window.show_view(talking())
    window.show()
    press(window, Key.Key_N)
    window.press_action("mute")
    assert window.focusWidget() is window.desk.outcomes.note


# --- the line doctor and the sound ------------------------------------------------------------


def test_one_piece_of_advice_and_none_beside_trouble(window: AgentWindow) -> None:
    view = state("call-advice")
    window.show_view(view)
    window.show()
    assert window.desk.advice.isVisible()
    assert window.desk.advice.sentence.full_text == "Your microphone is very quiet."
    window.show_view(replace(view, notices=("The headset was unplugged.",)))
    assert not window.desk.advice.isVisible()
    window.show_view(replace(view, advice=None))
    assert not window.desk.advice.isVisible()


def test_levels_are_wanted_in_a_call_alone(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    seen: list[bool] = []
    window.levels_watched.connect(seen.append)
    window.show_view(view_of("available"))
    window.show_view(talking())
    window.show_view(talking(arrangement=Arrangement.HOLD))
    window.show_view(view_of("wrap-up"))
    assert seen == [True, False]


def test_the_sound_line_opens_the_devices(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("available"))
    window.show()
    with qtbot.waitSignal(window.sound_pressed):
        QTest.mouseClick(window.desk.bar.sound_line, Qt.MouseButton.LeftButton)
