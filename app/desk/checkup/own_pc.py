"""Checks of this PC itself: its folders, its disk, its keyring, its sound."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from app.backup import folder
from app.backup.making import is_seat
from app.desk.checkup.findings import Finding, Verdict, good, note, trouble
from app.desk.first_run_view import Role
from app.errors import KnownError
from app.floor_place import OWNER_SECRET, SEAT_SECRET, read_pointer
from app.profile import Profile
from app.secrets import Secrets
from app.settings import PC_ROLE, load_settings
from app.sound_devices import SoundDevices, sound_devices

LOW: int = folder.SPARE
TRIED_BYTES = 65_536


def profile_check(profile: Profile) -> Finding:
    """Which floor this PC belongs to, and whether its files can be read and written."""
    load_settings(profile.settings_path)
    pointer = read_pointer(profile)
    for place in (profile.root, profile.database_path.parent, profile.logs_dir):
        try:
            _try_to_write(place)
        except OSError as error:
            return trouble(_cannot_write(place, error))
    if pointer is None:
        return good(f"This PC has its own floor, in {profile.root}.")
    if pointer.seat:
        return good(f"This PC is the seat {pointer.seat} of a floor on another PC.")
    if pointer.url:
        return good("This PC's floor is on a server that somebody else runs.")
    return good("This PC shares its floor with others.")


def _try_to_write(place: Path) -> None:
    """A full disk, a foreign folder and a broken disk show only then."""
    probe = place / f".tried-{secrets.token_hex(4)}"
    try:
        with probe.open("xb") as file:
            file.write(bytes(TRIED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        probe.unlink(missing_ok=True)


def _cannot_write(place: Path, error: OSError) -> str:
    why = (error.strerror or type(error).__name__).lower()
    return f"Nothing can be written to {place} ({why}): make room on its disk, or mend its rights."


def disk_check(profile: Profile) -> Finding:
    """Room on the disks that the floor writes to."""
    places = {profile.root, profile.logs_dir, profile.recordings_dir}
    if not is_seat(profile):
        places |= {profile.database_path.parent, folder.own_folder(profile)}
    known = {place: free for place in places if (free := folder.free_bytes(place)) >= 0}
    if not known:
        return note("How much room the disk has cannot be told.")
    place = min(known, key=lambda one: known[one])
    room = f"{known[place] / 1e9:.1f} GB"
    if known[place] < LOW:
        return trouble(
            f"Only {room} are left on the disk of {place}: make room, before calls can no longer "
            "be written down."
        )
    return good(f"{room} are free.")


def keyring_check(profile: Profile, open_it: Callable[[], Secrets]) -> Finding:
    """Whether passwords have a safe place, and those that are needed are in it."""
    pointer = read_pointer(profile)
    wanted = "" if pointer is None else SEAT_SECRET if pointer.seat else OWNER_SECRET
    try:
        found = open_it().get(wanted or "any")
    except KnownError as error:
        if wanted:
            return trouble(error.sentence)
        told = trouble(error.sentence)
        return Finding(Verdict.NOTE, f"{told.sentence} Nothing here needs it yet.", told.what_to_do)
    if wanted and found is None:
        return trouble(
            "The keyring of this PC does not hold the floor's password: unlock the keyring with "
            "which it was shared or joined, or join the floor again."
        )
    return good("The keyring is open.")


def sound_check(profile: Profile, ask: Callable[[], SoundDevices] = sound_devices) -> Finding:
    """A microphone and a loudspeaker, where somebody speaks here."""
    role = load_settings(profile.settings_path).get(PC_ROLE)
    found = ask()
    missing = [
        word
        for word, names in (("microphone", found.microphones), ("loudspeaker", found.speakers))
        if not names
    ]
    if not missing:
        return good(f"Microphone: {found.microphones[0]}; loudspeaker: {found.speakers[0]}.")
    told = f"This PC has no {' and no '.join(missing)}"
    if role == Role.SUPERVISOR:
        return note(f"{told}: calls cannot be listened to here.", "Plug a headset in.")
    return trouble(f"{told}: plug the headset in, or choose it in the system's sound settings.")
