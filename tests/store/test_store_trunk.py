"""What the trunk has failed in is no attempt to reach anybody, and comes back soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialer_core.model.states import Outcome
from dialer_core.rules.outcomes import NO_CONTACT
from dialer_core.store import counts
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.history import read_history
from dialer_core.store.schema import AttemptRow, ContactRow
from tests.store.floor_kit import FloorKit


def dialled(kit: FloorKit) -> int:
    with kit.database.reading() as connection:
        settings = load_campaign(connection, kit.campaign_id)
        return counts.read(connection, kit.campaign_id, settings.day(kit.now.utc))["dialled"]


def fail(kit: FloorKit, outcome: Outcome, *, rang: bool = False) -> None:
    """One call ends so, through the gateway `main`."""
    attempt = kit.dial(kit.log_in())
    facts = replace(kit.facts(status=503), q850=None, ended_by="network", gateway="main")
    if not rang:
        facts = replace(facts, progress=None, ringing=None)
    kit.clock.advance(0.2)
    kit.close_call(attempt, outcome, facts=replace(facts, ended=kit.now))


@pytest.mark.parametrize("outcome", sorted(NO_CONTACT))
def test_it_counts_nowhere_as_an_attempt_and_the_contact_waits(
    kit: FloorKit, outcome: Outcome
) -> None:
    kit.take_lease()
    fail(kit, outcome)
    assert dialled(kit) == 0
    with kit.database.reading() as connection:
        found = connection.execute(
            select(ContactRow.attempts_count, ContactRow.next_at, AttemptRow.gateway).join(
                AttemptRow, AttemptRow.contact_id == ContactRow.id
            )
        ).one()
    assert (found.attempts_count, found.gateway) == (0, "main")
    rest = found.next_at - kit.now.utc
    assert timedelta(minutes=10) <= rest <= timedelta(hours=1)
    if outcome is Outcome.NETWORK_CONGESTION:
        assert rest == timedelta(minutes=10)


def test_a_person_who_is_busy_was_an_attempt(kit: FloorKit) -> None:
    kit.take_lease()
    fail(kit, Outcome.BUSY)
    assert dialled(kit) == 1


def test_a_restarted_pacer_learns_of_the_calls_that_rang_and_of_no_others(kit: FloorKit) -> None:
    kit.take_lease()
    fail(kit, Outcome.NETWORK_CONGESTION)
    with kit.database.reading() as connection:
        settings = load_campaign(connection, kit.campaign_id)
        assert read_history(connection, settings, kit.now, 9).rings == ()
    kit.clock.advance(3600)
    fail(kit, Outcome.NETWORK_CONGESTION, rang=True)
    with kit.database.reading() as connection:
        assert len(read_history(connection, settings, kit.now, 9).rings) == 1
