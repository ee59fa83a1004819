"""States of the window of other programs for pictures and tests: the same every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.api_view import EVENTS, ApiView, HookView, ProgramView, Secret
from app.look.theme import Theme
from supervisor_ui.api_dialog import ApiDialog

ALL_EVENTS = tuple(value for value, _ in EVENTS)
HEARD = HookView(
    "https://crm.example/callfloor/events", ALL_EVENTS, False, "Last told today at 10:42."
)
FAILS = HookView(
    "http://192.168.1.20:8080/calls", ALL_EVENTS[:1], True,
    "Waiting: 12. It has not taken anything since 09:15: it cannot be reached. Tried again "
    "at 10:50.",
    is_trouble=True,
)  # fmt: skip
PROGRAMS = (
    ProgramView("Billing", ("results",), "last used today at 08:00", FAILS),
    ProgramView("CRM", ("contacts", "results", "dial"), "last used a minute ago", HEARD),
    ProgramView("Wallboard", ("results",), "never used"),
)
OFF = ApiView(is_on=False)
ON = ApiView(True, True, "http://127.0.0.1:8710", programs=PROGRAMS)
TOKEN = "cf_6Yb0kq0l3mWn8n0b3iXk4E1cJv5o2qzTg7u9aRrSsTt"  # drawn for the picture, opens nothing
TROUBLE = (
    "Port 8710 of 127.0.0.1 is in use, or that is no address of this PC; choose another one "
    "(Manage, Other programs)."
)


def _dialog(theme: Theme, view: ApiView) -> ApiDialog:
    dialog = ApiDialog(theme)
    dialog.show_view(view)
    return dialog


def off(theme: Theme) -> ApiDialog:
    """Nobody can ask."""
    return _dialog(theme, OFF)


def on(theme: Theme) -> ApiDialog:
    """Three programs."""
    return _dialog(theme, ON)


def new(theme: Theme) -> ApiDialog:
    """A fourth one is about to be made."""
    dialog = on(theme)
    dialog.new.name.setText("Data warehouse")
    dialog.new.rights["results"].setChecked(True)
    return dialog


def token(theme: Theme) -> ApiDialog:
    """Its token, shown once."""
    dialog = on(theme)
    dialog.show_secret(Secret("Data warehouse", TOKEN))
    return dialog


def heard(theme: Theme) -> ApiDialog:
    """A program that is told what happens."""
    dialog = _dialog(theme, replace(ON, is_open=True, address="https://192.168.1.10:8710"))
    dialog.programs.rows[1].open.click()
    return dialog


def fails(theme: Theme) -> ApiDialog:
    """A program whose server does not answer."""
    dialog = on(theme)
    dialog.programs.rows[0].open.click()
    return dialog


def removing(theme: Theme) -> ApiDialog:
    """A program is about to be removed."""
    dialog = heard(theme)
    dialog.one.remove.click()
    return dialog


def refused(theme: Theme) -> ApiDialog:
    """It is on and does not run."""
    return _dialog(theme, replace(ON, is_running=False, trouble=TROUBLE))


STATES: tuple[tuple[str, Callable[[Theme], ApiDialog]], ...] = (
    ("api-off", off),
    ("api-on", on),
    ("api-new", new),
    ("api-token", token),
    ("api-heard", heard),
    ("api-fails", fails),
    ("api-removing", removing),
    ("api-refused", refused),
)
"""Name and builder of each."""
