"""Whether the system has muted the microphone: asked of PulseAudio, else read from dead silence."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess

ASK_AFTER_S = 0.4
ASK_EVERY_S = 2.0
GIVE_UP_S = 2.0
DEAD_S = 5.0
"""A microphone that has given nothing but zeros for so long since it was opened."""


def is_muted_answer(text: str) -> bool | None:
    """What `pactl get-source-mute` or `get-source-volume` has said; None if neither."""
    found = re.search(r"^Mute: (yes|no)\b", text, re.MULTILINE)
    if found is not None:
        return found.group(1) == "yes"
    shares = re.findall(r"/ +(\d+)% /", text)
    return all(int(share) == 0 for share in shares) if shares else None


class SystemMute:
    """Asks only while a microphone gives exact digital zeros, and never waits for the answer.

    `pactl` is the path of PulseAudio's program, None where there is none: then a microphone counts
    as muted that has not given one sample but zero in five seconds since it was opened. Once it
    has been heard, its silence proves nothing: some headsets have a gate.
    """

    def __init__(self, pactl: str | None) -> None:
        self._pactl = pactl
        self._source = ""
        self._zeros_since_s: float | None = None
        self._has_spoken = False
        self._next_ask_s = 0.0
        self._question: tuple[str, subprocess.Popen[str], float] | None = None
        self._is_told_muted: bool | None = None
        self.is_muted = False

    def opened(self, source: str) -> None:
        """Another microphone is in use (its name in the system), "" for none."""
        self._forget_question()
        self._source = source
        self._zeros_since_s, self._has_spoken = None, False
        self._is_told_muted, self.is_muted = None, False

    def hear(self, peak: int, now_s: float) -> None:
        """What has just come from the microphone had this peak."""
        if peak > 0:
            self._zeros_since_s, self._has_spoken = None, True
            self._is_told_muted, self.is_muted = None, False
        elif self._zeros_since_s is None:
            self._zeros_since_s, self._next_ask_s = now_s, now_s + ASK_AFTER_S

    def tick(self, now_s: float) -> None:
        """Ask, look for the answer, decide. Call it a few times a second."""
        self._read_answer(now_s)
        since_s = self._zeros_since_s
        if since_s is None or not self._source:
            return
        if self._pactl is not None and self._question is None and now_s >= self._next_ask_s:
            self._ask("get-source-mute", now_s)
        if self._is_told_muted is not None:
            self.is_muted = self._is_told_muted
        elif self._pactl is None:
            self.is_muted = not self._has_spoken and now_s - since_s >= DEAD_S

    def _ask(self, what: str, now_s: float) -> None:
        self._next_ask_s = now_s + ASK_EVERY_S
        with contextlib.suppress(OSError):
            process = subprocess.Popen(
                [self._pactl or "", what, self._source],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "LC_ALL": "C"},
            )
            self._question = (what, process, now_s)

    def _read_answer(self, now_s: float) -> None:
        if self._question is None:
            return
        what, process, asked_s = self._question
        if process.poll() is None:
            if now_s - asked_s > GIVE_UP_S:
                self._forget_question()
            return
        text = process.communicate()[0]
        self._question = None
        if process.returncode:
            self._pactl = None  # no PulseAudio runs here: it cannot tell
            return
        answer = is_muted_answer(text)
        if what == "get-source-mute" and answer is False:
            self._ask("get-source-volume", now_s)
        elif self._zeros_since_s is not None:
            self._is_told_muted = answer

    def _forget_question(self) -> None:
        if self._question is not None:
            process, self._question = self._question[1], None
            process.kill()
            process.communicate()

    def close(self) -> None:
        self._forget_question()
