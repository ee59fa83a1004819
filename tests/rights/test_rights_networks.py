"""Seats with several network cards, behind routers, and far away: whose telephone an address is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.dialler.reaching import AGAIN_S, PhoneReach, own_words, place_of
from tests.rights.floor_of_seats import ANNA, FloorOfSeats
from tests.rights.scene import refused, rows

pytestmark = pytest.mark.postgres


def test_it_is_the_same_at_the_log_in(floor: FloorOfSeats) -> None:
    plain = floor.one.intruder()
    log_in = f"SELECT rights.log_in('{ANNA}', NULL, %s, 'x', now(), NULL, false)"
    for told, stands in (
        ("sip:+441614960123@192.0.2.7:5060;transport=udp", ""),
        ("sip:seat@127.0.0.1:40001;transport=tls", "sip:seat@127.0.0.1:40001;transport=tls"),
        ("sip:seat@192.0.2.7:5061;transport=tls", ""),
    ):  # the first opens a session, the others go on with it
        assert "session" in rows(plain, log_in, told)[0][0]
        assert rows(plain, "SELECT phone_uri FROM sessions WHERE id = rights.session()") == [
            (stands,)
        ]
    update = "UPDATE sessions SET phone_uri = 'sip:0900@192.0.2.7'"
    assert refused(plain, update) == "permission denied for table sessions"
    refused(plain, "SELECT rights.own_phone('sip:seat@127.0.0.1:40001;transport=tls')")


def test_what_stands_may_be_said_again_after_the_pc_has_moved(floor: FloorOfSeats) -> None:
    window = floor.sit_down(floor.one)
    before = "sip:seat@192.168.7.20:40001;transport=tls"
    with floor.owner() as owner:
        owner.execute("UPDATE sessions SET phone_uri = %s", [before])
    window.phone_came(before, "second", floor.clock.now())
    row = window.read()
    assert row is not None
    assert (row.phone_uri, row.token) == (before, "second")


# Client's and server's end of the seat's connection, what the floor has signed, the address told.
NETWORKS = [
    ("10.0.0.5", "10.0.0.1", "10.0.0.5", "10.0.0.5", True, "as it mostly is"),
    ("10.0.0.5", "10.0.0.1", "", "10.0.0.5", True, "a new address that is not signed yet"),
    ("10.0.0.5", "10.0.0.1", "10.0.0.5 192.168.1.50", "192.168.1.50", True, "two cards"),
    ("10.0.0.5", "10.0.0.1", "10.0.0.5", "192.168.1.50", False, "a card that nobody knows"),
    ("10.0.0.77", "10.0.0.1", "192.168.1.50", "192.168.1.50", True, "behind a router"),
    ("10.0.0.77", "10.0.0.1", "192.168.1.50", "10.0.0.77", True, "behind one that lets calls in"),
    ("10.0.0.5", "10.0.0.1", "10.0.0.5", "10.0.0.6", False, "a colleague's"),
    ("10.0.0.5", "10.0.0.1", "10.0.0.5", "127.0.0.1", False, "before it knew its way"),
    ("10.0.0.1", "10.0.0.1", "10.0.0.1", "127.0.0.1", True, "on the floor's own PC"),
    ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1", True, "there by its address"),
    ("127.0.0.1", "127.0.0.1", "", "127.0.0.1", True, "there by loopback"),
    ("::1", "::1", "192.168.1.50", "192.168.1.50", True, "there by the other loopback"),
    ("2001:db8::5", "2001:db8::1", "2001:db8::5", "2001:db8::5", True, "IPv6"),
    ("2001:db8::5", "2001:db8::1", "2001:db8::5 2001:db8::77", "2001:db8::77", True,
     "one of today's others"),
    ("fd00::5", "fd00::1", "fd00::5 10.0.0.5", "10.0.0.5", True, "both kinds"),
    ("10.0.0.5", "10.0.0.1", "10.0.0.5 198.51.100.7", "198.51.100.7", False, "anybody's far away"),
    ("198.51.100.5", "203.0.113.1", "198.51.100.5 198.51.100.7", "198.51.100.7", True,
     "two public ones"),
    ("10.0.0.5", "10.0.0.1", "10.0.0.5 2001:db8::7", "2001:db8::7", False, "far away, IPv6"),
    ("10.0.0.5", "10.0.0.1", "rubbish 10.0.0.9", "10.0.0.9", True, "beside what is no address"),
]  # fmt: skip


def test_cards_routers_and_far_away(floor: FloorOfSeats) -> None:
    """The floor's own function, told the ends of connections that one PC cannot have."""
    with floor.owner() as owner:
        ((body,),) = rows(
            owner, "SELECT pg_get_functiondef('rights.own_phone(text)'::regprocedure)"
        )
        for client, server, signed, told, is_kept, what in NETWORKS:
            said = body.replace("inet_client_addr()", f"'{client}'::inet")
            said = said.replace("inet_server_addr()", f"'{server}'::inet")
            said = said.replace("session_user", f"'{floor.one.role}'")
            host = f"[{told}]" if ":" in told else told
            uri = f"sip:seat@{host}:40001;transport=tls"
            with owner.transaction(force_rollback=True):
                owner.execute(said)
                owner.execute(
                    "UPDATE joining.seat_roles SET addresses = %s WHERE role = %s",
                    [signed.split(), floor.one.role],
                )
                assert rows(owner, "SELECT rights.own_phone(%s)", uri) == [
                    (uri if is_kept else "",)
                ], what
                assert place_of(uri) == (told, 40001)


def test_both_windows_say_that_a_seat_has_no_telephone(floor: FloorOfSeats) -> None:
    window = floor.sit_down(floor.one)
    window.phone_came("sip:0900@192.0.2.7", "token", floor.clock.now())
    reach = PhoneReach()

    async def in_db(work: Any, *words: Any) -> Any:
        return work(*words)

    def look() -> None:
        asyncio.run(reach.keep(in_db, floor.kit.floor, floor.clock.advance(AGAIN_S)))

    look()
    assert not reach.troubles, "it may be starting"
    look()
    assert list(reach.troubles) == ["telephone of seat-one"]
    assert window.why_no_calls() == own_words("")
    assert "by which the floor knows this PC" in own_words("")
    window.log_out(floor.clock.now())
    look()
    assert not reach.troubles
