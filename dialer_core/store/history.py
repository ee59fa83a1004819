"""What today's calls have taught, so that a pacer which begins anew need not begin ignorant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Final

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.model.states import CallStage, Direction, FormulaClass, Outcome
from dialer_core.pacing.view import AnswerEnd, HandleEnd, RingEnd
from dialer_core.rules.trunk import is_trunk_trouble
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.day import start_of_day
from dialer_core.store.restore import at_instant
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import AttemptRow

MOST_CALLS: Final = 5000  # the newest of the day; older ones teach a pacer nothing more

_TODAY = (
    select(
        AttemptRow.session_id,
        AttemptRow.stage,
        AttemptRow.committed_at,
        AttemptRow.progress_at,
        AttemptRow.answered_at,
        AttemptRow.bridged_at,
        AttemptRow.ended_at,
        AttemptRow.disposed_at,
        AttemptRow.disposition_code,
        AttemptRow.outcome,
        AttemptRow.formula_class,
    )
    .where(
        AttemptRow.campaign_id == bindparam("campaign"),
        AttemptRow.committed_at >= bindparam("start"),
        AttemptRow.stage == CallStage.ENDED,
        AttemptRow.direction == Direction.OUT,
        AttemptRow.is_manual.is_(False),
    )
    .order_by(AttemptRow.committed_at.desc())
    .limit(bindparam("most"))
)


def _is_mute(outcome: Outcome, progress_at: datetime | None) -> bool:
    """Whether the call says nothing of how people's telephones ring."""
    is_trunk = is_trunk_trouble(outcome, rang=progress_at is not None)
    return is_trunk or outcome is Outcome.LINE_LOST


@dataclass(frozen=True, slots=True)
class DayHistory:
    """The logs that a pacer would have if it had been there; each ascends in time."""

    rings: tuple[RingEnd, ...] = ()
    handles: tuple[HandleEnd, ...] = ()
    answers: tuple[AnswerEnd, ...] = ()


def read_history(
    connection: Connection, settings: CampaignSettings, now: Instant, most: int = MOST_CALLS
) -> DayHistory:
    """Today's calls of a campaign that are over, on the monotonic scale of `now`.

    A call whose line was lost or that failed for the trunk's sake tells nothing of ringing, a
    wrap-up that another call has interrupted nothing of wrapping up: they are left out. Calls in
    progress come by themselves.
    """
    rows = connection.execute(
        _TODAY,
        {
            "campaign": settings.campaign.id,
            "start": start_of_day(settings, now.utc),
            "most": most,
        },
    ).all()
    rows = [row for row in reversed(rows) if not _is_mute(row.outcome, row.progress_at)]
    return DayHistory(
        rings=tuple(_ring(row, now) for row in rows),
        handles=_handles(rows, settings, now),
        answers=tuple(
            sorted(
                AnswerEnd(
                    _mono_s(row.answered_at, now),
                    row.formula_class is FormulaClass.AOBS,
                    _ring_s(row),
                )
                for row in rows
                if row.answered_at is not None
            )
        ),
    )


def _mono_s(moment: object, now: Instant) -> float:
    found = at_instant(moment, now)  # type: ignore[arg-type]  # a row's column: its table says so
    if found is None:
        raise ValueError("a call that is over without a moment of its end")
    return found.mono_s


def _ring(row: AnyRow, now: Instant) -> RingEnd:
    return RingEnd(_mono_s(row.committed_at, now), _ring_s(row), row.answered_at is not None)


def _ring_s(row: AnyRow) -> float:
    until = row.answered_at or row.ended_at
    return max(0.0, float((until - row.committed_at).total_seconds()))


def _handles(
    rows: Sequence[AnyRow], settings: CampaignSettings, now: Instant
) -> tuple[HandleEnd, ...]:
    talks = sorted(
        (row for row in rows if row.bridged_at is not None and row.session_id is not None),
        key=lambda row: (row.session_id, row.bridged_at),
    )
    found = []
    for row, following in zip_longest(talks, talks[1:]):
        if row.disposed_at is None:
            continue
        free_at = max(row.disposed_at, row.ended_at)  # the outcome may be chosen in the call
        if (
            following is not None
            and following.session_id == row.session_id
            and following.bridged_at < free_at
        ):
            continue
        disposition = settings.campaign.disposition(row.disposition_code)
        found.append(
            HandleEnd(
                ended=_mono_s(free_at, now),
                talk_s=max(0.0, (row.ended_at - row.bridged_at).total_seconds()),
                wrap_s=(free_at - row.ended_at).total_seconds(),
                was_machine=disposition is not None
                and disposition.outcome is Outcome.ANSWER_MACHINE_AGENT,
                ring_s=_ring_s(row),
            )
        )
    return tuple(sorted(found))
