"""The API under test, served by the real server to real connections on a free port."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from app.api.gate import Buckets, new_token
from app.api.hooks import Telling
from app.api.server import make_app
from app.api.work import Work
from dialer_core.clock import Clock
from dialer_core.store.address import Place
from dialer_core.store.clients_api import ClientsStore, Right, token_hash
from tests.ports import free_port

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class ServedApi:
    """A server that runs; `web` speaks with a token that may do everything."""

    url: str
    web: httpx.Client
    place: Place
    clock: Clock

    def add_program(self, name: str, rights: Iterable[Right]) -> str:
        """Another program; its token."""
        token = new_token()
        with contextlib.closing(ClientsStore(self.place)) as store:
            store.add(name, rights, token_hash(token), self.clock.now(), "test")
        return token

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A request that succeeds; what was answered."""
        answer = self.web.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """A request that does not; status and sentence."""
        answer = self.web.request(method, path, json=body)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code >= 400
        assert problem["request_id"] == answer.headers["x-request-id"]
        return answer.status_code, str(problem["detail"])


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def served(
    place: Place,
    clock: Clock,
    *,
    telling: bool = False,
    secret: str | None = "key of the test",
    asked: Buckets | None = None,
    wrong: Buckets | None = None,
    timeout_s: float = 0.5,
) -> Iterator[ServedApi]:
    """The API over that floor; `telling`: webhooks are told, signed with `secret`."""
    token = new_token()
    with contextlib.closing(ClientsStore(place)) as store:
        known = {one.name for one in store.clients()}
        if "CRM" in known:
            store.remove("CRM", clock.now(), "test")
        store.add("CRM", list(Right), token_hash(token), clock.now(), "test")
    work = Work(place, clock)
    tells = Telling(work, lambda _name: secret, timeout_s) if telling else None
    generous = Buckets(1e6, 1e6)
    app = make_app(work, tells, asked or generous, wrong or generous)
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, access_log=False, http="h11", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="api-test")
    thread.start()
    pause = threading.Event()
    url = f"http://127.0.0.1:{port}"
    try:
        assert any(server.started or pause.wait(0.02) for _ in range(500))
        with httpx.Client(base_url=url, headers=bearer(token), timeout=PATIENCE_S) as web:
            yield ServedApi(url, web, place, clock)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
    assert not thread.is_alive()
