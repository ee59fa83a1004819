"""The window "Backups", joined to what does the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, Qt

from app.backup import folder
from app.backup.making import Wanted, is_seat, make_backup
from app.backup.nightly import done, folder_sentence
from app.backup.passphrase import cleaned, kept_passphrase
from app.backup.sealing import GivenUp
from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.backup_desk import BackupDesk
from app.desk.backup_view import BackupRow, BackupsView, RestoreDone
from app.profile import Profile
from app.restore.restoring import Hands, Restored, restore
from app.secrets import Secrets, open_secrets
from supervisor_ui.backup_dialog import BackupDialog

SHOWN = 60
_WHY = {"nightly": "Every night", "asked": "Asked for", "upgrade": "Before an upgrade"}

Tell = Callable[[str, float], bool]


class BackupsWork:
    """Backups as the desk wants them; each call belongs to the desk's thread."""

    def __init__(self, profile: Profile, secrets: Callable[[], Secrets] | None = None) -> None:
        self._profile = profile
        self._secrets = secrets or (lambda: open_secrets(profile.key))

    def look(self) -> BackupsView:
        profile = self._profile
        if is_seat(profile):
            words = "This PC is a seat of a floor on another PC: its backups are made there."
            return BackupsView(elsewhere=words, is_shown=True)
        where, state = folder.own_folder(profile), folder.read_state(profile)
        kept = folder.kept_in(where)
        now = WallClock().now().utc
        newest = max((one.head.made_at for one in kept), default=None)
        return BackupsView(
            tuple(
                BackupRow(
                    str(one.path), _moment(one.head.made_at),
                    "Clone" if one.head.what == "clone" else _WHY.get(one.head.why, one.head.why),
                    size_in_words(one.size),
                )
                for one in kept[:SHOWN]
            ),
            str(where),
            folder_sentence(profile, where),
            f"{age_in_words(now - newest)} old" if newest is not None else "",
            state.trouble or " ".join(folder.notices(profile, now)),
            state.is_shown or newest is None,
        )  # fmt: skip

    def make(self, tell: Tell) -> BackupsView | None:
        profile, now = self._profile, WallClock().now().utc
        passphrase = kept_passphrase(self._secrets())
        try:
            make_backup(profile, self._secrets, passphrase, Wanted(), tell, now)
        except GivenUp:
            return None
        done(profile, now)
        return self.look()

    def choose_folder(self, chosen: str) -> BackupsView:
        folder.choose_folder(self._profile, Path(chosen))
        return self.look()

    def passphrase(self) -> str:
        return kept_passphrase(self._secrets())

    def written_down(self) -> BackupsView:
        state = folder.read_state(self._profile)
        folder.write_state(self._profile, msgspec.structs.replace(state, is_shown=True))
        return self.look()

    def restore(self, path: str, typed: str, tell: Tell) -> RestoreDone | None:
        passphrase = cleaned(typed) if typed else kept_passphrase(self._secrets())
        hands = Hands(self._profile, self._secrets, tell, WallClock().now())
        try:
            return _told(restore(hands, Path(path), passphrase))
        except GivenUp:
            return None


def open_window(place: ToolPlace) -> None:
    """Show this floor's backups."""
    desk = BackupDesk(BackupsWork(place.profile))
    dialog = BackupDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_backups(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.leave_requested.connect(QCoreApplication.quit)
    dialog.open()
    desk.look()


def join_backups(desk: BackupDesk, dialog: BackupDialog) -> None:
    """Views one way, wishes the other."""
    dialog.make_requested.connect(desk.make)
    dialog.cancel_requested.connect(desk.cancel)
    dialog.folder_chosen.connect(desk.choose_folder)
    dialog.passphrase_requested.connect(desk.show_passphrase)
    dialog.written_down.connect(desk.written_down)
    dialog.restore_requested.connect(desk.restore)
    desk.looked.connect(dialog.show_view)
    desk.progressed.connect(dialog.show_progress)
    desk.made.connect(dialog.show_made)
    desk.given_up.connect(dialog.show_given_up)
    desk.told.connect(dialog.show_passphrase)
    desk.restored.connect(dialog.show_restored)
    desk.refused.connect(dialog.show_trouble)


def size_in_words(size: int) -> str:
    """In the unit in which people think of it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(0.1, size / 1e6):.1f} MB"


def age_in_words(age: timedelta) -> str:
    """In hours below two days, in days above."""
    hours = age.total_seconds() / 3600
    if hours < 1:
        return "Less than an hour"
    if hours < 48:
        return f"{hours:.0f} hour{'s' if round(hours) != 1 else ''}"
    return f"{age.days} days"


def _moment(at: datetime) -> str:
    local = at.astimezone()
    return f"{local:%A} {local.day} {local:%b %Y, %H:%M}"


def _told(found: Restored) -> RestoreDone:
    sentences = []
    if found.erased or found.refused:
        people = "1 person" if found.erased == 1 else f"{found.erased} people"
        numbers = "1 number" if found.refused == 1 else f"{found.refused} numbers"
        sentences.append(
            f"Done again, as wished since: {people} erased, {numbers} never to be called."
        )
    if found.aside:
        sentences.append(f"What was here is kept: {', '.join(one.name for one in found.aside)}")
    sentences.append("Close Callfloor and start it again on this PC.")
    return RestoreDone(f"The floor is as it was on {_moment(found.head.made_at)}", tuple(sentences))
