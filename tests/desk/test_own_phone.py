"""The supervisor's phone: one that keeps dying is started less and less often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from app.desk.own_phone import InStore, OwnPhone
from app.phone_link import FIRST_PAUSE_S, PhoneLink
from dialer_core.clock import ManualClock
from dialer_core.store.listening import SupervisorPlace
from sip import messages
from sip.messages import PhoneStatus


class Link:
    """The way to a phone that a test lets die."""

    def __init__(self) -> None:
        self.deliver: Callable[[messages.Message | None], None] = lambda _message: None
        self.opened = 0

    def open(self) -> None:
        self.opened += 1

    def send(self, _message: messages.Message) -> bool:
        return True

    def close(self, *, end_phone: bool) -> None:
        assert end_phone

    def says(self, uri: str) -> None:
        self.deliver(
            PhoneStatus(
                last_seq=0,
                uri=uri,
                session_id=None,
                sound="Headset",
                has_sound=True,
                is_muted=False,
                call=None,
            )
        )


class Place:
    """Gives sessions one after the other."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open_session(self, _name: str, _seat: str, uri: str, *_rest: object) -> int:
        self.opened.append(uri)
        return len(self.opened)

    def close_session(self, *_words: object) -> None:
        """Nothing is kept."""


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def phone(qapp: object, link: Link, place: Place) -> Iterator[OwnPhone]:
    def make(deliver: Callable[[messages.Message | None], None]) -> PhoneLink:
        link.deliver = deliver
        return cast(PhoneLink, link)

    in_store: InStore = lambda work: work(cast(SupervisorPlace, place))  # noqa: E731  one job
    made = OwnPhone(make, in_store, "supervisor", ManualClock())
    yield made
    made.close()


def test_one_that_dies_young_again_is_not_started_at_once(
    phone: OwnPhone, link: Link, place: Place, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    phone.open()
    qtbot.waitUntil(lambda: link.opened == 1)
    link.says("sip:one")
    qtbot.waitUntil(lambda: phone.session_id == 1)
    link.deliver(None)
    qtbot.waitUntil(lambda: link.opened == 2)  # the first time at once: somebody listens
    assert phone.session_id == 0
    link.says("sip:two")
    qtbot.waitUntil(lambda: phone.session_id == 2)
    link.deliver(None)
    qtbot.wait(round(1000 * FIRST_PAUSE_S / 2))
    assert (link.opened, phone.is_coming) == (2, True), "it died young"
    qtbot.waitUntil(lambda: link.opened == 3)
    assert place.opened == ["sip:one", "sip:two"]
    assert "started again" in caplog.text


def test_nothing_is_started_after_the_end(
    phone: OwnPhone, link: Link, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    phone.open()
    qtbot.waitUntil(lambda: link.opened == 1)
    for _ in range(2):
        link.says("sip:one")
        link.deliver(None)
    qtbot.waitUntil(lambda: link.opened == 2)
    phone.close()
    qtbot.wait(round(1200 * FIRST_PAUSE_S))
    assert link.opened == 2
    assert "started again" in caplog.text
