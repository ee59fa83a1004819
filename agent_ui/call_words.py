"""What the window says of a call in progress: who talks, who waits, what is recorded."""

from __future__ import annotations

from app.desk.views import (
    FOR_COLLEAGUES,
    AgentView,
    Arrangement,
    ColleagueView,
    ControlView,
    RecordingPolicy,
    RecordingState,
    SeatState,
    ThirdStage,
)
from app.look.theme import STATE_WORDS

NO_CALL = "No call is up."
NOT_YET = "Possible as soon as somebody has answered."
_CALLING = (ThirdStage.DIALLING, ThirdStage.RINGING)


def span_words(seconds: float) -> str:
    """A length of time as a timer shows it: "2:31"."""
    whole = max(int(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"


def third_name(control: ControlView) -> str:
    """A colleague's name, the number, or "the third party"."""
    return control.third_label or "the third party"


def is_with_third(control: ControlView) -> bool:
    """Whether somebody else has a part in the call, or is being called to."""
    is_there = control.third is not None and control.third is not ThirdStage.GONE
    return is_there and not control.is_third


def why_no_control(view: AgentView) -> str:
    """Why hold, transfer, keys and recording are impossible now; "" where they are possible."""
    if not view.call.is_up:
        return NO_CALL
    if view.state is not SeatState.TALKING or not view.call.is_connected:
        return NOT_YET
    if view.control.arrangement is Arrangement.HANDED_OVER:
        return "The call has been handed over."
    if view.control.is_third:
        return "This is your colleague's call: they hold it and hand it over."
    return ""


def why_no_hold(view: AgentView) -> str:
    """Why the person cannot be put on hold, or taken back, with the hold key."""
    why = why_no_control(view)
    if why or not is_with_third(view.control):
        return why
    return f"{third_name(view.control)} is in the call: go on in the transfer."


def why_no_hand_dial(view: AgentView) -> str:
    """Why no number can be dialled by hand now; "" where it can."""
    if not view.can_dial_by_hand:
        return "This campaign dials from its lists only."
    if view.call.is_up:
        return "Hang up first."
    if view.state not in (SeatState.PAUSED, SeatState.AVAILABLE):
        return "Possible in a pause, or while you wait for a call."
    return ""


def why_not_reachable(colleague: ColleagueView) -> str:
    """Why a call cannot be given to that colleague now; "" where it can."""
    is_willing = colleague.state is SeatState.PAUSED and colleague.reason == FOR_COLLEAGUES
    if colleague.state is SeatState.AVAILABLE or is_willing:
        return ""
    words = {
        SeatState.PAUSED: "is on pause" + (f" ({colleague.reason})" if colleague.reason else ""),
        SeatState.TALKING: "is in a call",
        SeatState.RINGING: "is being connected",
        SeatState.CONNECTING: "is being connected",
        SeatState.PREVIEW: "has the next person on the screen",
        SeatState.WRAP_UP: "finishes the last call",
        SeatState.LOGGED_OUT: "is logged out",
    }
    return f"{colleague.name} {words.get(colleague.state, 'cannot be called')}."


def colleague_words(colleague: ColleagueView) -> str:
    """The state in the list of colleagues: a pause is named by its reason."""
    is_named = colleague.state is SeatState.PAUSED and colleague.reason
    return colleague.reason if is_named else STATE_WORDS[colleague.state.value]


def arrangement_words(control: ControlView, name: str, now_utc_s: float) -> tuple[str, str] | None:
    """Headline and sentence for the card beside the timer; None for a plain conversation."""
    third = third_name(control)
    if control.is_third:
        if control.arrangement is Arrangement.CONFERENCE:
            return "All three", f"{name}, your colleague and you hear each other."
        return "A colleague asks you", f"{name} is on hold and does not hear you."
    if control.arrangement is Arrangement.HANDED_OVER:
        return "Handed over", f"{name} goes on without you."
    if control.arrangement is Arrangement.HOLD and not is_with_third(control):
        since = control.since_utc_s
        lasts = f" · {span_words(now_utc_s - since)}" if since is not None else ""
        return f"{name} on hold{lasts}", "They hear music and cannot hear you. H goes on."
    if control.arrangement is Arrangement.CONFERENCE:
        return "All three", f"{name}, {third} and you hear each other."
    if not is_with_third(control):
        return None
    if control.third in _CALLING:
        return f"Calling {third}", f"{name} is on hold and hears music."
    if control.arrangement is Arrangement.CONSULT:
        return f"You talk with {third}", f"{name} is on hold and hears music."
    return f"You talk with {name}", f"{third} is on hold."


def transfer_words(control: ControlView) -> str:
    """What stands beside the heading of the transfer."""
    third = third_name(control)
    if control.arrangement is Arrangement.CONFERENCE:
        return "all three hear each other"
    if control.third is ThirdStage.DIALLING:
        return f"calling {third}"
    if control.third is ThirdStage.RINGING:
        return f"it rings at {third}"
    if control.third is ThirdStage.UP and control.arrangement is Arrangement.CONSULT:
        return f"{third} has answered"
    return ""


def is_recorded(control: ControlView) -> bool:
    """Whether there is a recording to show, running or not."""
    return control.recording is not RecordingState.OFF


def recording_words(control: ControlView, now_utc_s: float) -> str:
    """What stands beside the recording's mark; "" where nothing is recorded."""
    since = control.recording_since_utc_s
    lasted = f" {span_words(now_utc_s - since)}" if since is not None else ""
    return {
        RecordingState.RECORDING: f"Recording{lasted}",
        RecordingState.PAUSED: f"Not recording{lasted}",
        RecordingState.STOPPED: "Recording ended",
        RecordingState.FAILED: "Recording failed",
    }.get(control.recording, "")


def is_payment_late(control: ControlView, now_utc_s: float) -> bool:
    """Whether the recording has been paused for longer than a payment may take."""
    since = control.recording_since_utc_s
    if control.recording is not RecordingState.PAUSED or since is None:
        return False
    return now_utc_s - since >= control.payment_limit_s


def payment_notice(control: ControlView, now_utc_s: float) -> str:
    """The alarm over a payment step that lasts too long; "" for none."""
    since = control.recording_since_utc_s
    if since is None or not is_payment_late(control, now_utc_s):
        return ""
    return (
        f"The recording has been paused for {span_words(now_utc_s - since)}. Resume it with R as "
        "soon as the payment is done."
    )


def has_record_key(control: ControlView) -> bool:
    """Whether the agent has anything to press about the recording in this campaign."""
    if control.recording in (RecordingState.RECORDING, RecordingState.PAUSED):
        return True
    return control.recording_policy is not RecordingPolicy.OFF
