"""What a line hears: verdicts of detection, tones, and keys that people press."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import connecting, judging
from dialer_core.engine.calls import Call
from dialer_core.engine.commands import EndCall, PlayMessage
from dialer_core.engine.control_commands import NoteKey, NoteTone, NoteVerdict
from dialer_core.engine.control_events import KeyHeard, ToneHeardOnLine, VerdictHeard
from dialer_core.engine.floor import Floor
from dialer_core.model.call_control import AskedByKey
from dialer_core.model.states import CallStage, Direction, Mode
from dialer_core.rules.detection import CERTAIN, ENDS_RINGING, more_telling

_NOBODY_YET = frozenset({CallStage.WAITING, CallStage.MESSAGE})
_UNANSWERED = frozenset({CallStage.COMMITTED, CallStage.DIALLING, CallStage.RINGING})


def verdict(floor: Floor, event: VerdictHeard, now: Instant) -> None:
    """A machine is let go, or hears the message; anything else goes on as with a person.

    A word that comes late is kept for the record and changes nothing.
    """
    call = floor.calls.get(event.attempt_id)
    floor.tell(
        NoteVerdict(
            event.attempt_id,
            event.verdict,
            event.cause,
            now,
            event.speech_start,
            event.greeting_end,
        )
    )
    if call is None or call.judge_by_s is None:
        return
    if event.verdict == "machine" and call.stage is CallStage.WAITING:
        _machine(floor, call, now)
    else:
        judging.end(floor, call)


def tone(floor: Floor, event: ToneHeardOnLine) -> None:
    """After certain tones nobody is looked for: a fax, no such number, a busy one."""
    floor.tell(NoteTone(event.attempt_id, event.tone))
    call = floor.calls.get(event.attempt_id)
    if call is None:
        return
    if event.is_early:
        call.early_tone = more_telling(call.early_tone, event.tone)
    else:
        call.tone = more_telling(call.tone, event.tone)
    if call.line_id is None or call.direction is Direction.IN:
        return
    if event.is_early:
        if event.tone in ENDS_RINGING and call.stage in _UNANSWERED:
            floor.tell(EndCall(call.line_id, call.attempt_id, now=True))
    elif event.tone in CERTAIN and call.stage in _NOBODY_YET:
        call.is_machine = call.is_message_asked = True
        floor.campaign(call.campaign_id).judging.add(call.attempt_id)
        floor.tell(EndCall(call.line_id, call.attempt_id, now=True))


def key(floor: Floor, event: KeyHeard, now: Instant) -> None:
    """A person who hears a message of ours has asked for something."""
    call = floor.calls.get(event.attempt_id)
    if call is None or event.by != "person" or call.stage not in _NOBODY_YET:
        return
    if call.mode is not Mode.AGENTLESS and call.direction is not Direction.IN:
        return
    asked = event.meaning
    if asked is None or call.wish is asked:
        return
    call.wish = asked
    floor.tell(NoteKey(call.attempt_id, asked, now))
    if asked is AskedByKey.AGENT:
        _ask_for_agent(floor, call, now)
    else:  # the line says so much to the person and ends the call by itself
        call.is_message_asked = True
        floor.campaign(call.campaign_id).judging.add(call.attempt_id)  # no agent is looked for


def _machine(floor: Floor, call: Call, now: Instant) -> None:
    call.is_machine = call.is_message_asked = True
    campaign = floor.campaign(call.campaign_id).campaign
    if call.line_id is None:
        return
    if campaign.machine_message:
        connecting.to_message(floor, call, now)
        floor.tell(PlayMessage(call.line_id, call.attempt_id))
    else:
        floor.tell(EndCall(call.line_id, call.attempt_id, now=True))


def _ask_for_agent(floor: Floor, call: Call, now: Instant) -> None:
    """From here on it is an answered call like any other: the limit counts from the key."""
    if call.stage is CallStage.MESSAGE and call.direction is Direction.OUT:
        call.asked = now
        call.is_message_asked = False
        floor.move_call(call, CallStage.WAITING, now)
