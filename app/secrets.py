"""The door to the system's keyring: passwords and tokens live there and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol, TypeVar

import keyring
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordDeleteError

from app.errors import KnownError

T = TypeVar("T")

_UNUSABLE_MODULES = ("keyring.backends.fail", "keyring.backends.null")
_PLAIN_NAMES = ("plaintext", "uncryptedfile", "unencrypted")


class Backend(Protocol):
    """The part of a keyring's backend that is used."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class Secrets:
    """The secrets of one profile in one keyring; two profiles never see each other's.

    Each method raises KnownError, with what to do, where the keyring is locked or gone.
    """

    def __init__(self, profile_key: str, backend: Backend) -> None:
        self._service = f"callfloor/{profile_key}"
        self._backend = backend

    def __repr__(self) -> str:
        return f"Secrets({self._service!r})"

    def get(self, name: str) -> str | None:
        """The secret called `name`, None if there is none."""
        return _guarded(lambda: self._backend.get_password(self._service, name))

    def set(self, name: str, secret: str) -> None:
        """Keep `secret` under `name`, in place of one that was there."""
        _guarded(lambda: self._backend.set_password(self._service, name, secret))

    def delete(self, name: str) -> None:
        """Forget the secret called `name`; it is no error if there is none."""
        if self.get(name) is None:
            return
        _guarded(lambda: self._delete(name))

    def _delete(self, name: str) -> None:
        try:
            self._backend.delete_password(self._service, name)
        except PasswordDeleteError:
            if self._backend.get_password(self._service, name) is not None:
                raise


def open_secrets(profile_key: str, backend: Backend | None = None) -> Secrets:
    """The secrets of a profile in the system's keyring, or in `backend`.

    Raises KnownError, with what to install, if there is no keyring or only one that keeps
    secrets in plain text.
    """
    chosen: Backend = _guarded(keyring.get_keyring) if backend is None else backend
    if not any(_is_usable(one) for one in _parts(chosen)):
        raise KnownError(_no_keyring())
    # A chain would hand the secret to a plain-text backend if the good one refused it.
    usable = next(one for one in _parts(chosen) if _is_usable(one))
    return Secrets(profile_key, usable)


def _parts(backend: Backend) -> list[Backend]:
    """The backends of a chain in their order, else the backend itself."""
    if type(backend).__module__ == "keyring.backends.chainer":
        return list(getattr(backend, "backends", ()))
    return [backend]


def _is_usable(backend: Backend) -> bool:
    kind = type(backend)
    if kind.__module__ in _UNUSABLE_MODULES:
        return False
    name = kind.__name__.lower()
    return not any(plain in name for plain in _PLAIN_NAMES)


def _no_keyring() -> str:
    if os.name == "nt" or os.uname().sysname == "Darwin":
        return (
            "The system's keyring cannot be used, so passwords have no safe place: sign in to "
            "your desktop session and start again."
        )
    return (
        "There is no keyring, so passwords have no safe place: install one "
        "(sudo apt-get install gnome-keyring), sign in to your desktop again and start again."
    )


def _guarded(action: Callable[[], T]) -> T:
    """Run one keyring call; its errors carry no secret and become ours."""
    try:
        return action()
    except KeyringLocked:
        raise KnownError("The keyring is locked: unlock it and try again.") from None
    except InitError:
        raise KnownError(_no_keyring()) from None
    except (KeyringError, OSError) as error:
        raise KnownError(
            f"The keyring refused ({type(error).__name__}): see that it runs and is unlocked, "
            "then try again."
        ) from None
