"""Which checks there are for a PC, in the order in which they are looked at."""

from __future__ import annotations

import functools
from collections.abc import Callable

from app.backup.making import is_seat
from app.desk.checkup.findings import Check
from app.desk.checkup.office import Office, Try
from app.desk.checkup.own_pc import disk_check, keyring_check, profile_check, sound_check
from app.desk.checkup.way import WayToFloor
from app.desk.trunk_trial import try_gateway
from app.profile import Profile
from app.secrets import Secrets
from app.sound_devices import SoundDevices, sound_devices
from dialer_core.clock import Clock


def checks_for(
    profile: Profile,
    clock: Clock,
    open_secrets: Callable[[], Secrets],
    *,
    ask_sound: Callable[[], SoundDevices] = sound_devices,
    try_it: Try = try_gateway,
) -> list[Check]:
    """All of them for the PC of this profile: a seat's, or the one that the floor is on."""
    way = WayToFloor(profile, clock, open_secrets)
    office = Office(profile, clock, open_secrets, way, try_it)
    checks = [
        Check("profile", "This PC", functools.partial(profile_check, profile)),
        Check("disk", "Disk", functools.partial(disk_check, profile)),
        Check("keyring", "Keyring", functools.partial(keyring_check, profile, open_secrets)),
        Check("reach", "Way to the floor", way.reach),
        Check("certificate", "Floor's certificate", way.certificate),
        Check("database", "Database", way.database),
        Check("clock", "Clock", way.clock),
        Check("versions", "Versions", way.versions),
        Check("phone", "Telephone", way.phone),
        Check("sound", "Sound", functools.partial(sound_check, profile, ask_sound)),
    ]
    if is_seat(profile):
        return checks
    return [
        *checks,
        Check("dialler", "Dialler", office.dialler),
        Check("trunk", "Trunk", office.trunk),
        Check("backup", "Backups", office.backup),
        Check("authority", "Floor's authority", office.authority),
    ]
