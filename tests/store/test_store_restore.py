"""The next dialler goes on where the last one stopped."""

from __future__ import annotations

from dialer_core.engine.events import (
    AttemptRestored,
    AvailableWanted,
    CampaignSet,
    CountsRead,
    OutcomeChosen,
    PauseWanted,
    PreviewAccepted,
    PreviewDrawn,
    PreviewSkipped,
    SeatClosed,
    SeatOpened,
    StageReached,
)
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.store.floor import FloorStore
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit


def test_a_call_in_progress_comes_back_with_its_times(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.clock.advance(5)
    kit.move(attempt, CallStage.TALKING, session)
    talking_since = kit.now
    kit.set_seat(session, SeatState.TALKING, attempt)
    kit.clock.advance(20)

    other = FloorStore(kit.database)
    kit.take_lease(other, "pc:2:1")
    restored = other.restore(kit.now)
    other.close()

    (back,) = restored.attempts
    assert (back.attempt_id, back.stage, back.session_id) == (attempt, CallStage.TALKING, session)
    assert (back.mode, back.record.number) == (Mode.PREVIEW, "+441614960001")
    assert back.answered == talking_since
    assert back.bridged == talking_since
    (seat,) = restored.sessions
    assert (seat.state, seat.attempt_id, seat.since) == (SeatState.TALKING, attempt, talking_since)
    assert restored.counts[kit.campaign_id].live == 0
    assert [type(event) for event in restored.events] == [
        CampaignSet,
        CountsRead,
        SeatOpened,
        AttemptRestored,
    ]


def test_a_record_on_the_screen_stays_with_its_agent(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    (record,) = kit.lease()
    kit.set_seat(session, SeatState.PREVIEW, contact=record.contact_id)
    kit.lease(2)

    old, kit.floor = kit.floor, FloorStore(kit.database)
    kit.take_lease(holder="pc:2:1")
    (seat,) = kit.floor.restore(kit.now).sessions
    assert seat.record == record
    assert [found.contact_id for found in kit.lease(9)] == [2, 3, 4, 5]
    assert kit.commit(record, session)
    old.close()


def test_wishes_become_events_in_their_order(kit: FloorKit) -> None:
    session = kit.log_in()
    agent = kit.seats[0]
    agent.want_available(kit.now)
    agent.preview_drawn(4, kit.now)
    agent.preview_skip(4, kit.now)
    agent.preview_accept(5, kit.now)
    agent.want_pause("Lunch", kit.now)
    agent.log_out(kit.now)
    found, cursor = kit.floor.agent_events(0, kit.now)
    assert [type(event) for event in found] == [
        CampaignSet,
        SeatOpened,
        AvailableWanted,
        PreviewDrawn,
        PreviewSkipped,
        PreviewAccepted,
        PauseWanted,
        SeatClosed,
    ]
    assert found[4] == PreviewSkipped(session, 4)  # type: ignore[arg-type]  # any number will do
    assert found[6] == PauseWanted(session, "Lunch")
    assert kit.floor.agent_events(cursor, kit.now) == ([], cursor)


def test_what_was_restored_is_not_told_again_but_wishes_since_the_cursor_are(
    kit: FloorKit,
) -> None:
    kit.take_lease()
    session = kit.log_in()
    _, cursor = kit.floor.agent_events(0, kit.now)
    kit.floor.apply([], kit.now, cursor)
    attempt = kit.dial(session)
    kit.talk(attempt, session)
    kit.seats[0].choose_outcome(attempt, "SALE", "", kit.now)
    kit.log_in("Ben of preview", "seat02")

    other = FloorStore(kit.database)
    kit.take_lease(other, "pc:2:1")
    restored = other.restore(kit.now)
    assert len(restored.sessions) == 2
    assert restored.cursor == cursor
    found, _ = other.agent_events(restored.cursor, kit.now)
    other.close()
    assert found == [
        StageReached(session, attempt, "outcome"),
        OutcomeChosen(session, attempt, "SALE"),
    ]


def test_a_change_of_the_campaign_is_told_once(kit: FloorKit) -> None:
    kit.floor.restore(kit.now)
    _, cursor = kit.floor.agent_events(0, kit.now)
    watch = WatchStore(kit.database)
    kit.clock.advance(1)
    watch.set_mode(kit.campaign_id, Mode.PREDICTIVE, "Ines", kit.now)
    watch.set_mode(kit.campaign_id, Mode.PREDICTIVE, "Ines", kit.now)
    watch.close()
    found, cursor = kit.floor.agent_events(cursor, kit.now)
    (event,) = found
    assert isinstance(event, CampaignSet)
    assert event.campaign.mode is Mode.PREDICTIVE
    assert kit.floor.changed_campaigns(kit.now) == []
    assert kit.floor.agent_events(cursor, kit.now) == ([], cursor)


def test_skips_of_the_day_are_known_at_login_and_after_a_restart(kit: FloorKit) -> None:
    session = kit.log_in()
    agent = kit.seats[0]
    for contact in (1, 2):
        agent.preview_skip(contact, kit.now)
    assert kit.floor.restore(kit.now).sessions[0].skips_today == 2
    agent.log_out(kit.now)
    _, cursor = kit.floor.agent_events(0, kit.now)
    again = kit.log_in()
    assert again != session
    (opened,) = kit.floor.agent_events(cursor, kit.now)[0]
    assert isinstance(opened, SeatOpened)
    assert opened.skips_today == 2
    kit.clock.advance(86_400)
    assert kit.floor.restore(kit.now).sessions[0].skips_today == 0
