"""Penetration by list, import and segment, over calls of every kind."""

from __future__ import annotations

from dialer_core.lists.segments import Check, Field, Operator
from dialer_core.model.states import Outcome
from dialer_core.store import penetration, segments
from tests.store.floor_kit import FloorKit, person


def test_figures_of_lists_imports_and_segments(kit: FloorKit) -> None:
    kit.setup.add_list(
        kit.campaign_id, "Second", [person(20, more=(21, 22)), person(23)], kit.now, "second.csv"
    )
    kit.setup.add_list(kit.campaign_id, "Empty", [], kit.now)
    kit.take_lease()
    session = kit.log_in()
    attempts = [kit.dial(session) for _ in range(3)]
    kit.close_call(attempts[0], Outcome.NO_ANSWER, facts=kit.facts(status=480))
    kit.close_call(attempts[1], Outcome.NETWORK_CONGESTION, facts=kit.facts(status=503))
    kit.close_call(attempts[2], Outcome.UNWANTED, facts=kit.facts(status=607))  # closed for good
    kit.clock.advance(2 * 3600 + 1)
    kit.floor.renew(kit.now)
    again = kit.dial(session)
    kit.close_call(again, Outcome.BUSY, facts=kit.facts())

    with kit.database.reading() as connection:
        lists = {one.name: one for one in penetration.by_list(connection, kit.campaign_id)}
        imports = penetration.by_import(connection, kit.campaign_id)
        whole = penetration.of_campaign(connection, kit.campaign_id, kit.now)
    march = lists["March"].counts
    assert (march.records, march.numbers) == (5, 5)
    assert march.finalised == 1
    # A call that the network could not place is no attempt to reach anybody.
    called = {one.name: one.counts.attempts for one in lists.values()}
    assert sum(called.values()) == 3
    assert march.attempted >= march.numbers_attempted > 0
    second = lists["Second"].counts
    assert (second.records, second.numbers) == (2, 4)
    assert lists["Empty"].penetration.saturation.value is None
    assert [one.counts for one in imports] == [one.counts for one in lists.values()]
    assert imports[1].name == "second.csv, 03 Mar 2026"
    assert whole.closed.numerator == 1
    assert whole.closed.denominator == 7


def test_a_segment_counts_whom_it_holds(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "Second", [person(20, more=(21,))], kit.now)
    several = Check(Field.LIST, Operator.IN, [2])
    with kit.database.writing() as connection:
        segments.save(connection, kit.campaign_id, "Second only", several, kit.now, "Anna")
    with kit.database.reading() as connection:
        (found,) = penetration.by_segment(connection, kit.campaign_id, kit.now)
        none = penetration.of_condition(
            connection, kit.campaign_id, Check(Field.ATTEMPTS, Operator.MORE, 99), kit.now
        )
    assert (found.name, found.counts.records, found.counts.numbers) == ("Second only", 1, 2)
    assert none.list_penetration.value is None
