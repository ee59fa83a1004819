"""The bar on top: true state, how long, what comes next; campaign, sound, agent, pause."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from agent_ui.words import is_held, then_words
from app.desk.views import AgentView, SeatState
from app.look.theme import STATE_ICONS, STATE_WORDS, STRONG, Theme, set_tone
from app.look.widgets import (
    Clock,
    ElidedLabel,
    KeyButton,
    Label,
    StateDot,
    TimerLabel,
    row,
)

_EDGE = 4


class LevelMeter(QWidget):
    """Four bars for the microphone's level, 0 to 1; nothing is drawn until a level was shown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lit = 0
        self.setFixedSize(18, 14)
        self.setAccessibleName("Microphone level")

    def show_level(self, level: float) -> None:
        """Light as many bars as the level asks for."""
        lit = sum(level > step for step in (0.02, 0.1, 0.3, 0.6))
        if lit != self._lit:
            self._lit = lit
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for bar, height in enumerate((5, 8, 11, 14)):
            name = "available" if bar < self._lit else "mark"
            painter.setBrush(self._theme.colour(name))
            painter.drawRoundedRect(QRectF(bar * 5, 14 - height, 3, height), 1, 1)


class SoundLine(QAbstractButton):
    """Icon, device and level in one place to press: it opens the choice of devices."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.picture = QLabel()
        self.picture.setFixedSize(16, 16)
        self.words = ElidedLabel(theme, tone="muted")
        self.level = LevelMeter(theme)
        self.level.hide()
        layout = row(self.picture, self.words, self.level, spacing=theme.space.s)
        layout.setContentsMargins(4, 0, 4, 0)
        self.setLayout(layout)
        for part in (self.picture, self.words, self.level):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(36)

    def show_sound(self, icon: str, words: str, *, is_trouble: bool) -> None:
        """Draw the device in words."""
        colour = "trouble_ink" if is_trouble else "ink2"
        self.picture.setPixmap(self._theme.pixmap(icon, 16, colour, self.devicePixelRatioF()))
        self.words.setText(words)
        set_tone(self.words, "trouble" if is_trouble else "muted")
        self.setToolTip(f"{words}: choose and test headset and ringer.")
        self.setAccessibleName(f"Sound: {words}")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return QSize(layout.sizeHint().width() if layout else 80, 36)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("soft"))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.drawRoundedRect(box, 6, 6)


class StateBar(QWidget):
    """What holds now; the state's colour is a thin edge on the left, not a flood."""

    pause_pressed = Signal()
    sound_pressed = Signal()
    log_out_pressed = Signal()

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__()
        self._theme = theme
        self._clock = clock
        self._view: AgentView | None = None
        self._colour = theme.state_colour("paused")
        self._motion = QVariantAnimation(self)
        self._motion.valueChanged.connect(self._paint_edge_in)
        self.dot = StateDot(theme)
        self.icon = QLabel()
        self.icon.setFixedSize(20, 20)
        self.word = Label(theme, role="lead", weight=STRONG)
        self.timer = TimerLabel(theme, clock)
        self.then = ElidedLabel(theme, tone="faint")
        self.campaign = ElidedLabel(theme, tone="muted")
        self.sound_line = SoundLine(theme)
        self.sound_line.clicked.connect(self.sound_pressed)
        self.sound = self.sound_line.words
        self.level = self.sound_line.level
        self.agent = ElidedLabel(theme)
        self.log_out_button = KeyButton(theme, "", kind="quiet", icon="sign-out")
        self.log_out_button.setAccessibleName("Log out")
        self.pause_button = KeyButton(theme, "Pause", "F9")
        self.pause_button.clicked.connect(self.pause_pressed)
        self.log_out_button.clicked.connect(self.log_out_pressed)
        self._dots = [Label(theme, "·", tone="faint") for _ in range(2)]
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(theme.space.l, 0, theme.space.l, 0)
        self._rows.setSpacing(0)
        self._upper = self._new_row()
        self._lower = self._new_row()
        self._is_compact: bool | None = None
        self.set_compact(is_compact=False)

    def set_inset(self, inset: int) -> None:
        """Keep so many pixels free on both sides, as the columns below do."""
        side = inset + self._theme.space.l
        self._rows.setContentsMargins(side, 0, side, 0)

    def set_compact(self, *, is_compact: bool) -> None:
        """One row of 56 pixels, or two rows for a narrow window."""
        if is_compact == self._is_compact:
            return
        self._is_compact = is_compact
        for layout in (self._upper, self._lower):
            while layout.count():
                layout.takeAt(0)
        self._upper.addWidget(self.dot)
        self._upper.addWidget(self.icon)
        self._upper.addWidget(self.word)
        self._upper.addSpacing(8)
        self._upper.addWidget(self.timer)
        self._upper.addSpacing(8)
        self._upper.addWidget(self.then, 1)
        about = self._lower if is_compact else self._upper
        about.addWidget(self.campaign)
        about.addSpacing(4)
        about.addWidget(self._dots[0])
        about.addWidget(self.sound_line)
        if is_compact:
            about.addStretch(1)
        else:
            about.addWidget(self._dots[1])
            about.addSpacing(4)
        about.addWidget(self.agent)
        self._dots[1].setVisible(not is_compact)
        about.addWidget(self.log_out_button)
        self._upper.addWidget(self.pause_button)
        self.setFixedHeight(88 if is_compact else 56)

    def show_view(self, view: AgentView) -> None:
        """Draw the state and everything about it."""
        state = view.state.value
        self.dot.set_state(state)
        ratio = self.devicePixelRatioF()
        self.icon.setPixmap(self._theme.pixmap(STATE_ICONS[state], 20, "ink2", ratio))
        is_relief = view.is_relief and view.state is SeatState.AVAILABLE
        self.word.setText("Relief" if is_relief else STATE_WORDS[state])
        self.timer.set_since(view.since_utc_s)
        self._view = view
        self._show_then()
        self.campaign.setText(view.campaign_name)
        self.agent.setText(view.agent_name)
        self._show_sound(view)
        self._show_pause(view)
        self._turn_edge(self._theme.state_colour(state))

    def tick(self) -> None:
        """Let the timer, and what comes next, follow the clock."""
        self.timer.tick()
        self._show_then()

    def _show_then(self) -> None:
        if self._view is None:
            return
        now = self._clock()
        words = then_words(self._view, now)
        if words != self.then.full_text:
            self.then.setText(words)
        set_tone(self.then, "ink" if is_held(self._view, now) else "faint")

    def _show_sound(self, view: AgentView) -> None:
        call = view.call
        name = "headset" if call.has_sound else "speaker-slash"
        if call.is_muted:
            name = "microphone-slash"
        is_trouble = call.is_muted or not call.has_sound
        words = call.sound or ("Headset" if call.has_sound else "No sound device")
        words = "Muted" if call.is_muted else words
        self.sound_line.show_sound(name, words, is_trouble=is_trouble)
        if is_trouble or not call.is_up:
            self.level.hide()

    def _show_pause(self, view: AgentView) -> None:
        button = self.pause_button
        is_paused = view.state is SeatState.PAUSED
        if is_paused:
            button.set_label("Available")
            button.set_kind("primary")
            button.set_hint("Be given calls again.")
        elif view.is_pause_due:
            button.set_label("Cancel pause")
            button.set_kind("plain")
            button.set_hint("Stay available.")
        else:
            button.set_label("Pause")
            button.set_kind("plain")
            button.set_hint("Now or later; what runs is finished first.")
        is_in = view.state is not SeatState.LOGGED_OUT
        button.set_possible(is_in, "Log in first.")
        if is_paused:
            self.log_out_button.set_possible(is_possible=True)
            self.log_out_button.set_hint("Log out")
        else:
            self.log_out_button.set_possible(False, "Log out: pause first.")
        self.log_out_button.setAccessibleName("Log out")

    def _new_row(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(self._theme.space.s)
        self._rows.addLayout(layout)
        return layout

    def _turn_edge(self, colour: QColor) -> None:
        self._motion.stop()
        if not self._theme.pop_ms or not self.isVisible() or colour == self._colour:
            self._colour = colour
            self.update()
            return
        start = self._colour
        self._motion.setDuration(self._theme.pop_ms)
        self._motion.setStartValue(start)
        self._motion.setEndValue(colour)
        self._motion.start()

    def _paint_edge_in(self, colour: object) -> None:
        if isinstance(colour, QColor):
            self._colour = colour
            self.update(0, 0, _EDGE, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        line = self._theme.colour("line")
        painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        painter.fillRect(0, 0, _EDGE, self.height(), self._colour)
