"""A made history of calls put into a real database, as the dialler would have left it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome
from dialer_core.pacing.chances import PastCall
from dialer_core.store.database import Database
from dialer_core.store.schema import (
    AttemptRow,
    CampaignRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    ListImportRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus

CODES = {Outcome.REFUSED_NOT_INTERESTED: "NO", Outcome.CALL_BACK: "BACK"}
CODES |= {Outcome.ANSWER_MACHINE_AGENT: "AM"}
CHUNK = 5000


def put_in(database: Database, campaign_id: int, calls: Sequence[PastCall]) -> None:
    """Contacts, numbers and ended attempts of `calls`; ids as the calls have them, plus 1000."""
    now = datetime.fromtimestamp(calls[-1].at_s, UTC)
    of_contact: dict[int, list[PastCall]] = {}
    for call in calls:
        of_contact.setdefault(call.contact, []).append(call)
    with database.writing() as connection:
        client_id = connection.scalar(
            select(CampaignRow.client_id).where(CampaignRow.id == campaign_id)
        )
        for list_id in sorted({call.list_id for call in calls}):
            connection.execute(
                insert(ContactListRow),
                {
                    "id": 1000 + list_id,
                    "campaign_id": campaign_id,
                    "name": f"Made {list_id}",
                    "is_active": True,
                    "created_at": now,
                },
            )
            connection.execute(
                insert(ListImportRow),
                {"id": 1000 + list_id, "list_id": 1000 + list_id, "source": "", "at": now,
                 "rows_read": 0, "rows_taken": 0, "refused": []},
            )  # fmt: skip
        contacts = [_contact(campaign_id, own, now) for own in of_contact.values()]
        numbers = sorted({(call.number, call.contact) for call in calls})
        attempts = [_attempt(n, call, campaign_id, client_id) for n, call in enumerate(calls)]
        for statement, rows in (
            (insert(ContactRow), contacts),
            (insert(ContactNumberRow), [_number(*one) for one in numbers]),
            (insert(AttemptRow), attempts),
        ):
            for start in range(0, len(rows), CHUNK):
                connection.execute(statement, rows[start : start + CHUNK])


def make_due(database: Database, at: datetime, contacts: Sequence[int]) -> None:
    """Those of the made contacts may be dialled from `at` on, and nobody else."""
    with database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id.in_([1000 + one for one in contacts]))
            .values(status=ContactStatus.WAITING, next_at=at - timedelta(minutes=1))
        )


def _contact(campaign_id: int, own: Sequence[PastCall], now: datetime) -> dict[str, object]:
    last = own[-1]
    return {
        "id": 1000 + last.contact,
        "campaign_id": campaign_id,
        "list_id": 1000 + last.list_id,
        "import_id": 1000 + last.list_id,
        "name": "Somebody",
        "town": "",
        "details": [],
        "zones": ["Etc/UTC"],
        "region": "GB",
        "grounds": [],
        "status": ContactStatus.CLOSED,
        "status_reason": "",
        "attempts_count": len(own),
        "last_attempt_at": datetime.fromtimestamp(last.at_s, UTC),
        "last_outcome": last.outcome,
        "created_at": now,
        "changed_at": now,
    }


def _number(number: int, contact: int) -> dict[str, object]:
    return {
        "contact_id": 1000 + contact,
        "id": 1000 + number,
        "rank": number,
        "e164": f"+44161496{number % 10_000:04d}",
        "kind": "landline",
        "status": NumberStatus.OPEN,
        "number_hash": number.to_bytes(32, "big"),
    }


def _attempt(
    index: int, call: PastCall, campaign_id: int, client_id: int | None
) -> dict[str, object]:
    at = datetime.fromtimestamp(call.at_s, UTC)
    code = CODES.get(call.outcome)
    answered = at + timedelta(seconds=9) if call.is_answered else None
    return {
        "id": f"M{index:025d}",
        "campaign_id": campaign_id,
        "client_id": client_id,
        "contact_id": 1000 + call.contact,
        "number_id": 1000 + call.number,
        "number_hash": call.number.to_bytes(32, "big"),
        "mode": Mode.PREDICTIVE,
        "is_overdial": False,
        "reserved_only": False,
        "profile_id": "GB",
        "profile_version": "1",
        "line_id": "line01",
        "lease_epoch": 1,
        "stage": CallStage.ENDED,
        "committed_at": at,
        "invite_at": at,
        "progress_at": at,
        "answered_at": answered,
        "ended_at": at + timedelta(seconds=30),
        "outcome": Outcome.CONNECTED if code else call.outcome,
        "formula_class": FormulaClass.UNANSWERED,
        "disposition_code": code,
        "crossed": False,
        "message_played": False,
        "note": "",
    }
