"""Listening in, from the supervisor's desk: what is shown of it, and the wish that is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.desk.doctor import Advice
from app.desk.views import (
    AdviceView,
    Listening,
    SeatAdviceView,
    SeatRowView,
    SeatState,
    SupervisedView,
    SupervisorView,
)
from app.errors import KnownError
from dialer_core.clock import Clock, Instant

NO_PHONE = "This PC has no phone of its own: open the supervisor's phone to listen."
JOIN_LIMIT_S = 5.0
NOT_JOINED = "The call could not be joined. Try again, or look at your phone."
_SEVERITIES = ("trouble", "warning", "note")
WantSupervise = Callable[[str, Listening, int, Instant], None]
"""Writes the wish: attempt, how, session of the supervisor's phone, moment."""


class Supervising:
    """What one supervisor wants of one call. Not tied to a thread; used on the GUI thread."""

    def __init__(self, want: WantSupervise, clock: Clock) -> None:
        self._want = want
        self._clock = clock
        self._asked: tuple[str, Listening, float] | None = None

    def ask(self, attempt_id: str, how: Listening, own_session_id: int) -> None:
        """Take part in the call, in another way, or leave. Raises KnownError without a phone."""
        if not own_session_id:
            raise KnownError(NO_PHONE)
        if not attempt_id:
            raise KnownError("That call is over.")
        now = self._clock.now()
        self._want(attempt_id, how, own_session_id, now)
        self._asked = (attempt_id, how, now.mono_s)

    def view(self, floor: SupervisorView, session_id: int) -> SupervisedView | None:
        """The call of this seat as it is now; None where the seat has gone."""
        seat = next((one for one in floor.seats if one.session_id == session_id), None)
        if seat is None:
            return None
        is_joining, trouble = self._progress(seat)
        return SupervisedView(
            session_id=session_id,
            attempt_id=seat.attempt_id,
            agent=seat.agent,
            person=seat.with_whom,
            since_utc_s=seat.since_utc_s,
            is_up=bool(seat.attempt_id) and seat.state is SeatState.TALKING,
            listening=seat.listening,
            is_joining=is_joining,
            has_phone=bool(floor.own_session_id),
            trouble=trouble,
            advice=next((one.advice for one in floor.advice if one.session_id == session_id), ()),
        )

    def _progress(self, seat: SeatRowView) -> tuple[bool, str]:
        """Whether the wish is on its way, and what is wrong where it takes too long."""
        if self._asked is None or self._asked[0] != seat.attempt_id:
            return False, ""
        _attempt, how, at_s = self._asked
        is_there = seat.listening is (None if how is Listening.LEAVE else how)
        if is_there:
            return False, ""
        is_late = self._clock.now().mono_s - at_s > JOIN_LIMIT_S
        return not is_late, NOT_JOINED if is_late and how is not Listening.LEAVE else ""


def seat_advice(
    found: Sequence[tuple[int, str, Sequence[Advice]]],
) -> tuple[SeatAdviceView, ...]:
    """The doctor's words of each seat (session, agent, advice) for the panel: the worst first."""
    views = [
        SeatAdviceView(
            session_id,
            agent,
            tuple(AdviceView(one.sentence, one.what_to_do, one.severity) for one in advice),
        )
        for session_id, agent, advice in found
        if advice
    ]
    return tuple(sorted(views, key=_rank))


def _rank(view: SeatAdviceView) -> tuple[int, int, str]:
    worst = min(_SEVERITIES.index(one.severity) for one in view.advice)
    return worst, int(view.session_id != 0), view.agent
