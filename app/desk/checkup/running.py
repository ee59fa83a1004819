"""Goes through the checks in their order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from app.desk.checkup.findings import Check, Checked, CheckupView, Finding, Verdict, trouble
from app.errors import as_known_error

log = logging.getLogger("app.desk.checkup")

_BUG = "This could not be looked at, by a fault of Callfloor's own."


def run(
    checks: Sequence[Check],
    tell: Callable[[CheckupView], None] = lambda _view: None,
    is_given_up: Callable[[], bool] = lambda: False,
) -> CheckupView:
    """Look at all; `tell` hears before each and at the end. Between two it can be given up."""
    rows: tuple[Checked, ...] = ()
    for check in checks:
        if is_given_up():
            break
        tell(CheckupView(rows, check.title, len(checks)))
        rows = (*rows, Checked(check.key, check.title, _look(check)))
    view = CheckupView(rows, "", len(checks), is_given_up=len(rows) < len(checks))
    tell(view)
    return view


def _look(check: Check) -> Finding:
    try:
        return check.look()
    except Exception as error:  # one that fails must not keep the others from being looked at
        known = as_known_error(error)
        if known is not None:
            return trouble(known.sentence)
        log.error("the check %s failed", check.key, exc_info=error)
        return Finding(Verdict.TROUBLE, _BUG, "Send the newest file of its logs folder to us.")
