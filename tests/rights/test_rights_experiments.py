"""Experiments at a seat's own role: its window shows the variant that the floor has drawn."""

from __future__ import annotations

from contextlib import closing

import pytest

from dialer_core.lists.experiments import Kind, Variant
from dialer_core.model.states import SeatState
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.variants import variants_for
from tests.rights.floor_of_seats import BEN, FloorOfSeats, session_of
from tests.rights.scene import refused, rows

pytestmark = pytest.mark.postgres
SCRIPTS = [Variant("plain", "How do you do?"), Variant("warm", "Lovely to hear you.")]
COUNTDOWNS = [Variant("short", "20"), Variant("long", "45")]


def drawn(floor: FloorOfSeats, contact: int) -> str:
    """The script of that person, as the dialler has drawn it."""
    with floor.database.reading() as connection:
        return variants_for(connection, floor.kit.campaign_id, contact)[Kind.SCRIPT].value


def test_a_day_under_two_experiments(floor: FloorOfSeats) -> None:
    """Preview, call, outcome, and an outcome that comes late, all as the floor drew."""
    now = floor.clock.now
    with closing(ExperimentStore(floor.database)) as store:
        for name, kind, variants in (
            ("Greeting", Kind.SCRIPT, SCRIPTS), ("Countdown", Kind.PREVIEW_S, COUNTDOWNS),
        ):  # fmt: skip
            store.begin(floor.kit.campaign_id, name, kind, variants, now())
        window = floor.sit_down(floor.one)
        contact = floor.preview(window)
        row = window.read()
        assert row is not None
        assert row.state is SeatState.PREVIEW
        assert row.script == drawn(floor, contact)
        floor.after_wrap_up(window)
        for code in ("NO", "AM"):
            attempt, contact = floor.call(window)
            row, record = window.read(), window.record(contact)
            assert row is not None
            assert record is not None
            assert row.script == drawn(floor, contact)
            assert window.choose_outcome(attempt, code, "", now()) == code
            floor.after_wrap_up(window)
            floor.clock.advance(5.0)

        attempt, contact = floor.call(window)
        session = session_of(window)
        window.log_out(now())
        floor.bring_to_today()
        late = floor.one.window()
        assert late.deliver_outcome(session, attempt, "SALE", "by Friday", now())

        ben = floor.sit_down(floor.two, BEN)
        plain = floor.two.intruder()
        own = floor.preview(ben)
        assert len(bytes(rows(plain, "SELECT rights.draw(1, %s)", own)[0][0])) == 32
        refused(plain, "SELECT rights.draw(1, %s)", contact)
        refused(plain, "SELECT count(*) FROM experiment_exposures")
        refused(plain, "UPDATE experiments SET state = 'ended'")
        for one in store.running():
            store.end(one, "enough", now())
        row = ben.read()
        assert row is not None
        assert row.script not in {one.value for one in SCRIPTS}
