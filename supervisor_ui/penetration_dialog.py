"""Penetration: how far lists are used up, four ways, as a table, over days and by hour."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.desk.penetration_view import BYS, EVERYBODY, NAMES, DaysView, PenetrationView
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import ChoiceBox, KeyButton, Label, SectionTitle, hairline, row
from supervisor_ui.penetration_pictures import (
    DAYS,
    LINE_COLOURS,
    SHARE_ROLE,
    DaysPlot,
    HourMap,
    ShareBar,
)
from supervisor_ui.why_table import WordTable

SIZE = QSize(1160, 690)


class PenetrationDialog(QDialog):
    """`show_requested(campaign, by)` is answered with `show_view`, `days_requested(campaign, by,
    row)` with `show_days`, `save_requested(file, rows)` with `show_said`; each may be refused.
    """

    show_requested = Signal(object, str)
    days_requested = Signal(int, str, int)
    save_requested = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.view: PenetrationView | None = None
        self._row: int | None = None
        self.setWindowTitle("Penetration")
        self.setFixedSize(SIZE)
        self.campaign, self.by = ChoiceBox(theme), ChoiceBox(theme)
        for word, name in BYS:
            self.by.addItem(name, word)
        self.table = WordTable(
            theme, ("Name", "Records", *(name for name, _ in NAMES)),
            (0, 84, 172, 172, 172, 172), right=(1, 2, 3, 4, 5),
        )  # fmt: skip
        self.table.setAccessibleName("Penetration, four ways")
        for at, (colour, (_, formula)) in enumerate(zip(LINE_COLOURS, NAMES, strict=True)):
            self.table.setItemDelegateForColumn(at + 2, ShareBar(theme, colour, self.table))
            head = self.table.horizontalHeaderItem(at + 2)
            if head is not None:
                head.setToolTip(formula)
        self.days = DaysPlot(theme)
        self.days_title = SectionTitle(theme, "Over days")
        self.hours = HourMap(theme)
        self.best = Label(theme, "", tone="muted", is_wrapped=True)
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.save = KeyButton(theme, "Write to a file …", icon="export")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self._lay_out()
        self.campaign.activated.connect(self._ask)
        self.by.activated.connect(self._ask)
        self.table.itemSelectionChanged.connect(self._ask_days)
        self.save.clicked.connect(self._browse)
        self.leave.clicked.connect(self.reject)
        self.save.set_possible(False, "There is nothing to write yet.")

    def _lay_out(self) -> None:
        theme = self._theme
        for field, name, width in (
            (self.campaign, "Campaign", 240), (self.by, "Put together", 150),
        ):  # fmt: skip
            field.setFont(theme.font())
            field.setAccessibleName(name)
            field.setFixedWidth(width)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(12)
        title = Label(theme, "How far the lists are used up", role="title", weight=STRONG)
        box.addLayout(row(title, self.campaign, self.by, spacing=12, stretch_at=1))
        self.table.setMinimumHeight(31 + 5 * 32)
        box.addWidget(self.table, 3)
        under = QHBoxLayout()
        under.setSpacing(24)
        left, right = QVBoxLayout(), QVBoxLayout()
        for part in (left, right):
            part.setSpacing(6)
        left.addWidget(self.days_title)
        left.addWidget(self.days, 1)
        right.addWidget(SectionTitle(theme, "Answered, by hour of their clock"))
        right.addWidget(self.hours, 1)
        right.addWidget(self.best)
        under.addLayout(left, 3)
        under.addLayout(right, 2)
        box.addLayout(under, 3)
        box.addWidget(hairline(theme))
        foot = row(self.sentence, self.save, self.leave, spacing=8)
        foot.setStretch(0, 1)
        box.addLayout(foot)

    # --- what a person does -----------------------------------------------------------------

    def _ask(self) -> None:
        self._row = None
        self.show_requested.emit(self.campaign.currentData(), self.by.currentData())

    def _ask_days(self) -> None:
        chosen = self.table.chosen_id
        if self.view is None or chosen is None or chosen == self._row:
            return
        self._row = chosen
        name = next(one.name for one in self.view.rows if one.id == chosen)
        self.days_title.setText(f"Over days: {name}")
        self.days_requested.emit(self.view.campaign_id, self.view.by, chosen)

    def _browse(self) -> None:
        file, _ = QFileDialog.getSaveFileName(
            self, "Write the figures", "penetration.csv", "CSV (*.csv)"
        )
        if file and self.view is not None:
            self.save_requested.emit(file, self.view.rows)

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: PenetrationView) -> None:
        """The figures of a campaign."""
        self.view = view
        self.campaign.clear()
        for campaign_id, name in view.campaigns:
            self.campaign.addItem(name, campaign_id)
        self.campaign.setCurrentIndex(self.campaign.findData(view.campaign_id))
        self.by.setCurrentIndex(self.by.findData(view.by))
        self._row = None
        self.table.show_rows(
            [
                (one.name, f"{one.records:,}", *(_percent(share) for share in one.shares))
                for one in view.rows
            ],
            [one.id for one in view.rows],
        )
        self.table.blockSignals(True)
        for line, one in enumerate(view.rows):
            for at, (share, fraction) in enumerate(zip(one.shares, one.fractions, strict=True)):
                item = self.table.item(line, at + 2)
                if item is not None:
                    item.setData(SHARE_ROLE, share)
                    item.setToolTip(f"{NAMES[at][0]}: {fraction} ({NAMES[at][1]})")
        self.table.blockSignals(False)
        self.hours.show_cells(view.hours)
        self._show_best()
        self.save.set_possible(True)
        self._say("")
        self.table.choose(EVERYBODY)

    def _show_best(self) -> None:
        best = self.hours.best
        if best is None or best.share is None:
            self.best.setText("Ten calls in an hour are needed before it is judged.")
            return
        self.best.setText(
            f"Best so far: {DAYS[best.weekday]} from {best.hour}:00, {best.share:.0%} of "
            f"{best.calls:,} calls answered."
        )

    def show_days(self, view: DaysView) -> None:
        """A row over days; an answer to an earlier question is passed over."""
        if view.row_id == self._row:
            self.days.show_points(view.points)

    def show_said(self, sentence: str) -> None:
        """What was done."""
        self._say(sentence)

    def show_trouble(self, sentence: str) -> None:
        """Why it was not done."""
        self._say(sentence, is_trouble=True)

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
