"""The phone's side of an agent's desk: devices, levels, tests, and what it says of the sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, Signal

from app.desk.doctor import Facts, LegFacts, LineDoctor
from app.desk.offer_ring import OfferRing
from app.desk.phone_view import (
    DeviceChoice,
    device_notice,
    devices_view,
    levels_view,
    preferring,
    worst,
)
from app.desk.views import AdviceView, CallView, DevicesView
from dialer_core.clock import Instant
from sip import messages

Kind = Literal["microphone", "speaker", "ringer"]
Send = Callable[[messages.Message], bool]
Keep = Callable[[DeviceChoice], None]


class PhoneSide(QObject):
    """Sends what is chosen to the phone at once, also in a call, and keeps it for the next day.

    `devices_changed(DevicesView)`, `levels_changed(LevelsView)` ten times a second while somebody
    looks, `noticed(str)`: a sentence on the sound, "" when it is well again. `advice` is the line
    doctor's most urgent word.
    """

    devices_changed = Signal(object)
    levels_changed = Signal(object)
    noticed = Signal(str)

    def __init__(
        self, send: Send, choice: DeviceChoice | None = None, keep: Keep | None = None
    ) -> None:
        super().__init__()
        self._send = send
        self._choice = choice or DeviceChoice()
        self._keep = keep
        self._devices: messages.Devices | None = None
        self._is_echo_on = False
        self._is_in_call = False
        self._notice = ""
        self._watchers: set[str] = set()
        self._doctor = LineDoctor()
        self._quality: messages.PhoneQuality | None = None
        self._is_muted_by_system = False
        self._has_had_any = False
        self.ring = OfferRing(send)
        self.is_for_person = False  # the line doctor speaks to people alone
        self.advice: AdviceView | None = None

    @property
    def view(self) -> DevicesView:
        """What the device dialog draws now."""
        return devices_view(
            self._devices,
            self._choice,
            is_echo_on=self._is_echo_on,
            is_in_call=self._is_in_call,
        )

    # --- what the person does -------------------------------------------------------------

    def choose(self, kind: Kind, name: str) -> None:
        """Use this device from now on; "" is the system's own."""
        now = self._choice
        self._choice = DeviceChoice(
            preferring(now.microphones, name) if kind == "microphone" else now.microphones,
            preferring(now.speakers, name) if kind == "speaker" else now.speakers,
            preferring(now.ringers, name) if kind == "ringer" else now.ringers,
        )
        self._send_choice()
        if self._keep is not None:
            self._keep(self._choice)
        self._tell_notice(None)
        self._draw()

    def set_echo(self, is_on: bool) -> None:
        """Hear oneself a second later; the phone refuses it in a call."""
        if is_on and self._is_in_call:
            return
        self._is_echo_on = is_on
        self._send(messages.EchoTest(is_on=is_on))
        self._draw()

    def play(self, where: Literal["headset", "ringer"]) -> None:
        """A few notes on the headset, or the ringer's tone."""
        self._send(messages.SoundCheck(where=where))

    def watch_levels(self, who: str, is_on: bool) -> None:
        """`who` (a part of the window) looks at the meters, or no longer does."""
        was_on = bool(self._watchers)
        (self._watchers.add if is_on else self._watchers.discard)(who)
        if bool(self._watchers) != was_on:
            self._send(messages.AskLevels(is_on=bool(self._watchers)))

    # --- what the phone says --------------------------------------------------------------

    def phone_came(self, *, is_in_call: bool) -> None:
        """A phone has answered (the first, or one started anew): tell it what was chosen."""
        self._is_echo_on = False
        self._is_in_call = is_in_call
        if self._choice != DeviceChoice():
            self._send_choice()
        self._send(messages.AskDevices())
        self.ring.phone_came()
        if self._watchers:
            self._send(messages.AskLevels(is_on=True))

    def call_changed(self, *, is_in_call: bool) -> None:
        """A call is up, or none any more; a call ends the echo."""
        if is_in_call == self._is_in_call:
            return
        self._is_in_call = is_in_call
        self._quality = None
        self._is_echo_on = self._is_echo_on and not is_in_call
        self._draw()

    def examine(
        self, call: CallView, now: Instant, quality: messages.PhoneQuality | None = None
    ) -> None:
        """Let the line doctor look at the call, with the phone's newest figures if they came."""
        if not self.is_for_person:
            return
        if quality is not None:
            self._quality, self._is_muted_by_system = quality, quality.is_muted_by_system
        found = self._doctor.examine(self._facts(call, now.utc.timestamp()), now.mono_s)
        self.advice = worst(found)

    def _facts(self, call: CallView, now_utc_s: float) -> Facts:
        got = self._quality if call.is_connected else None
        since = call.since_utc_s
        return Facts(
            is_in_call=call.is_connected,
            call_age_s=0.0 if since is None else max(0.0, now_utc_s - since),
            has_sound=call.has_sound,
            sound=call.sound,
            is_muted=call.is_muted,
            is_muted_by_system=self._is_muted_by_system,
            microphone_dbfs=got.microphone_dbfs if got else None,
            heard_dbfs=got.heard_dbfs if got else None,
            seat=_seat_leg(got),
        )

    def hear(self, message: messages.Devices | messages.Levels) -> None:
        """Take what the phone tells of its devices and levels."""
        if isinstance(message, messages.Levels):
            self._is_muted_by_system = message.is_muted_by_system
            self.levels_changed.emit(levels_view(message))
            return
        before, self._devices = self._devices, message
        self._has_had_any |= bool(message.microphones or message.speakers)
        if self._has_had_any:  # a phone without sound by intention has none to miss
            self._tell_notice(before)
        self._draw()

    def _tell_notice(self, before: messages.Devices | None) -> None:
        if self._devices is None or not self._has_had_any:
            return
        notice = device_notice(self._devices, self._choice, before)
        if notice != self._notice:
            self._notice = notice
            self.noticed.emit(notice)

    def _send_choice(self) -> None:
        choice = self._choice
        self._send(
            messages.ChooseDevices(
                microphones=choice.microphones, speakers=choice.speakers, ringers=choice.ringers
            )
        )

    def _draw(self) -> None:
        self.devices_changed.emit(self.view)


def _seat_leg(got: messages.PhoneQuality | None) -> LegFacts | None:
    """The leg between line and phone, as the phone sees it."""
    if got is None:
        return None
    return LegFacts(
        loss_in=got.loss_in,
        loss_out=got.loss_out,
        jitter_ms=got.jitter_ms,
        round_trip_ms=got.round_trip_ms,
        level_in_dbfs=got.heard_dbfs,
        packets_in=got.packets_in,
        heard_age_s=got.heard_age_s,
    )
