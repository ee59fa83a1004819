"""It rings for a person who is offered while nobody looks, and never longer than it must."""

from __future__ import annotations

import pytest

from app.desk.offer_ring import OfferRing
from sip import messages


class Phone:
    def __init__(self) -> None:
        self.rings: list[bool] = []

    def send(self, message: messages.Message) -> bool:
        assert isinstance(message, messages.RingAlert)
        self.rings.append(message.is_on)
        return True


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def ring(phone: Phone) -> OfferRing:
    made = OfferRing(phone.send)
    made.want(True)
    return made


def test_it_rings_until_the_window_is_looked_at(phone: Phone, ring: OfferRing) -> None:
    ring.offered(7)
    ring.offered(7)
    assert phone.rings == [True]
    ring.looked_at(True)
    assert phone.rings == [True, False]
    ring.looked_at(False)
    ring.offered(7)
    assert phone.rings == [True, False], "who has looked knows"
    ring.offered(8)
    assert phone.rings[2:] == [True]


def test_it_stops_when_the_offer_is_over(phone: Phone, ring: OfferRing) -> None:
    ring.offered(7)
    ring.offered(None)
    assert phone.rings == [True, False]


def test_nobody_is_rung_who_works_in_the_window(phone: Phone, ring: OfferRing) -> None:
    ring.looked_at(True)
    ring.offered(7)
    assert phone.rings == []


def test_switched_off_it_falls_silent_and_stays_so(phone: Phone, ring: OfferRing) -> None:
    ring.offered(7)
    ring.want(False)
    ring.offered(8)
    assert phone.rings == [True, False]


def test_a_phone_that_was_started_anew_rings_on(phone: Phone, ring: OfferRing) -> None:
    ring.offered(7)
    ring.phone_came()
    assert phone.rings == [True, True]
    ring.looked_at(True)
    ring.phone_came()
    assert phone.rings == [True, True, False]
