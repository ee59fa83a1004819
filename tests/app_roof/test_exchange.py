"""From the name of a gateway to what a line is told of it."""

from __future__ import annotations

import pytest

from app.exchange import Exchange
from app.trunk import GatewayPlace, Trunk
from dialer_core.model.errors import KnownError
from dialer_core.rules.gateways import GatewayLimits, Gateways

PLACES = (
    GatewayPlace(name="one", uri="sip:{number}@127.0.0.1:5080", channels=2, calls_a_second=5.0),
    GatewayPlace(
        name="two",
        uri="sip:{number}@127.0.0.1:5081",
        channels=1,
        username="u",
        number_format="national",
        prefix="9",
    ),
)
NUMBER, CALLER_ID = "+441614960001", "+441614960100"


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(Trunk(gateways=PLACES), {"two": "secret"})


def test_the_limits_stand_in_the_order_of_preference(exchange: Exchange) -> None:
    assert exchange.limits == (GatewayLimits("one", 2, 5.0), GatewayLimits("two", 1, None))
    assert Gateways(exchange.limits).room(0.0) == 2  # one a fifth of a second, and one channel


def test_each_gateway_gets_the_number_as_its_provider_wants_it(exchange: Exchange) -> None:
    one, two = (exchange.way(name, NUMBER, CALLER_ID) for name in ("one", "two"))
    assert (one.gateway.name, one.number, one.caller_id) == ("one", NUMBER, CALLER_ID)
    assert (two.gateway.name, two.number, two.caller_id) == ("two", "901614960001", "01614960100")


def test_the_password_goes_along_and_is_shown_to_nobody(exchange: Exchange) -> None:
    way = exchange.way("two", NUMBER, CALLER_ID)
    assert (way.gateway.username, way.gateway.password) == ("u", "secret")
    assert "secret" not in f"{way!r} {way.gateway!r}"
    assert NUMBER not in repr(way)
    assert exchange.way("one", NUMBER, CALLER_ID).gateway.password == ""


def test_a_gateway_that_was_taken_out_leaves_its_calls_to_the_first(exchange: Exchange) -> None:
    assert exchange.way("gone", NUMBER, CALLER_ID).gateway.name == "one"


def test_a_number_that_cannot_be_written_so_is_refused_in_words(exchange: Exchange) -> None:
    with pytest.raises(KnownError, match="number"):
        exchange.way("two", "12", CALLER_ID)
