"""From what the floor and the phone know to what the windows draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.desk import agent_view
from app.desk.views import AgentView, CallView
from app.rehearsal.people import DISPOSITIONS, SCRIPT
from dialer_core.clock import Instant
from dialer_core.engine.connecting import UNREACHABLE
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, NumberId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.store.seat import Record, SeatRow, Today

NOW = Instant(100.0, datetime(2026, 3, 3, 14, 5, tzinfo=UTC))
CAMPAIGN = Campaign(
    CampaignId(1), "Spring", Mode.PREDICTIVE, "GB", "1", "+441614960000", "NL",
    dispositions=DISPOSITIONS,
)  # fmt: skip
ROW = SeatRow(
    session_id=SessionId(1),
    agent_name="Anna K.",
    seat_name="seat01",
    campaign=CAMPAIGN,
    company_name="Northern Light",
    script=SCRIPT,
    phone_uri="",
    token="",
    state=SeatState.TALKING,
    since=NOW.utc - timedelta(seconds=30),
    reason="",
    until=None,
    pause_wanted=None,
    pause_due=None,
    is_relief=False,
    parked=(),
    contact_id=ContactId(7),
    attempt_id=AttemptId("a"),
    stage=CallStage.TALKING,
    mode=Mode.PREDICTIVE,
    answered_at=None,
    bridged_at=None,
    ended_at=None,
    disposition_code=None,
    note="",
    control=None,
)
RECORD = Record(
    contact_id=ContactId(7),
    name="Siân Hughes",
    town="Leeds",
    zone="Europe/London",
    zones=("Europe/London",),
    region="GB",
    number_id=NumberId(1),
    number_parts=("+44", "113", "496", "0123"),
    number_kind="home",
    number_rank=1,
    number_count=2,
    details=(("Contract ends", "12 May"), ("Tariff", "Home 300")),
    history=(),
    last_note="",
)


def build(row: SeatRow = ROW, *, ended: str = "", chosen: tuple[str, ...] = ()) -> AgentView:
    return agent_view.build(
        row,
        RECORD,
        Today(),
        CallView(),
        ended=(ended, NOW.utc.timestamp()),
        chosen=chosen,
        notices=(),
        now=NOW,
    )


def test_the_person_and_the_script_carry_their_name() -> None:
    view = build()
    assert view.record is not None
    assert view.script is not None
    assert view.record.name == "Siân Hughes"
    assert view.record.number == "0113 496 0123"
    assert view.record.number_label == "home 1 of 2"
    assert view.record.place == "Leeds · 14:05 there"
    assert [detail.is_strong for detail in view.record.details] == [True, False]
    assert view.script.pages[0].text == (
        "Good afternoon, this is Anna from Northern Light. May I speak to Siân Hughes, please?"
    )
    assert [label for label, _ in view.script.objections][:2] == ["Too expensive", "No time now"]


def test_a_call_that_the_phone_saw_end_is_over_even_without_a_dialler() -> None:
    assert build().state is SeatState.TALKING
    view = build(ended="a")
    assert view.state is SeatState.WRAP_UP
    assert view.since_utc_s == NOW.utc.timestamp()
    assert build(ended="another").state is SeatState.TALKING


def test_an_outcome_can_be_chosen_once() -> None:
    assert build().can_choose_outcome
    assert not build(chosen=("a",)).can_choose_outcome
    assert not build(replace(ROW, disposition_code="SUCCESS")).can_choose_outcome
    assert not build(replace(ROW, state=SeatState.AVAILABLE)).can_choose_outcome
    assert not build(replace(ROW, attempt_id=None)).can_choose_outcome


def test_why_a_seat_was_taken_out_is_said_to_who_sits_there() -> None:
    paused = replace(ROW, state=SeatState.PAUSED, attempt_id=None, reason=UNREACHABLE)
    assert build(paused).reason == "Your phone was not reached"
    assert build(replace(paused, reason="Lunch")).reason == "Lunch"
