"""The end of an attempt on the record, and what follows from it for the contact."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from dialer_core.clock import Instant
from dialer_core.engine.commands import CloseAttempt
from dialer_core.engine.events import CallFacts
from dialer_core.model.states import CallStage, Direction, FormulaClass, Outcome
from dialer_core.rules.outcomes import NO_CONTACT, after_disposition
from dialer_core.store import aftermath, counts, refusing, unlisted
from dialer_core.store.anonymising import is_erased
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.schema import AttemptRow, ContactRow
from dialer_core.store.schema.base import ContactStatus

CALL_BACK_AFTER: Final = timedelta(hours=1)  # for which a person has asked with a key
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
    if is_erased(connection, attempt_id):
        to |= {"sip_call_id": None, "sip_reason": None}
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
