"""The window of other programs: what a hand does there is asked for, and secrets are gone after."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.desk.api_view import HookWish
from app.look.theme import Theme
from supervisor_ui import api_states
from supervisor_ui.api_dialog import NEW, ONE, SECRET
from tests.supervisor_ui.conftest import theme

__all__ = ["theme"]


def test_a_token_is_asked_for_and_is_gone_once_it_was_kept(theme: Theme, qtbot: QtBot) -> None:
    dialog = api_states.new(theme)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.add_requested) as asked:
        dialog.new.add.click()
    assert asked.args == ["Data warehouse", ("results",)]
    dialog = api_states.token(theme)
    qtbot.addWidget(dialog)
    assert dialog.pages.currentIndex() == SECRET
    assert dialog.secret.text.text() == api_states.TOKEN
    dialog.secret.leave.click()
    assert dialog.secret.text.text() == ""
    assert dialog.pages.currentIndex() == NEW


def test_without_a_name_or_a_right_there_is_no_token(theme: Theme, qtbot: QtBot) -> None:
    dialog = api_states.on(theme)
    qtbot.addWidget(dialog)
    dialog.new.name.setText("CRM")
    assert not dialog.new.add.isEnabled()
    dialog.new.rights["dial"].setChecked(True)
    assert dialog.new.add.isEnabled()


def test_a_webhook_is_asked_for_and_what_is_typed_stays(theme: Theme, qtbot: QtBot) -> None:
    dialog = api_states.fails(theme)
    qtbot.addWidget(dialog)
    dialog.one.url.setText("https://crm.example/new")
    dialog.show_view(api_states.ON)
    with qtbot.waitSignal(dialog.hook_requested) as asked:
        dialog.one.save.click()
    wish = HookWish("Billing", "https://crm.example/new", ("outcome.chosen",), True)
    assert asked.args == [wish]


def test_a_program_is_removed_at_the_second_press(theme: Theme, qtbot: QtBot) -> None:
    dialog = api_states.removing(theme)
    qtbot.addWidget(dialog)
    assert dialog.pages.currentIndex() == ONE
    with qtbot.waitSignal(dialog.remove_requested) as asked:
        dialog.one.remove.click()
    assert asked.args == ["CRM"]


def test_the_switch_says_where_and_a_port_that_is_none_changes_nothing(
    theme: Theme, qtbot: QtBot
) -> None:
    dialog = api_states.off(theme)
    qtbot.addWidget(dialog)
    dialog.place.setCurrentIndex(1)
    dialog.port.setText("12")
    with qtbot.waitSignal(dialog.switch_requested) as asked:
        dialog.switch.click()
    assert asked.args == [True, True, 8710]
