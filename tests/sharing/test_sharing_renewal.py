"""Certificates near their end: a seat's, the server's, and the authority's own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.addresses import order_addresses
from app.certificates import SEAT_DAYS, make_request, open_authority, read_end
from app.clock import WallClock
from app.desk.checkup.checks import checks_for
from app.desk.checkup.findings import Finding, Verdict
from app.desk.checkup.running import run
from app.desk.trunk_trial import Trial
from app.errors import KnownError
from app.floor_place import floor_place
from app.knocking import knock
from app.profile import Profile
from app.seat_place import seat_place
from app.secrets import Secrets
from app.sharing.joining import FloorJoin
from app.sharing.keeper import Keeper
from app.sound_devices import SoundDevices
from dialer_core.clock import Clock, ManualClock
from dialer_core.model.errors import KnownError as CoreError
from dialer_core.store import joining, renewing
from dialer_core.store.seat import SeatStore
from tests.ports import free_port
from tests.sharing.kit import ClockByHand, SharedFloor, open_test_profile

pytestmark = pytest.mark.postgres
LOOPBACK = ("127.0.0.1",)


@contextmanager
def keeping(floor: SharedFloor, ago: timedelta = timedelta(0)) -> Iterator[None]:
    """The keeper at work; what it signs begins so long ago."""
    stop = threading.Event()

    def sign(request: bytes, role: str, hosts: list[str]) -> bytes:
        return floor.authority.sign(request, role, hosts, datetime.now(UTC) - ago)

    def work() -> None:
        while not stop.wait(0.05):
            now = datetime.now(UTC)
            with floor.link.writing() as connection:
                joining.answer_requests(connection, sign, floor.authority.pem, now)
                renewing.answer_renewals(connection, sign, now)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def joined(floor: SharedFloor, folder: Path, seat: str, days_left: int) -> tuple[Profile, Secrets]:
    """A seat whose certificate ends in so many days."""
    profile, secrets = open_test_profile(folder)
    code = floor.share.new_code().text
    with keeping(floor, timedelta(days=SEAT_DAYS - 40)):
        FloorJoin(profile, secrets, ClockByHand(), lambda: LOOPBACK).join(
            code, seat, lambda _: None
        )
    if days_left < 40:
        files = seat_place(profile, seat, lambda: secrets, lambda: LOOPBACK).files
        with floor.link.alone() as connection:
            role = connection.exec_driver_sql(
                "SELECT r.role FROM joining.seat_roles r JOIN seats s ON s.id = r.seat_id"
                f" WHERE s.name = '{seat}'"
            ).scalar_one()
        request, key = make_request(seat)
        began = datetime.now(UTC) - timedelta(days=SEAT_DAYS - days_left, seconds=-60)
        files.certificate.write_bytes(
            floor.authority.sign(request, str(role), list(LOOPBACK), began)
        )
        files.key.write_bytes(key)
    return profile, secrets


def days_left(path: Path) -> int:
    return (read_end(path) - datetime.now(UTC)).days


def test_a_seat_near_its_end_gets_another_certificate_and_comes_in_with_it(
    floor: SharedFloor, tmp_path: Path
) -> None:
    profile, secrets = joined(floor, tmp_path / "a", "near", 10)
    pem = profile.certificates_dir / "floor" / "seat.pem"
    assert days_left(pem) == 10
    with keeping(floor):
        files = seat_place(profile, "near", lambda: secrets, lambda: LOOPBACK).files
    assert files.certificate == pem
    assert days_left(pem) >= SEAT_DAYS - 1
    store = SeatStore(floor_place(profile, lambda: secrets))
    assert store.agents() == []
    store.close()


def test_one_that_has_time_is_left_alone_until_the_clock_says_so(
    floor: SharedFloor, tmp_path: Path
) -> None:
    profile, secrets = joined(floor, tmp_path / "b", "early", 40)
    pem = profile.certificates_dir / "floor" / "seat.pem"
    before = pem.read_bytes()

    def place(clock: Clock) -> None:
        seat_place(profile, "early", lambda: secrets, lambda: LOOPBACK, clock)

    place(WallClock())
    assert pem.read_bytes() == before
    later = ManualClock(datetime.now(UTC) + timedelta(days=15))
    with keeping(floor):
        place(later)
    assert pem.read_bytes() != before
    assert days_left(pem) >= SEAT_DAYS - 1


def test_a_seat_that_was_away_too_long_is_told_to_join_again(
    floor: SharedFloor, tmp_path: Path
) -> None:
    profile, secrets = joined(floor, tmp_path / "c", "late", -3)
    with pytest.raises(CoreError, match=r"holds no more.*join the floor again with a new code"):
        SeatStore(floor_place(profile, lambda: secrets))


def test_the_keeper_renews_the_servers_certificate_while_it_runs(floor: SharedFloor) -> None:
    server, authority = floor.share.server, floor.authority
    pinned = bytes.fromhex(floor.share.status().fingerprint)
    old = datetime.now(UTC) - timedelta(days=SEAT_DAYS - 20)
    chain, key = authority.server(list(LOOPBACK), old)
    server.write_certificates(chain, key, authority.pem)
    server.reload()
    now = datetime.now(UTC)
    assert (knock(LOOPBACK, floor.state.port, pinned, now).until - now).days <= 20
    keeper = Keeper(floor.profile, floor.secrets, lambda: datetime.now(UTC))
    keeper._told = order_addresses(keeper._addresses())  # nothing is told to the network here
    keeper._look(authority)
    wait_for = knock(LOOPBACK, floor.state.port, pinned, now).until
    assert (wait_for - now).days >= SEAT_DAYS - 1


# --- what the checkup says of it ------------------------------------------------------------------


def checked(profile: Profile, secrets: Secrets, clock: Clock | None = None) -> dict[str, Finding]:
    checks = checks_for(
        profile,
        clock or WallClock(),
        lambda: secrets,
        ask_sound=lambda: SoundDevices(("Headset",), ("Headset",)),
        try_it=lambda *_words: Trial("It answers.", True),
    )
    return {one.key: one.finding for one in run(checks).rows}


def test_on_a_shared_floor_both_ends_are_well(floor: SharedFloor, tmp_path: Path) -> None:
    profile, secrets = joined(floor, tmp_path / "d", "well", 40)
    seat, office = checked(profile, secrets), checked(floor.profile, floor.secrets)
    for told in (seat, office):
        assert not [one for one in told.values() if one.verdict is Verdict.TROUBLE], told
        assert "It is this floor that answers" in told["certificate"].sentence
    assert "It lets this PC in as seat_" in seat["database"].sentence
    assert office["authority"].sentence.startswith("The floor's authority holds until ")


@pytest.mark.parametrize(
    ("years", "verdict", "words"),
    [(9.5, Verdict.NOTE, "ends on"), (10.1, Verdict.TROUBLE, "no seat can come in")],
)
def test_the_authoritys_own_end_is_told_in_time(
    floor: SharedFloor, years: float, verdict: Verdict, words: str
) -> None:
    later = ManualClock(datetime.now(UTC) + timedelta(days=365 * years))
    told = checked(floor.profile, floor.secrets, later)["authority"]
    assert told.verdict is verdict
    assert words in told.sentence
    assert "let each seat join again" in told.what_to_do


def test_a_clock_that_is_an_hour_off_is_told(floor: SharedFloor, tmp_path: Path) -> None:
    profile, secrets = joined(floor, tmp_path / "e", "off", 40)
    told = checked(profile, secrets, ManualClock(datetime.now(UTC) + timedelta(hours=1)))
    assert told["clock"].sentence.startswith("The clock of this PC is 60 minutes ahead of")
    assert told["clock"].what_to_do.startswith("Set it right")


def test_a_removed_seat_is_told_that_it_is_not_let_in(floor: SharedFloor, tmp_path: Path) -> None:
    profile, secrets = joined(floor, tmp_path / "f", "gone", 40)
    floor.share.remove_seat("gone")
    told = checked(profile, secrets)
    assert told["reach"].verdict is told["certificate"].verdict is Verdict.GOOD
    assert told["database"].verdict is Verdict.TROUBLE
    assert "join the floor again" in told["database"].what_to_do.lower()
    assert told["clock"].verdict is Verdict.SKIPPED


@contextmanager
def another_floor(folder: Path) -> Iterator[int]:
    """A server that speaks as a floor's and shows another floor's certificate; its port."""
    now = datetime.now(UTC)
    chain, key = open_authority(folder, "x", now).server(list(LOOPBACK), now)
    pem = folder / "server.pem"
    pem.write_bytes(key + chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with plain, suppress(OSError):
                if plain.recv(8):
                    plain.sendall(b"S")
                    context.wrap_socket(plain, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_another_floor_at_the_address_is_told(floor: SharedFloor, tmp_path: Path) -> None:
    profile, secrets = joined(floor, tmp_path / "g", "moved", 40)
    pointer = profile.root / "floor" / "floor.json"
    true = pointer.read_text()
    with another_floor(tmp_path / "other") as port:
        pointer.write_text(true.replace(str(floor.state.port), str(port)))
        told = checked(profile, secrets)
    assert told["reach"].verdict is Verdict.GOOD, "somebody answers"
    assert told["certificate"].sentence.startswith("Another floor answers at this floor's address")
    assert told["database"].verdict is Verdict.SKIPPED, "nothing was told to it"
    pointer.write_text(true.replace(str(floor.state.port), str(free_port())))
    assert "does not answer" in checked(profile, secrets)["reach"].sentence
    pointer.write_text(true.replace(floor.share.status().fingerprint, "ab" * 32))
    assert "is not the one that was given" in checked(profile, secrets)["certificate"].sentence


def test_without_the_keyring_nothing_is_guessed(floor: SharedFloor, tmp_path: Path) -> None:
    profile, _ = joined(floor, tmp_path / "h", "locked", 40)

    def locked() -> Secrets:
        raise KnownError("The keyring is locked: unlock it and try again.")

    checks = checks_for(profile, WallClock(), locked, ask_sound=lambda: SoundDevices())
    told = {one.key: one.finding for one in run(checks).rows}
    assert told["database"].sentence == "The keyring is locked."
    assert told["certificate"].verdict is Verdict.GOOD
