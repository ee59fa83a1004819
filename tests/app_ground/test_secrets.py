from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordDeleteError

from app.errors import KnownError
from app.secrets import Backend, Secrets, open_secrets


class MemoryKeyring:
    """A keyring that works, kept in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not there")
        del self.kept[service, username]


class BrokenKeyring(MemoryKeyring):
    """A keyring that answers everything with one error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error

    def delete_password(self, service: str, username: str) -> None:
        raise self.error


class PlaintextKeyring(MemoryKeyring):
    """Named like the backend that writes passwords into a file that anyone can read."""


def keyring_of(kind: Callable[[], Any]) -> Backend:
    """A backend of the keyring package, which has no types."""
    backend: Backend = kind()
    return backend


class Chain(chainer.ChainerBackend):
    """A chain of chosen backends, as keyring makes one of all that it finds."""

    def __init__(self, *backends: Backend) -> None:
        self._chosen = list(backends)

    @property
    def backends(self) -> list[Backend]:
        return self._chosen


Chain.__module__ = "keyring.backends.chainer"


def test_a_secret_is_kept_given_back_and_forgotten() -> None:
    secrets = open_secrets("floor", MemoryKeyring())
    assert secrets.get("trunk") is None
    secrets.set("trunk", "swordfish")
    secrets.set("trunk", "herring")
    assert secrets.get("trunk") == "herring"
    secrets.delete("trunk")
    secrets.delete("trunk")
    assert secrets.get("trunk") is None


def test_profiles_do_not_see_each_other() -> None:
    backend = MemoryKeyring()
    open_secrets("one", backend).set("trunk", "swordfish")
    assert open_secrets("two", backend).get("trunk") is None


def test_a_secret_shows_in_no_repr() -> None:
    secrets = open_secrets("floor", MemoryKeyring())
    secrets.set("trunk", "swordfish")
    assert "swordfish" not in repr(secrets)


@pytest.mark.parametrize(
    "backend",
    [
        keyring_of(fail.Keyring),
        keyring_of(null.Keyring),
        PlaintextKeyring(),
        Chain(),
        Chain(keyring_of(null.Keyring)),
    ],
)
def test_a_keyring_that_is_none_is_refused_with_what_to_install(backend: Backend) -> None:
    with pytest.raises(KnownError, match="no safe place"):
        open_secrets("floor", backend)


def test_without_a_backend_the_systems_is_asked() -> None:
    """The tests' environment names the backend that always fails."""
    with pytest.raises(KnownError, match="no safe place"):
        open_secrets("floor")


def test_a_chain_never_hands_a_secret_to_a_plain_file() -> None:
    plain, good = PlaintextKeyring(), MemoryKeyring()
    open_secrets("floor", Chain(plain, good)).set("trunk", "swordfish")
    assert plain.kept == {}
    assert list(good.kept.values()) == ["swordfish"]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (KeyringLocked, "unlock it"),
        (InitError, "no safe place"),
        (KeyringError, "KeyringError"),
        (ConnectionResetError, "ConnectionResetError"),
    ],
)
def test_each_refusal_becomes_a_sentence_without_the_secret(
    kind: type[Exception], sentence: str
) -> None:
    secrets = Secrets("floor", BrokenKeyring(kind("no swordfish today")))
    actions: list[Callable[[], object]] = [
        lambda: secrets.get("trunk"),
        lambda: secrets.set("trunk", "swordfish"),
        lambda: secrets.delete("trunk"),
    ]
    for action in actions:
        with pytest.raises(KnownError, match=sentence) as caught:
            action()
        assert "swordfish" not in caught.value.sentence
        assert caught.value.__cause__ is None
