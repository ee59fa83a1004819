"""Calls from outside are let in by address, and what lines say beside calls reaches the record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from app.dialler.asides import REFRESH_S, TROUBLE_STAYS_S, Asides
from app.dialler.callers import RESOLVE_EVERY_S, CallerLines
from app.exchange import Exchange
from app.trunk import GatewayPlace, Trunk, hosts_of
from dialer_core.clock import ManualClock
from dialer_core.model.ids import LineId
from sip import messages

CALLERS = LineId("callers01")
BY_ADDRESS = GatewayPlace(
    name="pbx",
    uri="sip:{number}@[2001:db8::7]:5060",
    outbound_proxy="sip:p.test",
    accepts_calls=True,
)
OURS = GatewayPlace(name="isp", uri="sip:{number}@sip.test", username="u", registers=True)
OUTWARD = GatewayPlace(name="out", uri="sip:{number}@192.0.2.9")


class Lines:
    epoch = 3

    def __init__(self) -> None:
        self.heard: list[tuple[LineId, messages.Message]] = []

    def send(self, line_id: LineId, message: messages.Message) -> bool:
        self.heard.append((line_id, message))
        return True


def callers(known: Mapping[str, tuple[str, ...]]) -> CallerLines:
    async def resolve(host: str) -> tuple[str, ...]:
        if host not in known:
            raise OSError(host)
        return known[host]

    trunk = Trunk(gateways=(BY_ADDRESS, OURS, OUTWARD))
    return CallerLines(Exchange(trunk, {"isp": "x"}), resolve)


def quality(loss: float, attempt: str = "a1") -> messages.CallQuality:
    leg = messages.LegQuality(
        side="person", codec="PCMA", loss_in=loss, loss_out=0.0, jitter_ms=1.0, round_trip_ms=9.0,
        level_in_dbfs=-20.0, level_out_dbfs=-20.0, packets_in=9, packets_out=9, heard_age_s=0.0,
    )  # fmt: skip
    return messages.CallQuality(at=messages.Stamp(1.0, 2.0), attempt_id=attempt, legs=(leg,))


def test_hosts_are_read_without_brackets_and_ports() -> None:
    assert hosts_of(BY_ADDRESS) == ("2001:db8::7", "p.test")


def test_a_line_for_callers_is_told_once_and_again_when_replaced_or_moved() -> None:
    known = {"2001:db8::7": ("2001:db8::7",), "p.test": ("192.0.2.1",), "sip.test": ("192.0.2.2",)}
    kept, lines = callers(known), Lines()
    assert kept.line_ids[0] == CALLERS
    asyncio.run(kept.keep(lines, 0.0))
    assert lines.heard == []
    kept.line_up(CALLERS)
    kept.line_up(LineId("line01"))
    asyncio.run(kept.keep(lines, 1.0))
    asyncio.run(kept.keep(lines, 2.0))
    accept, register = (message for _line, message in lines.heard)
    assert isinstance(accept, messages.AcceptCalls)
    assert accept.sources == {"pbx": ("2001:db8::7", "192.0.2.1"), "isp": ("192.0.2.2",)}
    assert isinstance(register, messages.Register)
    kept.line_up(CALLERS)  # another process in its place
    asyncio.run(kept.keep(lines, 3.0))
    assert len(lines.heard) == 4
    del known["p.test"]
    known["sip.test"] = ("192.0.2.3",)
    asyncio.run(kept.keep(lines, 4.0 + RESOLVE_EVERY_S))
    moved = lines.heard[-1][1]
    assert isinstance(moved, messages.AcceptCalls)
    assert moved.sources["isp"] == ("192.0.2.3",)
    assert "192.0.2.1" in moved.sources["pbx"], "what cannot be resolved keeps its addresses"
    assert "p.test" in kept.troubles["p.test"]


def test_no_line_is_kept_for_callers_where_nobody_calls() -> None:
    assert CallerLines(Exchange(Trunk(gateways=(OUTWARD,)), {})).line_ids == []


def test_a_registration_that_fails_is_told_until_it_is_well() -> None:
    clock = ManualClock()
    asides = Asides(clock)
    assert asides.take_troubles() is None
    at = messages.Stamp(1.0, 2.0)
    for is_registered in (False, True):
        for line in (CALLERS, LineId("callers02")):
            said = messages.RegistrationChanged(
                seq=1, at=at, gateway="isp", is_registered=is_registered, status=403,
                sentence="" if is_registered else "The gateway isp refuses us.",
            )  # fmt: skip
            asides.hear(line, said)
        expected = () if is_registered else ("The gateway isp refuses us.",)
        assert asides.take_troubles() == expected
        assert asides.take_troubles() is None


def test_a_lines_trouble_goes_by_itself() -> None:
    clock = ManualClock()
    asides = Asides(clock)
    asides.hear(
        CALLERS,
        messages.EngineTrouble(
            seq=1, at=messages.Stamp(1.0, 2.0), sentence="No room for the journal."
        ),
    )
    assert asides.take_troubles() == ("callers01: No room for the journal.",)
    clock.advance(TROUBLE_STAYS_S)
    assert asides.take_troubles() == ()


def test_quality_is_written_when_it_changes_and_now_and_then() -> None:
    clock = ManualClock()
    asides = Asides(clock)
    asides.hear(CALLERS, quality(0.0))
    assert [one.attempt_id for one in asides.take_qualities()] == ["a1"]
    asides.hear(CALLERS, quality(0.01))
    assert len(asides.take_qualities()) == 1
    asides.hear(CALLERS, quality(0.015))
    assert asides.take_qualities() == []
    asides.hear(CALLERS, quality(0.08))
    (bad,) = asides.take_qualities()
    assert bad.legs[0]["loss_in"] == 0.08
    clock.advance(REFRESH_S)
    asides.hear(CALLERS, quality(0.08))
    assert len(asides.take_qualities()) == 1


def test_a_changed_trunk_is_told_to_the_lines_for_callers() -> None:
    known = {"2001:db8::7": ("2001:db8::7",), "p.test": ("192.0.2.1",), "sip.test": ("192.0.2.2",)}

    async def resolve(host: str) -> tuple[str, ...]:
        return known[host]

    exchange = Exchange(Trunk(gateways=(BY_ADDRESS, OURS)), {"isp": "x"})
    kept, lines = CallerLines(exchange, resolve), Lines()
    kept.line_up(CALLERS)
    asyncio.run(kept.keep(lines, 0.0))
    lines.heard.clear()
    exchange.renew(Trunk(gateways=(OURS,)), {"isp": "another"})
    kept.renewed()
    asyncio.run(kept.keep(lines, 1.0))
    accept, register = (message for _line, message in lines.heard)
    assert isinstance(accept, messages.AcceptCalls)
    assert accept.sources == {"isp": ("192.0.2.2",)}
    assert isinstance(register, messages.Register)
    assert register.gateway.password == "another"
    lines.heard.clear()
    exchange.renew(Trunk(gateways=(BY_ADDRESS,)), {})
    kept.renewed()
    asyncio.run(kept.keep(lines, 2.0))
    kinds = [type(message) for _line, message in lines.heard]
    assert kinds == [messages.AcceptCalls, messages.Unregister]
    kept.line_gone(CALLERS)
    exchange.renew(Trunk(gateways=(OURS,)), {"isp": "x"})
    kept.renewed()
    asyncio.run(kept.keep(lines, 3.0))
    assert len(lines.heard) == 2, "a line that is gone is told nothing"
