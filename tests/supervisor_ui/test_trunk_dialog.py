"""The trunk dialog: presets, paste, order, test and save, with the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk.trunk_form import GatewayForm, TrunkForm, presets
from app.look.theme import Theme
from supervisor_ui.trunk_dialog import SIZE, TrunkDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ONE = GatewayForm(
    name="Main", host="sip.northwind.example", username="acme", has_password=True, saved_name="Main"
)
TWO = replace(ONE, name="Second", host="sip.southwind.example", saved_name="Second", channels=9)
EMAIL = "Server: sip.eastwind.example\nUsername: east\nPassword: tR4in-Set!9\nChannels: 12\n"


class Shown:
    """A dialog on the screen and its parent."""

    def __init__(self, theme: Theme, form: TrunkForm) -> None:
        self.parent = QWidget()
        self.dialog = TrunkDialog(theme, form, self.parent)
        self.dialog.show()

    def close(self) -> None:
        self.dialog.done(0)
        self.parent.close()


@pytest.fixture
def dialog(theme: Theme) -> Iterator[TrunkDialog]:
    shown = Shown(theme, TrunkForm((ONE, TWO), 12))
    yield shown.dialog
    shown.close()


@pytest.fixture
def empty(theme: Theme) -> Iterator[TrunkDialog]:
    shown = Shown(theme, TrunkForm())
    yield shown.dialog
    shown.close()


def press(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose_preset(dialog: TrunkDialog, name: str) -> None:
    index = dialog.preset.findData(name)
    dialog.preset.setCurrentIndex(index)
    dialog.preset.activated.emit(index)


def names(dialog: TrunkDialog) -> list[str]:
    return [gateway.name for gateway in dialog.form.gateways]


def test_gateways_stand_in_order_and_the_chosen_one_is_filled_in(dialog: TrunkDialog) -> None:
    assert [row.text() for row in dialog.rows] == ["Main", "Second"]
    assert dialog.fields.texts["host"].text() == "sip.northwind.example"
    press(dialog.rows[1])
    assert dialog.fields.texts["host"].text() == "sip.southwind.example"
    assert dialog.fields.channels.text() == "9"
    assert [row.isChecked() for row in dialog.rows] == [False, True]
    assert dialog.fields.texts["password"].placeholderText() == "unchanged"
    assert dialog.fields.texts["password"].text() == ""


def test_the_order_is_changed(dialog: TrunkDialog) -> None:
    assert not dialog.up.isEnabled()
    press(dialog.down)
    assert names(dialog) == ["Second", "Main"]
    assert [row.isChecked() for row in dialog.rows] == [False, True]
    assert not dialog.down.isEnabled()
    press(dialog.up)
    assert names(dialog) == ["Main", "Second"]


def test_typing_changes_the_form_and_the_list(dialog: TrunkDialog) -> None:
    assert not dialog.save.isEnabled()
    field = dialog.fields.texts["name"]
    field.setFocus()
    field.clear()
    QTest.keyClicks(field, "North")
    assert names(dialog) == ["North", "Second"]
    assert dialog.rows[0].text() == "North"
    assert dialog.save.isEnabled()
    dialog.fields.channels.clear()
    QTest.keyClicks(dialog.fields.channels, "25x")
    assert dialog.form.gateways[0].channels == 25
    QTest.keyClicks(dialog.fields.calls_a_second, "1,5")
    assert dialog.form.gateways[0].calls_a_second == 1.5
    dialog.lines.clear()
    QTest.keyClicks(dialog.lines, "30")
    assert dialog.form.lines == 30
    assert dialog.form.gateways[1] == TWO


def test_an_account_that_is_switched_off_hides_its_fields(dialog: TrunkDialog) -> None:
    assert dialog.fields.texts["username"].isVisible()
    dialog.fields.checks["has_account"].click()
    assert not dialog.fields.texts["username"].isVisible()
    assert not dialog.fields.checks["registers"].isVisible()
    assert not dialog.form.gateways[0].has_account


def test_nothing_can_be_dialled_before_a_plus(dialog: TrunkDialog) -> None:
    prefix, numbers = dialog.fields.texts["prefix"], dialog.fields.choices["number_format"]
    assert not prefix.isEnabled()
    index = numbers.findData("national")
    numbers.setCurrentIndex(index)
    numbers.activated.emit(index)
    assert prefix.isEnabled()
    QTest.keyClicks(prefix, "9")
    assert dialog.form.gateways[0].prefix == "9"
    assert numbers.currentText() == "National: 901614960001"


@pytest.mark.parametrize("name", [one.id for one in presets()])
def test_each_preset_starts_a_gateway(empty: TrunkDialog, name: str) -> None:
    assert empty.rows == []
    assert not empty.test.isEnabled()
    choose_preset(empty, name)
    chosen = next(one for one in presets() if one.id == name)
    assert names(empty) == [chosen.name]
    assert empty.hint.isVisible()
    assert empty.hint.text() == chosen.hint
    host = empty.fields.texts["host"]
    assert (host.text() or host.placeholderText()) in (chosen.host, "sip.example.com")
    assert empty.preset.currentText() == chosen.name


def test_what_they_sent_is_pasted_and_read(empty: TrunkDialog) -> None:
    press(empty.paste)
    assert empty.paste_box.isVisible()
    empty.paste_box.setPlainText(EMAIL)
    press(empty.fill)
    assert empty.fields.texts["host"].text() == "sip.eastwind.example"
    assert empty.fields.texts["username"].text() == "east"
    assert empty.sentence.text() == "Found: server, user name, password and channels."
    assert empty.paste_box.toPlainText() == "", "a password is not left lying"
    assert empty.fields.texts["password"].echoMode().name == "Password"
    gateway = empty.form.gateways[0]
    assert (gateway.password, gateway.channels, gateway.registers) == ("tR4in-Set!9", 12, True)


def test_nonsense_stays_in_the_box_and_is_said(empty: TrunkDialog) -> None:
    press(empty.paste)
    empty.paste_box.setPlainText("Dear friend, buy now")
    press(empty.fill)
    assert empty.paste_box.isVisible()
    assert "Nothing of a trunk" in empty.sentence.text()
    press(empty.back)
    assert not empty.paste_box.isVisible()
    assert empty.form == TrunkForm()


def test_a_test_is_asked_for_once_and_answered(dialog: TrunkDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.test_requested) as asked:
        press(dialog.test)
    assert asked.args == [ONE]
    assert not dialog.test.isEnabled()
    assert "Asking sip.northwind.example" in dialog.sentence.text()
    dialog.show_test("The gateway Main does not accept the password.", False)
    assert dialog.sentence.text().startswith("The gateway Main")
    assert dialog.sentence.property("tone") == "trouble"
    assert dialog.test.isEnabled()


def test_a_gateway_that_cannot_work_is_not_tested(empty: TrunkDialog, qtbot: QtBot) -> None:
    press(empty.add)
    with qtbot.assertNotEmitted(empty.test_requested):
        press(empty.test)
    assert "name" in empty.sentence.text()


def test_saving_is_told_and_a_fault_leads_to_its_gateway(dialog: TrunkDialog, qtbot: QtBot) -> None:
    press(dialog.add)
    press(dialog.rows[0])
    with qtbot.assertNotEmitted(dialog.save_requested):
        press(dialog.save)
    assert dialog.rows[2].isChecked(), "the new one has no name yet"
    press(dialog.remove)
    assert "taken out" in dialog.sentence.text()
    QTest.keyClicks(dialog.fields.texts["name"], "!")
    with qtbot.waitSignal(dialog.save_requested) as asked:
        press(dialog.save)
    assert asked.args == [TrunkForm((ONE, replace(TWO, name="Second!")), 12)]
    dialog.show_saved(dialog.form)
    assert not dialog.save.isEnabled()
    assert "Saved" in dialog.sentence.text()


def test_the_last_one_can_be_taken_out(dialog: TrunkDialog) -> None:
    press(dialog.remove)
    press(dialog.remove)
    assert dialog.form.gateways == ()
    assert dialog.rows == []
    assert not dialog.remove.isEnabled()


def test_more_is_opened_and_nothing_is_cut(dialog: TrunkDialog, qtbot: QtBot) -> None:
    proxy = dialog.fields.texts["outbound_proxy"]
    assert not proxy.isVisible()
    press(dialog.fields.more)
    assert proxy.isVisible()
    assert dialog.size() == SIZE
    QTest.keyClicks(proxy, "sip:proxy.northwind.example")
    assert dialog.form.gateways[0].outbound_proxy == "sip:proxy.northwind.example"
    realm = dialog.fields.texts["realm"]
    assert (realm.text(), dialog.form.gateways[0].realm) == ("", "*")
    for field in (*dialog.fields.texts.values(), *dialog.fields.choices.values()):
        assert field.accessibleName()
        assert field.height() >= 32
    # The fields keep their width beside the scroll bar.
    qtbot.waitUntil(lambda: dialog.fields.width() > 600)
    press(dialog.fields.more)
    assert not proxy.isVisible()


def test_tab_leads_from_the_list_through_the_form_to_the_buttons(dialog: TrunkDialog) -> None:
    chain: list[QWidget] = []
    widget: QWidget | None = dialog.rows[0]
    while widget is not None and widget not in chain:
        chain.append(widget)
        widget = widget.nextInFocusChain()
    wanted = [*dialog.rows, dialog.add, dialog.lines, dialog.preset, dialog.paste]
    wanted += [*dialog.fields.in_order(), dialog.test, dialog.leave, dialog.save]
    assert [one for one in chain if one in wanted] == wanted
    assert all(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in wanted)


def test_what_is_not_saved_is_not_dropped_by_one_key(dialog: TrunkDialog) -> None:
    QTest.keyClicks(dialog.fields.texts["name"], "!")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert "Not saved yet" in dialog.sentence.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
