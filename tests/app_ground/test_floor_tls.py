"""A floor's server proves itself by the floor's own root, or nothing is told to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.certificates import FLOOR_HOST, open_authority, read_fingerprint
from dialer_core.model.errors import KnownError
from dialer_core.store.address import FloorAddress
from dialer_core.store.opening import migrate, open_database
from tests.postgres_kit import running_postgres

pytestmark = pytest.mark.qt


def refusal(address: FloorAddress) -> str:
    with pytest.raises(KnownError) as caught:
        open_database(address)
    return caught.value.sentence


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[FloorAddress, Path]]:
    """A server that shows a certificate for `floor.internal`, and another floor's root."""
    with running_postgres() as running:
        now = datetime.now(UTC)
        authority, other = (open_authority(running.data / name, "x", now) for name in ("a", "b"))
        chain, key = authority.server(["floor.internal"], now)
        for name, pem in (("server.crt", chain), ("server.key", key), ("b.pem", other.pem)):
            path = running.data / name
            path.write_bytes(pem)
            path.chmod(0o600)
            owner = running.data.stat()
            os.chown(path, owner.st_uid, owner.st_gid)
        with running.connect() as connection:
            connection.execute("ALTER SYSTEM SET ssl = on")
            connection.execute("SELECT pg_reload_conf()")
        made = running.new_database()
        migrate(made)
        ca = running.data / "a" / "ca.pem"
        yield replace(made, ca=ca, fingerprint=read_fingerprint(ca).hex()), running.data / "b.pem"


def test_the_floors_own_root_lets_in_and_the_line_is_secret(
    guarded: tuple[FloorAddress, Path],
) -> None:
    address, _ = guarded
    for one in (address, replace(address, server_name=FLOOR_HOST, others=("127.0.0.2",))):
        opened = open_database(one)
        with opened.reading() as connection:
            asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert connection.exec_driver_sql(asked).scalar() is True
        opened.close()


def test_another_floors_certificate_is_refused(guarded: tuple[FloorAddress, Path]) -> None:
    address, other = guarded
    assert "is not the one of this floor" in refusal(replace(address, ca=other))
    assert "does not show this floor's certificate" in refusal(
        replace(address, ca=other, fingerprint="")
    )
    assert "does not show this floor's certificate" in refusal(
        replace(address, server_name="other.internal")
    )
    assert "missing or damaged" in refusal(replace(address, ca=Path("/nonexistent")))


def test_a_server_without_tls_is_not_the_floors(guarded: tuple[FloorAddress, Path]) -> None:
    with running_postgres() as plain:
        assert "does not speak TLS" in refusal(replace(plain.address, ca=guarded[0].ca))
