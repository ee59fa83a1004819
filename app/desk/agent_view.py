"""From what the floor and the phone know to what the agent's window draws. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.desk.phone_view import Since, control_view
from app.desk.views import (
    AdviceView,
    AgentView,
    CallView,
    Detail,
    HistoryRow,
    OutcomeView,
    ParkedView,
    RecordView,
    ScriptPage,
    ScriptView,
    SeatState,
    TodayView,
)
from dialer_core.clock import Instant
from dialer_core.model.campaign import PreviewTimeout

if TYPE_CHECKING:  # the window is up before the database's library is loaded
    from dialer_core.store.seat import PastCall, Record, SeatRow, Today

THEN = {
    PreviewTimeout.DIAL: "then: dial by itself",
    PreviewTimeout.REQUEUE: "then: to somebody else",
    PreviewTimeout.PAUSE: "then: pause",
}
REASONS = {"phone not reachable": "Your phone was not reached"}  # a pause, as the dialler says it
AT_ONCE = timedelta(seconds=1)  # a wrap-up begins so soon after its call, or it was interrupted
OBJECTIONS = "objections"  # the heading under which a script has them
STRONG_LABELS = ("contract ends", "promise", "due")
OUTCOME_WORDS = {
    "NO_ANSWER": "No answer",
    "BUSY": "Busy",
    "ABANDONED": "Nobody was free",
    "INVALID_NUMBER": "Not a number",
    "CALLEE_DECLINED_CALL": "Declined",
    "SHORT_HANGUP": "Hung up at once",
    "FAX_MODEM": "Fax or modem",
}


def build(
    row: SeatRow,
    record: Record | None,
    today: Today,
    call: CallView,
    *,
    ended: tuple[str, float],
    chosen: Collection[str],
    notices: Sequence[str],
    now: Instant,
) -> AgentView:
    """The whole window at this moment.

    `ended`: the attempt whose call the phone saw end last, and when (UTC s): the truth even
    where no dialler lives to write it down. `chosen`: attempts whose outcome was just pressed.
    """
    state, since = row.state, row.since.timestamp()
    attempt = row.attempt_id or ""
    if state is SeatState.TALKING and attempt and ended[0] == attempt:
        state, since = SeatState.WRAP_UP, ended[1]
    campaign = row.campaign
    is_coded = bool(row.disposition_code) or attempt in chosen
    parked = [one for one in row.parked if one.attempt_id not in chosen]
    return AgentView(
        agent_name=row.agent_name,
        campaign_name=campaign.name,
        mode=campaign.mode,
        state=state,
        since_utc_s=since,
        reason=REASONS.get(row.reason, row.reason),
        until_utc_s=None if row.until is None else row.until.timestamp(),
        countdown_s=campaign.preview_s,
        wrap_up_s=campaign.wrap_up_limit_s,
        preview_then=THEN[campaign.preview_timeout],
        skips_used=today.skips,
        skips_a_day=campaign.skips_a_day,
        is_pause_due=row.pause_wanted is not None,
        pause_reason=row.pause_wanted or "",
        pause_due_utc_s=None if row.pause_due is None else row.pause_due.timestamp(),
        is_relief=row.is_relief,
        parked=tuple(ParkedView(one.name, bool(one.note.strip())) for one in parked),
        is_back=_is_back(row),
        record=None if record is None else record_view(record, attempt, now),
        script=script_view(row, record),
        outcomes=tuple(
            OutcomeView(one.code, one.label, one.key, one.is_danger)
            for one in campaign.dispositions
        ),
        can_choose_outcome=bool(attempt)
        and not is_coded
        and state in (SeatState.TALKING, SeatState.WRAP_UP),
        note=row.note,
        call=call,
        today=TodayView(today.contacts, today.successes, today.mean_wait_s),
        notices=tuple(notices),
    )


def with_telephone(
    view: AgentView,
    row: SeatRow,
    since: Since,
    trouble: str,
    sound_notice: str,
    advice: AdviceView | None,
    trunk_trouble: str = "",
) -> AgentView:
    """The same window with the call's control, what is wrong with the sound, and advice.

    `trouble`: why a wish was refused before it reached the dialler. The sound comes first among
    the notices: without it nothing else works. `trunk_trouble`: why no call comes, told to who
    waits for one.
    """
    trunk = "" if row.state is SeatState.TALKING else trunk_trouble
    control = control_view(row.control, since, trouble, row.campaign.recording_pause_limit_s)
    return replace(
        view,
        control=control,
        can_choose_outcome=view.can_choose_outcome and not control.is_third,
        can_dial_by_hand=True,
        advice=advice,
        notices=tuple(one for one in (sound_notice, trunk, *view.notices) if one),
    )


def _is_back(row: SeatRow) -> bool:
    """Whether this wrap-up began later than its call ended: another call came between."""
    if row.state is not SeatState.WRAP_UP or row.ended_at is None:
        return False
    return row.since - row.ended_at > AT_ONCE


def record_view(record: Record, attempt_id: str, now: Instant) -> RecordView:
    """The person, as far as this agent may see them."""
    return RecordView(
        contact_id=record.contact_id,
        attempt_id=attempt_id,
        name=record.name,
        number=_national(record.number_parts),
        number_label=f"{record.number_kind} {record.number_rank} of {record.number_count}",
        place=_place(record, now),
        details=tuple(
            Detail(
                label,
                value,
                is_strong=label.lower() in STRONG_LABELS,
                is_due=label.lower() == "promise",
            )
            for label, value in record.details
        ),
        history=tuple(_history_row(past, record) for past in record.history[:8]),
        last_note=record.last_note,
    )


def _national(parts: Sequence[str]) -> str:
    """As it is read out at home: the country's code becomes a 0 where that is the custom."""
    if parts and parts[0] == "+44":
        return " ".join(("0" + parts[1], *parts[2:])) if len(parts) > 1 else parts[0]
    return " ".join(parts)


def _place(record: Record, now: Instant) -> str:
    if not record.zone:
        return record.town
    there = now.utc.astimezone(ZoneInfo(record.zone))
    return " · ".join(word for word in (record.town, f"{there:%H:%M} there") if word)


def _history_row(past: PastCall, record: Record) -> HistoryRow:
    zone = ZoneInfo(record.zone) if record.zone else UTC
    day: datetime = past.at.astimezone(zone)
    word = past.label or OUTCOME_WORDS.get(past.outcome.value if past.outcome else "", "Called")
    return HistoryRow(f"{day.day} {day:%b}", word, past.agent.split()[0] if past.agent else "")


def script_view(row: SeatRow, record: Record | None) -> ScriptView | None:
    """The campaign's script with names filled in; None without a script or a person.

    A line `# Title` begins a page; its first paragraph is said, the second is a hint. Under the
    title "Objections" stand the answers at hand, a line each: `label: answer`. A script without
    titles is one page, its third paragraph the objections.
    """
    if not row.script.strip() or record is None:
        return None
    name = record.name
    words = {"{agent}": row.agent_name.split()[0], "{company}": row.company_name, "{name}": name}
    text = row.script
    for key, word in words.items():
        text = text.replace(key, word)
    sections = _sections(text)
    if len(sections) == 1 and not sections[0][0]:
        first, _, rest = sections[0][1].partition("\n\n")
        hint, _, objections = rest.partition("\n\n")
        return ScriptView((ScriptPage(first, hint=hint),), name, _objections(objections))
    pages = tuple(
        ScriptPage(first, title, hint.strip())
        for title, body in sections
        if title.lower() != OBJECTIONS
        for first, _, hint in [body.partition("\n\n")]
    )
    answers = "\n".join(body for title, body in sections if title.lower() == OBJECTIONS)
    return ScriptView(pages or (ScriptPage(""),), name, _objections(answers))


def _sections(text: str) -> list[tuple[str, str]]:
    """Title and body of each part of a script; what stands before the first title has none."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if line.startswith("# "):
            found.append((line[2:].strip(), []))
        else:
            found[-1][1].append(line.rstrip())
    parts = [(title, "\n".join(lines).strip()) for title, lines in found]
    return [(title, body) for title, body in parts if title or body]


def _objections(text: str) -> tuple[tuple[str, str], ...]:
    """Lines of the form `label: answer`."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return tuple((label.strip(), answer.strip()) for label, _, answer in pairs)
