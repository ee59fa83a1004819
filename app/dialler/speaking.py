"""The engine's commands in the words of the lines: addresses, sounds, files, gateways added."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app.dialler import translate
from app.dialler.line_ear import Told
from app.dialler.reaching import checked
from app.dialler.sounds import CampaignSounds
from app.exchange import Exchange
from dialer_core.clock import Clock
from dialer_core.engine import commands, control_commands, events
from dialer_core.engine.control_events import ThirdMoved
from dialer_core.model.call_control import Listening, RecordingPolicy, ThirdStage
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import KnownError as CoreError
from dialer_core.model.ids import CampaignId, LineId, SessionId
from sip import messages

_HOW: dict[Listening, Literal["listen", "whisper", "barge", "take_over"]] = {
    Listening.LISTEN: "listen",
    Listening.WHISPER: "whisper",
    Listening.BARGE: "barge",
    Listening.TAKE_OVER: "take_over",
}
log = logging.getLogger("app.dialler.speaking")


DialBy = Callable[[], Awaitable[float | None]]
"""Waits until dialling is allowed; until when it is, on `sip.clock.awake_s`, or None: for ever."""


async def _no_limit() -> None:
    return None


class Lines(Protocol):
    """The lines of a dialler, as far as they are spoken to."""

    @property
    def epoch(self) -> int: ...

    def send(self, line_id: LineId, message: messages.Message) -> bool: ...


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says what the engine wants. `phone`: a session's SIP address and token, KnownError if gone.

    `tell` takes what the engine must know where something could not be said. Nothing is dialled
    before `dial_by` has answered.
    """

    lines: Lines
    exchange: Exchange
    phone: Callable[[int], Awaitable[tuple[str, str]]]
    campaigns: Mapping[CampaignId, Campaign]
    clock: Clock
    tell: Told
    sounds: CampaignSounds
    recordings_dir: Path
    dial_by: DialBy = _no_limit

    async def speak(self, command: commands.LineCommand) -> None:
        """One command to its line."""
        match command:
            case commands.Originate():
                await self._originate(command)
            case commands.ConnectAgent():
                await self._connect(command)
            case control_commands.DialThird():
                await self._dial_third(command)
            case control_commands.Supervise():
                await self._supervise(command)
            case control_commands.TakeCall():
                await self._take(command)
            case _:
                self.lines.send(command.line_id, self._plain(command))

    def _plain(
        self,
        command: commands.PlayMessage
        | commands.EndCall
        | control_commands.ArrangeCall
        | control_commands.DropThird
        | control_commands.PressKeys
        | control_commands.SetRecording
        | control_commands.RefuseCall,
    ) -> messages.Message:
        epoch = self.lines.epoch
        if isinstance(command, control_commands.RefuseCall):
            return messages.RefuseCall(
                epoch=epoch, call_ref=command.call_ref, status=command.status
            )
        attempt = command.attempt_id
        match command:
            case commands.PlayMessage():
                return messages.PlayMessage(epoch=epoch, attempt_id=attempt)
            case commands.EndCall():
                return messages.EndCall(epoch=epoch, attempt_id=attempt, now=command.now)
            case control_commands.ArrangeCall():
                return messages.Arrange(epoch=epoch, attempt_id=attempt, how=command.how.value)
            case control_commands.DropThird():
                return messages.DropThird(epoch=epoch, attempt_id=attempt)
            case control_commands.PressKeys():
                return messages.SendDigits(
                    epoch=epoch, attempt_id=attempt, digits=command.digits, to=command.to
                )
            case control_commands.SetRecording():
                return messages.SetRecording(epoch=epoch, attempt_id=attempt, how=command.how)

    # --- dialling -------------------------------------------------------------------------

    async def _originate(self, command: commands.Originate) -> None:
        campaign = self.campaigns[command.campaign_id]
        agent = None
        try:
            if command.session_id is not None:
                agent = await self._agent(command.session_id)
            caller_id = campaign.caller_id if command.caller_id is None else command.caller_id
            way = self.exchange.way(command.gateway, command.number, caller_id)
        except CoreError as error:  # logged out a moment ago, or a number for no gateway
            self._refuse(command.line_id, command.attempt_id, error.sentence)
            return
        play = self.sounds
        message = messages.Originate(
            epoch=self.lines.epoch,
            attempt_id=command.attempt_id,
            number=way.number,
            gateway=way.gateway,
            caller_id=way.caller_id,
            min_ring_s=campaign.min_ring_s,
            max_ring_s=campaign.max_ring_s,
            connect_limit_s=campaign.connect_limit_s,
            message_lead_s=campaign.message_lead_s,
            message_wav=await asyncio.to_thread(play.message, campaign.message_wav),
            max_call_s=campaign.max_call_s,
            agent_leg=command.agent_leg,
            agent=agent,
            recording=await asyncio.to_thread(self._recording, campaign, command.attempt_id),
            detection=self._detection(campaign) if command.is_judged else None,
            hold_wav=await asyncio.to_thread(play.path, campaign.hold_wav),
            notice_wav=await asyncio.to_thread(self._notice, campaign),
            agentless_wav=await asyncio.to_thread(play.path, campaign.agentless_wav)
            if command.is_agentless
            else "",
            menu=_menu(campaign) if command.is_agentless else None,
            not_after_s=await self.dial_by(),
        )
        if command.is_agentless and not message.agentless_wav:
            sentence = "the campaign's message cannot be played"
            self._refuse(command.line_id, command.attempt_id, sentence)
        elif not self.lines.send(command.line_id, message):
            log.warning("%s was gone before it could dial", command.line_id)
            self._refuse(command.line_id, command.attempt_id, "the line was gone")

    def _refuse(self, line_id: LineId, attempt_id: str, sentence: str) -> None:
        """The call cannot leave: to the engine it has ended, and the record says why."""
        refused = messages.Refused(command="originate", sentence=sentence, attempt_id=attempt_id)
        event, at = translate.refused_originate(line_id, refused, self.clock.now())
        self.tell(event, at, None)

    def _detection(self, campaign: Campaign) -> messages.DetectionOrder:
        return messages.DetectionOrder(deadline_s=campaign.detection_deadline_s)

    def _notice(self, campaign: Campaign) -> str:
        if campaign.recording is not RecordingPolicy.ANNOUNCE:
            return ""
        return self.sounds.path(campaign.notice_wav)

    def _recording(self, campaign: Campaign, attempt_id: str) -> messages.RecordingOrder | None:
        """Where and from when on the call is recorded; None: not at all."""
        policy = campaign.recording
        if policy is RecordingPolicy.OFF:
            return None
        if policy is RecordingPolicy.ANNOUNCE and not self._notice(campaign):
            log.warning("%s: nothing is recorded, since no notice says so", campaign.name)
            return None
        folder = self.recordings_dir / f"{self.clock.now().utc:%Y-%m-%d}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_asked = policy is RecordingPolicy.ON_DEMAND
        return messages.RecordingOrder(
            path=str(folder / f"{attempt_id}.wav"),
            starts="asked" if is_asked else "bridged",
            longest_pause_s=campaign.recording_pause_limit_s,
            keeps_machines=policy is RecordingPolicy.ALL,
        )

    # --- agents, colleagues, supervisors --------------------------------------------------

    async def _agent(self, session_id: int) -> messages.AgentAddress:
        uri, token = await self.phone(session_id)
        return messages.AgentAddress(session_id=session_id, uri=checked(uri), token=token)

    async def _seat(self, session_id: int) -> messages.Seat:
        uri, token = await self.phone(session_id)
        return messages.Seat(session_id=session_id, uri=checked(uri), token=token)

    async def _connect(self, command: commands.ConnectAgent) -> None:
        try:
            agent = await self._agent(command.session_id)
        except CoreError as gone:  # logged out a moment ago
            unreachable = events.SeatUnreachable(
                command.line_id, command.attempt_id, command.session_id, gone.sentence
            )
            self.tell(unreachable, self.clock.now(), None)
            return
        message = messages.ConnectAgent(
            epoch=self.lines.epoch, attempt_id=command.attempt_id, agent=agent
        )
        self.lines.send(command.line_id, message)

    async def _dial_third(self, command: control_commands.DialThird) -> None:
        try:
            message = await self._third(command)
        except CoreError as error:
            gone = ThirdMoved(
                command.line_id,
                command.attempt_id,
                command.third_ref,
                ThirdStage.GONE,
                sentence=error.sentence,
            )
            self.tell(gone, self.clock.now(), None)
            return
        await self.dial_by()
        self.lines.send(command.line_id, message)

    async def _third(self, command: control_commands.DialThird) -> messages.DialThird:
        seat = None if command.session_id is None else await self._seat(command.session_id)
        way = None
        if seat is None:
            caller_id = self.campaigns[command.campaign_id].caller_id
            way = self.exchange.way(command.gateway, command.number, caller_id)
        return messages.DialThird(
            epoch=self.lines.epoch,
            attempt_id=command.attempt_id,
            third_ref=command.third_ref,
            number="" if way is None else way.number,
            gateway=None if way is None else way.gateway,
            caller_id="" if way is None else way.caller_id,
            seat=seat,
            is_blind=command.is_blind,
            back_to=await self._maybe_seat(command.back_to),
        )

    async def _maybe_seat(self, session_id: SessionId | None) -> messages.Seat | None:
        try:
            return None if session_id is None else await self._seat(session_id)
        except CoreError:  # logged out: then nobody is called again
            return None

    async def _supervise(self, command: control_commands.Supervise) -> None:
        epoch, attempt = self.lines.epoch, command.attempt_id
        if command.how is Listening.LEAVE:
            self.lines.send(command.line_id, messages.EndSupervise(epoch=epoch, attempt_id=attempt))
            return
        try:
            seat = await self._seat(command.session_id)
        except CoreError as gone:
            refused = messages.Refused(
                command="supervise", sentence=gone.sentence, attempt_id=attempt
            )
            event, at = translate.refused_wish(command.line_id, refused, self.clock.now())
            self.tell(event, at, None)
            return
        message = messages.Supervise(
            epoch=epoch, attempt_id=attempt, supervisor=seat, how=_HOW[command.how]
        )
        self.lines.send(command.line_id, message)

    # --- calls that come in ---------------------------------------------------------------

    async def _take(self, command: control_commands.TakeCall) -> None:
        campaign = self.campaigns[command.campaign_id]
        message = messages.TakeCall(
            epoch=self.lines.epoch,
            call_ref=command.call_ref,
            attempt_id=command.attempt_id,
            queue_wav=await asyncio.to_thread(self.sounds.path, campaign.queue_wav),
            hold_wav=await asyncio.to_thread(self.sounds.path, campaign.hold_wav),
            message_wav=await asyncio.to_thread(self.sounds.message, campaign.message_wav),
            longest_wait_s=campaign.longest_wait_s,
            max_call_s=campaign.max_call_s,
            menu=_menu(campaign),
            recording=await asyncio.to_thread(self._recording, campaign, command.attempt_id),
            notice_wav=await asyncio.to_thread(self._notice, campaign),
        )
        if not self.lines.send(command.line_id, message):
            self._refuse(command.line_id, command.attempt_id, "the line was gone")


def _menu(campaign: Campaign) -> messages.KeyMenu | None:
    """The keys of the campaign's messages; None where none is offered."""
    if not (campaign.key_agent or campaign.key_later or campaign.key_never):
        return None
    return messages.KeyMenu(
        agent=campaign.key_agent,
        later=campaign.key_later,
        never=campaign.key_never,
        repeats=campaign.menu_repeats,
        pause_s=campaign.menu_pause_s,
    )
