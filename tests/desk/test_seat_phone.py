"""A phone that dies is started again, gets the session, and the window learns where it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from app.bridge import Bridge, Worker
from app.desk.seat_phone import SeatPhone
from app.errors import KnownError
from app.phone_link import LONGEST_PAUSE_S, YOUNG_S, PhoneLink, RestartPauses
from dialer_core.clock import ManualClock
from sip import messages
from sip.messages import PhoneStatus


class Link:
    """The way to a phone that a test lets die."""

    def __init__(self) -> None:
        self.deliver: Callable[[messages.Message | None], None] = lambda _message: None
        self.told: list[messages.Message] = []
        self.opened = 0
        self.failures = 0

    def open(self) -> None:
        self.opened += 1
        if self.failures:
            self.failures -= 1
            raise KnownError("The phone did not start.")

    def send(self, message: messages.Message) -> bool:
        self.told.append(message)
        return True

    def close(self, *, end_phone: bool) -> None:
        assert end_phone

    def says(self, uri: str, session_id: int | None) -> None:
        self.deliver(
            PhoneStatus(
                last_seq=0,
                uri=uri,
                session_id=session_id,
                sound="Headset",
                has_sound=True,
                is_muted=False,
                call=None,
            )
        )


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def phone(qapp: object, link: Link) -> Iterator[SeatPhone]:
    def make(deliver: Callable[[messages.Message | None], None]) -> PhoneLink:
        link.deliver = deliver
        return cast(PhoneLink, link)

    bridge = Bridge()
    worker = Worker("phone's worker", bridge)
    worker.start()
    made = SeatPhone(make, worker, ManualClock())
    yield made
    made.close(end_phone=True)
    worker.stop()


def test_another_phone_gets_the_session_and_a_token_of_its_own(
    phone: SeatPhone, link: Link, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    moved: list[tuple[str, str]] = []
    phone.took_over.connect(lambda uri, token: moved.append((uri, token)))
    link.says("sip:one", None)
    phone.open_session(7, "first")
    link.says("sip:one", 7)
    assert moved == [], "the login itself tells the floor"
    link.deliver(None)
    qtbot.waitUntil(lambda: link.opened == 1)
    assert "started again" in caplog.text
    link.says("sip:two", None)
    opened = link.told[-1]
    assert isinstance(opened, messages.OpenSession)
    assert (opened.session_id, bool(opened.token)) == (7, True)
    assert opened.token != "first"
    assert moved == [], "not before the phone answers for the session"
    link.says("sip:two", 7)
    assert moved == [("sip:two", opened.token)]


def test_after_the_logout_a_new_phone_gets_no_session(
    phone: SeatPhone, link: Link, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    phone.open_session(7, "first")
    phone.close_session()
    link.deliver(None)
    qtbot.waitUntil(lambda: link.opened == 1)
    assert "started again" in caplog.text
    link.says("sip:two", None)
    assert isinstance(link.told[-1], messages.CloseSession)


def test_a_phone_that_does_not_start_is_tried_again(
    phone: SeatPhone, link: Link, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    link.failures = 1
    link.deliver(None)
    qtbot.waitUntil(lambda: link.opened == 2, timeout=3000)
    assert "started again" in caplog.text
    assert phone.call.sound == "no phone"


def test_one_that_keeps_dying_is_started_less_and_less_often() -> None:
    pauses, now_s = RestartPauses(), 0.0
    found = []
    for _ in range(8):
        pauses.came(now_s)
        now_s += 1.0
        found.append(pauses.next_s(now_s))
    assert found[:4] == [0.0, 0.5, 1.0, 2.0]
    assert found[-1] == LONGEST_PAUSE_S
    pauses.came(now_s)
    assert pauses.next_s(now_s + YOUNG_S) == 0.0, "a good one that dies is wanted back at once"


def test_a_second_part_in_the_same_call_takes_the_first_ones_end_back(
    phone: SeatPhone, link: Link
) -> None:
    at = messages.Stamp(mono_s=1.0, utc_s=100.0)
    link.deliver(messages.PhoneConnected(seq=1, at=at, attempt_id="a-1"))
    link.deliver(messages.PhoneEnded(seq=2, at=at, attempt_id="a-1", by="far_end"))
    assert phone.ended == ("a-1", 100.0)
    link.deliver(messages.PhoneConnected(seq=3, at=at, attempt_id="a-1"))
    assert phone.ended == ("", 0.0)
    assert phone.call.is_connected
