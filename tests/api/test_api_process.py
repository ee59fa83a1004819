"""The API as a process of its own: kept, restarted, ended; over TLS for other PCs."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from app.api.keeping import Keeping
from app.api.place import listening, running, switch
from app.api.tokens import Programs
from app.cli import run
from app.profile import Profile, open_profile
from app.secrets import Secrets
from dialer_core.model.errors import KnownError
from dialer_core.store.clients_api import Right
from dialer_core.store.migration import upgrade
from dialer_core.store.webhooks import Happening
from tests.api.server_kit import bearer
from tests.ports import free_port


class _Keyring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = open_profile(tmp_path / "home")
    upgrade(made.database_path)
    return made


@pytest.fixture
def keyring() -> _Keyring:
    return _Keyring()


@pytest.fixture
def programs(profile: Profile, keyring: _Keyring) -> Programs:
    return Programs(profile, lambda: Secrets(profile.key, keyring), "test")


@pytest.fixture
def keeping(profile: Profile) -> Iterator[Keeping]:
    made = Keeping(profile)
    yield made
    made.end()


def until_it_runs(keeping: Keeping, profile: Profile, but_not: str = "") -> str:
    """Look as the supervisor's program does; who holds it."""
    pause = threading.Event()
    for _ in range(300):
        keeping.look(0.1)
        found = running(profile)
        if found is not None and found.holder != but_not:
            return found.holder
        pause.wait(0.1)
    raise AssertionError((profile.logs_dir / "api.out").read_text())


def test_it_is_off_by_default(keeping: Keeping, profile: Profile) -> None:
    keeping.look(10.0)
    assert not listening(profile).is_on
    assert listening(profile).is_loopback
    assert running(profile) is None


def test_it_is_kept_alive_and_ended_as_the_switch_says(
    keeping: Keeping, profile: Profile, programs: Programs, caplog: pytest.LogCaptureFixture
) -> None:
    _, token = programs.add("CRM", [Right.RESULTS])
    where = switch(profile, is_on=True, port=free_port())
    first = until_it_runs(keeping, profile)
    answer = httpx.get(f"{where.url}/results", headers=bearer(token))
    assert answer.json() == {"results": [], "next": 0, "has_more": False}
    os.kill(int(first.split(":")[1]), signal.SIGKILL)
    until_it_runs(keeping, profile, but_not=first)
    assert httpx.get(f"{where.url}/results", headers=bearer(token)).status_code == 200
    switch(profile, is_on=False)
    keeping.look(1.0)
    assert running(profile) is None
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{where.url}/results", headers=bearer(token))
    log = "".join(path.read_text() for path in profile.logs_dir.glob("*.log"))
    assert token not in log
    assert "the API ended" in caplog.text  # it was killed


def test_for_other_pcs_it_shows_the_floors_certificate(
    keeping: Keeping, profile: Profile, programs: Programs
) -> None:
    _, token = programs.add("CRM", [Right.RESULTS])
    where = switch(profile, is_on=True, address="0.0.0.0", port=free_port())
    assert where.url.startswith("https://")
    until_it_runs(keeping, profile)
    trusted = ssl.create_default_context(cafile=profile.certificates_dir / "ca.pem")
    url = f"https://127.0.0.1:{where.port}/campaigns"
    with httpx.Client(verify=trusted, headers=bearer(token)) as web:
        assert web.get(url).json() == {"campaigns": []}
    with httpx.Client(headers=bearer(token)) as web, pytest.raises(httpx.ConnectError):
        web.get(url)


def test_a_port_that_is_taken_is_told_in_a_sentence(profile: Profile) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        switch(profile, is_on=True, port=taken.getsockname()[1])
        keeping = Keeping(profile)
        pause = threading.Event()
        told = ""
        for _ in range(200):
            keeping.look(0.0)
            told = (profile.logs_dir / "api.out").read_text()
            if "choose another" in told:
                break
            pause.wait(0.05)
        keeping.end()
    assert "choose another one" in told


def test_the_commands_give_tokens_and_take_them(
    profile: Profile, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    home = ["--profile", str(profile.root)]
    assert run(["api", "tokens", "add", "CRM", "--right", "dial", "--json", *home]) == 0
    made = msgspec.json.decode(capfdbinary.readouterr().out)
    assert made["token"].startswith("cf_")
    assert len(made["token"]) == 46
    assert made["token"].encode() not in profile.database_path.read_bytes()
    assert run(["api", "tokens", "list", "--json", *home]) == 0
    (shown,) = msgspec.json.decode(capfdbinary.readouterr().out)
    assert shown["rights"] == ["dial"]
    assert "token" not in shown
    assert run(["api", "tokens", "remove", "CRM", "--json", *home]) == 0
    assert run(["api", "tokens", "remove", "CRM", *home]) == 1
    assert b"no program called" in capfdbinary.readouterr().err


def test_a_name_or_a_right_that_is_none(programs: Programs) -> None:
    programs.add("CRM", [Right.DIAL])
    for name, rights in (("crm", [Right.DIAL]), ("", [Right.DIAL]), ("Other", [])):
        with pytest.raises(KnownError):
            programs.add(name, rights)


def test_the_key_of_signatures_lives_in_the_keyring_alone(
    profile: Profile, programs: Programs, keyring: _Keyring
) -> None:
    programs.add("CRM", [Right.RESULTS])
    url = "https://crm.example/x"
    key = programs.set_webhook("CRM", url, list(Happening), is_private=False)
    assert list(keyring.kept.values()) == [key]
    assert key.encode() not in profile.database_path.read_bytes()
    (shown,) = programs.clients()
    assert shown.webhook is not None
    assert "crm.example" not in repr(shown)
    programs.remove("CRM")
    assert keyring.kept == {}


def test_an_address_that_is_none(profile: Profile) -> None:
    with pytest.raises(KnownError, match="no address"):
        switch(profile, is_on=True, address="everywhere")
    assert not listening(profile).is_on
