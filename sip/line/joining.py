"""The bridge of one call: brought to what its state wants, asked until it agrees, then told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sip.line.mixing import Mixing, Part, wanted
from sip.line.scene import port_of, scene_of
from sip.line.sounds import TAIL_S

if TYPE_CHECKING:
    from pjsua2 import AudioMedia

    from sip.line.call import LineCallInHand

SETTLE_S = 0.01
SETTLE_TRIES = 50
"""The bridge changes at its next tick of 20 ms; it is asked until it agrees."""


class Joining:
    """Who hears whom in one call, and the notice that both hear first."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self.has_notice = False
        self._mixing = Mixing(self._port)
        self._tries = 0

    def _port(self, part: Part) -> AudioMedia | None:
        return port_of(self._call, part)

    def apply(self) -> bool:
        """Join and part as the call's state wants it; True if person and agent are joined."""
        call = self._call
        joined = self._mixing.apply(wanted(scene_of(call)))
        for side, leg in call.legs().items():
            call.keys.watch(leg, side)
        self._tries = 0
        call.timers.after("settle", 0.0, self._settle)
        return {("person", "agent"), ("agent", "person")} <= joined

    def _settle(self) -> None:
        call = self._call
        self._tries += 1
        if self._mixing.settle():
            call.arranging.tell()
            call.supervising.tell()
        elif self._tries < SETTLE_TRIES:
            call.timers.after("settle", SETTLE_S, self._settle)
        else:
            call.engine.trouble("The line's bridge does not join as it was told: end this call.")

    def play_notice(self, wav: str) -> bool:
        """Let person and agent hear this notice; False where it cannot be played."""
        self.has_notice = self._call.sounds.start_notice(wav, self._notice_over)
        if self.has_notice:
            self._call.remix()
        return self.has_notice

    def _notice_over(self) -> None:
        if not self._call.is_ending:
            self._call.timers.after("notice", TAIL_S, self._notice_heard)

    def _notice_heard(self) -> None:
        self.has_notice = False
        self._call.remix()
        self._call.recording.notice_over()
