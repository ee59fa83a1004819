"""The colleagues to whom a call can be given, each with state, icon and word."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from agent_ui.call_words import colleague_words, why_not_reachable
from app.desk.views import ColleagueView
from app.look.theme import MEDIUM, STATE_ICONS, Theme
from app.look.widgets import Label, blend, paint_dot, text_area

_ROW = 34


class ColleagueRow(QAbstractButton):
    """One colleague; a press chooses them, a second takes it back."""

    def __init__(self, theme: Theme, colleague: ColleagueView) -> None:
        super().__init__()
        self._theme = theme
        self.colleague = colleague
        self.is_chosen = False
        self.setFont(theme.font("body", MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(_ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_colleague(colleague)

    def show_colleague(self, colleague: ColleagueView) -> None:
        """Draw the same colleague in another state."""
        self.colleague = colleague
        why = why_not_reachable(colleague)
        self.setEnabled(not why)
        self.setToolTip(why)
        self.setText(colleague.name)
        self.setAccessibleName(f"{colleague.name}, {colleague_words(colleague)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, state = self._theme, self.colleague.state.value
        accent, panel = theme.colour("accent"), theme.colour("panel")
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.is_chosen:
            painter.setPen(QPen(accent, 1))
            painter.setBrush(blend(panel, accent, 0.1))
            painter.drawRoundedRect(box, 6, 6)
        elif self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("soft"))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        middle = self.height() / 2
        paint_dot(painter, theme, state, QRectF(12, middle - 5, 10, 10))
        name_ink, word_ink = ("ink", "ink2") if self.isEnabled() else ("ink_off", "ink_off")
        metrics = self.fontMetrics()
        most = self.width() // 2 - 40
        word = metrics.elidedText(
            colleague_words(self.colleague), Qt.TextElideMode.ElideRight, most
        )
        word_width = metrics.horizontalAdvance(word) + 4
        icon_left = self.width() - 12 - word_width - 22
        name = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, int(icon_left - 40))
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(self.font())
        painter.setPen(theme.colour(name_ink))
        painter.drawText(QRectF(32, 0, icon_left - 36, self.height()), centre, name)
        icon = theme.pixmap(STATE_ICONS[state], 16, word_ink, self.devicePixelRatioF())
        painter.drawPixmap(int(icon_left), int(middle - 8), icon)
        painter.setPen(theme.colour(word_ink))
        painter.drawText(QRectF(icon_left + 22, 0, word_width, self.height()), centre, word)


class ColleagueList(QWidget):
    """Whoever can be reached stands first. `chosen_changed` when another is chosen, or none."""

    chosen_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[ColleagueRow] = []
        self.chosen: ColleagueView | None = None
        self._empty = Label(theme, "Nobody else is logged in.", tone="faint", is_wrapped=True)
        inner = QWidget()
        inner.setProperty("role", "plain")
        self._lines = QVBoxLayout(inner)
        self._lines.setContentsMargins(0, 0, 4, 0)
        self._lines.setSpacing(2)
        self._lines.addWidget(self._empty)
        self._lines.addStretch(1)
        self._area = text_area()
        self._area.setWidget(inner)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)

    def show_colleagues(self, colleagues: tuple[ColleagueView, ...]) -> None:
        """Draw them; whoever was chosen stays so while they can be reached."""
        order = sorted(colleagues, key=lambda one: (bool(why_not_reachable(one)), one.name))
        if [row.colleague.session_id for row in self.rows] != [one.session_id for one in order]:
            self._build(order)
        for row, one in zip(self.rows, order, strict=True):
            if row.colleague != one:
                row.show_colleague(one)
        chosen = self.chosen
        still = [one for one in order if chosen and one.session_id == chosen.session_id]
        self.choose(still[0] if still and not why_not_reachable(still[0]) else None)

    def choose(self, colleague: ColleagueView | None) -> None:
        """Choose that colleague, or nobody."""
        was, self.chosen = self.chosen, colleague
        for row in self.rows:
            is_it = colleague is not None and row.colleague.session_id == colleague.session_id
            if row.is_chosen != is_it:
                row.is_chosen = is_it
                row.update()
        if was != colleague:
            self.chosen_changed.emit()

    def _build(self, order: list[ColleagueView]) -> None:
        for row in self.rows:
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for index, one in enumerate(order):
            row = ColleagueRow(self._theme, one)
            row.clicked.connect(lambda _=False, r=row: self._press(r))
            self.rows.append(row)
            self._lines.insertWidget(index, row)
        self._empty.setVisible(not order)

    def _press(self, row: ColleagueRow) -> None:
        is_again = self.chosen == row.colleague
        self.choose(None if is_again else row.colleague)
