"""The people of a recorded day: who was called behaves as they did, the rest is drawn.

What is known of a call is kept: how long it rang and what came of it, how long the conversation
and the wrap-up took. What the record cannot tell is drawn from the calls of the same day of which
it is known, with a number that depends on seed and contact alone (common random numbers).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

from dialer_core.model.recorded import RecordedCall, Stretch
from dialer_core.model.states import Outcome, SeatState
from dialer_core.simulation.draw import Draws
from dialer_core.simulation.public import Behaviour, Kind

SHORT_S: Final = 1.0  # who has answered and is gone so soon was never there to talk
JITTER_S: Final = 0.2  # a floor never runs twice alike: each seed shifts each ring by up to so much
PATIENCE_S: Final = (4.0, 8.0)  # how long who hears nobody waits, where no hang-up tells it
FOR_EVER_S: Final = 86_400.0
_AROUND_S: Final = 1800.0  # half of the hour around a moment from which people are drawn
_LEAST_POOL: Final = 50  # calls to draw from; with fewer in the hour the nearest ones in time
_LIKE: Final = 25  # answered calls that rang about as long, for who answered and met nobody
_PURPOSE: Final = 7  # of the draws, apart from those of a simulated public


class Fate(StrEnum):
    """What the record knows of a call."""

    PERSON = "person"
    MACHINE = "machine"
    SOMEBODY = "somebody"  # answered and met no agent: a person or a machine
    HUNG_UP = "hung_up"  # answered and was gone at once
    REFUSED = "refused"  # busy, no such number, declined, a fault on the way
    NO_ANSWER = "no_answer"  # rang as long as a call may
    CUT_SHORT = "cut_short"  # we gave up early, or no line or channel was there: not known


@dataclass(frozen=True, slots=True)
class KnownCall:
    """One call as far as the record goes; seconds, None where it does not say.

    `ring_s` from the INVITE to the answer, the refusal or the end of the ringing; `talk_s` None
    and `least_talk_s` above zero: the conversation was cut off after so long.
    """

    at_s: float
    fate: Fate
    ring_s: float
    kind: Kind
    status: int = 0
    patience_s: float | None = None
    talk_s: float | None = None
    wrap_s: float | None = None
    least_talk_s: float = 0.0


_KINDS: Final = {
    Outcome.BUSY: Kind.BUSY,
    Outcome.TEMP_UNAVAILABLE: Kind.BUSY,
    Outcome.INVALID_NUMBER: Kind.INVALID,
    Outcome.INVALID_FORMAT: Kind.INVALID,
    Outcome.CALLEE_DECLINED_CALL: Kind.DECLINED,
    Outcome.UNWANTED: Kind.DECLINED,
    Outcome.NO_ANSWER: Kind.NO_ANSWER,
}
_STATUS: Final = {Kind.BUSY: 486, Kind.INVALID: 404, Kind.DECLINED: 603, Kind.NO_ANSWER: 480}
_UNTRIED: Final = frozenset(
    {Outcome.DIALLER_CANCELLED, Outcome.LINE_LOST, Outcome.NETWORK_CONGESTION}
)
_WELL_SHORT: Final = 0.9  # of the limit: who was let ring less was given up early


def known_calls(
    calls: Sequence[RecordedCall], wraps: Mapping[int, float], limit_s: float
) -> tuple[KnownCall, ...]:
    """What the record says of each call, in the order in which they were placed.

    `wraps`: seconds of wrap-up by the call's place in `calls`; `limit_s`: how long a call could
    ring. Times that contradict each other count as not known.
    """
    return tuple(_known(call, wraps.get(place), limit_s) for place, call in enumerate(calls))


def _known(call: RecordedCall, wrap_s: float | None, limit_s: float) -> KnownCall:
    began_s = call.invite_s if call.invite_s is not None else call.committed_s
    until_s = call.answered_s if call.answered_s is not None else call.ended_s
    ring_s = None if until_s is None else until_s - began_s
    if ring_s is None or ring_s < 0:
        return KnownCall(call.committed_s, Fate.CUT_SHORT, 0.0, Kind.NO_ANSWER)
    if call.answered_s is not None:
        return _answered(call, ring_s, wrap_s)
    if call.outcome is None or call.outcome in _UNTRIED:
        return KnownCall(call.committed_s, Fate.CUT_SHORT, ring_s, Kind.NO_ANSWER)
    if call.outcome is Outcome.NO_ANSWER and call.ended_by != "network":
        fate = Fate.CUT_SHORT if ring_s < _WELL_SHORT * limit_s else Fate.NO_ANSWER
        return KnownCall(call.committed_s, fate, ring_s, Kind.NO_ANSWER, wrap_s=wrap_s)
    kind = _KINDS.get(call.outcome, Kind.OVERLOADED)
    status = call.sip_status or 0
    if not 300 <= status < 700 or status == 487:
        status = _STATUS.get(kind, 503)
    return KnownCall(call.committed_s, Fate.REFUSED, ring_s, kind, status, wrap_s=wrap_s)


def _answered(call: RecordedCall, ring_s: float, wrap_s: float | None) -> KnownCall:
    assert call.answered_s is not None  # asked by _known
    stayed_s = None if call.ended_s is None else call.ended_s - call.answered_s
    left_s = stayed_s if call.ended_by == "person" and call.message_s is None else None
    if call.outcome is Outcome.SHORT_HANGUP and (call.bridged_s or (left_s or 0.0) < SHORT_S):
        patience_s = min(max(stayed_s or 0.3, 0.05), SHORT_S)
        return KnownCall(call.committed_s, Fate.HUNG_UP, ring_s, Kind.HANGS_UP, 200, patience_s)
    is_machine = Outcome.ANSWER_MACHINE_AGENT in (call.said, call.outcome)
    is_machine = is_machine or call.outcome in (Outcome.ANSWER_MACHINE_AMD, Outcome.FAX_MODEM)
    if call.bridged_s is None:
        fate = Fate.MACHINE if is_machine else Fate.SOMEBODY
        kind = Kind.MACHINE if is_machine else Kind.HUMAN
        return KnownCall(call.committed_s, fate, ring_s, kind, 200, left_s)
    talked_s = None if call.ended_s is None else call.ended_s - call.bridged_s
    is_whole = talked_s is not None and talked_s >= 0 and call.ended_by in ("person", "agent")
    return KnownCall(
        call.committed_s,
        Fate.MACHINE if is_machine else Fate.PERSON,
        ring_s,
        Kind.MACHINE if is_machine else Kind.HUMAN,
        200,
        talk_s=talked_s if is_whole else None,
        wrap_s=wrap_s if is_whole else None,
        least_talk_s=max(0.0, talked_s or 0.0),
    )


def wraps_of(
    calls: Sequence[RecordedCall], stretches: Mapping[int, Sequence[Stretch]]
) -> dict[int, float]:
    """Seconds of wrap-up by the call's place: what its session did before its next conversation.

    `stretches` by session. A wrap-up that another call interrupted is counted with that call; the
    sum is right. A wrap-up at the very end of a session may have been cut off and is left out.
    """
    found: dict[int, float] = {}
    by_session: dict[int, list[tuple[float, int]]] = {}
    for place, call in enumerate(calls):
        if call.session is not None and (call.bridged_s is not None or call.said is not None):
            began_s = call.bridged_s if call.bridged_s is not None else call.committed_s
            by_session.setdefault(call.session, []).append((began_s, place))
    for session, places in by_session.items():
        places.sort()
        begins = [began_s for began_s, _ in places]
        theirs = stretches.get(session, ())
        for number, stretch in enumerate(theirs):
            whose = bisect_left(begins, stretch.since_s + 0.001) - 1
            if whose < 0 or stretch.state is not SeatState.WRAP_UP:
                continue
            place = places[whose][1]
            if number == len(theirs) - 1:
                found.pop(place, None)
            else:
                found[place] = found.get(place, 0.0) + stretch.until_s - stretch.since_s
    return found


class RecordedPeople:
    """The people of a recorded day in the order in which they were called, then drawn ones.

    Counts what it gave out: `asked` calls, of them `drawn` (nobody was called then), `guessed`
    (called, but what came of it is not known whole). `start_s`: where the plan's time begins in
    that of the calls.
    """

    def __init__(self, calls: Sequence[KnownCall], seed: int, start_s: float = 0.0) -> None:
        self._calls = calls
        self._start_s = start_s
        self._times = [call.at_s for call in calls]
        self._draws = Draws(seed, _PURPOSE)
        self._met = sorted(
            (
                call
                for call in calls
                if call.fate in (Fate.PERSON, Fate.MACHINE) and call.talk_s is not None
            ),
            key=lambda call: call.ring_s,
        )
        self._met_rings = [call.ring_s for call in self._met]
        self._talks = sorted(call.talk_s or 0.0 for call in self._met if call.kind is Kind.HUMAN)
        self._settled = sorted(
            (call for call in calls if call.fate is not Fate.CUT_SHORT),
            key=lambda call: call.ring_s,
        )
        self._settled_rings = [call.ring_s for call in self._settled]
        self._wraps = {
            kind: sorted(call.wrap_s for call in self._met if call.kind is kind and call.wrap_s)
            for kind in (Kind.HUMAN, Kind.MACHINE)
        }
        self.asked = self.drawn = self.guessed = 0

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour:
        """What the `contact`-th call comes to (counted from 1); `at_s` as the plan counts."""
        del number, attempt  # a second call of the day is a contact of its own
        u = self._draws.row(contact)
        self.asked += 1
        is_drawn = contact > len(self._calls)
        call = self._drawn(self._start_s + at_s, u[0]) if is_drawn else self._calls[contact - 1]
        whole = self._whole(call, u)
        self.drawn += is_drawn
        self.guessed += not is_drawn and whole is not call
        ring_s = FOR_EVER_S if whole.fate is Fate.NO_ANSWER else whole.ring_s
        patience_s = whole.patience_s
        if patience_s is None:
            patience_s = PATIENCE_S[0] + (PATIENCE_S[1] - PATIENCE_S[0]) * u[6]
        return Behaviour(
            kind=whole.kind,
            final_status=0 if whole.fate is Fate.NO_ANSWER else whole.status,
            ring_s=max(0.05, ring_s + JITTER_S * (2.0 * u[7] - 1.0)),
            is_machine=whole.kind is Kind.MACHINE,
            hello_s=1.0,
            patience_s=patience_s,
            talk_s=whole.talk_s or 0.0,
            wrap_s=whole.wrap_s or 0.0,
        )

    def chance(self, contact: int, at_s: float) -> float | None:
        """None: what the floor thought of a record before its call is not kept."""
        del contact, at_s
        return None

    def _drawn(self, at_s: float, u: float) -> KnownCall:
        """A call of the hour around that moment, each as likely."""
        first = bisect_left(self._times, at_s - _AROUND_S)
        last = bisect_left(self._times, at_s + _AROUND_S)
        short = min(_LEAST_POOL, len(self._calls)) - (last - first)
        if short > 0:
            middle = bisect_left(self._times, at_s)
            pool = min(_LEAST_POOL, len(self._calls))
            first = min(max(0, middle - pool // 2), len(self._calls) - pool)
            last = first + pool
        return self._calls[first + int(u * (last - first))]

    def _whole(self, call: KnownCall, u: Sequence[float]) -> KnownCall:
        """The call with what the record does not say; the same object where it says all."""
        if call.fate is Fate.CUT_SHORT:
            call = self._at_risk(call, u[1])
        if call.fate is Fate.SOMEBODY:
            call = self._like(call, u[2])
        if call.kind not in (Kind.HUMAN, Kind.MACHINE):
            return call
        if call.talk_s is None:
            call = _with(call, talk_s=self._talk_s(call, u[3]))
        if call.wrap_s is None:
            call = _with(call, wrap_s=_quantile(self._wraps[call.kind], u[4]))
        return call

    def _at_risk(self, call: KnownCall, u: float) -> KnownCall:
        """One of the calls that rang at least as long; nobody if there are none.

        The mass of a censored call goes to those beyond it (Efron 1967, redistribution to the
        right), within the day as a whole.
        """
        first = bisect_left(self._settled_rings, call.ring_s)
        if first >= len(self._settled):
            return KnownCall(call.at_s, Fate.NO_ANSWER, call.ring_s, Kind.NO_ANSWER)
        return self._settled[first + int(u * (len(self._settled) - first))]

    def _like(self, call: KnownCall, u: float) -> KnownCall:
        """Who answered, and how long it would have taken: as one that rang about as long."""
        if not self._met:
            return _with(call, talk_s=0.0, wrap_s=0.0)
        middle = bisect_left(self._met_rings, call.ring_s)
        pool = min(_LIKE, len(self._met))
        first = min(max(0, middle - pool // 2), len(self._met) - pool)
        other = self._met[first + int(u * pool)]
        return KnownCall(
            call.at_s,
            other.fate,
            call.ring_s,
            other.kind,
            200,
            call.patience_s,
            other.talk_s,
            other.wrap_s,
        )

    def _talk_s(self, call: KnownCall, u: float) -> float:
        """A conversation that lasted at least as long as this one had when it was cut off."""
        longer = self._talks[bisect_left(self._talks, call.least_talk_s) :]
        return _quantile(longer, u) if longer else call.least_talk_s


def _with(
    call: KnownCall, *, talk_s: float | None = None, wrap_s: float | None = None
) -> KnownCall:
    return KnownCall(
        call.at_s,
        call.fate,
        call.ring_s,
        call.kind,
        call.status,
        call.patience_s,
        call.talk_s if talk_s is None else talk_s,
        call.wrap_s if wrap_s is None else wrap_s,
        call.least_talk_s,
    )


def _quantile(ordered: Sequence[float], u: float) -> float:
    return ordered[int(u * len(ordered))] if ordered else 0.0


def limit_of(calls: Sequence[RecordedCall], max_ring_s: float) -> float:
    """How long unanswered calls were let ring from their INVITE, the network's delay included.

    The median of those that ended as NO_ANSWER by our own hand; `max_ring_s` where there is none.
    """
    found = [
        call.ended_s - (call.invite_s if call.invite_s is not None else call.committed_s)
        for call in calls
        if call.outcome is Outcome.NO_ANSWER
        and call.ended_by == "line"
        and call.ended_s is not None
        and call.answered_s is None
    ]
    return median(found) if found else max_ring_s
