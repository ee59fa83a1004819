"""Checks of the PC that the floor is on: the trunk, who dials, backups, the floor's authority."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from app.backup import folder
from app.certificates import read_end
from app.desk.checkup.findings import Finding, good, note, skipped, trouble
from app.desk.checkup.way import WayToFloor
from app.desk.trunk_trial import Trial, password_name, try_gateway
from app.floor_place import floor_place, is_there, read_pointer
from app.profile import Profile
from app.secrets import Secrets
from app.trunk import GatewayPlace, read_trunk
from dialer_core.clock import Clock
from dialer_core.store.watch import WatchStore

AUTHORITY_DAYS = 397
"""A seat's certificate may not outlive its authority: so long before its end seats join anew."""
Try = Callable[[GatewayPlace, str, Path], Trial]


class Office:
    """Belongs to the thread that runs the checks."""

    def __init__(
        self,
        profile: Profile,
        clock: Clock,
        open_secrets: Callable[[], Secrets],
        way: WayToFloor,
        try_it: Try = try_gateway,
    ) -> None:
        self._profile, self._clock, self._secrets = profile, clock, open_secrets
        self._way, self._try = way, try_it

    def trunk(self) -> Finding:
        """Asks each gateway, as the settings' test does."""
        path = self._profile.root / "trunk.toml"
        if not path.exists():
            return note(
                "No trunk is set up, so nothing is dialled.",
                "Settings, Trunk of the floor: add a gateway.",
            )
        places = read_trunk(path).gateways
        told = [self._try(one, self._password(one), self._profile.run_dir) for one in places]
        bad = [one.sentence for one in told if not one.is_good]
        if bad:
            return trouble(bad[0])
        complained = self._way.complaints
        if complained is not None and complained.trunk:
            return trouble(f"{complained.trunk.rstrip('.')}: look at Settings, Trunk of the floor.")
        return good(" ".join(one.sentence for one in told))

    def _password(self, place: GatewayPlace) -> str:
        if not (place.username or place.auth_username):
            return ""
        return self._secrets().get(password_name(place.name)) or ""

    def dialler(self) -> Finding:
        """Whether anybody dials, and what lines complain of."""
        complained = self._way.complaints
        if complained is None or not is_there(self._profile):
            return skipped("Not tried, as the database cannot be read.")
        with contextlib.closing(WatchStore(floor_place(self._profile, self._secrets))) as store:
            is_alive = store.snapshot(self._clock.now()).is_dialler_alive
        if not is_alive:
            return note("No dialler runs, so nothing is dialled.", "Start Callfloor on this PC.")
        if complained.lines:
            return trouble(complained.lines[0])
        return good("The dialler is at work.")

    def backup(self) -> Finding:
        """How old the last good one is; the disk is looked at elsewhere."""
        state, now = folder.read_state(self._profile), self._clock.now().utc
        if state.trouble:
            return trouble(state.trouble)
        if state.good_at is None:
            return note("This floor has no backup yet.", "Manage, Backups: make one now.")
        age = now - state.good_at
        if age > folder.OLD_AFTER:
            return trouble(
                f"The last good backup is {age.days} days old: make one now (Manage, Backups), "
                "and see that this PC is on at night or Callfloor runs by day."
            )
        hours = round(age.total_seconds() / 3600)
        return good(f"The last good backup is {hours} hours old.")

    def authority(self) -> Finding:
        """When the floor's own certificates come to their end."""
        pointer = read_pointer(self._profile)
        if pointer is None or pointer.url:
            return skipped("This floor has no authority for other PCs.")
        end = read_end(self._profile.certificates_dir / pointer.authority)
        left = end - self._clock.now().utc
        if left > timedelta(days=AUTHORITY_DAYS):
            return good(f"The floor's authority holds until {end:%B %Y}.")
        if left <= timedelta(0):
            return trouble(
                f"The floor's authority ended on {end:%d %B %Y}, so no seat can come in: take a "
                "backup, share the floor anew, and let each seat join again."
            )
        return note(
            f"The floor's authority ends on {end:%d %B %Y}.",
            "Before that day share the floor anew and let each seat join again.",
        )
