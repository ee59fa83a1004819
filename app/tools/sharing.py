"""The window "Share this floor", joined to what does the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt

from app.clock import WallClock, utc_s
from app.compose import ToolPlace
from app.desk.sharing_desk import SharingDesk
from app.desk.sharing_view import ShareCode, SharedSeat, ShareView
from app.profile import Profile
from app.secrets import open_secrets
from app.sharing.floor_share import FloorShare
from app.sharing.join_code import qr_picture
from app.sharing.joining import default_seat_name
from app.sharing.lent_words import lent_sentence, lent_words
from dialer_core.model.errors import KnownError
from dialer_core.store.joining import LIFE_S
from dialer_core.store.lending import Lending
from dialer_core.store.seats_roles import JoinedSeat
from supervisor_ui.sharing_dialog import SharingDialog

_AT_SERVER = (
    "Another PC comes in with the same address and a user of that server (callfloor share url); "
    "one that is to lend its lines runs callfloor lines after that."
)
_BY_CODE = "It is shared from the supervisor's PC, where seats are added with a code."


class ShareWork:
    """Sharing as the desk wants it; each call belongs to the desk's thread."""

    def __init__(self, profile: Profile) -> None:
        self._share = FloorShare(profile, lambda: open_secrets(profile.key), _now)

    def look(self) -> ShareView:
        status = self._share.status()
        seats: tuple[SharedSeat, ...] = ()
        if status.is_running:
            seats = tuple(_seat(one) for one in self._share.seats())
        lent = self._lent()
        return ShareView(
            is_shared=status.is_shared,
            is_running=status.is_running,
            is_kept=status.is_kept,
            name=status.name or default_seat_name(),
            place=f"{status.addresses[0]}, port {status.port}" if status.addresses else "",
            fingerprint=status.fingerprint[:16],
            hint=status.hint,
            seats=seats,
            elsewhere=status.elsewhere,
            how=(_AT_SERVER if lent is not None else _BY_CODE) if status.elsewhere else "",
            lent=lent or "",
        )

    def _lent(self) -> str | None:
        """On PCs of lines of a floor at a server, or why nothing is known; None elsewhere."""
        try:
            lent = self._share.lent_lines()
        except KnownError as error:
            return error.sentence
        return None if lent is None else lent_sentence(lent)

    def start(self, name: str, tell: Callable[[str, float], bool]) -> ShareView | None:
        return self.look() if self._share.start(name, tell) is not None else None

    def stop(self) -> ShareView:
        self._share.stop()
        return self.look()

    def new_code(self, *, lends: bool) -> ShareCode:
        code = self._share.new_code(LIFE_S, lends=lends)
        picture = qr_picture(code.text, 1)
        return ShareCode(code.text, picture, code.until.timestamp(), LIFE_S, lends)

    def remove_seat(self, name: str) -> ShareView:
        self._share.remove_seat(name)
        return self.look()


def _seat(one: JoinedSeat) -> SharedSeat:
    return SharedSeat(
        one.name,
        one.is_here,
        one.agent,
        next(iter(one.addresses), ""),
        lent_words(one.lent) if one.lent is not None else "",
        one.lent is not None and one.lent.state is Lending.AWAY,
    )


def open_window(place: ToolPlace) -> None:
    """Show how this floor is shared."""
    desk = SharingDesk(ShareWork(place.profile))
    dialog = SharingDialog(place.theme, utc_s, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_sharing(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.begin()


def join_sharing(desk: SharingDesk, dialog: SharingDialog) -> None:
    """Views one way, wishes the other."""
    dialog.start_requested.connect(desk.start)
    dialog.cancel_requested.connect(desk.cancel)
    dialog.stop_requested.connect(desk.end)
    dialog.code_requested.connect(desk.new_code)
    dialog.remove_requested.connect(desk.remove_seat)
    desk.looked.connect(dialog.show_view)
    desk.progressed.connect(dialog.show_progress)
    desk.started.connect(dialog.show_started)
    desk.given_up.connect(dialog.show_given_up)
    desk.coded.connect(dialog.show_code)
    desk.refused.connect(dialog.show_trouble)


def bring_up(profile: Profile, tell: Callable[[str, float], bool]) -> None:
    """Start the database of the floor that this PC shares, unless it runs; blocks for seconds."""
    FloorShare(profile, lambda: open_secrets(profile.key), _now).start("", tell)


def _now() -> datetime:
    return WallClock().now().utc
