"""The API's process: serves until it is told to stop."""

from __future__ import annotations

import functools
import logging
from socket import socket

import uvicorn

from app.api.hooks import Telling
from app.api.place import Listening, forget_running, listening, note_running
from app.api.server import make_app
from app.api.tls import certificate
from app.api.work import Work
from app.clock import WallClock
from app.errors import KnownError
from app.floor_place import floor_place, is_there
from app.profile import Profile
from app.secrets import Secrets, open_secrets

log = logging.getLogger("app.api")

SHUTDOWN_S = 5
MOST_AT_ONCE = 500  # connections


class _Server(uvicorn.Server):
    """Tells where it listens once it does, and no longer."""

    def __init__(self, config: uvicorn.Config, profile: Profile, where: Listening) -> None:
        super().__init__(config)
        self._profile, self._where = profile, where

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            note_running(self._profile, self._where)
            log.info("other programs can ask at %s", self._where.url)


def run_api(profile: Profile) -> None:
    """Serve this profile's floor to other programs; KnownError where it cannot be begun."""
    if not is_there(profile):
        raise KnownError("There is no floor here yet: take a list in, or join a floor, first.")
    where, clock = listening(profile), WallClock()
    files = certificate(profile, where, clock.now().utc)
    work = Work(floor_place(profile), clock)
    app = make_app(work, Telling(work, functools.partial(_secret, _Keyring(profile))))
    config = uvicorn.Config(
        app,
        host=where.address,
        port=where.port,
        ssl_certfile=None if files is None else files.certificate,
        ssl_keyfile=None if files is None else files.key,
        access_log=False,  # it would write addresses with references of people
        log_config=None,
        server_header=False,
        lifespan="on",
        http="h11",
        ws="none",
        loop="asyncio",
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=SHUTDOWN_S,
        h11_max_incomplete_event_size=16_384,
    )
    try:
        _Server(config, profile, where).run()
    except SystemExit:
        raise KnownError(
            f"Port {where.port} of {where.address} is in use, or that is no address of this PC; "
            "choose another one (Manage, Other programs)."
        ) from None
    finally:
        forget_running(profile)


class _Keyring:
    """The keyring, opened when a webhook first needs it."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._opened: Secrets | None = None

    def get(self, name: str) -> str | None:
        """The secret of that name."""
        if self._opened is None:
            self._opened = open_secrets(self._profile.key)
        return self._opened.get(name)


def _secret(keyring: _Keyring, name: str) -> str | None:
    return keyring.get(name)
