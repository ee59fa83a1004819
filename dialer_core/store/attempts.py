"""An attempt on the record: committed, moved, closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Update, bindparam, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.engine.commands import CloseAttempt, CommitAttempt, MoveAttempt
from dialer_core.engine.events import AttemptCommitted, AttemptRefused, CallFacts
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode, Outcome
from dialer_core.rules import gate
from dialer_core.rules.facts import Refusal, RefusalCode
from dialer_core.rules.outcomes import NO_CONTACT, after_disposition
from dialer_core.store import aftermath, budgets, counts, refusing, unlisted, variants
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.facts import ONE_NUMBER, Candidate, candidates
from dialer_core.store.pace import Pace
from dialer_core.store.schema import AttemptRow, ContactRow
from dialer_core.store.schema.base import ContactStatus

CALL_BACK_AFTER: Final = timedelta(hours=1)  # for which a person has asked with a key
_INSERT = insert(AttemptRow)
_HOLD = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(
        leased_by_epoch=bindparam("epoch"),
        lease_expires_at=None,
        leased_number_id=bindparam("number"),
        last_attempt_at=bindparam("at"),
        attempts_count=ContactRow.attempts_count + 1,
        changed_at=bindparam("at"),
    )
)
_STAGE_MOMENTS: Final = {
    CallStage.DIALLING: ("invite_at",),
    CallStage.RINGING: ("invite_at", "progress_at"),
    CallStage.WAITING: ("answered_at", "waiting_at"),
    CallStage.CONNECTING: ("answered_at", "seat_found_at"),
    CallStage.TALKING: ("answered_at", "bridged_at"),
    CallStage.MESSAGE: ("answered_at", "message_at"),
}


def _move_to(stage: CallStage) -> Update:
    """The statement that moves; a moment that the record has already is kept."""
    columns = AttemptRow.__table__.c
    moments = {
        name: func.coalesce(columns[name], bindparam("at", type_=columns[name].type))
        for name in _STAGE_MOMENTS.get(stage, ())
    }
    return (
        update(AttemptRow)
        .where(AttemptRow.id == bindparam("attempt"), AttemptRow.stage != CallStage.ENDED)
        .values(
            stage=stage, session_id=bindparam("session"), agent_id=bindparam("agent"), **moments
        )
    )


_MOVES: Final[dict[CallStage, Update]] = {
    stage: _move_to(stage) for stage in CallStage if stage is not CallStage.ENDED
}
_READ = select(AttemptRow.__table__).where(AttemptRow.id == bindparam("attempt"))
_CLOSE_COLUMNS: Final = (
    "outcome", "formula_class", "session_id", "agent_id", "invite_at", "progress_at", "ringing_at",
    "early_media_at", "answered_at", "bridged_at", "message_at", "ended_at", "ended_by",
    "sip_call_id", "sip_status", "q850", "sip_reason", "crossed", "message_played", "gateway",
)  # fmt: skip
_CLOSE = (
    update(AttemptRow)
    .where(AttemptRow.id == bindparam("attempt"))
    .values(stage=CallStage.ENDED, **{name: bindparam(f"to_{name}") for name in _CLOSE_COLUMNS})
)
_UNCOUNT = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"), ContactRow.attempts_count > 0)
    .values(attempts_count=ContactRow.attempts_count - 1)
)
_STATUS = select(ContactRow.status).where(ContactRow.id == bindparam("contact"))
_SETTLE_CONTACT = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(
        status=bindparam("to_status"),
        status_reason=bindparam("why"),
        next_at=bindparam("at_next"),
        last_outcome=bindparam("outcome"),
        call_back_agent_id=None,
        leased_by_epoch=None,
        lease_expires_at=None,
        leased_number_id=None,
        changed_at=bindparam("at"),
    )
)


def commit(
    connection: Connection,
    settings: CampaignSettings,
    command: CommitAttempt,
    agent_id: int | None,
    epoch: int,
    now: Instant,
    pace: Pace,
) -> AttemptCommitted | AttemptRefused:
    """The gate's last word and the insert, in the transaction of the caller."""
    record = command.record
    rows = connection.execute(
        ONE_NUMBER, {"contact": record.contact_id, "number": record.number_id}
    ).all()
    found = candidates(connection, settings, rows, now)
    if not found:
        return AttemptRefused(command.attempt_id, "The contact is no longer on the list.")
    candidate = found[0]
    refusal = _refusal(connection, settings, command, candidate, epoch, now, pace)
    if refusal is not None:
        _refuse(connection, settings, command, candidate, refusal, epoch, now)
        is_of_the_moment = refusal.code is RefusalCode.OVER_BUDGET
        return AttemptRefused(command.attempt_id, refusal.sentence, is_of_the_moment)
    _insert(connection, settings, command, candidate, agent_id, epoch, now)
    return AttemptCommitted(command.attempt_id)


def _refusal(
    connection: Connection,
    settings: CampaignSettings,
    command: CommitAttempt,
    candidate: Candidate,
    epoch: int,
    now: Instant,
    pace: Pace,
) -> Refusal | None:
    if candidate.leased_by_epoch != epoch or candidate.is_in_call:
        return Refusal(
            RefusalCode.NOT_DIALLABLE, "The contact is no longer held for this call; next one."
        )
    left = 0
    if command.is_overdial:
        ahead = pace.ahead(connection, settings, now)
        left = budgets.tightest(budgets.budgets(connection, settings, now, ahead)).drops_left
    facts = candidate.asked_for(
        command.mode,
        is_reserved=command.session_id is not None,
        is_overdial=command.is_overdial,
        drops_left=left,
    )
    if command.record.caller_id is not None:
        facts = replace(facts, caller_id=command.record.caller_id)
    return gate.check(facts, settings.profile, now.utc)


def _refuse(
    connection: Connection,
    settings: CampaignSettings,
    command: CommitAttempt,
    candidate: Candidate,
    refusal: Refusal,
    epoch: int,
    now: Instant,
) -> None:
    refusing.record(connection, settings, candidate, refusal, now, command.attempt_id, command.mode)
    if command.mode is Mode.MANUAL:  # what the agent tried changes nobody's plans
        if candidate.leased_by_epoch == epoch and not candidate.is_in_call:
            connection.execute(refusing.FREE_CONTACT, {"contact": candidate.contact_id})
        return
    # A contact that somebody else holds, or that is in a call, is not ours to set aside.
    if candidate.leased_by_epoch == epoch and not candidate.is_in_call:
        aside = refusing.Aside(
            candidate.contact_id, refusal, refusal.retry_at, candidate.is_promised
        )
        refusing.set_aside(connection, [aside], now)


def _insert(
    connection: Connection,
    settings: CampaignSettings,
    command: CommitAttempt,
    candidate: Candidate,
    agent_id: int | None,
    epoch: int,
    now: Instant,
) -> None:
    connection.execute(_INSERT, _new_row(settings, command, candidate, agent_id, epoch, now))
    connection.execute(
        _HOLD,
        {
            "contact": candidate.contact_id,
            "number": candidate.number_id,
            "epoch": epoch,
            "at": now.utc,
        },
    )
    variants.note_exposure(
        connection, settings.campaign.id, candidate.contact_id, command.attempt_id, now
    )
    counts.add(
        connection,
        command.campaign_id,
        settings.day(now.utc),
        dialled=1,
        overdialled=int(command.is_overdial),
    )


def _new_row(
    settings: CampaignSettings,
    command: CommitAttempt,
    candidate: Candidate,
    agent_id: int | None,
    epoch: int,
    now: Instant,
) -> dict[str, object]:
    there = candidate.facts.country_rules
    return {
        "id": command.attempt_id,
        "campaign_id": command.campaign_id,
        "client_id": settings.client_id,
        "contact_id": candidate.contact_id,
        "number_id": candidate.number_id,
        "number_hash": candidate.number_hash,
        "mode": command.mode,
        "is_manual": command.mode is Mode.MANUAL,
        "gateway": command.gateway[:64] or None,
        "is_overdial": command.is_overdial,
        "reserved_only": command.record.reserved_only,
        "profile_id": settings.profile.profile_id,
        "profile_version": settings.profile.version,
        "country_rules": None if there is None else there.stamp,
        "session_id": command.session_id,
        "agent_id": agent_id,
        "line_id": command.line_id,
        "lease_epoch": epoch,
        "stage": CallStage.COMMITTED,
        "committed_at": now.utc,
        "crossed": False,
        "message_played": False,
        "note": "",
    }


def move(connection: Connection, command: MoveAttempt, agent_id: int | None) -> None:
    """Write the stage and its moment; an attempt that has ended stays ended."""
    connection.execute(
        _MOVES[command.stage],
        {
            "attempt": command.attempt_id,
            "session": command.session_id,
            "agent": agent_id,
            "at": command.at.utc,
        },
    )


def close(
    connection: Connection,
    settings: CampaignSettings,
    command: CloseAttempt,
    agent_id: int | None,
) -> None:
    """Write the end, what follows from it, and free the contact. A second end changes nothing.

    Where the agent has chosen an outcome while the call was up, that stands for the contact.
    """
    row = connection.execute(_READ, {"attempt": command.attempt_id}).mappings().first()
    if row is None or row["stage"] is CallStage.ENDED:
        return
    at = command.at.utc
    disposition = settings.campaign.disposition(row["disposition_code"] or "")
    to = _at_the_end(row, command, agent_id)
    if disposition is not None:
        to["formula_class"] = after_disposition(command.formula_class, disposition.outcome)
    connection.execute(
        _CLOSE,
        {"attempt": command.attempt_id} | {f"to_{name}": value for name, value in to.items()},
    )
    if row["direction"] is Direction.OUT:
        _count(connection, settings, row["committed_at"], to)
    call = aftermath.Call(
        row["id"], row["contact_id"], row["number_id"], row["number_hash"], to["sip_status"] or 0
    )
    after = _after(connection, settings, row, call, command.outcome, at)
    if command.outcome in NO_CONTACT:
        connection.execute(_UNCOUNT, {"contact": row["contact_id"]})
    if disposition is not None:
        connection.execute(refusing.FREE_CONTACT, {"contact": row["contact_id"]})
        return
    connection.execute(
        _SETTLE_CONTACT,
        {
            "contact": row["contact_id"],
            "to_status": after.status,
            "why": after.reason,
            "at_next": after.next_at,
            "outcome": command.outcome,
            "at": at,
        },
    )


def complete(
    connection: Connection, settings: CampaignSettings, attempt_id: str, facts: CallFacts
) -> bool:
    """Add what a line says late of an attempt that was closed without its word; whether it was so.

    What was decided stands, but for an attempt that counts as lost with its line and was answered:
    it counts as the answered call that it was, in doubt against us.
    """
    row = connection.execute(_READ, {"attempt": attempt_id}).mappings().first()
    if row is None or row["stage"] is not CallStage.ENDED or row["sip_call_id"]:
        return False
    to: dict[str, Any] = {name: row[name] for name in _CLOSE_COLUMNS}
    to |= {name: value for name, value in _from_line(facts).items() if value is not None}
    if row["outcome"] is Outcome.LINE_LOST and facts.answered is not None:
        is_bridged = facts.bridged is not None
        is_late = facts.bridged is None or (
            facts.bridged.mono_s - facts.answered.mono_s > settings.campaign.connect_limit_s
        )
        to["outcome"] = Outcome.CONNECTED if is_bridged else Outcome.ABANDONED
        to["formula_class"] = FormulaClass.AOBS if is_late else FormulaClass.L
        if row["direction"] is Direction.OUT:
            _count(connection, settings, row["committed_at"], to)
    connection.execute(
        _CLOSE, {"attempt": attempt_id} | {f"to_{name}": value for name, value in to.items()}
    )
    return True


def _after(
    connection: Connection,
    settings: CampaignSettings,
    row: RowMapping,
    call: aftermath.Call,
    outcome: Outcome,
    at: datetime,
) -> aftermath.Aftermath:
    """What follows for the contact; who has called us in vain is called back."""
    is_in = row["direction"] is Direction.IN
    if outcome is Outcome.CALL_BACK:
        return aftermath.Aftermath(ContactStatus.CALL_BACK, at + CALL_BACK_AFTER)
    if is_in and outcome not in (Outcome.CONNECTED, Outcome.DNC_REQUEST):
        status = connection.scalar(_STATUS, {"contact": row["contact_id"]})
        if status is ContactStatus.CLOSED:
            return aftermath.Aftermath(ContactStatus.CLOSED, None)
        return aftermath.Aftermath(ContactStatus.CALL_BACK, at + unlisted.CALL_BACK_IN)
    after = aftermath.settle(connection, settings, call, outcome, at)
    is_own = after.status is ContactStatus.WAITING and unlisted.is_own(
        connection, row["contact_id"]
    )
    return aftermath.Aftermath(ContactStatus.HELD, None) if is_own else after


def _at_the_end(row: RowMapping, command: CloseAttempt, agent_id: int | None) -> dict[str, Any]:
    """What the record says once the call is over: the line's word before what is known already."""
    to: dict[str, Any] = {name: row[name] for name in _CLOSE_COLUMNS}
    to |= {
        "outcome": command.outcome,
        "formula_class": command.formula_class,
        "ended_at": command.at.utc,
    }
    if command.facts is not None:
        to |= _from_line(command.facts)
        if command.facts.session_id is not None:
            to |= {"session_id": command.facts.session_id, "agent_id": agent_id}
    return to


def _from_line(facts: CallFacts) -> dict[str, object]:
    def utc(moment: Instant | None) -> datetime | None:
        return None if moment is None else moment.utc

    named = {"gateway": facts.gateway[:64]} if facts.gateway else {}
    return named | {
        "invite_at": facts.invite.utc,
        "progress_at": utc(facts.progress),
        "ringing_at": utc(facts.ringing),
        "early_media_at": utc(facts.early_media),
        "answered_at": utc(facts.answered),
        "bridged_at": utc(facts.bridged),
        "message_at": utc(facts.message),
        "ended_at": facts.ended.utc,
        "ended_by": facts.ended_by,
        "sip_call_id": facts.sip_call_id[:200],
        "sip_status": facts.sip_status,
        "q850": facts.q850,
        "sip_reason": facts.reason[:200],
        "crossed": facts.crossed,
        "message_played": facts.message_played,
    }


def _count(
    connection: Connection, settings: CampaignSettings, began: datetime, to: dict[str, object]
) -> None:
    by = {
        "answered": int(to["answered_at"] is not None),
        "connected": int(to["outcome"] is Outcome.CONNECTED),
    }
    for formula_class, name in counts.OF_CLASS.items():
        if to["formula_class"] is formula_class:
            by[name] = 1
    if to["outcome"] in NO_CONTACT:
        by["dialled"] = -1  # counted at the commit, and no attempt to reach anybody
    counts.add(connection, settings.campaign.id, settings.day(began), **by)
