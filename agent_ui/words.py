"""What the agent's window says, in one place: the card's sentences and the reasons of a pause."""

from __future__ import annotations

from dataclasses import dataclass

from app.desk.views import AgentView, RecordView, SeatState

# Shown in this order, on the keys 1 to 5; what is saved is the word itself.
PAUSE_REASONS = ("Break", "Lunch", "Meeting", "Training", "Technical")

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


def card_words(view: AgentView, *, is_over_time: bool) -> CardWords:
    """What the card beside the timer says in this state."""
    name = person_name(view.record)
    if view.state is SeatState.WRAP_UP:
        return _wrap_up_words(view, is_over_time=is_over_time)
    if view.state is SeatState.TALKING:
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
        return CardWords("Waiting for the next person", "The record comes up by itself.")
    if view.state is SeatState.PAUSED:
        return CardWords(view.reason or "Paused", "No calls until you are available again.")
    if view.state is SeatState.LOGGED_OUT:
        return CardWords("Logged out", view.reason)
    return CardWords("", "")


def _wrap_up_words(view: AgentView, *, is_over_time: bool) -> CardWords:
    then = "Your pause follows." if view.is_pause_due else "The next call follows."
    if not view.can_choose_outcome:
        return CardWords("Outcome saved", then)
    if is_over_time:
        return CardWords("Choose the outcome now", "The time for it is over.", is_trouble=True)
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


def then_words(view: AgentView) -> str:
    """What comes next, beside the timer in the state bar."""
    if view.is_pause_due and view.state is not SeatState.PAUSED:
        return "then: your pause"
    if view.state is SeatState.PREVIEW:
        return view.preview_then
    if view.state is SeatState.PAUSED:
        return view.reason
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
