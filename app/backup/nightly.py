"""The backup of each night by the running floor, and the one before an upgrade."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec

from app.backup import folder, wishes
from app.backup.making import Made, Wanted, is_seat, make_backup
from app.backup.passphrase import kept_passphrase
from app.backup.sealing import COST, GivenUp, Tell
from app.floor_place import floor_place
from app.profile import Profile
from app.secrets import Secrets, open_secrets
from dialer_core.clock import Instant
from dialer_core.model import errors as core_errors
from dialer_core.store.dumping_erased import erase_again

log = logging.getLogger("app.backup.nightly")

DEMO = "demo"  # the mark of a profile whose people are made up


class Nightly:
    """Looks whether a backup is due, and makes it; of one thread, beside the calls."""

    def __init__(
        self,
        profile: Profile,
        secrets: Callable[[], Secrets] | None = None,
        zone: tzinfo | None = None,
        cost: int = COST,
    ) -> None:
        self._profile = profile
        self._secrets = secrets or (lambda: open_secrets(profile.key))
        self._zone, self._cost = zone, cost

    def look(self, now: Instant, goes_on: Callable[[], bool]) -> Made | None:
        """The nightly one where it is due; what was wished since is written down in any case.

        What the world forbids is remembered for the supervisor's window, and tried again in an
        hour.
        """
        profile = self._profile
        if (profile.root / DEMO).exists() or is_seat(profile):
            return None
        state = folder.read_state(profile)
        if state.begun_at is None:
            state = msgspec.structs.replace(state, begun_at=now.utc)
            folder.write_state(profile, state)
        try:
            if not folder.is_due(state, now.utc, self._zone_at(now.utc)):
                wishes.note(profile, floor_place(profile, self._secrets))
                return None
            return self._make(now, goes_on)
        except GivenUp:
            log.info("the nightly backup was given up, as the floor ends")
        except core_errors.KnownError as error:
            log.info("there was no backup: %s", error.sentence)
            failed = msgspec.structs.replace(
                folder.read_state(profile), tried_at=now.utc, trouble=error.sentence
            )
            folder.write_state(profile, failed)
        return None

    def _make(self, now: Instant, goes_on: Callable[[], bool]) -> Made:
        tell: Tell = lambda _step, _share: goes_on()  # noqa: E731
        passphrase = kept_passphrase(self._secrets())
        made = make_backup(
            self._profile, self._secrets, passphrase, Wanted("nightly"), tell, now.utc, self._cost
        )
        done(self._profile, now.utc)
        gone = folder.rotate(made.path.parent, made.head.floor_id, now.utc, self._zone_at(now.utc))
        erase_again(
            floor_place(self._profile, self._secrets),
            wishes.read_list(made.path.parent, made.head.floor_id),
            now,
        )
        log.info("the nightly backup has %d bytes; %d older ones went", made.size, len(gone))
        return made

    def _zone_at(self, now: datetime) -> tzinfo:
        zone = self._zone or now.astimezone().tzinfo
        assert zone is not None
        return zone


def done(profile: Profile, now: datetime) -> None:
    """Remember that there is a good one."""
    state = folder.read_state(profile)
    good = msgspec.structs.replace(
        state, good_at=now, tried_at=now, trouble="", begun_at=state.begun_at or now
    )
    folder.write_state(profile, good)


def before_upgrade(
    profile: Profile, secrets: Callable[[], Secrets], now: Callable[[], datetime], cost: int = COST
) -> Callable[[str], None]:
    """What makes a backup of a server's database before it is brought up to date.

    KnownError where it cannot be made: then nothing is brought up to date.
    """

    def make(version: str) -> None:
        passphrase = kept_passphrase(secrets())
        make_backup(profile, secrets, passphrase, Wanted("upgrade"), lambda *_: True, now(), cost)
        log.info("before the upgrade from %s a backup was made", version)
        done(profile, now())

    return make


def folder_sentence(profile: Profile, where: Path) -> str:
    """A warning where backups and database would be lost together; else empty."""
    if folder.is_same_disk(where, profile.database_path.parent):
        return (
            "The backups lie on the same disk as the floor: choose a folder on another disk, so "
            "that both are not lost together."
        )
    return ""
