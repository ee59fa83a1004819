"""What the agent's window says, in one place: the card's sentences and the reasons of a pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from agent_ui.call_words import arrangement_words
from app.desk.views import FOR_COLLEAGUES, AgentView, RecordView, SeatState

# Shown in this order, on the keys 1 to 6; what is saved is the word itself.
PAUSE_REASONS = ("Break", "Lunch", "Meeting", "Training", "Technical", FOR_COLLEAGUES)

IN_CALL = frozenset({SeatState.RINGING, SeatState.CONNECTING, SeatState.TALKING})
UP = IN_CALL | {SeatState.PREVIEW}  # the window stays on top


@dataclass(frozen=True, slots=True)
class CardWords:
    """A headline (what is), a sentence (what to do), and whether it is trouble."""

    headline: str
    sentence: str
    is_trouble: bool = False


def person_name(record: RecordView | None) -> str:
    """The name, or the number where there is none, or "the person"."""
    if record is None:
        return "the person"
    return record.name or record.number or "the person"


def clock_words(utc_s: float) -> str:
    """A moment as this PC's clock shows it: "14:30"."""
    return f"{datetime.fromtimestamp(utc_s, UTC).astimezone():%H:%M}"


def is_announced(view: AgentView, now_utc_s: float) -> bool:
    """A pause is to begin at a moment that has not come."""
    due = view.pause_due_utc_s
    return view.is_pause_due and due is not None and now_utc_s < due


def is_held(view: AgentView, now_utc_s: float) -> bool:
    """A pause is due and waits, the seat being free, for a line that rings for it."""
    due = view.pause_due_utc_s
    return (
        view.state is SeatState.AVAILABLE
        and view.is_pause_due
        and due is not None
        and due <= now_utc_s
    )


def parked_words(view: AgentView) -> str:
    """Who waits for the rest of a wrap-up; empty for nobody."""
    if not view.parked:
        return ""
    first = view.parked[0]
    words = f"Parked: {first.name or 'the person before'}"
    if first.has_note:
        words += ", notes kept"
    more = len(view.parked) - 1
    return f"{words} · {more} more" if more else words


def card_words(view: AgentView, now_utc_s: float, *, is_over_time: bool) -> CardWords:
    """What the card beside the timer says in this state."""
    name = person_name(view.record)
    if view.state is SeatState.WRAP_UP:
        return _wrap_up_words(view, is_over_time=is_over_time)
    if view.state is SeatState.TALKING:
        arranged = arrangement_words(view.control, name, now_utc_s)
        if arranged is not None:
            return CardWords(*arranged)
        if view.call.is_muted:
            return CardWords("Muted", f"You hear {name}; you are not heard.", is_trouble=True)
        if view.can_choose_outcome:
            return CardWords(f"With {name}", "Hang up, or choose the outcome: it ends the call.")
        return CardWords(f"With {name}", "Choose the outcome when the call is over.")
    if view.state is SeatState.RINGING:
        what = f"Calling {name}" if view.record else "Calling the next person"
        return CardWords(what, "You are connected as soon as they answer.")
    if view.state is SeatState.CONNECTING:
        return CardWords("Someone has answered", "You are being connected now.")
    if view.state is SeatState.AVAILABLE:
        return _available_words(view, now_utc_s)
    if view.state is SeatState.PAUSED:
        return CardWords(_begun(view.reason) or "Paused", "No calls until you are available again.")
    if view.state is SeatState.LOGGED_OUT:
        return CardWords("Logged out", view.reason)
    return CardWords("", "")


def _begun(words: str) -> str:
    """With a capital, as a title begins."""
    return words[:1].upper() + words[1:]


def _available_words(view: AgentView, now_utc_s: float) -> CardWords:
    if is_held(view, now_utc_s):
        return CardWords(
            f"{view.pause_reason or 'Break'} follows",
            "A line is ringing for you; whoever answers is yours first.",
        )
    if view.is_relief:
        return CardWords("On relief", "You are called only when nobody else is free.")
    return CardWords("Waiting for the next person", "The record comes up by itself.")


def _wrap_up_words(view: AgentView, *, is_over_time: bool) -> CardWords:
    then = "Your pause follows." if view.is_pause_due else "The next call follows."
    if view.parked:
        then = f"Back to {view.parked[0].name or 'the person before'} afterwards."
    if not view.can_choose_outcome:
        return CardWords("Outcome saved", then)
    if is_over_time:
        return CardWords("Choose the outcome now", "The time for it is over.", is_trouble=True)
    if view.is_back:
        kept = "Your notes are kept; c" if view.note.strip() else "C"
        return CardWords(f"Back to {person_name(view.record)}", f"{kept}hoose the outcome.")
    return CardWords("Choose the outcome", then)


def outcome_words(view: AgentView, *, is_writing: bool, is_over_time: bool) -> str:
    """What stands beside the heading of the outcomes."""
    if not view.can_choose_outcome:
        if view.state is SeatState.WRAP_UP:
            return "saved"
        return "after the call" if view.record else ""
    if is_over_time:
        return "the time is over: choose one"
    if view.state is SeatState.TALKING and not is_writing:
        return "its key ends the call"
    return "with Alt while you write" if is_writing else "press its key"


def today_words(view: AgentView) -> str:
    """The agent's own figures of the day."""
    today = view.today
    parts = [_count(today.contacts, "contact"), _count(today.successes, "success", "successes")]
    if today.mean_wait_s is not None:
        parts.append(f"{today.mean_wait_s:.0f} s wait")
    return "today " + " · ".join(parts)


def then_words(view: AgentView, now_utc_s: float) -> str:
    """What comes next, beside the timer in the state bar."""
    if view.state is SeatState.PAUSED or not view.is_pause_due:
        return _next_words(view)
    reason = view.pause_reason or "Break"
    if is_held(view, now_utc_s):
        return f"{reason} follows: a line is ringing for you"
    if is_announced(view, now_utc_s) and view.pause_due_utc_s is not None:
        return f"{_next_words(view)} · {reason} at {clock_words(view.pause_due_utc_s)}"
    return "then: your pause"


def _next_words(view: AgentView) -> str:
    if view.state is SeatState.PREVIEW:
        return view.preview_then
    if view.state is SeatState.PAUSED:
        return view.reason
    if view.state is SeatState.WRAP_UP and view.parked:
        return f"then: back to {view.parked[0].name or 'the person before'}"
    if view.state is SeatState.AVAILABLE and view.is_relief:
        return "when nobody else is free"
    return {
        SeatState.AVAILABLE: "then: the next person",
        SeatState.RINGING: "then: talk",
        SeatState.CONNECTING: "then: talk",
        SeatState.TALKING: "then: wrap-up",
        SeatState.WRAP_UP: "then: the next call",
    }.get(view.state, "")


def skip_words(view: AgentView) -> str:
    """How many of today's skips are used."""
    return f"{view.skips_used} of {view.skips_a_day} skips used today"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
