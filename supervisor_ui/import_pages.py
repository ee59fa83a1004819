"""The pages of an import: choosing a file, waiting, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desk.import_view import ImportResult
from app.look.labels import blend
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, Panel, SectionTitle, row

FORMATS = "CSV, TSV, text or XLSX, as your programs export them"
WHOLE = "Nobody is called from this list until it is whole. Cancel leaves nothing of it."
_REASONS = 6
_AREA = QSize(560, 264)


class DropPage(QWidget):
    """A place to drop a list on, with a button for who would rather choose it."""

    chosen = Signal(str)
    browse_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_over = False
        self.setAcceptDrops(True)
        self.browse = KeyButton(theme, "Choose a file …", kind="primary", icon="folder-open")
        self.browse.clicked.connect(self.browse_requested)
        self.trouble = Label(theme, "", tone="trouble", is_wrapped=True)
        self.trouble.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        picture = QLabel()
        picture.setPixmap(theme.pixmap("file-arrow-down", 48, "ink3", self.devicePixelRatioF()))
        box = QVBoxLayout(self)
        box.setSpacing(8)
        box.addStretch(3)
        for widget in (
            picture,
            Label(theme, "Drop a calling list here", role="title", weight=STRONG),
            Label(theme, FORMATS, tone="muted"),
        ):
            box.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addSpacing(8)
        box.addWidget(self.browse, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(2)
        self.trouble.setMinimumHeight(56)
        box.addWidget(self.trouble)
        box.addStretch(1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _file_in(event):
            self._set_over(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        file = _file_in(event)
        if file:
            event.acceptProposedAction()
            self.chosen.emit(file)

    def _set_over(self, is_over: bool) -> None:
        self._is_over = is_over
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        accent = theme.colour("accent")
        pen = QPen(accent if self._is_over else theme.colour("mark"), 2)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        fill = (
            blend(theme.colour("panel"), accent, 0.08) if self._is_over else theme.colour("panel")
        )
        painter.setBrush(fill)
        top = (self.height() - self.trouble.height() - _AREA.height()) / 2
        box = QRectF((self.width() - _AREA.width()) / 2, top, _AREA.width(), _AREA.height())
        painter.drawRoundedRect(box, theme.shape.card_radius, theme.shape.card_radius)


def _file_in(event: QDropEvent) -> str:
    """The one file that is carried, or nothing."""
    urls = event.mimeData().urls()
    return urls[0].toLocalFile() if len(urls) == 1 else ""


class ShareBar(QWidget):
    """How far something is, as a bar."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self.setFixedHeight(8)

    def set_share(self, share: float) -> None:
        """0 to 1."""
        self._share = min(1.0, max(0.0, share))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, colour in ((1.0, "line"), (self._share, "accent")):
            if share > 0.0:
                painter.setBrush(self._theme.colour(colour))
                width = max(8.0, self.width() * share)
                painter.drawRoundedRect(QRectF(0, 0, width, self.height()), 4, 4)


class BusyPage(QWidget):
    """The import on its way; `cancel_requested` once."""

    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.share = Label(theme, "0 %", role="timer", weight=STRONG)
        self.bar = ShareBar(theme)
        self.words = Label(theme, WHOLE, tone="muted", is_wrapped=True)
        self.cancel = KeyButton(theme, "Cancel the import", "Esc")
        self.cancel.clicked.connect(self._cancel)
        holder = QWidget()
        holder.setFixedWidth(_AREA.width())
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        head = row(self.title, self.share, spacing=16)
        head.setStretch(0, 1)
        box.addLayout(head)
        box.addWidget(self.bar)
        box.addWidget(self.words)
        box.addSpacing(8)
        box.addLayout(row(self.cancel, spacing=0, stretch_at=1))
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)

    def begin(self, title: str) -> None:
        """A new import."""
        self.title.setText(title)
        self.words.setText(WHOLE)
        self.cancel.set_possible(True)
        self.show_share(0.0)

    def show_share(self, share: float) -> None:
        """0 to 1; at 1 the people are set free, which cannot be cancelled."""
        self.share.setText(f"{share * 100:.0f} %")
        self.bar.set_share(share)

    def _cancel(self) -> None:
        self.cancel.set_possible(False, "What came in is being taken out again.")
        self.words.setText("Taking out again what came in …")
        self.cancel_requested.emit()


class FigureCard(Panel):
    """A figure with its name over it and a word under it."""

    def __init__(self, theme: Theme, name: str, value: int, detail: str, *, is_main: bool) -> None:
        super().__init__(theme, name)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(2)
        self.body.addWidget(ElidedLabel(theme, name, tone="muted"))
        figure = Label(theme, f"{value:,}", role="timer", weight=STRONG)
        set_tone(figure, "ink" if value or is_main else "off")
        self.body.addWidget(figure)
        words = ElidedLabel(theme, detail, role="small", tone="faint")
        words.set_tooltip(detail)
        self.body.addWidget(words)
        self.setAccessibleName(f"{name}: {value:,}. {detail}")


class DonePage(QWidget):
    """What came of an import: figures, why rows were not taken.

    The way back, `undo`, stands in the dialog's foot.
    """

    undo_requested = Signal(int)
    open_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._result: ImportResult | None = None
        self._is_asked = False
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.words = Label(theme, "", tone="muted", is_wrapped=True)
        self.cards = QHBoxLayout()
        self.cards.setSpacing(12)
        self.reasons_panel = Panel(theme, "Rows that were not taken")
        self.reasons = QGridLayout()
        self.open_file = KeyButton(theme, "Open the file of these rows", icon="file-text")
        self.undo = KeyButton(theme, "Undo this import", kind="danger", icon="arrow-u-up-left")
        self.open_file.clicked.connect(self._open)
        self.undo.clicked.connect(self._undo)
        self._lay_out()

    def _lay_out(self) -> None:
        theme = self._theme
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(self.title)
        box.addWidget(self.words)
        box.addSpacing(4)
        box.addLayout(self.cards)
        body = self.reasons_panel.body
        body.setContentsMargins(16, 12, 16, 16)
        body.setSpacing(8)
        body.addWidget(SectionTitle(theme, "Rows that were not taken, and why"))
        self.reasons.setHorizontalSpacing(16)
        self.reasons.setVerticalSpacing(4)
        self.reasons.setColumnStretch(1, 1)
        body.addLayout(self.reasons)
        body.addSpacing(4)
        body.addLayout(row(self.open_file, spacing=0, stretch_at=1))
        box.addWidget(self.reasons_panel)
        box.addStretch(1)

    def show_result(self, result: ImportResult) -> None:
        """Draw what came of it."""
        self._result, self._is_asked = result, False
        self.title.setText(f"{result.list_name} is in")
        self.words.setText(
            f"{result.rows:,} rows of {result.file}, for the campaign {result.campaign}, "
            f"in {result.seconds:,.1f} seconds."
        )
        _clear(self.cards)
        for at, (name, value, detail) in enumerate(_figures(result)):
            self.cards.addWidget(FigureCard(self._theme, name, value, detail, is_main=at == 0), 1)
        self._show_reasons(result)
        self.undo.set_possible(bool(result.taken or result.updated), "Nobody came in.")
        self.undo.set_label("Undo this import")

    def _show_reasons(self, result: ImportResult) -> None:
        _clear(self.reasons)
        shown = list(result.reasons[:_REASONS])
        rest = sum(count for _, count in result.reasons[_REASONS:])
        if rest:
            shown.append(("other reasons", rest))
        for at, (why, count) in enumerate(shown):
            figure = Label(self._theme, f"{count:,}", weight=MEDIUM)
            figure.setAlignment(Qt.AlignmentFlag.AlignRight)
            figure.setMinimumWidth(56)
            self.reasons.addWidget(figure, at, 0)
            self.reasons.addWidget(ElidedLabel(self._theme, why[:1].upper() + why[1:]), at, 1)
        self.reasons_panel.setVisible(bool(shown))
        self.open_file.setVisible(bool(result.rejected_file))
        self.open_file.set_hint(result.rejected_file)

    def show_undone(self, sentence: str) -> None:
        """The import is out again."""
        self.title.setText("Taken out again")
        self.words.setText(sentence)
        self.undo.set_label("Undone")
        self.undo.set_possible(False, "The import is out again.")

    def show_trouble(self, sentence: str) -> None:
        """It could not be undone."""
        self.words.setText(sentence)
        self.undo.set_possible(True)

    def _open(self) -> None:
        if self._result is not None:
            self.open_requested.emit(self._result.rejected_file)

    def _undo(self) -> None:
        """Asked a second time: people who were called stay closed, which nothing gives back."""
        if self._result is None:
            return
        if not self._is_asked:
            self._is_asked = True
            self.undo.set_label(f"Press again to take out {self._result.taken:,} people")
            return
        self.undo.set_possible(False, "The import is being taken out.")
        self.words.setText("Taking the people out again …")
        self.undo_requested.emit(self._result.import_id)


def _figures(result: ImportResult) -> tuple[tuple[str, int, str], ...]:
    known = (
        ("Known already", result.updated, "got what this list says")
        if result.updated
        else ("Known already", result.known, "on another list")
    )
    return (
        ("Came in", result.taken, "new people on the list"),
        known,
        ("Twice in the file", result.twice, "same as an earlier row"),
        ("No good number", result.invalid, "cut, missing, or no number"),
        ("Do not call", result.on_dnc, "held, never called"),
    )


def _clear(layout: QHBoxLayout | QGridLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
