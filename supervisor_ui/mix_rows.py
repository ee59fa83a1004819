"""The sources of a mix, one line each: how much, how soon, in which order."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desk.mix_view import ORDERS, TIERS, ListOrder, SourceView, order_words
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, Theme, set_tone
from app.look.widgets import CheckLine, ElidedLabel, KeyButton, Label
from supervisor_ui.mix_picture import SourceDot

WEIGHT_PX, SHARE_PX, TIER_PX, ORDER_PX, KEY_PX = 64, 44, 100, 138, 36


class SourceLine(QWidget):
    """One list or segment of the mix; the order's meaning stands below it."""

    changed = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, source: SourceView, place: int) -> None:
        super().__init__()
        self._source = source
        self.active = CheckLine(theme, "")
        self.active.setAccessibleName(f"Call people of {source.name}")
        self.active.setToolTip("Switched off, nobody of it is called")
        self.active.setFixedWidth(28)
        self.active.setMinimumWidth(28)
        self.active.setChecked(source.is_active)
        self.name = ElidedLabel(theme, source.name, weight=MEDIUM)
        self.people = ElidedLabel(theme, _size_words(source), role="small", tone="muted")
        self.weight = QLineEdit(f"{source.weight:g}")
        self.weight.setFixedWidth(WEIGHT_PX)
        self.weight.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.share = Label(theme, "", tone="muted")
        self.share.setFixedWidth(SHARE_PX)
        self.tier, self.order = ChoiceBox(theme), ChoiceBox(theme)
        self.tier.setFixedWidth(TIER_PX)
        self.order.setFixedWidth(ORDER_PX)
        for at, words in enumerate(TIERS):
            self.tier.addItem(words, at)
        for order, words, line in ORDERS:
            self.order.addItem(words, order)
            self.order.setItemData(self.order.count() - 1, line, Qt.ItemDataRole.ToolTipRole)
        self.tier.setCurrentIndex(source.tier)
        self.order.setCurrentIndex(self.order.findData(source.order))
        self.meaning = ElidedLabel(theme, "", role="small", tone="muted")
        self.remove = KeyButton(theme, "", kind="quiet", icon="x")
        for widget, name in (
            (self.weight, f"Weight of {source.name}"),
            (self.tier, f"Turn of {source.name}"),
            (self.order, f"Order of {source.name}"),
            (self.remove, f"Take {source.name} out of the mix"),
        ):
            widget.setFont(theme.font())
            widget.setAccessibleName(name)
        self.remove.setToolTip("Take it out of the mix")
        self._lay_out(SourceDot(theme, place))
        self._connect()
        self._draw()

    def _lay_out(self, dot: SourceDot) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.name)
        names.addWidget(self.people)
        line.addWidget(self.active)
        line.addWidget(dot)
        line.addLayout(names, 1)
        for widget in (self.weight, self.share, self.tier, self.order, self.remove):
            line.addWidget(widget)
        whole.addLayout(line)
        below = QHBoxLayout()
        below.addSpacing(28 + 8 + 10 + 8)
        below.addWidget(self.meaning, 1)
        whole.addLayout(below)

    def _connect(self) -> None:
        self.active.toggled.connect(self._edited)
        self.weight.textEdited.connect(self._edited)
        self.tier.activated.connect(self._edited)
        self.order.activated.connect(self._edited)
        self.remove.clicked.connect(self.removed)

    def source(self) -> SourceView:
        """As it is filled in; a weight that is no number is below 0."""
        try:
            weight = float(self.weight.text().strip().replace(",", "."))
        except ValueError:
            weight = -1.0
        return replace(
            self._source,
            weight=weight if weight == weight else -1.0,  # no NaN
            tier=int(self.tier.currentData()),
            order=ListOrder(self.order.currentData()),
            is_active=self.active.isChecked(),
        )

    def in_order(self) -> list[QWidget]:
        """What takes the keyboard, from left to right."""
        return [self.active, self.weight, self.tier, self.order, self.remove]

    def show_share(self, share: float) -> None:
        """Its part of its turn's calls."""
        self.share.setText(f"{share:.0%}" if self.active.isChecked() else "off")

    def _edited(self) -> None:
        self._draw()
        self.changed.emit()

    def _draw(self) -> None:
        self.meaning.setText(order_words(ListOrder(self.order.currentData())))
        set_tone(self.name, "ink" if self.active.isChecked() else "off")
        set_tone(self.meaning, "muted" if self.active.isChecked() else "off")


def _size_words(source: SourceView) -> str:
    kind = "List" if source.list_id is not None else "Segment"
    if source.people is None:
        return kind
    people = "person" if source.people == 1 else "people"
    if not source.is_about:
        return f"{kind}, {source.people:,} {people}"
    step = 10 ** max(0, len(str(source.people)) - 3)
    return f"{kind}, about {round(source.people / step) * step:,} {people}"
