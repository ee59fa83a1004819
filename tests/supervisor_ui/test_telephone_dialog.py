"""The telephone's dialog: what is set, what is refused, and all of it by the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.desk.telephone_form import OWN_MESSAGE, SoundView, TelephoneSettings
from app.desk.views import Mode, RecordingPolicy
from app.look.theme import Theme, apply_theme
from app.look.widgets import CheckLine, ChoiceBox, ElidedLabel, KeyButton
from supervisor_ui.telephone_dialog import PAGES, UNSAVED, TelephoneDialog
from supervisor_ui.telephone_states import BARE, FULL, MUSIC, NOTICE, STATES

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def dialog(theme: Theme) -> Iterator[TelephoneDialog]:
    """A campaign that records nothing and has no sounds of its own."""
    parent = QWidget()
    made = TelephoneDialog(theme, parent)
    made.show_view(BARE)
    made.show()
    yield made
    made.done(0)
    parent.close()


def press(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def kind_of(button: KeyButton) -> str:
    return button.kind


def type_over(field: QLineEdit, text: str) -> None:
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)


def saved(dialog: TelephoneDialog, qtbot: QtBot) -> TelephoneSettings:
    with qtbot.waitSignal(dialog.save_requested) as asked:
        press(dialog.save)
    assert asked.args is not None
    settings = asked.args[0]
    assert isinstance(settings, TelephoneSettings)
    return settings


def test_nothing_is_asked_for_by_drawing(dialog: TelephoneDialog) -> None:
    assert dialog.settings == BARE.settings
    dialog.show_view(FULL)
    assert dialog.settings == FULL.settings
    assert not dialog.save.isEnabled()
    assert dialog.recording.policies[RecordingPolicy.ANNOUNCE].isChecked()
    assert dialog.recording.notice.name.full_text == "“This call is recorded.”"


def test_before_the_campaign_is_read_nothing_can_be_set(theme: Theme, qtbot: QtBot) -> None:
    made = TelephoneDialog(theme)
    qtbot.addWidget(made)
    assert not made.save.isEnabled()
    assert not made.recording.notice.choose.isEnabled()
    made.close()


@pytest.mark.parametrize("policy", [RecordingPolicy.ON_DEMAND, RecordingPolicy.ALL])
def test_a_policy_is_chosen_and_saved(
    dialog: TelephoneDialog, qtbot: QtBot, policy: RecordingPolicy
) -> None:
    press(dialog.recording.policies[policy])
    type_over(dialog.recording.figures["recording_pause_limit_s"], "120")
    settings = saved(dialog, qtbot)
    assert settings == replace(BARE.settings, recording=policy, recording_pause_limit_s=120.0)


def test_announced_recording_is_not_saved_without_a_notice(
    dialog: TelephoneDialog, qtbot: QtBot
) -> None:
    press(dialog.recording.policies[RecordingPolicy.ANNOUNCE])
    notice = dialog.recording.notice
    assert kind_of(notice.speak) == "primary"
    press(dialog.tabs[3])
    with qtbot.assertNotEmitted(dialog.save_requested):
        press(dialog.save)
    assert "nothing would be recorded" in dialog.sentence.text()
    assert notice.isVisible()
    assert notice.speak.hasFocus()
    dialog.show_sound("notice_wav", NOTICE)
    assert kind_of(notice.speak) == "plain"
    settings = saved(dialog, qtbot)
    assert (settings.recording, settings.notice_wav) == (RecordingPolicy.ANNOUNCE, NOTICE.path)


def test_where_nothing_can_be_spoken_a_file_is_offered(dialog: TelephoneDialog) -> None:
    dialog.show_view(replace(BARE, speak_why_not="This PC cannot speak notices."))
    press(dialog.recording.policies[RecordingPolicy.ANNOUNCE])
    notice = dialog.recording.notice
    assert not notice.speak.isEnabled()
    assert notice.speak.toolTip() == "This PC cannot speak notices."
    assert notice.choose.kind == "primary"


def test_words_are_tried_and_used(dialog: TelephoneDialog, qtbot: QtBot) -> None:
    press(dialog.recording.notice.speak)
    page = dialog.speaking
    assert page.isVisible()
    assert page.words() == "This call is recorded."
    QTest.keyClicks(page.text, "We record this call.")
    with qtbot.waitSignal(dialog.trial_requested) as tried:
        press(page.listen)
    assert tried.args == ["We record this call.", "en-gb"]
    dialog.show_playing("")
    assert page.listen.text() == "Stop"
    with qtbot.waitSignal(dialog.silence_requested):
        press(page.listen)
    dialog.show_silent()
    with qtbot.waitSignal(dialog.speak_requested) as used:
        press(page.use)
    assert used.args == ["notice_wav", "We record this call.", "en-gb"]
    dialog.show_sound("notice_wav", replace(NOTICE, words="We record this call."))
    assert dialog.recording.isVisible()
    assert dialog.recording.notice.name.full_text == "“We record this call.”"
    assert dialog.save.isEnabled()


def test_no_words_and_too_many_are_not_spoken(dialog: TelephoneDialog) -> None:
    press(dialog.recording.notice.speak)
    dialog.speaking.text.setPlainText("  ")
    assert not dialog.speaking.use.isEnabled()
    dialog.speaking.text.setPlainText("a" * 1201)
    assert not dialog.speaking.listen.isEnabled()
    press(dialog.speaking.back)
    assert dialog.recording.isVisible()
    assert not dialog.save.isEnabled()


def test_a_file_is_chosen(dialog: TelephoneDialog, qtbot: QtBot) -> None:
    press(dialog.tabs[1])
    press(dialog.waiting.sounds["hold_wav"].choose)
    files = dialog.findChild(QFileDialog)
    assert files is not None
    assert files.isVisible()
    with qtbot.waitSignal(dialog.file_chosen) as chosen:
        files.fileSelected.emit("/home/ines/piano.wav")
    files.reject()
    assert chosen.args == ["hold_wav", "/home/ines/piano.wav"]
    dialog.show_trouble("piano.wav is silent: whoever is played it hears nothing.")
    assert dialog.settings.hold_wav == ""
    dialog.show_sound("hold_wav", MUSIC)
    line = dialog.waiting.sounds["hold_wav"]
    assert (line.name.full_text, line.length.text()) == ("quiet_piano", "1:34")
    assert dialog.settings.hold_wav == MUSIC.path
    assert dialog.sentence.text() == ""


def test_a_sound_is_heard_stopped_and_taken_out(dialog: TelephoneDialog, qtbot: QtBot) -> None:
    dialog.show_view(FULL)
    press(dialog.tabs[1])
    line = dialog.waiting.sounds["hold_wav"]
    with qtbot.waitSignal(dialog.listen_requested) as heard:
        press(line.listen)
    assert heard.args == [MUSIC.path]
    dialog.show_playing(MUSIC.path)
    assert line.listen.text() == "Stop"
    assert dialog.recording.notice.listen.text() == "Listen"
    with qtbot.waitSignal(dialog.silence_requested):
        press(line.listen)
    dialog.show_silent()
    press(line.remove)
    assert dialog.settings.hold_wav == ""
    assert not line.listen.isEnabled()
    assert line.name.full_text.startswith("Soft notes")


def test_the_programs_own_message_comes_back(dialog: TelephoneDialog) -> None:
    press(dialog.tabs[1])
    line = dialog.waiting.sounds["message_wav"]
    assert not line.remove.isEnabled()
    dialog.show_sound("message_wav", replace(MUSIC, name="ours"))
    assert line.remove.isEnabled()
    press(line.remove)
    assert dialog.settings.message_wav == OWN_MESSAGE
    assert line.listen.isEnabled()
    assert not dialog.save.isEnabled()


def test_a_sound_that_is_gone_says_so(dialog: TelephoneDialog) -> None:
    gone = SoundView("/srv/x.wav", "x", trouble="The file x.wav is gone: choose another sound.")
    dialog.show_view(replace(FULL, sounds={"queue_wav": gone}))
    line = dialog.waiting.sounds["queue_wav"]
    assert line.hint.text() == gone.trouble
    assert not line.listen.isEnabled()
    dialog.show_sound("queue_wav", MUSIC)
    assert line.hint.text() != gone.trouble


def test_keys_are_set_and_each_means_one_thing(dialog: TelephoneDialog, qtbot: QtBot) -> None:
    press(dialog.tabs[2])
    keys = dialog.keys.keys
    type_over(keys["key_later"], "A")
    assert keys["key_later"].text() == ""
    type_over(keys["key_later"], "1")
    with qtbot.assertNotEmitted(dialog.save_requested):
        press(dialog.save)
    assert dialog.sentence.text() == "Key 1 can mean one thing only: choose another."
    assert keys["key_later"].hasFocus()
    type_over(keys["key_later"], "#")
    assert dialog.sentence.text() == ""
    type_over(dialog.keys.figures["menu_repeats"], "3")
    type_over(dialog.keys.figures["menu_pause_s"], "2,5")
    settings = saved(dialog, qtbot)
    assert (settings.key_agent, settings.key_later, settings.key_never) == ("1", "#", "9")
    assert (settings.menu_repeats, settings.menu_pause_s) == (3, 2.5)


@pytest.mark.parametrize(
    ("page", "setting", "typed", "sentence"),
    [
        (0, "recording_pause_limit_s", "5", "between 10 and 3600 s"),
        (1, "longest_wait_s", "", "between 5 and 3600 s"),
        (2, "menu_repeats", "0", "between 1 and 9"),
        (2, "menu_pause_s", "99", "between 1 and 30 s"),
    ],
)
def test_a_figure_beyond_reason_gets_a_sentence(
    dialog: TelephoneDialog, qtbot: QtBot, page: int, setting: str, typed: str, sentence: str
) -> None:
    press(dialog.tabs[page])
    field = dialog.pages[page].figures[setting]
    type_over(field, typed)
    press(dialog.tabs[3])
    with qtbot.assertNotEmitted(dialog.save_requested):
        press(dialog.save)
    assert sentence in dialog.sentence.text()
    assert field.isVisible()
    assert field.hasFocus()


def choose_mode(dialog: TelephoneDialog, mode: Mode) -> None:
    box = dialog.keys.mode
    box.setCurrentIndex(box.findData(mode))
    box.activated.emit(box.currentIndex())


def test_agentless_needs_its_message(dialog: TelephoneDialog, qtbot: QtBot) -> None:
    press(dialog.tabs[2])
    assert not dialog.keys.sells.isVisible()
    choose_mode(dialog, Mode.AGENTLESS)
    assert dialog.keys.sells.isVisible()
    with qtbot.assertNotEmitted(dialog.save_requested):
        press(dialog.save)
    assert "need the message" in dialog.sentence.text()
    press(dialog.keys.message.speak)
    assert dialog.speaking.words() == (
        "This is a message from Northwind Energy. Press 1 to speak to an agent. Press 2 to be "
        "called later. Press 9 if you never want to be called again."
    )
    dialog.show_sound("agentless_wav", replace(MUSIC, name="message"))
    settings = saved(dialog, qtbot)
    assert (settings.mode, settings.agentless_wav) == (Mode.AGENTLESS, MUSIC.path)


def test_detection_is_off_and_says_what_it_costs(dialog: TelephoneDialog, qtbot: QtBot) -> None:
    press(dialog.tabs[3])
    page = dialog.machines
    assert not page.detection.isChecked()
    assert not page.machine_message.isEnabled()
    assert "the cap is 3 %" in page.warning.text()
    press(page.detection)
    press(page.machine_message)
    settings = saved(dialog, qtbot)
    assert settings.detection
    assert settings.machine_message


def test_rules_that_forbid_detection_are_named(dialog: TelephoneDialog) -> None:
    dialog.show_view(replace(BARE, detection_why_not="The rules do not allow it."))
    assert not dialog.machines.detection.isEnabled()
    assert dialog.machines.warning.text() == "The rules do not allow it."


def test_what_is_saved_is_no_change_any_more(dialog: TelephoneDialog) -> None:
    press(dialog.recording.policies[RecordingPolicy.ALL])
    assert dialog.save.isEnabled()
    dialog.show_saved(replace(BARE, settings=dialog.settings))
    assert not dialog.save.isEnabled()
    assert dialog.sentence.text() == "Saved. The next calls go by it."
    dialog.reject()
    assert not dialog.isVisible()


def test_closing_asks_once_where_something_is_not_saved(dialog: TelephoneDialog) -> None:
    press(dialog.recording.policies[RecordingPolicy.ALL])
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.sentence.text() == UNSAVED
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_escape_leaves_the_words_and_not_the_dialog(dialog: TelephoneDialog) -> None:
    press(dialog.recording.notice.speak)
    QTest.keyClick(dialog.speaking.text, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.recording.isVisible()


def test_close_closes_from_the_words_too(dialog: TelephoneDialog) -> None:
    press(dialog.recording.notice.speak)
    press(dialog.leave)
    assert not dialog.isVisible()


def reached(dialog: TelephoneDialog) -> set[QWidget]:
    """What Tab comes to until it is at the beginning again."""
    dialog.activateWindow()
    dialog.tabs[0].setFocus()
    found: set[QWidget] = set()
    for _ in range(60):
        at = QApplication.focusWidget()
        if at is None or at in found:
            break
        found.add(at)
        QTest.keyClick(at, Qt.Key.Key_Tab)
    return found


@pytest.mark.parametrize("page", range(len(PAGES)))
def test_all_is_reached_by_the_keyboard(dialog: TelephoneDialog, page: int) -> None:
    dialog.show_view(FULL)
    dialog.show()
    QTest.qWaitForWindowActive(dialog)
    QTest.keyClick(dialog.tabs[page], Qt.Key.Key_Return)
    kinds = (KeyButton, CheckLine, QLineEdit, ChoiceBox)
    groups = set(dialog.recording.policies.values())
    wanted: set[QWidget] = {
        one
        for kind in kinds
        for one in dialog.findChildren(kind)
        if one.isVisible() and one.isEnabled() and one not in groups
    }
    if page == 0:
        wanted.add(dialog.recording.policies[RecordingPolicy.ANNOUNCE])
    assert wanted <= reached(dialog)


def test_policies_move_with_the_arrows(dialog: TelephoneDialog) -> None:
    chosen = dialog.recording.policies[RecordingPolicy.OFF]
    chosen.setFocus()
    QTest.keyClick(chosen, Qt.Key.Key_Down)
    assert dialog.settings.recording is RecordingPolicy.ON_DEMAND


@pytest.mark.parametrize("name", [name for name, _ in STATES if name.startswith("telephone")])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_words_are_cut(
    qapp: QApplication, name: str, colours: Literal["light", "dark"], qtbot: QtBot
) -> None:
    made = dict(STATES)[name](apply_theme(qapp, colours, is_motion_reduced=True))
    qtbot.addWidget(made)
    made.show()
    qapp.processEvents()
    for label in made.findChildren(QLabel):
        if not label.isVisible() or isinstance(label, ElidedLabel):
            continue
        need = label.sizeHint()
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        else:
            assert label.width() >= need.width(), label.text()
    for button in made.findChildren(KeyButton):
        assert not (button.isVisible() and button.is_elided), button.text()
    for check in made.findChildren(CheckLine):
        assert not check.isVisible() or check.height() >= check.heightForWidth(check.width())
    assert isinstance(made, TelephoneDialog)
    made.done(0)
