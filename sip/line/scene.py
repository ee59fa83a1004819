"""From the state of a call to the scene that decides who hears whom, its ports, its snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from sip.line.mixing import Part, Scene
from sip.messages import LineCall

if TYPE_CHECKING:
    from pjsua2 import AudioMedia

    from sip.line.call import LineCallInHand


def scene_of(call: LineCallInHand) -> Scene:
    """What is known of `call` now, as `mixing.wanted` needs it."""
    arranging, person = call.arranging, call.person
    return Scene(
        stage=_stage(call),
        how=arranging.how,
        has_early_ring=call.order.agent_leg == "ringing",
        has_person_sound=_is_heard(call) and person is not None and person.sound() is not None,
        is_queued=call.is_queued and call.in_charge is None,
        has_message=call.record.message_at is not None,
        third=_third(call),
        rings_to="person" if arranging.rings_to_person else "agent",
        listening=call.supervising.how,
        has_notice=call.joining.has_notice,
        is_recorded=call.recording.is_on,
    )


def _is_heard(call: LineCallInHand) -> bool:
    """Whether what the network sends before the answer is let through."""
    return call.record.answered_at is not None or call.order.gateway.plays_early_media


def _stage(call: LineCallInHand) -> Literal["early", "waiting", "message", "talk"]:
    if call.record.answered_at is None:
        return "early"
    if call.record.message_at is not None or call.is_ending:
        return "message"
    if call.arranging.how != "talk":
        return "talk"
    agent = call.agent_side.leg
    is_there = agent is not None and agent.is_up
    return "talk" if is_there and not call.is_judging else "waiting"


def _third(call: LineCallInHand) -> Literal["", "ringing", "early", "up"]:
    third = call.arranging.third
    if third is None or third.stage in ("dialling", "gone"):
        return ""
    if third.stage == "up":
        return "up"
    return "early" if third.has_sound else "ringing"


def port_of(call: LineCallInHand, part: Part) -> AudioMedia | None:
    """The port of a part of the call in the bridge, None where there is none just now."""
    if part in ("person", "agent", "third", "supervisor"):
        return _leg_port(call, part)
    endpoint, recorder = call.engine.endpoint, call.recording.recorder
    if part == "silence":
        return endpoint.silence()
    if part == "drain":
        return endpoint.drain()
    if part == "ringing":
        return call.sounds.ringing()
    if part == "music":
        return call.sounds.music()
    if part == "queue":
        return call.sounds.queue()
    if part == "notice":
        return call.sounds.notice()
    if part == "message":
        return call.message
    if recorder is None:
        return None
    return recorder.left if part == "left" else recorder.right


def _leg_port(call: LineCallInHand, part: Part) -> AudioMedia | None:
    if part == "person":
        return call.person.sound() if call.person is not None else None
    if part == "third":
        third = call.arranging.third
        return third.leg.sound() if third is not None and third.leg is not None else None
    phone = call.agent_side.leg if part == "agent" else call.supervising.leg
    if phone is None or phone.leg is None or not phone.is_up:
        return None
    return phone.leg.sound()


def snapshot_of(call: LineCallInHand) -> LineCall:
    """The call as a dialler must know it that comes anew."""
    arranging, third, supervisor = call.arranging, call.arranging.third, call.supervising.leg
    stage = call.record.stage(
        has_agent=call.agent_side.leg is not None,
        is_talking=call.agent_side.talking is not None or arranging.how == "handed_over",
    )
    return msgspec.structs.replace(
        call.record.snapshot(stage),
        how=arranging.how,
        has_person=arranging.has_person,
        third_ref=third.order.third_ref if third is not None else "",
        third=third.stage if third is not None else None,
        recording=call.recording.state,
        supervisor_id=supervisor.address.session_id if supervisor is not None else None,
        listening=call.supervising.how,
    )
