"""A floor at a server that somebody else runs: its PCs telephone with each other all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.certificates import new_authority, read_authority, read_fingerprint
from app.practice import AGENT_SIGNATURES, read_lines
from sip.messages import PhoneRecord
from tests.postgres_kit import place_in_words, running_postgres
from tests.sharing.hosts_kit import ONLY_ROOT, Host
from tests.sharing.test_sharing_calls import far

pytestmark = [pytest.mark.floor, ONLY_ROOT, pytest.mark.timeout(150)]
VOICE = AGENT_SIGNATURES[3]


@contextmanager
def at_server(server: Host, pcs: Sequence[Host], folder: Path) -> Iterator[None]:
    """PostgreSQL with TLS on that PC, and the others on the floor there."""
    there = ("ip", "netns", "exec", server.space)
    root = folder / "server-ca.pem"
    authority = read_authority(*new_authority(datetime.now(UTC)))
    root.write_bytes(authority.pem)
    shown = authority.server([server.address], datetime.now(UTC))
    with running_postgres(on=there, host=server.address, shown=shown) as postgres:
        url = place_in_words(replace(postgres.address, ca=root))
        for one in pcs:
            one.tell("share", "url", url)
        yield


def test_a_call_reaches_an_agent_on_another_pc_of_a_server_by_url(
    hosts: list[Host], tmp_path: Path
) -> None:
    floor, server, desk = hosts[1], hosts[2], hosts[3]
    with at_server(server, (floor, desk), tmp_path):
        log = tmp_path / "phone.jsonl"
        home, office = (str(one.home / "profile") for one in (desk, floor))
        with far(desk, "far_phone", home, "front-1", str(VOICE), str(log)) as phone:
            uri = phone.wait(lambda one: "uri" in one)["uri"]
            assert uri.startswith(f"sip:seat@{desk.address}:")
            assert uri.endswith(";transport=tls")
            with far(floor, "near_office", office, uri, "token-of-anna") as near:
                session = near.wait(lambda one: "session" in one)["session"]
                phone.tell(f"session {session} token-of-anna")
                near.tell("go")
                heard = near.wait(lambda one: "heard" in one, 60)["heard"]
    assert heard, near.said
    public = heard[0]
    assert (public["status"], public["by"]) == (200, "person")
    assert public["heard_ms"].get(str(VOICE), 0) > 1500, public
    (at_desk,) = read_lines(log, PhoneRecord)
    assert at_desk.sounds.heard_ms.get(public["own"], 0) > 1500, at_desk
    prints = {
        read_fingerprint(one.home / "profile" / "certificates" / "server" / "ca.pem")
        for one in (floor, desk)
    }
    assert len(prints) == 1, "one authority for all of them"
