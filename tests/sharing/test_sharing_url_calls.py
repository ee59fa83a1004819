"""A floor at a server that somebody else runs: its PCs telephone with each other all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.certificates import new_authority, read_authority, read_fingerprint
from app.practice import AGENT_SIGNATURES
from tests.postgres_kit import place_in_words, running_postgres
from tests.sharing.hosts_kit import ONLY_ROOT, Host
from tests.sharing.test_sharing_calls import call_to_desk

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
        call_to_desk(floor, desk, tmp_path / "phone.jsonl")
    prints = {
        read_fingerprint(one.home / "profile" / "certificates" / "server" / "ca.pem")
        for one in (floor, desk)
    }
    assert len(prints) == 1, "one authority for all of them"
