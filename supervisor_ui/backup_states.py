"""States of the backups' window for pictures and tests: fictitious, the same every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.backup_view import BackupRow, BackupsView, RestoreDone
from app.look.theme import Theme
from supervisor_ui.backup_dialog import BackupDialog

PASSPHRASE = "7KQ2M-9PZ4X-WC3TD-8RB5V-N6HJF"
SAME_DISK = (
    "The backups lie on the same disk as the floor: choose a folder on another disk, so that both "
    "are not lost together."
)
ROWS = (
    BackupRow("/b/1", "Sunday 22 Nov 2026, 03:00", "Every night", "184 MB"),
    BackupRow("/b/2", "Saturday 21 Nov 2026, 17:12", "Asked for", "183 MB"),
    BackupRow("/b/3", "Saturday 21 Nov 2026, 03:00", "Every night", "183 MB"),
    BackupRow("/b/4", "Friday 20 Nov 2026, 03:00", "Every night", "181 MB"),
    BackupRow("/b/5", "Thursday 19 Nov 2026, 18:40", "Before an upgrade", "180 MB"),
    BackupRow("/b/6", "Thursday 19 Nov 2026, 03:00", "Every night", "180 MB"),
    BackupRow("/b/7", "Sunday 1 Nov 2026, 03:00", "Every night", "171 MB"),
    BackupRow("/b/8", "Sunday 4 Oct 2026, 03:00", "Every night", "158 MB"),
)
VIEW = BackupsView(ROWS, "/media/office/backup disk", "", "7 hours old", is_shown=True)
FIRST = BackupsView((), "/home/office/.local/share/callfloor/backups", SAME_DISK, is_shown=True)
LATE = replace(
    VIEW,
    rows=ROWS[2:],
    age="4 days old",
    trouble="/media/office/backup disk cannot be written (no such file or directory): choose "
    "another folder, or see that the disk is there and that you may write to it.",
)
DONE = RestoreDone(
    "The floor is as it was on Saturday 21 Nov 2026, 17:12",
    (
        "Done again, as wished since: 1 person erased, 4 numbers never to be called.",
        "What was here is kept: callfloor.before-restore-20261122-101500.sqlite3",
        "Close Callfloor and start it again on this PC.",
    ),
)
WRONG = (
    "The passphrase does not open Office-20261121-171200-asked.callfloor: type the one that was "
    "written down when this floor's backups began."
)


def _dialog(theme: Theme, view: BackupsView) -> BackupDialog:
    dialog = BackupDialog(theme)
    dialog.show_view(view)
    return dialog


def first(theme: Theme) -> BackupDialog:
    """None yet, on the floor's own disk."""
    return _dialog(theme, FIRST)


def listed(theme: Theme) -> BackupDialog:
    """All is well."""
    return _dialog(theme, VIEW)


def late(theme: Theme) -> BackupDialog:
    """The disk is not there."""
    return _dialog(theme, LATE)


def secret(theme: Theme) -> BackupDialog:
    """The passphrase is shown."""
    dialog = _dialog(theme, replace(VIEW, rows=ROWS[:1], is_shown=False))
    dialog.show_passphrase(PASSPHRASE)
    return dialog


def busy(theme: Theme) -> BackupDialog:
    """One is being made."""
    dialog = listed(theme)
    dialog.make.click()
    dialog.show_progress("Sealing the data", 0.62)
    return dialog


def sure(theme: Theme) -> BackupDialog:
    """The question before a restore."""
    dialog = listed(theme)
    dialog.backups.rows[1].restore.click()
    return dialog


def wrong(theme: Theme) -> BackupDialog:
    """The passphrase was another one."""
    dialog = sure(theme)
    dialog.sure.click()
    dialog.show_trouble(WRONG)
    return dialog


def done(theme: Theme) -> BackupDialog:
    """Put back."""
    dialog = sure(theme)
    dialog.sure.click()
    dialog.show_restored(DONE)
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], BackupDialog]], ...] = (
    ("backups-first", first),
    ("backups-listed", listed),
    ("backups-late", late),
    ("backups-secret", secret),
    ("backups-busy", busy),
    ("backups-sure", sure),
    ("backups-wrong", wrong),
    ("backups-done", done),
)
"""Name and builder of each."""
