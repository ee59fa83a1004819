"""Beside the floor's window: tells when the last good backup is too old, or a disk nearly full."""

from __future__ import annotations

from typing import Final

from app.backup.folder import notices
from app.desk.notice_watch import NoticeWatch
from app.profile import Profile
from dialer_core.clock import Clock

LOOK_S: Final = 60.0


class BackupWatch(NoticeWatch):
    """Tells the notices of backups and their disks."""

    def __init__(self, profile: Profile, clock: Clock) -> None:
        super().__init__("backup notices", LOOK_S, lambda: notices(profile, clock.now().utc))
