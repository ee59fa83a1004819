"""Work beside a lease waits while the lease is under way, and goes on after it."""

from __future__ import annotations

import threading

from dialer_core.store import giving_way
from dialer_core.store.giving_way import GivingWay


def test_nobody_in_front_nobody_waits() -> None:
    GivingWay().pause()


def test_who_is_beside_goes_on_once_the_one_in_front_is_done() -> None:
    way, order = GivingWay(), list[str]()
    began = threading.Event()

    def beside() -> None:
        began.set()
        way.pause()
        order.append("beside")

    other = threading.Thread(target=beside)
    with way:
        other.start()
        assert began.wait(10.0)
        order.append("in front")
    other.join(10.0)
    assert order == ["in front", "beside"]


def test_it_waits_for_so_long_at_most() -> None:
    way = GivingWay()
    with way:
        way.pause()  # ends by itself
    assert giving_way.LONGEST_S <= 0.1
