"""The choice of devices: what is plugged in, what is missing, what acts at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from agent_ui.call_states import BUILT_IN, DEVICES, HEADSET, UNPLUGGED
from agent_ui.device_dialog import SYSTEM, DeviceDialog
from agent_ui.window import AgentWindow
from app.desk.views import DevicesView, LevelsView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")


@pytest.fixture
def dialog(window: AgentWindow) -> Iterator[DeviceDialog]:
    made = DeviceDialog(window.theme, window)
    made.show_view(DEVICES)
    yield made
    made.close()


def test_devices_are_chosen_one_by_one(dialog: DeviceDialog, qtbot: QtBot) -> None:
    assert {kind: box.currentText() for kind, box in dialog.boxes.items()} == {
        "microphone": HEADSET,
        "speaker": HEADSET,
        "ringer": BUILT_IN,
    }
    with qtbot.waitSignal(dialog.device_chosen) as chosen:
        dialog.boxes["ringer"].activated.emit(3)
    assert chosen.args == ["ringer", "HDMI / DisplayPort 3"]
    with qtbot.waitSignal(dialog.device_chosen) as chosen:
        dialog.boxes["speaker"].activated.emit(0)
    assert chosen.args == ["speaker", ""]


def test_the_systems_own_device_is_named(dialog: DeviceDialog) -> None:
    dialog.show_view(replace(DEVICES, chosen_microphone=""))
    assert dialog.boxes["microphone"].currentText() == f"{SYSTEM} ({HEADSET})"


def test_what_was_chosen_and_is_gone_stays_chosen(dialog: DeviceDialog) -> None:
    gone = replace(
        DEVICES,
        microphones=(BUILT_IN,),
        speakers=(BUILT_IN,),
        microphone=BUILT_IN,
        speaker=BUILT_IN,
        notice=UNPLUGGED,
    )
    dialog.show_view(gone)
    assert dialog.boxes["speaker"].currentText() == f"{HEADSET} · not plugged in"
    assert BUILT_IN in dialog.boxes["speaker"].toolTip()
    assert dialog.notice.text() == UNPLUGGED
    dialog.show_view(DEVICES)
    assert dialog.boxes["speaker"].currentText() == HEADSET
    assert dialog.notice.isHidden()


def test_tests_of_the_sound(dialog: DeviceDialog, qtbot: QtBot) -> None:
    dialog.open_dialog()
    with qtbot.waitSignal(dialog.play_requested) as played:
        QTest.mouseClick(dialog.notes_button, Qt.MouseButton.LeftButton)
    assert played.args == ["headset"]
    with qtbot.waitSignal(dialog.play_requested) as played:
        QTest.mouseClick(dialog.ring_button, Qt.MouseButton.LeftButton)
    assert played.args == ["ringer"]
    with qtbot.waitSignal(dialog.echo_requested) as echo:
        QTest.mouseClick(dialog.echo_button, Qt.MouseButton.LeftButton)
    assert echo.args == [True]


def test_nobody_hears_themselves_in_a_call(dialog: DeviceDialog, qtbot: QtBot) -> None:
    dialog.show_view(replace(DEVICES, is_in_call=True))
    dialog.open_dialog()
    with qtbot.assertNotEmitted(dialog.echo_requested):
        QTest.mouseClick(dialog.echo_button, Qt.MouseButton.LeftButton)
    assert "Not in a call" in dialog.echo_button.toolTip()


def test_whoever_leaves_ends_the_echo_and_the_meters(dialog: DeviceDialog, qtbot: QtBot) -> None:
    watched: list[bool] = []
    dialog.levels_watched.connect(watched.append)
    dialog.open_dialog()
    dialog.open_dialog()  # pressed twice
    dialog.show_view(replace(DEVICES, is_echo_on=True))
    dialog.show_levels(LevelsView(-6.0, -30.0))
    assert dialog.levels["microphone"].share == pytest.approx(0.9)
    assert dialog.levels["speaker"].share == pytest.approx(0.5)
    with qtbot.waitSignal(dialog.echo_requested) as echo:
        dialog.close()
    assert echo.args == [False]
    assert watched == [True, False]
    assert dialog.levels["microphone"].share == 0.0


def test_a_microphone_that_the_system_mutes_is_said(dialog: DeviceDialog) -> None:
    dialog.show_levels(LevelsView(-100.0, -20.0, is_muted_by_system=True))
    assert "muted by the system" in dialog.notice.text()


def test_before_the_phone_has_answered(dialog: DeviceDialog) -> None:
    dialog.show_view(DevicesView(has_come=False))
    assert not dialog.boxes["speaker"].isEnabled()
    assert not dialog.notes_button.isEnabled()
    assert "not answered yet" in dialog.notice.text()


def test_keys_in_every_program(dialog: DeviceDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.keys_toggled):
        dialog.show_keys(is_on=True, words="Ctrl+Alt+M mutes.")
    assert dialog.keys.isChecked()
    with qtbot.waitSignal(dialog.keys_toggled) as toggled:
        dialog.keys.click()
    assert toggled.args == [False]


def test_the_window_keeps_its_keys_behind_the_dialog(dialog: DeviceDialog) -> None:
    dialog.open_dialog()
    assert not dialog.isModal()
