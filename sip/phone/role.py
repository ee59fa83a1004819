"""The phone's commands and its one call: who may ring, when it is up, how it ends."""

from __future__ import annotations

import hmac
from typing import Literal

from sip.clock import Timer
from sip.engine import Engine
from sip.leg import Invite, Leg, LegEnd, LegResponse, SilentListener
from sip.messages import (
    CloseSession,
    HangUp,
    Message,
    MuteChanged,
    OpenSession,
    PhoneCall,
    PhoneConnected,
    PhoneEnded,
    PhoneRang,
    PhoneStatus,
    SetMute,
    SoundChanged,
    SoundHeard,
    Stamp,
)
from sip.phone.devices import DeviceDesk
from sip.phone.quality import QualityWatch
from sip.phone.voice import PhoneOptions, Voice

__all__ = ["PhoneOptions", "PhoneRole"]

HANDOVER_S = 0.3
"""How long a next call may wait for the BYE of the one before, which another line sends."""
WOKEN_S = 0.05
"""So long a phone that stood still looks whether a call that came meanwhile was given up."""
READ_BACK_S = 0.025
READ_BACK_TRIES = 10
CHECK_S = 0.25
STALL_S = 5.0
BROKEN_STALL_S = 1.0
"""Without a packet from the line for so long the call is over; sooner if its connection broke."""


class _Call:
    """The call in hand."""

    def __init__(self, leg: Leg, attempt_id: str, at: Stamp) -> None:
        self.leg = leg
        self.attempt_id = attempt_id
        self.since = at
        self.connected_at: Stamp | None = None
        self.packets = -1
        self.heard_at_s = at.mono_s
        self.broken_at_s: float | None = None


class PhoneRole:
    """What a phone process does. It registers nowhere and answers only its own floor's lines."""

    def __init__(self, engine: Engine, options: PhoneOptions) -> None:
        self._engine = engine
        self._voice = Voice(engine, options, self._heard, self._sound_changed)
        self._devices = DeviceDesk(engine, self._voice, self._has_call)
        self._quality = QualityWatch(engine, self._voice)
        self._session_id: int | None = None
        self._token = ""
        self._call: _Call | None = None
        self._next: tuple[Leg, str] | None = None
        self._is_mute_wanted = False
        self._check_timer: Timer | None = None
        self._told_sound = ("", False)
        engine.endpoint.on_incoming = self._incoming
        engine.endpoint.on_transport_end = self._connection_broke

    # --- commands -----------------------------------------------------------------------------

    def handle(self, command: Message) -> None:
        if isinstance(command, OpenSession):
            self._open(command)
        elif isinstance(command, CloseSession):
            self._close_session()
        elif isinstance(command, SetMute):
            self._set_mute(command.is_muted)
        elif isinstance(command, HangUp):
            if self._call is None:
                self._engine.wire.refuse(command, "There is no call to end.")
            else:
                self._call.leg.end()
        elif not self._devices.handle(command):
            self._engine.wire.refuse(command, "A phone does not know this command.")

    def _has_call(self) -> bool:
        return self._call is not None

    def _open(self, command: OpenSession) -> None:
        if self._call is not None and command.session_id != self._session_id:
            self._engine.wire.refuse(command, "A call of another session is still up.")
            return
        if not command.token:
            self._engine.wire.refuse(command, "A session needs a token.")
            return
        self._session_id, self._token = command.session_id, command.token
        self._voice.need("session")
        self._engine.wire.tell(self.snapshot())

    def _close_session(self) -> None:
        self._session_id, self._token = None, ""
        if self._call is None:
            self._voice.need_no_more("session")
        self._engine.wire.tell(self.snapshot())

    # --- mute ---------------------------------------------------------------------------------

    def _set_mute(self, is_muted: bool) -> None:
        self._is_mute_wanted = is_muted
        if self._call is None:
            self._tell_mute(is_muted)
            return
        self._voice.cut(self._call.leg, is_muted=is_muted)
        self._read_back(READ_BACK_TRIES)

    def _read_back(self, tries: int) -> None:
        """The bridge changes at its next tick: ask it until it agrees, and say what it says."""
        call = self._call
        is_cut = self._voice.is_cut(call.leg) if call is not None else self._is_mute_wanted
        if is_cut == self._is_mute_wanted or tries == 0:
            self._tell_mute(is_cut)
        else:
            self._engine.timers.after(READ_BACK_S, lambda: self._read_back(tries - 1))

    def _tell_mute(self, is_muted: bool) -> None:
        self._engine.wire.emit(MuteChanged(seq=0, at=self._engine.clock.now(), is_muted=is_muted))

    # --- a call comes -------------------------------------------------------------------------

    def _incoming(self, leg: Leg, invite: Invite) -> None:
        if self._engine.stand_still.has_just_ended:
            self._engine.timers.after(WOKEN_S, lambda: self._decide(leg, invite))
        else:
            self._decide(leg, invite)

    def _decide(self, leg: Leg, invite: Invite) -> None:
        if leg.is_over:
            return
        if self._session_id is None:
            leg.reply(480)
            return
        token = invite.header("X-Callfloor-Token")
        attempt_id = invite.header("X-Callfloor-Attempt")
        if not attempt_id or not hmac.compare_digest(token.encode(), self._token.encode()):
            leg.reply(403)
        elif self._call is None:
            self._take(leg, attempt_id)
        elif self._next is None:
            self._next = (leg, attempt_id)
            self._engine.timers.after(HANDOVER_S, lambda: self._too_late(leg))
        else:
            leg.reply(486)

    def _too_late(self, leg: Leg) -> None:
        if self._next is not None and self._next[0] is leg:
            self._next = None
            leg.reply(486)

    def _take(self, leg: Leg, attempt_id: str) -> None:
        if leg.is_over:
            return
        now = self._engine.clock.now()
        self._call = _Call(leg, attempt_id, now)
        leg.listener = self
        self._devices.call_came()
        self._engine.wire.emit(PhoneRang(seq=0, at=now, attempt_id=attempt_id))
        leg.reply(200)
        self._check_timer = self._engine.timers.after(CHECK_S, self._check)

    def _check(self) -> None:
        """A line that died says no BYE: its packets stop."""
        call = self._call
        if call is None:
            return
        now_s = self._engine.clock.now().mono_s
        packets = call.leg.packets_heard()
        if packets is not None and packets != call.packets:
            call.packets, call.heard_at_s = packets, now_s
            self._quality.heard_at_s = now_s
        is_broken = call.broken_at_s is not None and now_s - call.broken_at_s < 2.0
        if now_s - call.heard_at_s >= (BROKEN_STALL_S if is_broken else STALL_S):
            call.leg.listener = SilentListener()
            call.leg.end()
            self._over(call, "network")
        else:
            self._check_timer = self._engine.timers.after(CHECK_S, self._check)

    def _connection_broke(self) -> None:
        if self._call is not None:
            self._call.broken_at_s = self._engine.clock.now().mono_s

    # --- LegListener --------------------------------------------------------------------------

    def leg_response(self, _leg: Leg, _response: LegResponse) -> None: ...

    def leg_answered(self, leg: Leg, _at: Stamp) -> None:
        self._connect(leg)

    def leg_media(self, leg: Leg) -> None:
        self._connect(leg)

    def _connect(self, leg: Leg) -> None:
        call = self._call
        if call is None or call.leg is not leg or leg.sound() is None:
            return
        self._voice.join(leg, is_muted=self._is_mute_wanted)
        if call.connected_at is None and leg.is_answered:
            call.connected_at = self._engine.clock.now()
            self._voice.greet()
            self._quality.start(leg, call.attempt_id)
            self._engine.wire.emit(
                PhoneConnected(seq=0, at=call.connected_at, attempt_id=call.attempt_id)
            )

    def leg_ended(self, leg: Leg, end: LegEnd) -> None:
        call = self._call
        if call is not None and call.leg is leg:
            by: Literal["agent", "far_end", "network"] = "network"
            if end.by != "network":
                by = "agent" if end.by == "us" else "far_end"
            self._over(call, by)

    def _over(self, call: _Call, by: Literal["agent", "far_end", "network"]) -> None:
        self._call = None
        self._voice.left()
        self._quality.stop()
        if self._check_timer is not None:
            self._check_timer.cancel()
        if self._voice.practice is not None:
            connected_s = call.connected_at.mono_s if call.connected_at is not None else None
            self._voice.practice.stop(call.attempt_id, self._session_id, connected_s)
        self._engine.wire.emit(
            PhoneEnded(seq=0, at=self._engine.clock.now(), attempt_id=call.attempt_id, by=by)
        )
        if self._is_mute_wanted:
            # A mute left over from the last call would be a silent call for the next person.
            self._is_mute_wanted = False
            self._tell_mute(False)
        if self._session_id is None:
            self._voice.need_no_more("session")
        waiting, self._next = self._next, None
        if waiting is not None:
            self._take(*waiting)

    # --- sound --------------------------------------------------------------------------------

    def _heard(self, signature: int) -> None:
        if self._call is not None:
            self._engine.wire.emit(
                SoundHeard(
                    seq=0,
                    at=self._engine.clock.now(),
                    attempt_id=self._call.attempt_id,
                    signature=signature,
                )
            )

    def _sound_changed(self) -> None:
        sound = self._voice.sound
        sentence = sound.take_sentence(is_in_call=self._call is not None)
        self._devices.list_changed()
        state = (sound.words, sound.has_sound)
        if state != self._told_sound or sentence:
            self._told_sound = state
            self._engine.wire.emit(
                SoundChanged(
                    seq=0,
                    at=self._engine.clock.now(),
                    sound=sound.words,
                    has_sound=sound.has_sound,
                    sentence=sentence,
                )
            )

    # --- Role ---------------------------------------------------------------------------------

    def snapshot(self) -> Message:
        call = self._call
        sound = self._voice.sound
        self._told_sound = (sound.words, sound.has_sound)
        return PhoneStatus(
            last_seq=self._engine.wire.last_seq,
            uri=self._engine.endpoint.seat_uri,
            session_id=self._session_id,
            sound=sound.words,
            has_sound=sound.has_sound,
            is_muted=self._is_muted(),
            call=None
            if call is None
            else PhoneCall(
                attempt_id=call.attempt_id,
                since=call.since,
                is_connected=call.connected_at is not None,
            ),
        )

    def _is_muted(self) -> bool:
        call = self._call
        if call is None or call.connected_at is None:
            return self._is_mute_wanted
        return self._voice.is_cut(call.leg)

    def is_busy(self) -> bool:
        return self._call is not None or bool(self._engine.endpoint.legs)

    def stop(self) -> None:
        if self._call is not None:
            self._call.leg.end()

    def close(self) -> None:
        self._voice.close()
