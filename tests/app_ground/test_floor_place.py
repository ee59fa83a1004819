"""Which database a profile's floor is in, and where its password comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import KnownError
from app.floor_place import floor_place, is_there
from app.profile import Profile
from app.secrets import Secrets
from dialer_core.store.address import FloorAddress

JOINED = {
    "addresses": ["192.0.2.7", "fd00::7"], "port": 54170, "role": "seat_anna",
    "host": "floor.callfloor.internal", "database": "callfloor", "fingerprint": "ab" * 32,
    "floor": "Rosewood", "seat": "anna", "certificate": "floor/seat.pem", "key": "floor/seat.key",
}  # fmt: skip


class Ring:
    """A keyring that holds what it was given."""

    def __init__(self, kept: dict[str, str]) -> None:
        self._kept = kept

    def get_password(self, _service: str, username: str) -> str | None:
        return self._kept.get(username)

    def set_password(self, _service: str, username: str, password: str) -> None:
        self._kept[username] = password

    def delete_password(self, _service: str, username: str) -> None:
        del self._kept[username]


def ring(**kept: str) -> Callable[[], Secrets]:
    return lambda: Secrets("test", Ring({name.replace("_", "-"): kept[name] for name in kept}))


def point(profile: Profile, text: str) -> None:
    path = profile.root / "floor" / "floor.json"
    path.parent.mkdir()
    path.write_text(text)


def refuse() -> Secrets:
    raise AssertionError("a floor in a file asks for no password")


def test_a_floor_of_its_own_is_a_file(profile: Profile) -> None:
    assert floor_place(profile, refuse) == profile.database_path
    assert not is_there(profile)
    profile.database_path.touch()
    assert is_there(profile)


def test_a_seat_goes_to_its_floor(profile: Profile) -> None:
    point(profile, json.dumps(JOINED))
    found = floor_place(profile, ring(floor_seat="s3cret", floor_owner="other"))
    assert isinstance(found, FloorAddress)
    assert (found.host, found.others, found.port) == ("192.0.2.7", ("fd00::7",), 54170)
    assert (found.user, found.password, found.server_name) == (
        "seat_anna",
        "s3cret",
        JOINED["host"],
    )
    assert found.ca == profile.certificates_dir / "floor" / "ca.pem"
    assert found.key == profile.certificates_dir / Path("floor/seat.key")
    assert "s3cret" not in repr(found)
    assert is_there(profile)


def test_a_server_that_somebody_else_runs_is_named_by_its_url(profile: Profile) -> None:
    point(profile, json.dumps({"url": "postgresql://callfloor@db.example/floor?ca=/ca.pem"}))
    found = floor_place(profile, ring(floor_owner="s3cret"))
    assert found == FloorAddress(
        "db.example", database="floor", password="s3cret", ca=Path("/ca.pem")
    )


def test_no_password_in_the_keyring(profile: Profile) -> None:
    point(profile, json.dumps(JOINED))
    with pytest.raises(KnownError, match="does not hold the password"):
        floor_place(profile, ring(floor_owner="other"))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"addresses": [], "port": 1, "role": "x"}'])
def test_a_file_that_cannot_be_read_is_told(profile: Profile, text: str) -> None:
    point(profile, text)
    with pytest.raises(KnownError, match="does not know its floor"):
        floor_place(profile, ring(floor_seat="x"))
