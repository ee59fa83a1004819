"""Preview: the record on the screen, the countdown, dial, skip and time-out."""

from __future__ import annotations

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.campaign import PreviewTimeout
from dialer_core.model.ids import ContactId, LineId, SessionId
from dialer_core.model.states import Mode, SeatState
from tests.engine.rig import Rig, of

SEAT = SessionId(1)


def preview_rig(
    timeout: PreviewTimeout = PreviewTimeout.DIAL, *, lines: int = 8, people: int = 100
) -> Rig:
    return Rig(Mode.PREVIEW, seats=1, lines=lines, people=people, preview_timeout=timeout)


def contact(rig: Rig) -> ContactId:
    record = rig.seat(1).record
    assert record is not None
    return record.contact_id


def draw(rig: Rig) -> list[c.Command]:
    return rig.send(e.PreviewDrawn(SEAT, contact(rig)))


def test_a_record_is_shown_without_a_countdown_until_it_is_drawn() -> None:
    rig = preview_rig()
    shown = rig.all_of(c.SetSeat)[-1]
    assert (shown.state, shown.contact_id, shown.until) == (SeatState.PREVIEW, ContactId(0), None)
    assert rig.all_of(c.CommitAttempt) == []
    rig.clock.advance(3.0)
    told = of(c.SetSeat, draw(rig))[0]
    assert told.until == rig.clock.now().after(rig.campaign.preview_s)


def test_drawing_twice_does_not_lengthen_the_countdown() -> None:
    rig = preview_rig()
    draw(rig)
    rig.clock.advance(5.0)
    assert of(c.SetSeat, draw(rig)) == []


def test_accepting_commits_then_dials_with_the_leg_ringing() -> None:
    rig = preview_rig()
    draw(rig)
    out = rig.send(e.PreviewAccepted(SEAT, contact(rig)))
    originate = of(c.Originate, out)[0]
    assert of(c.CommitAttempt, out)[0].session_id == SEAT
    assert (originate.agent_leg, originate.session_id) == ("ringing", SEAT)
    assert of(c.SetSeat, out)[0].state is SeatState.RINGING
    assert rig.send(e.PreviewAccepted(SEAT, ContactId(0))) == []  # a second key does nothing


def test_accepting_before_the_drawing_is_known_dials_as_well() -> None:
    rig = preview_rig()
    assert of(c.Originate, rig.send(e.PreviewAccepted(SEAT, contact(rig))))


def test_a_key_for_another_record_is_ignored() -> None:
    rig = preview_rig()
    assert rig.send(e.PreviewAccepted(SEAT, ContactId(77))) == []
    assert rig.send(e.PreviewSkipped(SEAT, ContactId(77))) == []
    assert rig.send(e.PreviewDrawn(SEAT, ContactId(77))) == []


@pytest.mark.parametrize(
    ("timeout", "state"),
    [
        (PreviewTimeout.DIAL, SeatState.RINGING),
        (PreviewTimeout.REQUEUE, SeatState.PREVIEW),
        (PreviewTimeout.PAUSE, SeatState.PAUSED),
    ],
)
def test_the_countdown_runs_out(timeout: PreviewTimeout, state: SeatState) -> None:
    rig = preview_rig(timeout)
    draw(rig)
    assert rig.dialler.wake_at_s == pytest.approx(rig.campaign.preview_s)
    rig.wait(rig.campaign.preview_s - 0.1)
    assert rig.state(1) is SeatState.PREVIEW
    out = rig.wait(0.2)
    assert rig.state(1) is state
    returned = [one.contact_id for one in of(c.ReturnRecord, out)]
    kept = timeout is PreviewTimeout.DIAL
    assert returned == ([] if kept else [ContactId(0), *returned[1:]])
    assert bool(of(c.Originate, out)) is kept
    if state is SeatState.PREVIEW:
        assert contact(rig) == ContactId(1)


def test_a_skip_returns_the_record_and_shows_the_next() -> None:
    rig = preview_rig()
    draw(rig)
    out = rig.send(e.PreviewSkipped(SEAT, ContactId(0)))
    assert of(c.ReturnRecord, out)[0].skipped_by == SEAT
    assert contact(rig) == ContactId(1)


def test_skips_beyond_the_days_limit_are_not_obeyed() -> None:
    rig = preview_rig()
    for _ in range(rig.campaign.skips_a_day):
        rig.send(e.PreviewSkipped(SEAT, contact(rig)))
    draw(rig)
    until = rig.seat(1).until
    kept = contact(rig)
    out = rig.send(e.PreviewSkipped(SEAT, kept))
    told = of(c.SetSeat, out)[0]
    assert (told.state, told.until) == (SeatState.PREVIEW, until)
    assert told.reason == "No skips are left today (5 of 5 used)."
    assert contact(rig) == kept
    assert of(c.ReturnRecord, out) == []
    rig.clock.advance(86_400.0)
    assert of(c.ReturnRecord, rig.send(e.PreviewSkipped(SEAT, kept)))[0].skipped_by == SEAT


def test_skips_are_remembered_over_a_restart() -> None:
    rig = Rig(Mode.PREVIEW)
    rig.send(e.SeatOpened(SEAT, rig.campaign.id, "A", skips_today=5))
    rig.send(e.AvailableWanted(SEAT))
    assert of(c.ReturnRecord, rig.send(e.PreviewSkipped(SEAT, contact(rig)))) == []


def test_a_window_that_never_draws_is_taken_out() -> None:
    rig = preview_rig()
    rig.wait(9.9)
    assert rig.state(1) is SeatState.PREVIEW
    out = rig.wait(0.2)
    assert rig.state(1) is SeatState.PAUSED
    assert of(c.SetSeat, out)[0].reason == "window does not answer"
    assert ContactId(0) in [one.contact_id for one in of(c.ReturnRecord, out)]


def test_a_pause_in_preview_is_at_once() -> None:
    rig = preview_rig()
    draw(rig)
    out = rig.send(e.PauseWanted(SEAT, "tea"))
    assert of(c.SetSeat, out)[0].reason == "tea"
    assert rig.state(1) is SeatState.PAUSED
    assert ContactId(0) in [one.contact_id for one in of(c.ReturnRecord, out)]


def test_stopping_withdraws_previews() -> None:
    rig = preview_rig()
    draw(rig)
    out = rig.send(e.DiallingStopped())
    assert rig.state(1) is SeatState.AVAILABLE
    returned = [one.contact_id for one in of(c.ReturnRecord, out)]
    assert returned[0] == ContactId(0)
    assert len(returned) == len(set(returned))
    rig.send(e.DiallingResumed())
    assert rig.state(1) is SeatState.PREVIEW


def test_logging_out_in_preview_returns_the_record() -> None:
    rig = preview_rig()
    out = rig.send(e.SeatClosed(SEAT))
    assert of(c.ReturnRecord, out)[0].contact_id == ContactId(0)
    assert of(c.SetSeat, out)[0].state is SeatState.LOGGED_OUT
    assert SEAT not in rig.dialler.seats


def test_no_preview_without_a_line_to_dial_it_on() -> None:
    rig = preview_rig(lines=1)
    rig.seat_in(2)
    assert rig.state(2) is SeatState.AVAILABLE


def test_a_line_lost_under_a_preview_returns_the_record_with_the_reason() -> None:
    rig = preview_rig(lines=1)
    draw(rig)
    rig.send(e.LineLost(LineId("line0")))
    assert rig.state(1) is SeatState.AVAILABLE


def test_a_failed_preview_call_frees_the_seat_for_the_next_record() -> None:
    rig = preview_rig()
    rig.send(e.PreviewAccepted(SEAT, contact(rig)))
    out = rig.end(rig.call(), 486, "network")
    assert of(c.SetSeat, out)[0].state is SeatState.AVAILABLE
    assert contact(rig) == ContactId(1)


def test_a_refused_preview_tells_the_seat() -> None:
    rig = preview_rig()
    rig.refuse = {ContactId(0)}
    out = rig.send(e.PreviewAccepted(SEAT, ContactId(0)))
    assert of(c.SetSeat, out)[0].state is SeatState.AVAILABLE
    assert of(c.Originate, out) == []
    assert contact(rig) == ContactId(1)


def test_another_mode_withdraws_previews() -> None:
    rig = preview_rig()
    from_preview = rig.campaign
    rig.send(e.CampaignSet(rig.in_mode(from_preview, Mode.PROGRESSIVE)))
    assert rig.state(1) is SeatState.RINGING
    assert rig.call().agent_leg == "silent"
