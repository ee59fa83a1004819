"""Setting an experiment up: where, what is tried, what counts, and the variants."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.desk.experiment_view import KINDS, METRICS, ExperimentChoice, VariantChoice
from app.look.theme import MEDIUM, STRONG, Theme
from app.look.widgets import ChoiceBox, KeyButton, Label, SectionTitle, row

MOST = 4  # variants
LEAST = 200  # people; fewer settle nothing


class ExperimentForm(QWidget):
    """What is wanted stands in `choice`; `lacks` says in a sentence what is still missing."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.name = QLineEdit()
        self.campaign, self.kind, self.success = (ChoiceBox(theme) for _ in range(3))
        self.planned = QLineEdit()
        self.names = [QLineEdit() for _ in range(MOST)]
        self.values = [QLineEdit() for _ in range(MOST)]
        self.weights = [QLineEdit() for _ in range(MOST)]
        self.more = KeyButton(theme, "Another variant", icon="plus")
        self.hint = Label(theme, "", tone="muted")
        for word, name, _ in KINDS:
            self.kind.addItem(name, word)
        for word, name in METRICS:
            self.success.addItem(name, word)
        for field in (self.planned, *self.weights):
            field.setValidator(QIntValidator(1, 1_000_000, field))
        self._shown = 2
        self._lay_out()
        self.clear()
        for field in (self.name, self.planned, *self.names, *self.values):
            field.textChanged.connect(self.changed)
        self.kind.currentIndexChanged.connect(self._show_hint)
        self.more.clicked.connect(self._add)

    def _lay_out(self) -> None:
        theme = self._theme
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(Label(theme, "A new experiment", role="title", weight=STRONG))
        lead = (
            "Chance decides who is called in which way, and it stays so for each person. It ends "
            "by itself once the difference is more than chance, or after the planned people."
        )
        box.addWidget(Label(theme, lead, tone="muted", is_wrapped=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for at, (field, name) in enumerate(
            (
                (self.name, "Name"), (self.campaign, "Campaign"), (self.kind, "What is tried"),
                (self.success, "A success is when"), (self.planned, "People at most"),
            )
        ):  # fmt: skip
            self._dress(field, name)
            holder = QVBoxLayout()
            holder.setSpacing(4)
            holder.addWidget(Label(theme, name, role="small", weight=MEDIUM, tone="muted"))
            holder.addWidget(field)
            grid.addLayout(holder, at // 3, at % 3)
            grid.setColumnStretch(at % 3, 1)
        box.addLayout(grid)
        box.addSpacing(4)
        box.addLayout(row(SectionTitle(theme, "Variants"), self.hint, spacing=12, stretch_at=2))
        self._lines: list[QWidget] = []
        for at in range(MOST):
            box.addWidget(self._line(at))
        box.addLayout(row(self.more, spacing=8, stretch_at=1))
        box.addStretch(1)

    def _line(self, at: int) -> QWidget:
        line = QWidget()
        name, value, weight = self.names[at], self.values[at], self.weights[at]
        self._dress(name, f"Name of variant {at + 1}")
        self._dress(value, f"What variant {at + 1} is")
        self._dress(weight, f"Share of variant {at + 1}")
        name.setPlaceholderText("As it is now" if at == 0 else "Its name")
        value.setPlaceholderText("What it is")
        weight.setPlaceholderText("Share")
        weight.setToolTip("Its share among those of all")
        weight.setFixedWidth(72)
        name.setFixedWidth(220)
        across = row(name, value, weight, spacing=8)
        across.setStretch(1, 1)
        line.setLayout(across)
        self._lines.append(line)
        return line

    def _dress(self, field: QWidget, name: str) -> None:
        field.setFont(self._theme.font())
        field.setAccessibleName(name)

    # --- what stands in it ------------------------------------------------------------------

    def offer(self, campaigns: tuple[tuple[int, str], ...]) -> None:
        """The campaigns in which one can be begun."""
        chosen = self.campaign.currentData()
        self.campaign.clear()
        for campaign_id, name in campaigns:
            self.campaign.addItem(name, campaign_id)
        self.campaign.setCurrentIndex(max(0, self.campaign.findData(chosen)))

    def clear(self) -> None:
        """Begin anew."""
        for field in (self.name, *self.names, *self.values):
            field.clear()
        for weight in self.weights:
            weight.setText("1")
        self.planned.setText("20000")
        self._shown = 2
        self._show_lines()
        self._show_hint()

    @property
    def choice(self) -> ExperimentChoice:
        """As it is filled in now."""
        return ExperimentChoice(
            self.campaign.currentData() or 0,
            self.name.text().strip(),
            self.kind.currentData(),
            self.success.currentData(),
            int(self.planned.text() or 0),
            tuple(
                VariantChoice(name.text().strip(), value.text().strip(), float(weight.text() or 0))
                for name, value, weight in self._rows()
            ),
        )

    @property
    def lacks(self) -> str:
        """What is missing, as a sentence; empty where nothing is."""
        choice = self.choice
        if not choice.name:
            return "Give the experiment a name."
        if any(not one.name or not one.value for one in choice.variants):
            return "Give each variant a name, and say what it is."
        if choice.planned < LEAST:
            return f"Plan for {LEAST} people at least."
        return ""

    def _rows(self) -> list[tuple[QLineEdit, QLineEdit, QLineEdit]]:
        return list(zip(self.names, self.values, self.weights, strict=True))[: self._shown]

    def _add(self) -> None:
        self._shown = min(MOST, self._shown + 1)
        self._show_lines()
        self.names[self._shown - 1].setFocus()
        self.changed.emit()

    def _show_lines(self) -> None:
        for at, line in enumerate(self._lines):
            line.setVisible(at < self._shown)
        self.more.set_possible(self._shown < MOST, "Four variants at most.")

    def _show_hint(self) -> None:
        self.hint.setText(KINDS[max(0, self.kind.currentIndex())][2])
        self.changed.emit()
