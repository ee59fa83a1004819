"""Why the pause: a small card of reasons that floats under the pause button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QGraphicsDropShadowEffect, QWidget

from agent_ui.words import PAUSE_REASONS
from app.look.theme import Theme
from app.look.widgets import KeyButton, Panel, SectionTitle


class PauseChoice(Panel):
    """A child of the window rather than a menu of its own: it needs no grab of the keyboard."""

    reason_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "Reason for the pause", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.body.setSpacing(theme.space.xs)
        inside = theme.space.s
        self.body.setContentsMargins(inside, theme.space.m, inside, inside)
        title = SectionTitle(theme, "Pause for")
        title.setIndent(theme.space.m)
        self.body.addWidget(title)
        self.buttons: dict[str, KeyButton] = {}
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

    def open_below(self, anchor: QWidget) -> None:
        """Show it with its right edge under the anchor's, and take the keys."""
        window = self.window()
        self._anchor = anchor
        self._focus_before = window.focusWidget()
        self.setFixedWidth(200)
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
        return super().eventFilter(watched, event)

    def _choose(self, reason: str) -> None:
        self.close_choice()
        self.reason_chosen.emit(reason)
