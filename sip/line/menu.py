"""A message with keys: played, repeated, interrupted by a key at any time. Pure but for its timers.

Knows neither PJSIP nor a bridge: a `Voice` plays and hushes, keys are told by `key`. The same menu
serves an agentless message (played a few times, then over) and a queue (music without end).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sip.clock import Timer, Timers
from sip.messages import KeyMeaning, KeyMenu

NO_MENU = KeyMenu(repeats=0)


class Voice(Protocol):
    """What the person hears of us."""

    def play(self, wav: str, on_end: Callable[[], None], *, is_looped: bool) -> bool:
        """Play this from its beginning instead of what plays; False where it cannot be heard.

        `on_end` comes once, when all of it was heard; never after another `play` or `hush`.
        """

    def hush(self) -> None:
        """Be silent."""


def meaning_of(menu: KeyMenu, key: str) -> KeyMeaning:
    """What this key does in that menu, "" for nothing."""
    if not key:
        return ""
    if key == menu.never:
        return "never"
    if key == menu.later:
        return "later"
    return "agent" if key == menu.agent else ""


class KeyedMessage:
    """One message to one person, from the first word to their choice or the last repeat.

    `on_key(key, meaning)`: each key at once, before anything is said in reply. `on_over(meaning)`:
    once, when nothing more is to be heard; "" where nobody has chosen. After "agent" the person
    waits and the owner goes on. A wish never to be called counts even after another choice,
    for as long as the menu is heard. `is_looped`: a queue's sound, played without end; there
    `agent` means nothing, since the person waits for one already.
    """

    def __init__(
        self,
        wav: str,
        menu: KeyMenu | None,
        voice: Voice,
        timers: Timers,
        on_key: Callable[[str, KeyMeaning], None],
        on_over: Callable[[KeyMeaning], None],
        *,
        is_looped: bool = False,
    ) -> None:
        self._wav = wav
        self._menu = menu or NO_MENU
        self._has_keys = menu is not None and any((menu.agent, menu.later, menu.never))
        self._voice = voice
        self._timers = timers
        self._on_key = on_key
        self._on_over = on_over
        self._is_looped = is_looped
        self._repeats_left = 0 if is_looped else max(0, self._menu.repeats)
        self._pause: Timer | None = None
        self._chosen: KeyMeaning = ""
        self._is_over = False

    @property
    def is_over(self) -> bool:
        return self._is_over

    def start(self) -> bool:
        """Begin to play; False (and over, without a word to anybody) where nothing is heard."""
        if self._play(self._wav, self._heard_out, is_looped=self._is_looped):
            return True
        self.stop()
        return False

    def stop(self) -> None:
        """The call goes another way: be silent, and tell nobody."""
        self._is_over = True
        self._forget_pause()
        self._voice.hush()

    def key(self, key: str) -> None:
        """The person has pressed a key."""
        if self._is_over:
            return
        meaning = meaning_of(self._menu, key) if self._has_keys else ""
        if self._is_looped and meaning == "agent":
            meaning = ""
        if self._chosen and meaning != "never":
            meaning = ""
        is_news = meaning != "" and meaning != self._chosen
        self._on_key(key, meaning)
        if self.is_over:
            return  # whoever was told has gone another way
        if is_news:
            self._choose(meaning)
        elif self._pause is not None:
            self._again()

    # --- inside -------------------------------------------------------------------------------

    def _play(self, wav: str, on_end: Callable[[], None], *, is_looped: bool = False) -> bool:
        return self._voice.play(wav, on_end, is_looped=is_looped)

    def _heard_out(self) -> None:
        if self._is_over or self._chosen:
            return
        if not self._has_keys:
            self._over("")
            return
        self._pause = self._timers.after(max(0.0, self._menu.pause_s), self._again)

    def _again(self) -> None:
        """The time to answer is over, or a key was pressed that is not offered."""
        self._forget_pause()
        if self._is_over or self._chosen:
            return
        if self._repeats_left == 0:
            self._over("")
            return
        self._repeats_left -= 1
        if not self._play(self._wav, self._heard_out):
            self._over("")

    def _choose(self, meaning: KeyMeaning) -> None:
        self._chosen = meaning
        self._forget_pause()
        wav = {"later": self._menu.later_wav, "never": self._menu.never_wav}.get(meaning, "")
        if not wav or not self._play(wav, lambda: self._over(meaning)):
            self._over(meaning)

    def _over(self, meaning: KeyMeaning) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._forget_pause()
        self._voice.hush()
        self._on_over(meaning)

    def _forget_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
