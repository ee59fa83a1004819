"""Webhooks: told in order and at least once, to a server that fails, hangs and comes back."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from app.api.addresses import check_url
from app.api.hooks import SIGNATURE
from dialer_core.clock import ManualClock
from dialer_core.model.errors import KnownError
from dialer_core.store.address import Place
from dialer_core.store.clients_api import ApiClient, ClientsStore, Right, token_hash
from dialer_core.store.clients_api_contacts import ProgramsStore
from dialer_core.store.schema import ContactRow
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.webhooks import GIVES_UP, LONGEST_PAUSE, Happening, pause_after
from tests.api.server_kit import served
from tests.store.floor_kit import FloorKit

KEY = "key of the test"
Heard = list[tuple[dict[str, str], bytes]]


class Crm:
    """A program's own server; `answer` says what it does with each request."""

    def __init__(self) -> None:
        self.heard: Heard = []
        self.answer: Callable[[int], int] = lambda _count: 204
        self.goes_on = threading.Event()
        self._asked = 0
        crm = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                crm._asked += 1
                status = crm.answer(crm._asked)
                if status == 0:  # hangs
                    crm.goes_on.wait(10)
                    return
                if 200 <= status < 300:
                    crm.heard.append((dict(self.headers), body))
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self.server.server_port}/calls"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    @property
    def told(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for _, body in self.heard]

    def waits_for(self, count: int) -> list[dict[str, Any]]:
        pause = threading.Event()
        assert any(len(self.heard) >= count or pause.wait(0.05) for _ in range(200)), self.told
        return self.told


@contextmanager
def crm_runs() -> Iterator[Crm]:
    crm = Crm()
    crm.thread.start()
    try:
        yield crm
    finally:
        crm.goes_on.set()
        crm.server.shutdown()
        crm.thread.join()
        crm.server.server_close()


@pytest.fixture
def crm() -> Iterator[Crm]:
    with crm_runs() as running:
        yield running


def hook(place: Place, now: ManualClock, url: str, *events: Happening) -> None:
    """Tell the program that `served` makes what happens."""
    with closing(ClientsStore(place)) as store:
        chosen = events or tuple(Happening)
        store.set_webhook("CRM", url, chosen, now.now(), "test", is_private=True)


def client(place: Place) -> ApiClient:
    with closing(ClientsStore(place)) as store:
        return next(one for one in store.clients() if one.name == "CRM")


def call(kit: FloorKit, code: str = "SALE") -> str:
    """A whole call with its outcome, of the seat that is there or is opened for it."""
    if not kit.seats:
        kit.take_lease()
        kit.log_in()
    row = kit.seats[0].read()
    assert row is not None
    attempt = kit.dial(row.session_id)
    kit.talk(attempt, row.session_id)
    kit.seats[0].choose_outcome(attempt, code, "a note", kit.now)
    return attempt


# --- over the wire ----------------------------------------------------------------------------


def test_what_happens_is_told_signed_and_in_order(
    place: Place, kit: FloorKit, clock: ManualClock, crm: Crm
) -> None:
    with served(place, clock, telling=True, secret=KEY):
        hook(place, clock, crm.url)
        first, second = call(kit), call(kit, "NO")
        told = crm.waits_for(2)
        call(kit, "BACK")
        kit.setup.suppress(None, ["+441614960001"], "asked", kit.now)
        told = crm.waits_for(5)
    assert [one["event"] for one in told[:2]] == ["outcome.chosen"] * 2
    assert [one["result"]["attempt"] for one in told[:2]] == [first, second]
    assert told[0]["result"]["note"] == "a note"
    assert {one["event"] for one in told[2:]} == {
        "outcome.chosen", "call_back.booked", "do_not_call.added",
    }  # fmt: skip
    blocked = next(one for one in told if one["event"] == "do_not_call.added")
    assert blocked["do_not_call"]["numbers"] == ["+441614960001"]
    assert [one["id"] for one in told] == sorted(one["id"] for one in told)
    headers, body = crm.heard[0]
    at, _, mac = headers[SIGNATURE].removeprefix("t=").partition(",v1=")
    assert abs(int(at) - time.time()) < 60
    assert mac == hmac.new(KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("status", [500, 302, 0], ids=["fails", "sends-elsewhere", "hangs"])
def test_a_program_that_does_not_take_it_is_told_again(
    place: Place,
    kit: FloorKit,
    clock: ManualClock,
    crm: Crm,
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    crm.answer = lambda count: status if count <= 2 else 200
    with served(place, clock, telling=True, timeout_s=0.3):
        hook(place, clock, crm.url, Happening.OUTCOME)
        attempts = [call(kit), call(kit)]
        for failures in (1, 2):
            _waits_for_failures(place, failures)
            found = client(place).webhook
            assert found is not None
            assert found.next_at == clock.now().utc + pause_after(failures)
            assert found.trouble
            assert not crm.heard
            clock.advance(pause_after(failures).total_seconds())
        told = crm.waits_for(2)
    assert [one["result"]["attempt"] for one in told] == attempts
    after = client(place).webhook
    assert after is not None
    assert (after.failures, after.trouble) == (0, "")
    assert len(caplog.records) >= 2
    assert crm.url not in caplog.text


def test_what_was_not_heard_is_told_by_the_next_process(
    place: Place, kit: FloorKit, clock: ManualClock
) -> None:
    with closing(ClientsStore(place)) as store:
        store.add("CRM", list(Right), token_hash("x"), clock.now(), "test")
    with crm_runs() as crm:
        hook(place, clock, crm.url, Happening.OUTCOME)
        url = crm.url
    attempt = call(kit)  # while nobody serves
    with closing(ProgramsStore(place)) as store_:
        store_.collect(clock.now())
        ((found, delivery),) = store_.due(clock.now())
        assert found.url == url
        assert delivery.result is not None
        assert delivery.result.attempt == attempt
        again = store_.due(clock.now())
        assert again[0][1].id == delivery.id  # until it has arrived
        store_.arrived(found.client_id, delivery.id, clock.now())
        assert store_.due(clock.now()) == []


def test_a_slow_program_keeps_no_other_one_waiting(
    place: Place, kit: FloorKit, clock: ManualClock, crm: Crm, caplog: pytest.LogCaptureFixture
) -> None:
    crm.answer = lambda _count: 0
    with crm_runs() as other, served(place, clock, telling=True, timeout_s=5.0) as api:
        hook(place, clock, crm.url, Happening.OUTCOME)
        api.add_program("Other", [Right.RESULTS])
        with closing(ClientsStore(place)) as store:
            events = [Happening.OUTCOME]
            store.set_webhook("Other", other.url, events, clock.now(), "test", is_private=True)
        began_s = time.monotonic()
        call(kit)
        other.waits_for(1)
        assert time.monotonic() - began_s < 4.5
        crm.goes_on.set()
    assert all("program 1 " in one.getMessage() for one in caplog.records)


def test_without_the_key_of_its_signatures_nothing_is_sent(
    place: Place, kit: FloorKit, clock: ManualClock, crm: Crm, caplog: pytest.LogCaptureFixture
) -> None:
    with served(place, clock, telling=True, secret=None):
        hook(place, clock, crm.url)
        call(kit)
        _waits_for_failures(place, 1)
    found = client(place).webhook
    assert found is not None
    assert "keyring" in found.trouble
    assert "keyring" in caplog.text
    assert not crm.heard


def _waits_for_failures(place: Place, count: int) -> None:
    pause = threading.Event()

    def has_failed() -> bool:
        found = client(place).webhook
        return found is not None and found.failures >= count

    assert any(has_failed() or pause.wait(0.05) for _ in range(200))


# --- in the database --------------------------------------------------------------------------


@pytest.fixture
def programs(place: Place, kit: FloorKit, clock: ManualClock) -> Iterator[ProgramsStore]:
    with closing(ClientsStore(place)) as store:
        store.add("CRM", list(Right), token_hash("x"), clock.now(), "test")
    made = ProgramsStore(place)
    yield made
    made.close()


def collected(programs: ProgramsStore, clock: ManualClock) -> None:
    while programs.collect(clock.now()):
        pass


def test_after_days_of_failure_it_is_stopped_and_goes_on_where_it_was(
    programs: ProgramsStore, place: Place, kit: FloorKit, clock: ManualClock
) -> None:
    hook(place, clock, "http://127.0.0.1:9/x", Happening.OUTCOME)
    attempt = call(kit)
    collected(programs, clock)
    began = clock.now().utc
    tries = 0
    while due := programs.due(clock.now()):
        tries += 1
        after = programs.failed(due[0][0].client_id, "It cannot be reached.", clock.now())
        assert after is not None
        assert after.next_at is not None
        assert after.next_at - clock.now().utc <= LONGEST_PAUSE
        clock.advance((after.next_at - clock.now().utc).total_seconds())
    assert clock.now().utc - began >= GIVES_UP
    assert tries < 100
    stopped = client(place).webhook
    assert stopped is not None
    assert stopped.stopped_at is not None
    assert stopped.waiting == 1
    with closing(ClientsStore(place)) as store:
        store.restart_webhook("CRM", clock.now(), "test")
    ((_, delivery),) = programs.due(clock.now())
    assert delivery.result is not None
    assert delivery.result.attempt == attempt


def test_a_new_webhook_is_told_nothing_of_before(
    programs: ProgramsStore, place: Place, kit: FloorKit, clock: ManualClock
) -> None:
    call(kit, "BACK")
    kit.setup.suppress(None, ["+441614960001"], "asked", kit.now)
    clock.advance(1)
    hook(place, clock, "http://127.0.0.1:9/x")
    collected(programs, clock)
    assert programs.due(clock.now()) == []
    clock.advance(1)
    call(kit)
    collected(programs, clock)
    assert len(programs.due(clock.now())) == 1


def test_a_call_back_that_is_moved_is_told_again(
    programs: ProgramsStore, place: Place, kit: FloorKit, clock: ManualClock
) -> None:
    hook(place, clock, "http://127.0.0.1:9/x", Happening.CALL_BACK)
    call(kit, "BACK")
    collected(programs, clock)
    ((found, delivery),) = programs.due(clock.now())
    assert delivery.call_back is not None
    first = delivery.call_back.due
    programs.arrived(found.client_id, delivery.id, clock.now())
    collected(programs, clock)
    assert programs.due(clock.now()) == []
    with kit.database.writing() as connection:
        moved = update(ContactRow).where(ContactRow.status == ContactStatus.CALL_BACK)
        connection.execute(moved.values(next_at=first + timedelta(hours=2)))
    collected(programs, clock)
    ((_, again),) = programs.due(clock.now())
    assert again.id > delivery.id
    assert again.call_back is not None
    assert again.call_back.due == first + timedelta(hours=2)


def test_a_program_that_is_removed_hears_nothing_more(
    programs: ProgramsStore, place: Place, kit: FloorKit, clock: ManualClock
) -> None:
    hook(place, clock, "http://127.0.0.1:9/x")
    call(kit)
    collected(programs, clock)
    with closing(ClientsStore(place)) as store:
        store.remove("CRM", clock.now(), "test")
        assert store.clients() == []
    assert programs.due(clock.now()) == []


# --- where it may go --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/x", "ftp://crm.example", "https://", "crm.example", "https://a b/",
        "https://user:pass@crm.example/", "https://crm.example/#x", "https://crm.example:99999/",
        "https://127.0.0.1/", "https://10.0.0.5/", "https://[::1]/", "https://192.168.1.4/x",
        "https://[::ffff:10.0.0.1]/",
    ],
)  # fmt: skip
def test_an_address_that_is_refused(url: str) -> None:
    with pytest.raises(KnownError):
        check_url(url, is_private=False)


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/x", "http://[fe80::1]/", "http://0.0.0.0/"]
)
def test_an_address_that_is_refused_even_in_the_own_network(url: str) -> None:
    with pytest.raises(KnownError):
        check_url(url, is_private=True)


@pytest.mark.parametrize(
    ("url", "is_private"),
    [
        ("https://crm.example/x", False),
        ("https://8.8.8.8", False),
        ("http://192.168.1.4:8080/x", True),
    ],
)
def test_an_address_that_may_be(url: str, is_private: bool) -> None:
    check_url(url, is_private=is_private)
