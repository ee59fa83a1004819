"""Listening to calls that detection had taken for machines, and saying what they were."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.states import FormulaClass
from dialer_core.store import audit
from dialer_core.store.machines_heard import Heard, tally
from dialer_core.store.owner import OneThread
from dialer_core.store.schema import AttemptRow, MachineReviewRow, RecordingRow

_ATTEMPT = select(AttemptRow.campaign_id, AttemptRow.formula_class).where(
    AttemptRow.id == bindparam("attempt")
)
_UNHEARD = (
    select(AttemptRow.id, RecordingRow.path, AttemptRow.amd_cause)
    .join(RecordingRow, RecordingRow.attempt_id == AttemptRow.id)
    .outerjoin(MachineReviewRow, MachineReviewRow.attempt_id == AttemptRow.id)
    .where(
        AttemptRow.campaign_id == bindparam("campaign"),
        AttemptRow.formula_class == FormulaClass.AMDET,
        RecordingRow.path != "",
        MachineReviewRow.attempt_id.is_(None),
    )
    .order_by(AttemptRow.id)
)
_KNOWN = select(MachineReviewRow.was_person).where(
    MachineReviewRow.attempt_id == bindparam("attempt")
)


@dataclass(frozen=True, slots=True)
class Unheard:
    """A detected machine whose greeting can be listened to; `cause`: the rule that told it."""

    attempt_id: str
    path: str
    cause: str

    def __repr__(self) -> str:
        return f"Unheard(attempt_id={self.attempt_id!r})"


class MachineReviews(OneThread):
    """What a supervisor needs to listen to machines and to say what they were."""

    def sample(self, campaign_id: int, most: int, seed: int) -> list[Unheard]:
        """Up to `most` of them in random order; only chance may choose what is listened to."""
        with self._reading() as connection:
            rows = connection.execute(_UNHEARD, {"campaign": campaign_id}).all()
        chosen = random.Random(seed).sample(rows, min(most, len(rows)))
        return [Unheard(row.id, row.path, row.amd_cause or "") for row in chosen]

    def heard(self, campaign_id: int) -> Heard:
        """So far."""
        with self._reading() as connection:
            return tally(connection, campaign_id)

    def note(self, attempt_id: str, *, was_person: bool, who: str, now: Instant) -> None:
        """Say what the call was; said again it replaces what was said before.

        KnownError for a call that detection did not keep from agents.
        """
        with self._writing() as connection:
            row = connection.execute(_ATTEMPT, {"attempt": attempt_id}).first()
            if row is None or row.formula_class is not FormulaClass.AMDET:
                raise KnownError(
                    "Detection did not take that call for a machine: choose one from the list."
                )
            before = connection.scalar(_KNOWN, {"attempt": attempt_id})
            said = {"was_person": was_person, "who": who[:200], "at": now.utc}
            if before is None:
                new = {"attempt_id": attempt_id, "campaign_id": row.campaign_id}
                connection.execute(insert(MachineReviewRow), new | said)
            else:
                connection.execute(
                    update(MachineReviewRow)
                    .where(MachineReviewRow.attempt_id == attempt_id)
                    .values(**said)
                )
            detail: dict[str, object] = {"attempt": attempt_id, "was_person": was_person}
            audit.append(connection, who, "machine reviewed", detail, now.utc)
