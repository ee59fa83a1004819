"""States of the first run for pictures and tests; nothing in it is anybody's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.desk.first_run_view import Company, FirstCallView, FirstRunView, Role, Step
from app.desk.trunk_form import GatewayForm
from app.look.theme import Theme
from supervisor_ui.first_run_dialog import FirstRunDialog

COUNTRIES = (
    ("GB", "United Kingdom"), ("DE", "Germany"), ("FR", "France"),
    ("AT", "Austria (the strictest rules)"),
)  # fmt: skip
NEW = FirstRunView(countries=COUNTRIES)
COMPANY = Company("Rosewood", "GB", "+44 161 496 0000")
GATEWAY = GatewayForm("Provider", "sip.example.com", username="rosewood", password="fictitious")
ASKED = replace(
    NEW, role=Role.EVERYTHING, step=Step.COMPANY, done=frozenset({Step.ROLE}), company=COMPANY
)
LINE = replace(ASKED, step=Step.TRUNK, done=frozenset({Step.ROLE, Step.COMPANY}))
LIST = replace(LINE, step=Step.LIST, done=LINE.done | {Step.TRUNK, Step.SOUND}, gateway=GATEWAY)
CALL = replace(LIST, step=Step.CALL, done=LIST.done | {Step.LIST}, people=1204)
Pages = Callable[[Theme], dict[Step, QWidget]]


def dialog(theme: Theme, view: FirstRunView, pages: Pages | None = None) -> FirstRunDialog:
    """The window at this point."""
    blank: dict[Step, QWidget] = {Step.JOIN: QWidget(), Step.SOUND: QWidget()}
    made = FirstRunDialog(theme, blank if pages is None else pages(theme))
    made.show_view(view)
    return made


def _tried(theme: Theme) -> FirstRunDialog:
    made = dialog(theme, replace(LINE, gateway=GATEWAY))
    made.show_test("The gateway Provider let us in: user name and password are right.", True)
    return made


def _wrong(theme: Theme) -> FirstRunDialog:
    made = dialog(theme, replace(LINE, gateway=GATEWAY))
    made.show_test(
        "Nobody answers at sip.example.com port 5060 over UDP: look at the address, the transport "
        "and the firewall, and tell the provider this office's address.",
        False,
    )
    return made


def _called(view: FirstCallView) -> Callable[[Theme], FirstRunDialog]:
    def make(theme: Theme) -> FirstRunDialog:
        made = dialog(theme, CALL)
        made.call.number.setText("+44 7700 900123")
        made.show_call(view)
        return made

    return make


STATES: tuple[tuple[str, Callable[[Theme], FirstRunDialog]], ...] = (
    ("first-run", lambda theme: dialog(theme, NEW)),
    ("first-run-company", lambda theme: dialog(theme, ASKED)),
    ("first-run-line", lambda theme: dialog(theme, LINE)),
    ("first-run-line-good", _tried),
    ("first-run-line-silent", _wrong),
    ("first-run-no-list", lambda theme: dialog(theme, LIST)),
    ("first-run-list", lambda theme: dialog(theme, replace(LIST, people=1204))),
    ("first-run-call", lambda theme: dialog(theme, CALL)),
    ("first-run-rings", _called(FirstCallView("Your mobile rings: answer it.", is_up=True))),
    (
        "first-run-heard",
        _called(FirstCallView("That was your first call: everything works.", is_over=True)),
    ),
)
