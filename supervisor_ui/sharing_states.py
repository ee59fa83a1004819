"""States of the sharing window for pictures and tests: a fictitious floor, the same every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import segno

from app.desk.sharing_view import ShareCode, SharedSeat, ShareView
from app.look.theme import Theme
from supervisor_ui.sharing_dialog import SharingDialog

NOW_UTC_S = 1_780_000_000.0
HINT = (
    "If seats cannot reach this PC, allow TCP port 54170 in its firewall: sudo ufw allow "
    "54170/tcp, or sudo firewall-cmd --permanent --add-port=54170/tcp and sudo firewall-cmd "
    "--reload"
)
SEATS = (
    SharedSeat("front-1", True, "Anna", "192.168.1.21"),
    SharedSeat("front-2", True, "Ben", "192.168.1.22"),
    SharedSeat("window", True, "", "192.168.1.23"),
    SharedSeat("back-room", False, "", "192.168.1.30"),
)
LENDERS = (
    SharedSeat("cellar", False, "", "192.168.1.41", "8 lines, out of reach", is_missed=True),
    SharedSeat("loft", True, "", "192.168.1.40", "Lends 6 lines"),
)
OFF_VIEW = ShareView(is_shared=False, name="desk-1")
EMPTY = ShareView(True, True, True, "Office", "192.168.1.10, port 54170", "eab670bb41dbff0a", HINT)
FULL = replace(EMPTY, seats=SEATS)
# A QR picture of fixed modules would be a file; drawn from the text it is the same each time.
CODE_TEXT = "340A-04M0-7NCV-4EW8-KFY0-K90N-KA7P-12VT"
TROUBLE = (
    "There is no keyring, so passwords have no safe place: install one (sudo apt-get install "
    "gnome-keyring), sign in to your desktop again and start again."
)


def code(picture: bytes) -> ShareCode:
    """The code with its picture, nine minutes before it runs out."""
    return ShareCode(CODE_TEXT, picture, NOW_UTC_S + 540, 900)


def _dialog(theme: Theme, view: ShareView) -> SharingDialog:
    dialog = SharingDialog(theme, lambda: NOW_UTC_S)
    dialog.show_view(view)
    return dialog


def off(theme: Theme) -> SharingDialog:
    """Not shared yet."""
    return _dialog(theme, OFF_VIEW)


def refused(theme: Theme) -> SharingDialog:
    """It cannot be shared here."""
    dialog = off(theme)
    dialog.share.click()
    dialog.show_trouble(TROUBLE)
    return dialog


def elsewhere(theme: Theme) -> SharingDialog:
    """This PC is a seat of another one's floor."""
    words = "This PC is the seat front-1 of the floor Office."
    how = "It is shared from the supervisor's PC, where seats are added with a code."
    return _dialog(theme, ShareView(True, name="desk-1", elsewhere=words, how=how))


def at_server(theme: Theme) -> SharingDialog:
    """This floor is at somebody else's server; two PCs lend it lines."""
    words = "This floor is on the server db.office.example:5432/callfloor."
    lent = "PCs of lines: loft (lends 12 lines), attic (8 lines, out of reach)."
    how = (
        "Another PC comes in with the same address and a user of that server (callfloor share "
        "url); one that is to lend its lines runs callfloor lines after that."
    )
    return _dialog(theme, ShareView(True, name="desk-1", elsewhere=words, how=how, lent=lent))


def busy(theme: Theme) -> SharingDialog:
    """The data are on their way."""
    dialog = off(theme)
    dialog.share.click()
    dialog.show_progress("Moving this PC's data", 0.62)
    return dialog


def empty(theme: Theme) -> SharingDialog:
    """Shared; nobody has joined."""
    return _dialog(theme, EMPTY)


def with_code(theme: Theme) -> SharingDialog:
    """A code is shown beside the seats."""
    dialog = _dialog(theme, FULL)
    dialog.show_code(code(qr_modules(CODE_TEXT)))
    return dialog


def lines_code(theme: Theme) -> SharingDialog:
    """A code for a PC of lines; one lends some already, another is out of reach."""
    dialog = _dialog(theme, replace(EMPTY, seats=(*SEATS[:3], *LENDERS)))
    dialog.show_code(replace(code(qr_modules(CODE_TEXT)), lends=True))
    return dialog


def removing(theme: Theme) -> SharingDialog:
    """A seat is about to be removed."""
    dialog = _dialog(theme, FULL)
    dialog.seats.rows[3].remove.click()
    return dialog


def qr_modules(text: str) -> bytes:
    """The picture of a code as the work makes it: one pixel a module."""
    out = BytesIO()
    segno.make("CALLFLOOR:" + text.replace("-", ""), error="m", micro=False).save(
        out, kind="png", scale=1, border=4
    )
    return out.getvalue()


STATES: tuple[tuple[str, Callable[[Theme], SharingDialog]], ...] = (
    ("sharing-off", off),
    ("sharing-refused", refused),
    ("sharing-elsewhere", elsewhere),
    ("sharing-server", at_server),
    ("sharing-busy", busy),
    ("sharing-empty", empty),
    ("sharing-code", with_code),
    ("sharing-lines", lines_code),
    ("sharing-removing", removing),
)
"""Name and builder of each."""
