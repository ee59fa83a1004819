"""The rules of recycling, one line an outcome, the law's rest beside the office's."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desk.recycling_view import NUMBERS, NextNumber, Recycle, RuleView, problem
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label

WORDS_PX, WAIT_PX, UNIT_PX, MOST_PX, NUMBER_PX = 178, 60, 104, 56, 132
UNITS = ((60, "minutes"), (3600, "hours"), (86_400, "days"))
ANY = "any"


class RuleLine(QWidget):
    """What follows one outcome. `looked_at` when it gets the keyboard or the mouse's press."""

    changed = Signal()
    looked_at = Signal()

    def __init__(self, theme: Theme, view: RuleView) -> None:
        super().__init__()
        self._theme = theme
        self.view = view
        self._is_marked = False
        self.words = ElidedLabel(theme, view.words, weight=MEDIUM)
        self.words.setFixedWidth(WORDS_PX)
        self.wait = QLineEdit()
        self.unit = ChoiceBox(theme)
        self.most = QLineEdit()
        self.number = ChoiceBox(theme)
        self.law = ElidedLabel(theme, "", tone="muted")
        self.usual = KeyButton(theme, "", kind="quiet", icon="arrow-counter-clockwise")
        self.trouble = Label(theme, "", role="small", tone="trouble", is_wrapped=True)
        for seconds, words in UNITS:
            self.unit.addItem(words, seconds)
        for how, words in NUMBERS:
            self.number.addItem(words, how)
        for widget, width, name in (
            (self.wait, WAIT_PX, f"Wait after {view.words.lower()}"),
            (self.unit, UNIT_PX, "Minutes, hours or days"),
            (self.most, MOST_PX, f"Tries that may end so: {view.words.lower()}"),
            (self.number, NUMBER_PX, "Which number next"),
            (self.usual, 36, f"As usual after {view.words.lower()}"),
        ):
            widget.setFont(theme.font())
            widget.setFixedWidth(width)
            widget.setAccessibleName(name)
            widget.installEventFilter(self)
        for line in (self.wait, self.most):
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.most.setPlaceholderText(ANY)
        self.usual.setToolTip("As usual")
        self._lay_out()
        self.show_rule(view.rule)
        self.wait.textEdited.connect(self._edited)
        self.most.textEdited.connect(self._edited)
        self.unit.activated.connect(self._edited)
        self.number.activated.connect(self._edited)
        self.usual.clicked.connect(self._back)

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 2, 0, 2)
        whole.setSpacing(0)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for widget in (self.words, self.wait, self.unit, self.most, self.number):
            line.addWidget(widget)
        line.addSpacing(8)
        line.addWidget(self.law, 1)
        line.addWidget(self.usual)
        whole.addLayout(line)
        whole.addWidget(self.trouble)

    def show_rule(self, rule: Recycle) -> None:
        """Fill it in."""
        size = next(
            (size for size, _ in reversed(UNITS) if rule.wait_s >= size and not rule.wait_s % size),
            60,
        )
        self.unit.setCurrentIndex(self.unit.findData(size))
        self.wait.setText(f"{rule.wait_s / size:g}")
        self.most.setText("" if rule.most is None else str(rule.most))
        self.number.setCurrentIndex(self.number.findData(rule.number))
        self._draw()

    def rule(self) -> Recycle:
        """As it is filled in; what is no number is one that the rule refuses."""
        try:
            wait_s = float(self.wait.text().strip().replace(",", ".")) * self.unit.currentData()
        except ValueError:
            wait_s = -1.0
        most: int | None = None
        typed = self.most.text().strip()
        if typed and typed != ANY:
            most = int(typed) if typed.isdecimal() and len(typed) < 6 else -1
        how = NextNumber(self.number.currentData())
        return Recycle(wait_s if wait_s == wait_s else -1.0, most, how)

    def problem(self) -> str:
        """What is wrong with it, in a sentence."""
        return problem(self.view.outcome, self.rule())

    def in_order(self) -> list[QWidget]:
        """What takes the keyboard, from left to right."""
        return [self.wait, self.unit, self.most, self.number, self.usual]

    def set_marked(self, is_marked: bool) -> None:
        """Whether the picture below is of this outcome."""
        self._is_marked = is_marked
        self.update()

    def _back(self) -> None:
        self.show_rule(self.view.usual)
        self.wait.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _edited(self) -> None:
        self._draw()
        self.looked_at.emit()
        self.changed.emit()

    def _draw(self) -> None:
        rule = self.rule()
        sentence = self.problem()
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))
        wins = bool(self.view.law) and self.view.law_wins(rule)
        # Meaning is not carried by colour alone.
        self.law.setText(f"{self.view.law}, which counts" if wins else self.view.law or "–")
        self.law.set_tooltip("The law waits longer; its time counts." if wins else "")
        set_tone(self.law, "ink" if wins else "muted")
        self.usual.set_possible(rule != self.view.usual, "It is as usual.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.looked_at.emit()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._is_marked:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawRoundedRect(0, 6, 3, self.height() - 12, 1.5, 1.5)


class LimitsLine(QWidget):
    """The law of the campaign: whose it is, and how often it lets a person be called."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.words = ElidedLabel(theme, "", weight=MEDIUM)
        self.more = ElidedLabel(theme, "", tone="muted")
        self._icon = Label(theme, "")
        self._icon.setPixmap(theme.pixmap("scales", 16, "ink2", self.devicePixelRatioF()))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._icon, 0, 0)
        grid.addWidget(self.words, 0, 1)
        grid.addWidget(self.more, 1, 1)
        grid.setColumnStretch(1, 1)

    def show_limits(self, rules_name: str, limits: tuple[str, ...]) -> None:
        """For example: The law here (United Kingdom) allows 3 calls a day."""
        both = " and ".join(limits)
        allows = f"allows {both}" if both else "sets no number of calls"
        self.words.setText(f"The law here ({rules_name}) {allows}." if rules_name else "")
        self.more.setText("It always wins over what is set below." if rules_name else "")
        self._icon.setVisible(bool(rules_name))
