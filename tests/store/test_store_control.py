"""Calls in progress on the record: wishes, third parties through the gate, supervisors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dialer_core.clock import Instant
from dialer_core.engine import control_commands as cc
from dialer_core.engine import control_events as ce
from dialer_core.engine import events as e
from dialer_core.model.call_control import (
    Arrangement,
    CallAction,
    CallControl,
    CallWish,
    Listening,
    RecordingPolicy,
    ThirdStage,
)
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.states import CallStage, Mode, Outcome, SeatState
from dialer_core.store.schema import (
    AgentEventRow,
    AuditRow,
    RefusalRow,
    SupervisionRow,
    ThirdPartyRow,
)
from dialer_core.store.seat import SeatRow
from tests.store.floor_kit import FloorKit

OUTSIDE = "+442079460111"
REF = "T" + "0" * 25


@pytest.fixture
def talking(kit: FloorKit) -> tuple[SessionId, SessionId, AttemptId]:
    """Anna talks with a person, Ben is free."""
    kit.take_lease()
    anna, ben = kit.log_in(), kit.log_in("Ben of preview", "seat02")
    attempt = kit.dial(anna)
    kit.move(attempt, CallStage.TALKING, anna)
    kit.set_seat(anna, SeatState.AVAILABLE)
    kit.set_seat(anna, SeatState.RINGING, attempt)
    kit.set_seat(anna, SeatState.TALKING, attempt)
    kit.set_seat(ben, SeatState.AVAILABLE)
    return anna, ben, attempt


def row(kit: FloorKit, number: int = 0) -> SeatRow:
    found = kit.seats[number].read()
    assert found is not None
    return found


def control(kit: FloorKit, number: int = 0) -> CallControl:
    found = row(kit, number).control
    assert found is not None
    return found


def audited(kit: FloorKit) -> list[tuple[str, str]]:
    with kit.database.reading() as connection:
        rows = connection.execute(select(AuditRow.who, AuditRow.what).order_by(AuditRow.id))
        return [(one.who, one.what) for one in rows]


def clear(kit: FloorKit, attempt: AttemptId, session: SessionId, number: str) -> e.Event:
    command = cc.ClearThird(attempt, REF, kit.campaign_id, session, number, False, kit.now)
    return kit.floor.apply([command], kit.now)[0]


def colleague(
    attempt: AttemptId, wanted_by: SessionId, other: SessionId, at: Instant
) -> cc.NoteThird:
    return cc.NoteThird(
        attempt, REF, ThirdStage.DIALLING, at, wanted_by=wanted_by, colleague=other, label="Ben"
    )


def test_wishes_come_as_events_and_their_words_are_forgotten(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    anna, ben, attempt = talking
    _, cursor = kit.floor.agent_events(0, kit.now)
    seat = kit.seats[0]
    seat.want_call(CallWish(CallAction.DIGITS, attempt, digits="4929"), kit.now)
    seat.want_call(CallWish(CallAction.CONSULT, attempt, colleague=ben), kit.now)
    seat.want_manual_dial(OUTSIDE, kit.now)
    seat.want_supervise(attempt, Listening.LISTEN, kit.now)
    kit.floor.want_supervise(attempt, Listening.LEAVE, ben, kit.now)
    found, after = kit.floor.agent_events(cursor, kit.now)
    assert found == [
        ce.CallWanted(anna, CallWish(CallAction.DIGITS, attempt, digits="4929")),
        ce.CallWanted(anna, CallWish(CallAction.CONSULT, attempt, colleague=ben)),
        ce.ManualDialWanted(anna, OUTSIDE),
        ce.SuperviseWanted(anna, attempt, Listening.LISTEN),
        ce.SuperviseWanted(ben, attempt, Listening.LEAVE),
    ]
    kit.floor.apply([], kit.now, after)
    with kit.database.reading() as connection:
        kept = connection.scalars(
            select(AgentEventRow.payload)
            .where(AgentEventRow.id > cursor)
            .order_by(AgentEventRow.id)
        ).all()
    assert kept == [{}, {}, {}, {"how": "listen"}, {"how": "leave"}]
    assert kit.floor.agent_events(cursor, kit.now)[0][0] == found[3], "nothing is asked twice"


def test_the_window_sees_how_the_call_stands(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    anna, _, attempt = talking
    assert control(kit) == CallControl()
    assert row(kit, 1).control is None, "Ben has no call"
    kit.floor.apply(
        [
            cc.NoteControl(attempt, Arrangement.HOLD, kit.now),
            cc.NoteTrouble(anna, "The third party is busy."),
        ],
        kit.now,
    )
    assert control(kit).arrangement is Arrangement.HOLD
    assert control(kit).trouble == "The third party is busy."
    kit.set_seat(anna, SeatState.WRAP_UP, attempt)
    assert control(kit).trouble == "", "another state takes the sentence back"


def test_trouble_without_a_call_is_seen_as_well(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    kit.floor.apply([cc.NoteTrouble(talking[1], "No line is free.")], kit.now)
    assert control(kit, 1).trouble == "No line is free."


def test_the_others_who_are_logged_in(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    _, ben, _ = talking
    assert kit.seats[0].colleagues() == [(ben, "Ben of preview", SeatState.AVAILABLE, "")]
    kit.seats[1].log_out(kit.now)
    assert kit.seats[0].colleagues() == []


def test_a_number_outside_passes_the_gate_and_is_on_the_record(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    anna, _, attempt = talking
    answer = clear(kit, attempt, anna, OUTSIDE)
    assert answer == ce.ThirdCleared(attempt, REF, OUTSIDE, "+44 20 7946 0111")
    assert OUTSIDE not in repr(answer)
    moves = [
        cc.NoteThird(attempt, REF, ThirdStage.RINGING, kit.now, 180),
        cc.NoteThird(attempt, REF, ThirdStage.UP, kit.now, 200),
    ]
    kit.floor.apply(moves, kit.now)
    assert (control(kit).third, control(kit).third_label) == (ThirdStage.UP, "+44 20 7946 0111")
    kit.floor.apply([cc.NoteThird(attempt, REF, ThirdStage.GONE, kit.now)], kit.now)
    assert control(kit).third is None
    with kit.database.reading() as connection:
        third = connection.execute(select(ThirdPartyRow.__table__)).one()
    assert (third.wanted_by, third.session_id, third.status) == (anna, None, 200)
    assert third.ended_at == kit.now.utc
    assert ("Anna of preview", "third party called") in audited(kit)


@pytest.mark.parametrize("hour", [10, 23])
def test_the_gate_says_no_to_third_parties_as_to_anybody(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId], hour: int
) -> None:
    anna, _, attempt = talking
    if hour == 10:
        kit.setup.suppress("Rosewood Windows", [OUTSIDE], "asked", kit.now)
    else:
        kit.clock.advance(timedelta(hours=13).total_seconds())
    answer = clear(kit, attempt, anna, OUTSIDE)
    assert isinstance(answer, ce.ThirdRefused)
    code = "SUPPRESSED" if hour == 10 else "OUT_OF_HOURS"
    with kit.database.reading() as connection:
        third = connection.execute(select(ThirdPartyRow.__table__)).one()
    assert (third.refusal_code, third.sentence) == (code, answer.sentence)
    assert control(kit).third is None
    assert ("Anna of preview", "third party refused") in audited(kit)


def test_a_third_party_is_not_whom_we_are_talking_with(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    anna, _, attempt = talking
    answer = clear(kit, attempt, anna, "+441614960001")
    assert isinstance(answer, ce.ThirdRefused)


def test_half_a_number_is_answered_with_how_to_write_it(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    answer = clear(kit, talking[2], talking[0], "0794601")
    assert isinstance(answer, ce.ThirdRefused)
    assert "country code" in answer.sentence


def test_after_the_hand_over_the_colleague_codes_the_call(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    anna, ben, attempt = talking
    contact = row(kit).contact_id
    kit.floor.apply([colleague(attempt, anna, ben, kit.now)], kit.now)
    kit.set_seat(ben, SeatState.CONNECTING, attempt)
    assert control(kit, 1).is_third
    assert not control(kit).is_third
    assert control(kit).third_label == "Ben"
    with pytest.raises(KnownError):
        kit.seats[1].choose_outcome(attempt, "SALE", "", kit.now)
    kit.set_seat(ben, SeatState.TALKING, attempt)
    handed = cc.NoteThird(attempt, REF, ThirdStage.UP, kit.now, is_handed_over=True)
    kit.floor.apply([handed, cc.NoteControl(attempt, Arrangement.HANDED_OVER, kit.now)], kit.now)
    kit.move(attempt, CallStage.TALKING, ben)
    kit.set_seat(anna, SeatState.WRAP_UP, attempt, contact)
    assert not control(kit, 1).is_third
    kit.seats[0].save_note(attempt, "He wants the blue one.", kit.now)
    assert kit.seats[0].choose_outcome(attempt, "BACK", "", kit.now) == "BACK"
    kit.clock.advance(20.0)
    kit.close_call(attempt, Outcome.CONNECTED)
    assert kit.seats[1].choose_outcome(attempt, "SALE", "sold", kit.now) == "SALE"
    again = row(kit, 1)
    assert (again.disposition_code, again.note) == ("SALE", "sold")
    with kit.database.reading() as connection:
        third = connection.execute(select(ThirdPartyRow.__table__)).one()
    assert third.note == "He wants the blue one."
    assert third.handed_over_at is not None
    assert ("Anna of preview", "call handed over") in audited(kit)


def test_supervision_is_on_the_record_in_its_stretches(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    _, ben, attempt = talking
    for how in (Listening.LISTEN, Listening.WHISPER, None):
        kit.floor.apply([cc.NoteSupervision(attempt, ben, how, kit.now)], kit.now)
        shown = None if how is Listening.LISTEN else how
        assert control(kit).supervised is shown, "who only listens is not shown"
        kit.clock.advance(5.0)
    with kit.database.reading() as connection:
        rows = connection.execute(select(SupervisionRow.__table__).order_by(SupervisionRow.id))
        found = [(one.how, (one.until - one.at).total_seconds()) for one in rows]
    assert found == [(Listening.LISTEN, 5.0), (Listening.WHISPER, 5.0)]
    assert audited(kit).count(("Ben of preview", "call supervised")) == 2


def test_what_was_being_done_is_restored(
    kit: FloorKit, talking: tuple[SessionId, SessionId, AttemptId]
) -> None:
    anna, ben, attempt = talking
    kit.floor.apply(
        [
            cc.NoteControl(attempt, Arrangement.CONSULT, kit.now),
            colleague(attempt, anna, ben, kit.now),
            cc.NoteThird(attempt, REF, ThirdStage.UP, kit.now),
            cc.NoteVerdict(attempt, "machine", "long greeting", kit.now),
        ],
        kit.now,
    )
    (restored,) = kit.floor.restore(kit.now).attempts
    assert restored.control == ce.RestoredControl(
        Arrangement.CONSULT,
        third_ref=REF,
        third_stage=ThirdStage.UP,
        colleague=ben,
        is_machine=True,
    )


def test_words_about_attempts_that_nobody_knows_are_passed_over(kit: FloorKit) -> None:
    kit.take_lease()
    ghost = AttemptId("G" * 26)
    kit.floor.apply(
        [
            cc.NoteControl(ghost, Arrangement.HOLD, kit.now),
            cc.NoteSupervision(ghost, SessionId(9), Listening.LISTEN, kit.now),
            cc.NoteThird(ghost, REF, ThirdStage.GONE, kit.now),
            cc.NoteTone(ghost, "fax"),
        ],
        kit.now,
    )
    with kit.database.reading() as connection:
        assert connection.execute(select(SupervisionRow.__table__)).all() == []


# --- by hand ----------------------------------------------------------------------------------


def ask(kit: FloorKit, session: SessionId, number: str) -> e.Event:
    return kit.floor.apply([cc.ClearNumber(session, kit.campaign_id, number)], kit.now)[0]


def test_a_number_by_hand_becomes_a_contact_that_is_never_dialled_through(kit: FloorKit) -> None:
    kit.take_lease()
    anna = kit.log_in()
    answer = ask(kit, anna, OUTSIDE)
    assert isinstance(answer, ce.NumberCleared)
    assert answer.record.number == OUTSIDE
    committed = kit.commit(answer.record, anna, Mode.MANUAL)
    assert isinstance(committed, e.AttemptCommitted)
    kit.close_call(committed.attempt_id, Outcome.NO_ANSWER)
    kit.clock.advance(timedelta(hours=5).total_seconds())
    mine = answer.record.contact_id
    assert mine not in [one.contact_id for one in kit.lease(20)]


def test_a_number_of_a_contact_is_that_contact(kit: FloorKit) -> None:
    kit.take_lease()
    anna = kit.log_in()
    (listed,) = kit.lease()
    kit.floor.apply([], kit.now)
    answer = ask(kit, anna, listed.number)
    assert isinstance(answer, ce.NumberCleared)
    assert answer.record.contact_id == listed.contact_id


def test_the_gates_no_to_a_number_by_hand_is_on_the_record(kit: FloorKit) -> None:
    kit.take_lease()
    anna = kit.log_in()
    kit.setup.suppress("Rosewood Windows", [OUTSIDE], "asked", kit.now)
    answer = ask(kit, anna, OUTSIDE)
    assert isinstance(answer, ce.NumberRefused)
    assert "do-not-call" in answer.sentence
    with kit.database.reading() as connection:
        refused = connection.execute(select(RefusalRow.__table__)).all()
    assert [(one.code.value, one.mode) for one in refused] == [("SUPPRESSED", Mode.MANUAL)]


def test_who_asks_for_a_call_back_by_hand_gets_one(kit: FloorKit) -> None:
    kit.take_lease()
    anna = kit.log_in()
    answer = ask(kit, anna, OUTSIDE)
    assert isinstance(answer, ce.NumberCleared)
    committed = kit.commit(answer.record, anna, Mode.MANUAL)
    assert isinstance(committed, e.AttemptCommitted)
    kit.talk(committed.attempt_id, anna)
    kit.seats[0].choose_outcome(committed.attempt_id, "BACK", "", kit.now)
    kit.clock.advance(timedelta(hours=2).total_seconds())
    assert answer.record.contact_id in [one.contact_id for one in kit.lease(20)]


def test_a_campaigns_telephone_settings_come_as_they_were_made(kit: FloorKit) -> None:
    found = kit.floor.restore(kit.now).campaigns[0]
    assert found.recording is RecordingPolicy.OFF
    assert (found.detection, found.recording_pause_limit_s) == (False, 300.0)
    assert found.detection_deadline_s == pytest.approx(1.7)
