"""The card at the bottom left, where the hand is: countdown and its actions, or the timer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_ui.words import card_words, skip_words
from app.desk.views import AgentView, SeatState
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import CountdownRing, ElidedLabel, KeyButton, Label, Panel, TimerLabel


class ActionCard(Panel):
    """Draws the countdown of a preview, else the state's timer with what to do next."""

    dial_pressed = Signal()
    skip_pressed = Signal()

    def __init__(self, theme: Theme, clock: Callable[[], float]) -> None:
        super().__init__(theme, "Now")
        self._clock = clock
        self._view: AgentView | None = None
        self._is_compact = False
        self.ring = CountdownRing(theme, clock)
        self.timer = TimerLabel(theme, clock, role="timer", weight=STRONG, tone="ink")
        self.headline = ElidedLabel(theme, role="lead", weight=STRONG)
        self.sentence = Label(theme, tone="muted", is_wrapped=True)
        self.dial_button = KeyButton(theme, "Dial now", "Enter", kind="primary", icon="phone")
        self.skip_button = KeyButton(theme, "Skip", "S")
        self.skips = ElidedLabel(theme, tone="muted")
        self.dial_button.clicked.connect(self.dial_pressed)
        self.skip_button.clicked.connect(self.skip_pressed)
        self._preview = self._preview_side()
        self._status = self._status_side()
        sides = QHBoxLayout()
        sides.setSpacing(20)
        sides.addWidget(self.ring)
        sides.addWidget(self._preview, 1)
        sides.addWidget(self._status, 1)
        self.body.addLayout(sides)
        self.setFixedHeight(140)

    def set_compact(self, *, is_compact: bool) -> None:
        """Less height in a narrow window, and no word of outcomes that are not shown there."""
        self._is_compact = is_compact
        self.setFixedHeight(98 if is_compact else 140)
        self.ring.set_diameter(72 if is_compact else 88)
        inside = self.theme.space.s if is_compact else self.theme.space.l
        self.body.setContentsMargins(self.theme.space.l, inside, self.theme.space.l, inside)

    def show_view(self, view: AgentView) -> None:
        """Draw what this state asks of the hand."""
        self._view = view
        is_preview = view.state is SeatState.PREVIEW
        has_ring = view.until_utc_s is not None and (
            is_preview or (view.state is SeatState.WRAP_UP and view.can_choose_outcome)
        )
        self._preview.setVisible(is_preview)
        self._status.setVisible(not is_preview)
        self.ring.setVisible(has_ring)
        self.timer.setVisible(not has_ring)
        if view.until_utc_s is not None and has_ring:
            whole_s = view.countdown_s if is_preview else view.wrap_up_s
            self.ring.run_until(view.until_utc_s, whole_s, view.state.value)
        since = view.since_utc_s
        if view.state is SeatState.TALKING and view.call.since_utc_s is not None:
            since = view.call.since_utc_s
        self.timer.set_since(since)
        self._show_preview(view)
        self.tick()

    def tick(self) -> None:
        """Let ring, timer and words follow the clock."""
        view = self._view
        if view is None:
            return
        self.ring.tick()
        self.timer.tick()
        is_late = view.until_utc_s is not None and self._clock() >= view.until_utc_s
        if self._is_compact and view.state is SeatState.TALKING:
            view = replace(view, can_choose_outcome=False)
        words = card_words(view, self._clock(), is_over_time=is_late)
        if words.headline != self.headline.full_text:
            self.headline.setText(words.headline)
        if words.sentence != self.sentence.text():
            self.sentence.setText(words.sentence)
            self.sentence.setVisible(bool(words.sentence))
        set_tone(self.headline, "trouble" if words.is_trouble else "ink")

    def _show_preview(self, view: AgentView) -> None:
        is_preview = view.state is SeatState.PREVIEW and view.record is not None
        self.dial_button.set_possible(is_preview, "Nobody is on the screen.")
        has_skips = view.skips_used < view.skips_a_day
        why = "Today's skips are used up." if is_preview else "Nobody is on the screen."
        self.skip_button.set_possible(is_preview and has_skips, why)
        if is_preview and has_skips:
            self.skip_button.set_hint("Put this person back; the next one comes.")
        self.skips.setText(skip_words(view))

    def _preview_side(self) -> QWidget:
        side = QWidget()
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.space.s)
        layout.addStretch(1)
        layout.addWidget(self.dial_button)
        lower = QHBoxLayout()
        lower.setSpacing(self.theme.space.m)
        lower.addWidget(self.skip_button)
        lower.addWidget(self.skips, 1)
        layout.addLayout(lower)
        layout.addStretch(1)
        return side

    def _status_side(self) -> QWidget:
        side = QWidget()
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.space.xs)
        layout.addStretch(1)
        layout.addWidget(self.timer)
        layout.addWidget(self.headline)
        layout.addWidget(self.sentence)
        layout.addStretch(1)
        return side
