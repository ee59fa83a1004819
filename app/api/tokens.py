"""Giving programs their tokens and webhooks: the same for the command and the window."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field

from app.api.addresses import check_url
from app.api.gate import new_token
from app.api.hooks import secret_name
from app.clock import WallClock
from app.errors import KnownError
from app.floor_place import floor_place, is_there
from app.profile import Profile
from app.secrets import Secrets
from dialer_core.store.clients_api import ApiClient, ClientsStore, Right, token_hash
from dialer_core.store.webhooks import Happening

SECRET_BEGINS = "cfwh_"


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of a profile's floor. `who` stands in the audit log; each call opens anew."""

    profile: Profile
    open_secrets: Callable[[], Secrets]
    who: str
    clock: WallClock = field(default_factory=WallClock)

    def clients(self) -> list[ApiClient]:
        """Who may ask, by name; none where there is no floor yet."""
        if not is_there(self.profile):
            return []
        with closing(self._store()) as store:
            return store.clients()

    def add(self, name: str, rights: Iterable[Right]) -> tuple[ApiClient, str]:
        """A program and its token, which is known nowhere else from now on."""
        token = new_token()
        with closing(self._store()) as store:
            made = store.add(name, rights, token_hash(token), self.clock.now(), self.who)
        return made, token

    def remove(self, name: str) -> None:
        """Shut a program out."""
        with closing(self._store()) as store:
            client = store.remove(name, self.clock.now(), self.who)
        self._forget(client)

    def set_webhook(
        self, name: str, url: str, events: Iterable[Happening], *, is_private: bool
    ) -> str:
        """Tell a program what happens; the key of its signatures, shown this once."""
        chosen = frozenset(events)
        if not chosen:
            raise KnownError("A webhook tells of something: choose at least one event.")
        check_url(url, is_private=is_private)
        keyring = self.open_secrets()
        secret = SECRET_BEGINS + secrets.token_urlsafe(32)
        with closing(self._store()) as store:
            now = self.clock.now()
            client = store.set_webhook(name, url, chosen, now, self.who, is_private=is_private)
        keyring.set(secret_name(client), secret)
        return secret

    def drop_webhook(self, name: str) -> None:
        """Tell a program nothing any more."""
        with closing(self._store()) as store:
            client = store.drop_webhook(name, self.clock.now(), self.who)
        self._forget(client)

    def restart_webhook(self, name: str) -> None:
        """Try a program's webhook at once, also where it had been stopped."""
        with closing(self._store()) as store:
            store.restart_webhook(name, self.clock.now(), self.who)

    def _store(self) -> ClientsStore:
        if not is_there(self.profile):
            raise KnownError("There is no floor here yet: take a list in, or join a floor, first.")
        return ClientsStore(floor_place(self.profile))

    def _forget(self, client: int) -> None:
        """The key of its signatures goes, too, where there is a keyring at all."""
        try:
            self.open_secrets().delete(secret_name(client))
        except KnownError:
            return
