"""Certificates of PCs on a floor whose database server somebody else runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509

from app.certificates import SeatFiles
from app.profile import Profile
from app.seat_place import SeatPlace, forget_certificates, seat_place
from dialer_core.clock import ManualClock
from dialer_core.model.errors import KnownError
from dialer_core.store.address import FloorAddress
from dialer_core.store.authority import AuthorityStore, KeptAuthority
from dialer_core.store.opening import migrate, open_database
from tests.postgres_kit import running_postgres, stop
from tests.sharing.kit import come_in, floor_at_server, open_test_profile

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(60)]
HERE = "192.0.2.7"


class Pc:
    """One PC of such a floor, at an address of its own."""

    def __init__(self, home: Path, place: FloorAddress, address: str) -> None:
        self.profile: Profile
        self.profile, self.secrets = open_test_profile(home)
        come_in(self.profile, self.secrets, place)
        self.address = address

    def stand(self, seat: str) -> SeatPlace:
        return seat_place(self.profile, seat, lambda: self.secrets, lambda: (self.address,))


@pytest.fixture
def place() -> Iterator[FloorAddress]:
    with floor_at_server() as made:
        yield made


def issuer_of(files: SeatFiles) -> x509.Certificate:
    """The authority in whose name the seat's certificate is; it has signed it."""
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    x509.load_pem_x509_certificate(files.certificate.read_bytes()).verify_directly_issued_by(
        authority
    )
    return authority


def test_all_pcs_have_one_authority_and_none_its_key(place: FloorAddress, tmp_path: Path) -> None:
    one, two = Pc(tmp_path / "one", place, HERE), Pc(tmp_path / "two", place, "192.0.2.8")
    lines, phone = one.stand("lines"), two.stand("front-1")
    assert (lines.address, phone.address) == (HERE, "192.0.2.8")
    assert issuer_of(lines.files) == issuer_of(phone.files)
    for pc in (one, two):
        folder = pc.profile.certificates_dir / "server"
        assert not (folder / "ca.key").exists(), "it stays in the database"


def test_without_the_database_what_was_signed_goes_on(tmp_path: Path) -> None:
    with running_postgres() as postgres:
        made = postgres.new_database()
        migrate(made)
        pc = Pc(tmp_path / "one", made, HERE)
        before = pc.stand("front-1").files.certificate.read_bytes()
        stop(postgres.process)
        assert pc.stand("front-1").files.certificate.read_bytes() == before
        with pytest.raises(KnownError, match="cannot be reached"):
            pc.stand("front-2")


def test_another_floor_has_other_certificates(place: FloorAddress, tmp_path: Path) -> None:
    pc = Pc(tmp_path / "one", place, HERE)
    before = issuer_of(pc.stand("front-1").files)
    database = open_database(place)
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM settings WHERE key LIKE 'authority%%'")
    database.close()
    forget_certificates(pc.profile)
    assert issuer_of(pc.stand("front-1").files) != before


def test_an_authority_that_is_damaged_is_said(place: FloorAddress, tmp_path: Path) -> None:
    pc = Pc(tmp_path / "one", place, HERE)
    pc.stand("front-1")
    database = open_database(place)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE settings SET value = 'x' WHERE key = 'authority_key'")
    database.close()
    pc.stand("front-1")
    with pytest.raises(KnownError, match="authority is damaged in its database"):
        pc.stand("front-2")


def test_of_two_that_make_one_the_first_stands(place: FloorAddress) -> None:
    first, second = KeptAuthority(b"one", b"a"), KeptAuthority(b"two", b"b")
    with closing(AuthorityStore(place)) as store:
        assert store.read() is None
        assert store.keep(first, ManualClock().now()) == first
        assert store.keep(second, ManualClock().now()) == first
        assert store.read() == first
    assert "'a'" not in repr(first)
