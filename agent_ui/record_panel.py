"""The person on the screen: name first, then number, place, facts, earlier calls, last note."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.desk.views import Detail, HistoryRow, RecordView
from app.look.theme import STRONG, FontRole, Theme
from app.look.widgets import (
    ElidedLabel,
    Label,
    Panel,
    SectionTitle,
    StateDot,
    hairline,
    row,
    text_area,
)


class NameLabel(ElidedLabel):
    """The largest thing on the screen.

    A long name takes the next smaller size, then two lines, before anything of it is cut.
    """

    def __init__(self, theme: Theme) -> None:
        roles: tuple[FontRole, ...] = ("name", "timer", "title")
        self._sizes = tuple(theme.font(role, STRONG) for role in roles)
        self._largest = 0
        super().__init__(theme, role="name", weight=STRONG)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_compact(self, *, is_compact: bool) -> None:
        """Begin one size smaller in a narrow window."""
        self._largest = 1 if is_compact else 0
        self._fit()
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        font, is_wrapped = self._font_for(width)
        return (2 if is_wrapped else 1) * QFontMetrics(font).lineSpacing() + 2

    def _font_for(self, width: int) -> tuple[QFont, bool]:
        """The largest font in which the name is one line, or the smallest and True."""
        for font in self._sizes[self._largest :]:
            if QFontMetrics(font).horizontalAdvance(self.full_text) <= width:
                return font, False
        return self._sizes[-1], True

    def _fit(self) -> None:
        font, is_wrapped = self._font_for(self.width())
        self.setWordWrap(is_wrapped)
        # Setting a font comes back here through changeEvent, and then finds it set.
        if font.pixelSize() != self.font().pixelSize():
            self.setFont(font)
        if is_wrapped:
            self._show_fitted(self._two_lines())
        else:
            super()._fit()

    def _two_lines(self) -> str:
        """As much of the name as two lines hold, with "…" if that is not all."""
        flags = int(Qt.TextFlag.TextWordWrap)
        room = QRect(0, 0, self.width(), 10_000)
        text = self.full_text
        most = 2 * self.fontMetrics().lineSpacing() + 2
        for end in range(len(text), 0, -1):
            tried = text if end == len(text) else text[:end].rstrip() + "…"
            box = self.fontMetrics().boundingRect(room, flags, tried)
            if box.height() <= most and box.width() <= self.width():
                return tried
        return text


class RecordPanel(Panel):
    """Draws one record; `name_drawn` tells that the name has just been painted."""

    name_drawn = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Record")
        self._record: RecordView | None = None
        self._is_first = True
        self.name = NameLabel(theme)
        self.name.installEventFilter(self)
        self.number = Label(theme, role="lead")
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.number_label = ElidedLabel(theme, tone="muted")
        self.place = ElidedLabel(theme, tone="muted")
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.space.xs)
        head.addWidget(self.name)
        number_row = row(self.number, spacing=theme.space.s)
        number_row.addWidget(self.number_label, 1)
        head.addLayout(number_row)
        head.addWidget(self.place)
        self._scroll = text_area()
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # In a narrow window the facts stand in a card of their own, below the script.
        self.more = Panel(theme, "Facts and history")
        self.more.hide()
        self._content = QWidget(self)  # of nobody yet
        self._content.hide()
        self._is_compact = False
        self._empty = Label(
            theme,
            "The next person's record comes up here.",
            tone="faint",
            is_wrapped=True,
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self._head)
        self.body.addSpacing(theme.space.xs)
        self.body.addWidget(self._scroll, 1)
        self.body.addWidget(self._empty, 1)
        self._show(None)

    def show_record(self, record: RecordView | None) -> None:
        """Draw that record, or the empty state; keeps its place where nothing has changed."""
        if record != self._record or self._is_first:
            self._show(record)

    def set_compact(self, *, is_compact: bool) -> None:
        """Put facts and history into `more`, or back under one scroll bar in this panel."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            inside = self.theme.space.m if is_compact else self.theme.space.l
            self.body.setContentsMargins(self.theme.space.l, inside, self.theme.space.l, inside)
            self.name.set_compact(is_compact=is_compact)
            self._show(self._record)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and watched is self.name:
            self.name_drawn.emit()
        return super().eventFilter(watched, event)

    def _show(self, record: RecordView | None) -> None:
        self._is_first = False
        self._record = record
        self._head.setVisible(record is not None)
        self._scroll.setVisible(record is not None and not self._is_compact)
        self._empty.setVisible(record is None)
        self.more.setVisible(record is not None and self._is_compact and _has_more(record))
        if record is None:
            return
        self.name.setText(record.name or "Name unknown")
        self.number.setText(record.number)
        self.number_label.setText(record.number_label)
        self.place.setText(record.place)
        self.place.setVisible(bool(record.place))
        self._place_content(self._build_content(record))
        self.name.update()

    def _place_content(self, content: QWidget) -> None:
        self.more.body.removeWidget(self._content)
        self._content.hide()
        self._content.deleteLater()
        self._content = content
        if self._is_compact:
            self.more.body.addWidget(content)
        else:
            self._scroll.setWidget(content)
        content.show()

    def _build_content(self, record: RecordView) -> QWidget:
        """Facts, earlier calls and the last note, under one scroll bar if they are many."""
        content = QWidget()
        content.setProperty("role", "plain")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.space.m)
        if record.details:
            if not self._is_compact:
                layout.addWidget(hairline(self.theme))
            layout.addLayout(self._details(record.details))
        if record.history or record.last_note:
            layout.addWidget(hairline(self.theme))
            layout.addWidget(SectionTitle(self.theme, "History"))
        if record.history:
            layout.addLayout(self._history(record.history))
        if record.last_note:
            note = Label(self.theme, f"“{record.last_note}”", tone="muted", is_wrapped=True)
            layout.addWidget(note)
        layout.addStretch(1)
        return content

    def _details(self, details: tuple[Detail, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.space.m)
        grid.setVerticalSpacing(self.theme.space.s)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for index, detail in enumerate(details):
            label = ElidedLabel(self.theme, detail.label, tone="muted")
            label.setMaximumWidth(140)
            weight = STRONG if detail.is_strong or detail.is_due else self.theme.font().weight()
            value: QLabel = Label(self.theme, detail.value, weight=weight, is_wrapped=True)
            grid.addWidget(label, index, 0, top)
            if not detail.is_due:
                grid.addWidget(value, index, 1, top)
                continue
            mark = QVBoxLayout()
            mark.setContentsMargins(0, 2, 0, 0)  # to the middle of the first line
            mark.addWidget(StateDot(self.theme, "preview"))
            mark.addStretch(1)
            due = row(spacing=self.theme.space.s)
            due.addLayout(mark)
            due.addWidget(value, 1)
            grid.addLayout(due, index, 1, top)
        return grid

    def _history(self, history: tuple[HistoryRow, ...]) -> QVBoxLayout:
        rows = QGridLayout()
        rows.setHorizontalSpacing(self.theme.space.l)
        rows.setVerticalSpacing(0)
        rows.setColumnStretch(1, 1)
        for index, entry in enumerate(history):
            agent = ElidedLabel(self.theme, entry.agent, tone="faint")
            agent.setAlignment(Qt.AlignmentFlag.AlignRight)
            for column, label in enumerate(
                (
                    ElidedLabel(self.theme, entry.day, tone="muted"),
                    ElidedLabel(self.theme, entry.outcome),
                    agent,
                )
            ):
                rows.addWidget(label, 2 * index, column)
            rows.setRowMinimumHeight(2 * index, self.theme.shape.row_height - 1)
            rows.addWidget(hairline(self.theme), 2 * index + 1, 0, 1, 3)
        box = QVBoxLayout()
        box.addLayout(rows)
        return box


def _has_more(record: RecordView) -> bool:
    return bool(record.details or record.history or record.last_note)
