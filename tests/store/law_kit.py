"""A person about whom something stands in every table, for exports, erasures and purges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select, update

from dialer_core.lists.experiments import Kind, Variant
from dialer_core.model.call_control import Listening, RecordingPolicy, RecordingState, ThirdStage
from dialer_core.model.ids import AttemptId
from dialer_core.model.states import FormulaClass, Outcome
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.files import FileKind
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.schema import (
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    ListImportChangeRow,
    MachineReviewRow,
    RecordingPauseRow,
    RecordingRow,
    RefusalRow,
    RegistryEntryRow,
    ResultRow,
    SupervisionRow,
    ThirdPartyRow,
    ToldCallBackRow,
)
from dialer_core.store.schema.base import ContactStatus, ThirdKind
from tests.store.floor_kit import FloorKit

NAME, TOWN, NOTE = "Zebulon Quillfeather", "Ashby-de-la-Zouch", "asked about the blue windows"
NUMBER, SECOND = "+441614960077", "+441614960078"
CONTACT = 1


@dataclass(frozen=True, slots=True)
class Traces:
    """What was made for the person."""

    attempt: AttemptId
    sound: Path
    export: Path
    rejects: Path


def leave_traces(kit: FloorKit, folder: Path) -> Traces:
    """Record 1 becomes a person with a call, a recording, a consultation and all the rest."""
    _rename(kit)
    experiments = ExperimentStore(kit.database)
    experiments.begin(
        kit.campaign_id, "Script", Kind.SCRIPT, [Variant("a", "Hello"), Variant("b", "Hi")], kit.now
    )
    experiments.close()
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.talk(attempt, session)
    kit.seats[0].choose_outcome(attempt, "BACK", NOTE, kit.now, kit.now.utc + timedelta(days=1))
    sound = folder / f"{attempt}.wav"
    sound.write_bytes(b"RIFF of a voice")
    _control_rows(kit, attempt, sound)
    _other_rows(kit, attempt)
    export, rejects = folder / "person.zip", folder / "list-rejected.csv"
    export.write_bytes(b"PK of everything")
    rejects.write_text(
        f"Name,Phone,Why not taken\r\n{NAME},0161 496 0077,twice\r\nAnna,0161 496 0033,x\r\n",
        encoding="utf-8-sig",
        newline="",
    )
    privacy = PrivacyStore(kit.database)
    privacy.note_file(FileKind.EXPORT, export, kit.now, contact_ids=[CONTACT])
    privacy.note_file(FileKind.REJECTS, rejects, kit.now, import_id=1)
    privacy.close()
    return Traces(attempt, sound, export, rejects)


def _rename(kit: FloorKit) -> None:
    with kit.database.writing() as connection:
        from_key = connection.execute(
            select(ContactNumberRow.__table__).where(ContactNumberRow.contact_id == CONTACT)
        ).one()
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id == CONTACT)
            .values(name=NAME, town=TOWN, reference="REF-4711", details=[["Pet", "axolotl"]])
        )
    assert from_key.rank == 1
    with kit.database.writing() as connection:
        key = number_key(connection)
        connection.execute(
            update(ContactNumberRow)
            .where(ContactNumberRow.contact_id == CONTACT)
            .values(e164=NUMBER, number_hash=number_hash(key, NUMBER))
        )
        connection.execute(
            insert(ContactNumberRow),
            {
                "contact_id": CONTACT, "rank": 2, "e164": SECOND, "kind": "mobile",
                "status": "open", "number_hash": number_hash(key, SECOND),
            },
        )  # fmt: skip


def _control_rows(kit: FloorKit, attempt: AttemptId, sound: Path) -> None:
    at = kit.now.utc
    with kit.database.writing() as connection:
        made = connection.execute(
            insert(RecordingRow),
            {
                "attempt_id": attempt, "path": str(sound), "policy": RecordingPolicy.ALL,
                "state": RecordingState.STOPPED, "started_at": at, "stopped_at": at,
                "recorded_s": 30.0, "sentence": "",
            },
        )  # fmt: skip
        key = made.inserted_primary_key
        assert key is not None
        connection.execute(
            insert(RecordingPauseRow), {"recording_id": key[0], "at": at, "until": at}
        )
        connection.execute(
            insert(ThirdPartyRow),
            {
                "ref": "T1", "attempt_id": attempt, "kind": ThirdKind.CONSULT, "at": at,
                "label": "020 7946 0003", "number_hash": bytes(32), "stage": ThirdStage.GONE,
                "status": 200, "sentence": "", "note": f"told them of {NAME}",
            },
        )  # fmt: skip
        connection.execute(
            insert(MachineReviewRow),
            {
                "attempt_id": attempt, "campaign_id": int(kit.campaign_id), "was_person": True,
                "who": "supervisor", "at": at,
            },
        )  # fmt: skip
        connection.execute(insert(ResultRow), {"attempt_id": attempt, "number": 1})
        connection.execute(insert(ToldCallBackRow), {"contact_id": CONTACT, "due": at})
        connection.execute(
            insert(SupervisionRow),
            {
                "attempt_id": attempt, "how": Listening.LISTEN, "at": at, "until": at,
                "sentence": "",
            },
        )  # fmt: skip


def _other_rows(kit: FloorKit, attempt: AttemptId) -> None:
    at = kit.now.utc
    with kit.database.writing() as connection:
        row = connection.execute(
            select(ContactNumberRow.__table__).where(ContactNumberRow.e164 == NUMBER)
        ).one()
        connection.execute(
            insert(RefusalRow),
            {
                "campaign_id": kit.campaign_id, "contact_id": CONTACT, "number_id": row.id,
                "mode": "preview", "code": "OUT_OF_HOURS", "sentence": "It is late.", "at": at,
            },
        )  # fmt: skip
        connection.execute(
            insert(RegistryEntryRow), {"number_hash": row.number_hash, "registry_id": "GB-CTPS"}
        )
        connection.execute(
            insert(ListImportChangeRow),
            {"import_id": 1, "contact_id": CONTACT, "changes": {"name": ["Zeb", NAME]}},
        )
        connection.execute(
            update(AttemptRow)
            .where(AttemptRow.id == attempt)
            .values(sip_call_id="77@carrier", sip_reason="for 441614960077")
        )
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id == CONTACT)
            .values(status=ContactStatus.CALL_BACK)
        )


def finish_one(kit: FloorKit, outcome: Outcome = Outcome.NO_ANSWER) -> AttemptId:
    """Another call, with nobody, of the next contact."""
    session = kit.log_in("Ben of preview", "seat02")
    attempt = kit.dial(session)
    facts = replace(kit.facts(status=480), sip_call_id="x")
    kit.close_call(attempt, outcome, FormulaClass.UNANSWERED, facts)
    return attempt
