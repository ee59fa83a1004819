"""An attempt on the record: committed and moved; its end is in `attempts_ended`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, Update, bindparam, func, insert, update

from dialer_core.clock import Instant
from dialer_core.engine.commands import CommitAttempt, MoveAttempt
from dialer_core.engine.events import AttemptCommitted, AttemptRefused
from dialer_core.model.states import CallStage, Mode
from dialer_core.rules import gate
from dialer_core.rules.facts import Refusal, RefusalCode
from dialer_core.store import budgets, counts, refusing, variants
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.facts import ONE_NUMBER, Candidate, candidates
from dialer_core.store.pace import Pace
from dialer_core.store.schema import AttemptRow, ContactRow

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
