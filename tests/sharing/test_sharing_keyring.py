"""Secrets in a real Secret Service (gnome-keyring), and what is said where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.certificates import FLOOR_HOST, open_authority
from app.errors import KnownError
from app.secrets import open_secrets
from app.sharing.floor_share import FloorShare
from tests import needs
from tests.sharing.kit import ClockByHand, open_test_profile

_UNLOCKED = """
set -e
echo -n "a password for tests" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
exec "$0" -c "$1"
"""
_NO_DAEMON = 'exec "$0" -c "$1"'


def _under_dbus(script: str, program: str, home: Path) -> subprocess.CompletedProcess[str]:
    run = needs.program("dbus-run-session", "dbus-daemon")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DBUS", "PYTHON"))}
    environment |= {
        "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "PYTHONPATH": os.getcwd(),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
        "XDG_RUNTIME_DIR": str(home),
    }  # fmt: skip
    return subprocess.run(
        [run, "--", "bash", "-c", script, sys.executable, program],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_secret_survives_in_a_real_secret_service(tmp_path: Path) -> None:
    needs.program("gnome-keyring-daemon", "gnome-keyring")
    program = """
from app.secrets import open_secrets
one, other = open_secrets("one"), open_secrets("other")
one.set("floor-seat", "very secret ü")
one.set("floor-seat", "newer")
again = open_secrets("one")
print(again.get("floor-seat"), other.get("floor-seat"))
again.delete("floor-seat")
again.delete("floor-seat")
print(one.get("floor-seat"))
"""
    done = _under_dbus(_UNLOCKED, program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["newer", "None", "None"]


def test_the_floors_key_opens_with_what_the_secret_service_holds(tmp_path: Path) -> None:
    needs.program("gnome-keyring-daemon", "gnome-keyring")
    program = f"""
from datetime import UTC, datetime
from pathlib import Path
from app.profile import open_profile
from app.secrets import open_secrets
from app.sharing.floor_share import FloorShare
profile = open_profile(Path({str(tmp_path / "floor")!r}))
secrets = open_secrets(profile.key)
share = FloorShare(profile, lambda: secrets, lambda: datetime.now(UTC))
first = share.authority(secrets).pem
print(first == share.authority(secrets).pem)
"""
    done = _under_dbus(_UNLOCKED, program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True"]
    key = next((tmp_path / "floor").rglob("ca.key"))
    assert "ENCRYPTED" in key.read_text()
    assert key.stat().st_mode & 0o077 == 0


def test_without_a_secret_service_the_program_says_how_to_get_one(tmp_path: Path) -> None:
    program = """
from app.errors import KnownError
from app.secrets import open_secrets
try:
    open_secrets("one").set("x", "y")
except KnownError as error:
    print(error.sentence)
"""
    done = _under_dbus(_NO_DAEMON, program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "sudo apt-get install gnome-keyring" in done.stdout


def test_a_floor_is_not_shared_without_a_keyring(tmp_path: Path, server_dir: Path) -> None:
    profile, _ = open_test_profile(tmp_path / "home")
    share = FloorShare(profile, lambda: open_secrets(profile.key), ClockByHand())
    with pytest.raises(KnownError, match="There is no keyring"):
        share.start("x", lambda _step, _share: True, keep=False)
    assert not share.server.is_made
    assert not share.status().is_shared


def test_a_lost_passphrase_makes_no_second_authority(tmp_path: Path) -> None:
    now = ClockByHand()()
    first = open_authority(tmp_path, "one", now)
    before = (tmp_path / "ca.pem").read_bytes()
    with pytest.raises(Exception, match="does not open with what the keyring holds"):
        open_authority(tmp_path, "another", now)
    (tmp_path / "ca.key").unlink()
    with pytest.raises(Exception, match="bring back the keyring or the folder"):
        open_authority(tmp_path, "one", now)
    assert (tmp_path / "ca.pem").read_bytes() == before
    assert FLOOR_HOST not in str(first.certificate.subject)
