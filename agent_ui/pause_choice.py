"""Why the pause, and from when on: a small card that floats under the pause button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QGraphicsDropShadowEffect, QWidget

from agent_ui.words import PAUSE_REASONS, clock_words
from app.look.theme import Theme
from app.look.widgets import Clock, KeyButton, KeyCap, Panel, SectionTitle, row

SOON_S = 300.0
STEP_S = 900.0  # announced pauses begin at quarters of an hour
STEPS = 8  # so many of them may be chosen: two hours
_WIDTH = 312


def quarters(now_utc_s: float) -> list[float]:
    """The next quarters of an hour, the first at least a minute away."""
    first = ((now_utc_s + 60) // STEP_S + 1) * STEP_S
    return [first + n * STEP_S for n in range(STEPS)]


class PauseChoice(Panel):
    """A child of the window rather than a menu of its own: it needs no grab of the keyboard.

    The arrows ← and → choose when (now or after the call, in five minutes, at a quarter), a
    figure or Enter on a reason ends it.
    """

    chosen = Signal(str, object)  # reason, moment in UTC seconds (None: as soon as it can be)

    def __init__(self, theme: Theme, clock: Clock, parent: QWidget) -> None:
        super().__init__(theme, "Reason for the pause", parent)
        self._clock = clock
        self._step = 0  # 0 now, 1 soon, from 2 on a quarter
        self._quarters: list[float] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.body.setSpacing(theme.space.xs)
        inside = theme.space.s
        self.body.setContentsMargins(inside, theme.space.m, inside, inside)
        self.when_buttons = [KeyButton(theme, "", kind="quiet") for _ in range(3)]
        self._lay_out_when()
        self.buttons: dict[str, KeyButton] = {}
        title = SectionTitle(theme, "For")
        title.setIndent(theme.space.m)
        self.body.addSpacing(theme.space.s)
        self.body.addWidget(title)
        for number, reason in enumerate(PAUSE_REASONS, start=1):
            button = KeyButton(theme, reason, str(number), kind="quiet", is_cap_first=True)
            button.clicked.connect(lambda _=False, r=reason: self._choose(r))
            self.buttons[reason] = button
            self.body.addWidget(button)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 6)
        shadow.setColor(QColor(0, 0, 0, 110 if theme.is_dark else 50))
        self.setGraphicsEffect(shadow)
        self._focus_before: QWidget | None = None
        self._anchor: QWidget | None = None
        self.hide()

    def _lay_out_when(self) -> None:
        theme = self.theme
        title = SectionTitle(theme, "Pause")
        title.setIndent(theme.space.m)
        arrows = [KeyCap(theme, arrow) for arrow in ("←", "→")]
        head = row(title, *arrows, theme.space.xs, spacing=theme.space.xs, stretch_at=1)
        self.body.addLayout(head)
        line = row(spacing=theme.space.xs)
        for index, button in enumerate(self.when_buttons):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrows choose
            button.clicked.connect(lambda _=False, i=index: self._press_when(i))
            line.addWidget(button, 1)
        self.body.addLayout(line)

    @property
    def at_utc_s(self) -> float | None:
        """The moment that is chosen; None: as soon as it can be."""
        if self._step == 0:
            return None
        return self._clock() + SOON_S if self._step == 1 else self._quarters[self._step - 2]

    def open_below(self, anchor: QWidget, *, is_in_call: bool) -> None:
        """Show it with its right edge under the anchor's, and take the keys."""
        window = self.window()
        self._anchor = anchor
        self._focus_before = window.focusWidget()
        self._quarters = quarters(self._clock())
        self.when_buttons[0].set_label("After this call" if is_in_call else "Now")
        self.when_buttons[1].set_label("In 5 min")
        self._go_to(0)
        self.setFixedWidth(_WIDTH)
        self.adjustSize()
        corner = anchor.mapTo(window, QPoint(anchor.width(), anchor.height() + 4))
        left = max(min(corner.x(), window.width() - 8) - self.width(), 8)
        self.move(left, corner.y())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def close_choice(self) -> None:
        """Take it away and give the focus back."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        had_focus = self.isAncestorOf(self.window().focusWidget()) or self.hasFocus()
        self.hide()
        if had_focus and self._focus_before is not None:
            self._focus_before.setFocus()
        self._focus_before = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_F9):
            self.close_choice()
            return
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(key == Qt.Key.Key_Down)
            return
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go_to(self._step + (1 if key == Qt.Key.Key_Right else -1))
            return
        for button in self.buttons.values():
            if event.text() == button.key:
                button.click()
                return
        event.accept()  # other keys mean something else in the window beneath

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A press anywhere else closes it; the press itself is not swallowed.
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            here = QRect(self.mapToGlobal(QPoint(0, 0)), self.size())
            anchor = self._anchor
            is_anchor = anchor is not None and anchor.rect().contains(
                anchor.mapFromGlobal(event.globalPosition().toPoint())
            )
            if not here.contains(event.globalPosition().toPoint()) and not is_anchor:
                self.close_choice()
        # A reason that has the focus would take the arrows for a walk of its own.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            is_arrow = event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
            if is_arrow and watched in self.buttons.values():
                self.keyPressEvent(event)
                return True
        return super().eventFilter(watched, event)

    def _press_when(self, index: int) -> None:
        """A press on the quarter that is chosen already moves it on."""
        is_next = index == 2 and self._step >= 2
        self._go_to(self._step + 1 if is_next else index)

    def _go_to(self, step: int) -> None:
        self._step = min(max(step, 0), len(self._quarters) + 1)
        shown = max(self._step - 2, 0)
        self.when_buttons[2].set_label(f"At {clock_words(self._quarters[shown])}")
        self.when_buttons[2].set_hint("Press again for a quarter of an hour later.")
        for index, button in enumerate(self.when_buttons):
            button.set_marked(index == min(self._step, 2))

    def _choose(self, reason: str) -> None:
        at_utc_s = self.at_utc_s
        self.close_choice()
        self.chosen.emit(reason, at_utc_s)
