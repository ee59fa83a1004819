"""How many people a condition finds, and some of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from app.desk.segment_view import CountView, count_words
from app.look.theme import MEDIUM, REGULAR, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, Label, Panel, SectionTitle, row

SHOWN = 5
UNFINISHED = "Finish the conditions to see whom they find."
NOBODY = "Nobody meets this."
_NAMES = ("Name", "Town", "List", "Status", "Calls")
_LINE_PX = 22


class FoundPanel(Panel):
    """The live count as a figure, its certainty beside it, and a few people under it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "People who are found")
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(8)
        self.figure = Label(theme, "", role="title", weight=STRONG)
        self.certainty = Label(theme, "", tone="muted")
        head = row(self.figure, self.certainty, spacing=12, stretch_at=2)
        self.body.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(0)
        for column, (name, stretch) in enumerate(zip(_NAMES, (4, 3, 3, 3, 4), strict=True)):
            self._grid.addWidget(SectionTitle(theme, name), 0, column)
            self._grid.setColumnStretch(column, stretch)
        self.cells: list[list[ElidedLabel]] = []
        for line in range(SHOWN):
            cells = []
            for column in range(len(_NAMES)):
                is_name = column == 0
                cell = ElidedLabel(
                    theme,
                    "",
                    weight=MEDIUM if is_name else REGULAR,
                    tone="ink" if is_name else "muted",
                )
                cell.setMinimumHeight(_LINE_PX)
                self._grid.addWidget(cell, line + 1, column, Qt.AlignmentFlag.AlignVCenter)
                cells.append(cell)
            self.cells.append(cells)
        self.body.addLayout(self._grid)
        self.show_counting()

    def show_count(self, count: CountView) -> None:
        """How many, how certain, and some of them."""
        self.figure.setText(count_words(count))
        set_tone(self.figure, "ink")
        told = ""
        if count.is_sampled:
            told = f"between {count.low:,} and {count.high:,}, from a sample"
        elif not count.count:
            told = NOBODY
        self.certainty.setText(told)
        for line, cells in enumerate(self.cells):
            texts = [""] * len(_NAMES)
            if line < len(count.people):
                one = count.people[line]
                texts = [one.name, one.town, one.list_name, one.status, one.calls]
            for cell, text in zip(cells, texts, strict=True):
                cell.setText(text)

    def show_counting(self) -> None:
        """Something newer is being counted; what was found stays, quietly."""
        set_tone(self.figure, "off")
        if not self.figure.text():
            self.figure.setText("…")

    def show_unfinished(self) -> None:
        """There is nothing to count yet."""
        self.figure.setText("–")
        set_tone(self.figure, "off")
        self.certainty.setText(UNFINISHED)
        for cells in self.cells:
            for cell in cells:
                cell.setText("")
