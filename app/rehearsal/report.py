"""The rehearsal's report: what the carrier and the phones really saw, joined by attempt.

`dialled`, `dialled_twice_within_lockout`, `answered` and speech come from the carrier's and the
phones' own logs; the rest from the floor's database.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.practice import Painted, read_lines
from dialer_core.model.states import Outcome
from dialer_core.rules.lockouts import lockouts_after
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store.report import FloorReport
from sip.messages import CarrierRecord, PhoneRecord

SPEECH_MS = 1000.0  # an end has heard the other when it recognised it for so long
STRANGER_MS = 100.0  # and was mixed up with somebody when it recognised another for so long


class Spread(msgspec.Struct, frozen=True):
    """A latency in milliseconds: how many, the median and the 99th percentile."""

    n: int = 0
    p50: float = 0.0
    p99: float = 0.0


class AgentTimes(msgspec.Struct, frozen=True):
    """One agent's time by state, in seconds."""

    name: str
    talk_s: float
    wrap_s: float
    wait_s: float
    paused_s: float


class Report(msgspec.Struct, frozen=True):
    """What a demo leaves behind as JSON."""

    dialled: int
    answered: int
    connected: int
    abandoned: int
    abandoned_rate: float
    overdialled: int
    previews: int
    pops: int
    dispositions: int
    open_attempts: int
    dialled_twice_within_lockout: int
    speech_both_ways: int
    answer_to_agent_audio_ms: Spread
    answer_to_pop_painted_ms: Spread
    agents: list[AgentTimes]
    errors: list[str]
    waited_for_seat_ms: Spread = Spread()  # answered while all seats were busy, and then met one
    message_heard_within_limit: int = 0  # abandoned people who heard the message in time
    speech_missing: list[str] = msgspec.field(default_factory=list)  # attempts, for the search
    longest_gap_ms: float = 0.0  # the longest loss of sound in a bridged call
    refusals: dict[str, int] = msgspec.field(default_factory=dict)  # by the gate, by code
    notices: list[str] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PracticeLogs:
    """Everything that was measured outside the database."""

    carrier: Sequence[CarrierRecord]
    phones: Sequence[PhoneRecord]
    painted: Sequence[Painted]

    @staticmethod
    def read(
        carrier: Iterable[Path], phones: Iterable[Path], painted: Iterable[Path]
    ) -> PracticeLogs:
        return PracticeLogs(
            [record for path in carrier for record in read_lines(path, CarrierRecord)],
            [record for path in phones for record in read_lines(path, PhoneRecord)],
            [line for path in painted for line in read_lines(path, Painted)],
        )


def build_report(
    logs: PracticeLogs, floor: FloorReport, profile: RuleProfile, errors: Sequence[str]
) -> Report:
    """Join the logs with the database's counts."""
    phones: dict[str, list[PhoneRecord]] = defaultdict(list)
    for record in logs.phones:
        phones[record.attempt_id].append(record)
    connected = set(floor.connected_attempts)
    waited = set(floor.waits_s)
    heard = {
        record.attempt_id
        for record in logs.carrier
        if record.attempt_id in connected and _spoke(record, phones[record.attempt_id])
    }
    return Report(
        dialled=len(logs.carrier),
        answered=sum(record.answered_mono_s is not None for record in logs.carrier),
        connected=len(connected),
        abandoned=floor.abandoned,
        abandoned_rate=round(floor.abandoned_rate, 5),
        overdialled=floor.overdialled,
        previews=floor.previews,
        pops=len({(line.contact_id, line.attempt_id) for line in logs.painted}),
        dispositions=floor.dispositions,
        open_attempts=floor.open_attempts,
        dialled_twice_within_lockout=dialled_twice(logs.carrier, profile),
        speech_both_ways=len(heard),
        answer_to_agent_audio_ms=spread(_audio_ms(logs.carrier, phones, waited)),
        answer_to_pop_painted_ms=spread(_pop_ms(logs, waited | set(floor.preview_attempts))),
        agents=[
            AgentTimes(
                a.name,
                round(a.talk_s, 1),
                round(a.wrap_s, 1),
                round(a.wait_s, 1),
                round(a.paused_s, 1),
            )
            for a in floor.agents
        ],
        errors=list(errors),
        waited_for_seat_ms=spread([wait_s * 1000.0 for wait_s in floor.waits_s.values()]),
        message_heard_within_limit=_message_heard(
            logs.carrier, set(floor.abandoned_attempts), profile
        ),
        speech_missing=sorted(connected - heard),
        longest_gap_ms=max(
            (r.longest_gap_ms for r in logs.phones if r.attempt_id in connected), default=0.0
        ),
        refusals=dict(floor.refusals),
    )


def _heard_only(heard_ms: Mapping[int, float], wanted: int) -> bool:
    others = sum(ms for signature, ms in heard_ms.items() if signature != wanted)
    return heard_ms.get(wanted, 0.0) >= SPEECH_MS and others < STRANGER_MS


def _spoke(person: CarrierRecord, phones: Sequence[PhoneRecord]) -> bool:
    """Each end recognised exactly the other's signature for a second, and nobody else's."""
    if not phones:
        return False
    last = phones[-1]
    return _heard_only(person.sounds.heard_ms, last.own_signature) and _heard_only(
        last.sounds.heard_ms, person.signature
    )


def dialled_twice(carrier: Sequence[CarrierRecord], profile: RuleProfile) -> int:
    """Calls to a number before the shortest lock-out that its last call can have left was over."""
    last: dict[str, CarrierRecord] = {}
    count = 0
    for record in sorted(carrier, key=lambda r: r.invite_mono_s):
        before = last.get(record.number)
        if before is not None:
            count += record.invite_mono_s - before.ended_mono_s < _wait_s(before, profile)
        last[record.number] = record
    return count


def _wait_s(before: CarrierRecord, profile: RuleProfile) -> float:
    """The shortest lock-out that this call can have left, in seconds."""
    ended = datetime.fromtimestamp(before.invite_utc_s, UTC)
    waits = [
        math.inf if lockout.until is None else (lockout.until - ended).total_seconds()
        for outcome in _outcomes(before)
        for lockout in lockouts_after(outcome, profile, ended, sip_status=before.sent_status)
    ]
    return min(waits, default=0.0)


def _outcomes(record: CarrierRecord) -> tuple[Outcome, ...]:
    """What the dialler may have made of a call that the carrier ended like this."""
    by_status = {
        486: Outcome.BUSY,
        404: Outcome.INVALID_NUMBER,
        603: Outcome.CALLEE_DECLINED_CALL,
        503: Outcome.NETWORK_CONGESTION,
    }
    if record.answered_mono_s is not None:
        return (Outcome.ANSWER_MACHINE_AGENT, Outcome.REFUSED_NOT_INTERESTED, Outcome.ABANDONED)
    return (by_status.get(record.sent_status, Outcome.NO_ANSWER),)


def _audio_ms(
    carrier: Sequence[CarrierRecord], phones: Mapping[str, Sequence[PhoneRecord]], waited: set[str]
) -> list[float]:
    """From the carrier's 200 to the phone's first packet with that person's signature, where the
    agent's leg was set up on the answer. Who had to wait for a seat is in `waited_for_seat_ms`."""
    found = []
    for person in carrier:
        if person.attempt_id in waited:
            continue
        for phone in phones.get(person.attempt_id, ())[:1]:
            first = phone.sounds.first_mono_s.get(person.signature)
            answered, leg = person.answered_mono_s, phone.connected_mono_s
            if answered is None or leg is None or first is None or leg < answered:
                continue
            found.append((first - answered) * 1000.0)
    return found


def _pop_ms(logs: PracticeLogs, left_out: set[str]) -> list[float]:
    """From the carrier's 200 to the end of the paint that drew the contact; a record that was on
    the screen before the answer (progressive) counts as 0. `left_out`: previews, and people who
    had to wait for a seat."""
    first: dict[str, float] = {}
    for line in logs.painted:
        first.setdefault(line.attempt_id, line.mono_s)
    return [
        max(0.0, (first[person.attempt_id] - person.answered_mono_s) * 1000.0)
        for person in logs.carrier
        if person.answered_mono_s is not None
        and person.attempt_id in first
        and person.attempt_id not in left_out
    ]


def _message_heard(
    carrier: Sequence[CarrierRecord], abandoned: set[str], profile: RuleProfile
) -> int:
    return sum(
        person.attempt_id in abandoned
        and person.sounds.first_sound_after_ms is not None
        and person.sounds.first_sound_after_ms <= profile.message_start_limit_ms
        for person in carrier
    )


def spread(values_ms: Sequence[float]) -> Spread:
    """Nearest-rank percentiles, so that each is a value that was really measured."""
    ordered = sorted(values_ms)
    if not ordered:
        return Spread()

    def rank(share: float) -> float:
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1)

    return Spread(len(ordered), rank(0.50), rank(0.99))


def failure(report: Report) -> str:
    """Why a demo with this report must not be called a success; empty if it is one."""
    if report.errors:
        return report.errors[0]
    for name in ("dialled", "answered", "connected"):
        if getattr(report, name) == 0:
            return f"Nobody was {name}: the list, the hours or the trunk stood in the way."
    return ""
