"""The real dialler with real lines and a real carrier, at an hour at which nobody may be called."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.clock import WallClock
from app.dialler.process import DiallerProcess
from app.dialler.starting import new_attempt_ids
from app.phone_link import PhoneLink, certificate_of
from app.profile import open_profile
from app.rehearsal.carrier import RehearsalCarrier
from app.rehearsal.people import make_demo_floor
from app.trunk import Trunk, write_trunk
from dialer_core.clock import Instant
from dialer_core.model.states import Mode, SeatState
from dialer_core.rules.profiles import profile
from dialer_core.simulation.public import Public
from dialer_core.store.opening import migrate
from dialer_core.store.seat import SeatStore
from sip import messages

pytestmark = [pytest.mark.floor, pytest.mark.timeout(120)]

SUNDAY_NIGHT = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)  # 03:00 in London, too


class ShiftedClock:
    """The real clock, moved to another day."""

    def __init__(self, start: datetime) -> None:
        self._real = WallClock()
        self._shift: timedelta = start - self._real.now().utc

    def now(self) -> Instant:
        real = self._real.now()
        return Instant(real.mono_s, real.utc + self._shift)


def test_sunday_night_nothing_is_dialled_and_the_reasons_are_recorded(tmp_path: Path) -> None:
    home = open_profile(tmp_path / "floor")
    clock = ShiftedClock(SUNDAY_NIGHT)
    migrate(home.database_path)
    make_demo_floor(
        home.database_path,
        mode=Mode.PROGRESSIVE,
        rules=profile("GB"),
        agents=["Anna K."],
        people=40,
        seed=1,
        now=clock.now(),
        speed=1.0,
        lines=2,
    )
    logs = tmp_path / "carrier"
    logs.mkdir()
    carrier = RehearsalCarrier(home, Public(1), 1, logs)
    carrier.start()
    write_trunk(home.root / "trunk.toml", Trunk(gateways=carrier.places, lines=2))
    certificate_of(home, "lines")
    phone_says: list[messages.Message | None] = []
    phone = PhoneLink(home, "seat01", phone_says.append, sound="none")
    phone.open()
    seat = SeatStore(home.database_path)
    try:
        seat.log_in("Anna K.", None, "seat01", _uri(phone_says), "token", clock.now())
        seat.want_available(clock.now())
        asyncio.run(_dial_for(DiallerProcess(home, new_attempt_ids(clock.now), clock), 4.0))
        row = seat.read()
    finally:
        seat.close()
        phone.close(end_phone=True)
        carrier.stop()
    assert row is not None
    assert row.state is SeatState.AVAILABLE
    assert [path.read_text() for path in carrier.logs if path.exists()] in ([], [""])
    with sqlite3.connect(home.database_path) as database:
        attempts = database.execute("SELECT count(*) FROM attempts").fetchone()
        refusals = database.execute(
            "SELECT code, sentence, count(DISTINCT contact_id) FROM refusals GROUP BY 1, 2"
        ).fetchall()
    database.close()
    assert attempts == (0,)
    assert refusals
    assert {code for code, _, _ in refusals} == {"OUT_OF_HOURS"}
    assert all("Mon 2 Mar 08:00" in sentence for _, sentence, _ in refusals), refusals


def _uri(said: list[messages.Message | None]) -> str:
    for message in said:
        if isinstance(message, messages.PhoneStatus):
            return message.uri
    return "sip:seat01@127.0.0.1:5061;transport=tls"


async def _dial_for(dialler: DiallerProcess, seconds: float) -> None:
    asyncio.get_running_loop().call_later(seconds, dialler.stop)
    await dialler.run()
