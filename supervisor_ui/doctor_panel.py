"""What the line doctor says of the floor's calls, beside the floor; hidden while all is well."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desk.views import SeatAdviceView
from app.look.theme import Theme
from app.look.widgets import ElidedLabel, Label, Panel, SectionTitle

MOST_ROWS = 3
_ICONS = {"trouble": "warning", "warning": "warning-circle", "note": "info"}
_INKS = {"trouble": "trouble_ink", "warning": "ink2", "note": "ink3"}


class _Row(QWidget):
    """One seat: who, what is wrong, what to do."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon = QLabel()
        self._icon.setFixedSize(16, 16)
        self.sentence = ElidedLabel(theme)
        self.to_do = ElidedLabel(theme, role="small", tone="muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.sentence)
        words.addWidget(self.to_do)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(theme.space.s)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def show_advice(self, seat: SeatAdviceView) -> None:
        worst = seat.advice[0]
        icon, ink = _ICONS.get(worst.severity, "info"), _INKS.get(worst.severity, "ink2")
        self._icon.setPixmap(self._theme.pixmap(icon, 16, ink, self.devicePixelRatioF()))
        more = len(seat.advice) - 1
        also = f"  (and {more} more)" if more else ""
        self.sentence.setText(worst.sentence + also)
        self.to_do.setText(worst.what_to_do)
        every = "\n".join(f"{one.sentence} {one.what_to_do}".strip() for one in seat.advice)
        self.sentence.set_tooltip(every)
        self.to_do.set_tooltip(every)
        self.setAccessibleName(f"{seat.agent}: {every}" if seat.agent else every)


class DoctorPanel(Panel):
    """The worst seats with their worst trouble; a press on a row asks for that seat's call."""

    seat_opened = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Line doctor")
        space = theme.space
        self.body.setContentsMargins(space.l, space.s, space.l, space.s)
        self.body.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(SectionTitle(theme, "Line doctor"))
        head.addStretch(1)
        self._more = Label(theme, tone="faint")
        head.addWidget(self._more)
        self.body.addLayout(head)
        self._rows = tuple(_Row(theme) for _ in range(MOST_ROWS))
        self._seats: tuple[SeatAdviceView, ...] = ()
        for one in self._rows:
            one.hide()
            self.body.addWidget(one)
        self.hide()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is shown, a sentence a row."""
        return tuple(one.sentence.full_text for one in self._rows if not one.isHidden())

    def show_advice(self, seats: Sequence[SeatAdviceView]) -> None:
        """The worst first, as they come; nothing to say hides the panel."""
        found = tuple(one for one in seats if one.advice)
        if found == self._seats:
            return
        self._seats = found
        for index, one in enumerate(self._rows):
            one.setVisible(index < len(found))
            if index < len(found):
                one.show_advice(found[index])
        left = len(found) - MOST_ROWS
        self._more.setText(f"{left} more" if left > 0 else "")
        self.setVisible(bool(found))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        where = event.position().toPoint()
        for one, seat in zip(self._rows, self._seats, strict=False):
            if one.isVisible() and one.geometry().contains(where) and seat.session_id:
                self.seat_opened.emit(seat.session_id)
                return
