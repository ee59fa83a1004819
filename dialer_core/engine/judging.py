"""Answers that detection still listens to: nobody is looked for until it has said what it heard.

Off unless the campaign wants it, and only for calls that have no seat held for them.
"""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call
from dialer_core.engine.floor import Floor
from dialer_core.model.campaign import Campaign
from dialer_core.model.states import CallStage, Mode


def is_judged(campaign: Campaign, call: Call) -> bool:
    """Whether detection listens to the call's answer."""
    return campaign.detection and call.mode is Mode.PREDICTIVE and not call.is_held


def begin(floor: Floor, call: Call, now: Instant) -> bool:
    """The person has answered: wait for the verdict first, where there is to be one."""
    state = floor.campaign(call.campaign_id)
    campaign = state.campaign
    if not is_judged(campaign, call):
        return False
    latest_s = campaign.connect_limit_s - campaign.message_lead_s
    call.judge_by_s = now.mono_s + min(campaign.detection_deadline_s, latest_s)
    state.judging.add(call.attempt_id)
    call.session_id = None
    floor.move_call(call, CallStage.WAITING, now)
    return True


def end(floor: Floor, call: Call) -> None:
    """A person, or nobody can tell: an agent is looked for like for any other."""
    call.judge_by_s = None
    floor.campaign(call.campaign_id).judging.discard(call.attempt_id)


def keep_time(floor: Floor, call: Call, now: Instant) -> None:
    """Without a verdict by the deadline it is taken for a person."""
    if call.judge_by_s is not None and now.mono_s >= call.judge_by_s and not call.is_machine:
        end(floor, call)
