"""Building a condition without a query language: lines of field, operator and value, in groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desk.segment_view import (
    DEEPEST,
    MATCHES,
    Check,
    Condition,
    FieldView,
    Group,
    Match,
    Operator,
    fresh_check,
    operators,
    problem,
)
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, Theme, set_tone
from app.look.widgets import KeyButton, Label
from supervisor_ui.parts import LinkButton
from supervisor_ui.segment_values import ValueEditor, editor

_FIELD_PX, _OPERATOR_PX, _MATCH_PX = 172, 140, 180
_INDENT_PX = 16


class CheckLine(QWidget):
    """One condition: what is asked, how, and with what it is compared."""

    changed = Signal()
    reshaped = Signal()  # other widgets stand here now
    removed = Signal()

    def __init__(self, theme: Theme, fields: Sequence[FieldView], check: Check, today: str) -> None:
        super().__init__()
        self._theme, self._today = theme, today
        self._fields = {field.key: field for field in fields}
        # A list may have lost a column since: what was asked of it stays readable.
        key = (check.field, check.column)
        self._fields.setdefault(key, FieldView(check.field, check.column or key[0], check.column))
        self._is_touched = False
        self.field, self.operator = ChoiceBox(theme), ChoiceBox(theme)
        self.value: ValueEditor = editor(theme, check, self._fields[key])
        self.remove = KeyButton(theme, "", kind="quiet", icon="x")
        self.trouble = Label(theme, "", role="small", tone="muted", is_wrapped=True)
        for box, width, name in (
            (self.field, _FIELD_PX, "What is asked"),
            (self.operator, _OPERATOR_PX, "How"),
        ):
            box.setFont(theme.font())
            box.setFixedWidth(width)
            box.setAccessibleName(name)
        for of in self._fields.values():
            self.field.addItem(of.words, of.key)
        self.field.setCurrentIndex(list(self._fields).index(key))
        self.remove.setAccessibleName("Take this condition out")
        self.remove.setToolTip("Take this condition out")
        self._lay_out()
        self._show_operators(check)
        self._join_value()
        self.field.activated.connect(self._choose_field)
        self.operator.activated.connect(self._choose_operator)
        self.remove.clicked.connect(self.removed)
        self._judge()

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        self._line = QHBoxLayout()
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(8)
        for widget in (self.field, self.operator):
            self._line.addWidget(widget)
        self._line.addWidget(self.value, 1)
        self._line.addWidget(self.remove)
        whole.addLayout(self._line)
        self.trouble.setContentsMargins(2, 0, 0, 2)
        whole.addWidget(self.trouble)

    @property
    def _of(self) -> FieldView:
        return list(self._fields.values())[self.field.currentIndex()]

    @property
    def _how(self) -> Operator:
        return Operator(self.operator.currentData())  # Qt hands a plain text back

    def condition(self) -> Check:
        """As it is filled in."""
        of = self._of
        return Check(of.field, self._how, self.value.value(), of.column)

    def in_order(self) -> list[QWidget]:
        """What takes the keyboard, from left to right."""
        return [self.field, self.operator, *self.value.in_order, self.remove]

    def _show_operators(self, check: Check) -> None:
        self.operator.clear()
        for operator, words in operators(self._of):
            self.operator.addItem(words, operator)
        self.operator.setCurrentIndex(max(0, self.operator.findData(check.operator)))

    def _choose_field(self) -> None:
        of = self._of
        self._is_touched = False
        check = fresh_check(of, today=self._today)
        self._show_operators(check)
        self._put_value(editor(self._theme, check, of))

    def _choose_operator(self) -> None:
        """Another operator keeps the value where it still fits."""
        before = self.value.value()
        fresh = fresh_check(self._of, self._how, self._today)
        if type(before) is type(fresh.value) and not isinstance(before, list):
            fresh = Check(fresh.field, fresh.operator, before, fresh.column)
        self._put_value(editor(self._theme, fresh, self._of))

    def _put_value(self, value: ValueEditor) -> None:
        old, self.value = self.value, value
        self._line.replaceWidget(old, value)
        old.hide()
        old.deleteLater()
        self._line.setStretchFactor(value, 1)
        self._join_value()
        self._judge()
        self.reshaped.emit()
        self.changed.emit()

    def _join_value(self) -> None:
        self.value.changed.connect(self._edited)

    def _edited(self) -> None:
        self._is_touched = True
        self._judge()
        self.changed.emit()

    def _judge(self) -> None:
        """What is wrong with it stands below it; quietly until somebody has typed."""
        sentence = problem(self.condition())
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))
        set_tone(self.trouble, "trouble" if self._is_touched else "muted")


class GroupBox(QWidget):
    """Conditions of which all, any or none must hold; groups stand within groups, indented."""

    changed = Signal()
    reshaped = Signal()
    removed = Signal()

    def __init__(
        self,
        theme: Theme,
        fields: Sequence[FieldView],
        group: Group,
        today: str,
        depth: int = 0,
    ) -> None:
        super().__init__()
        self._theme, self._fields, self._today, self._depth = theme, fields, today, depth
        self.parts: list[CheckLine | GroupBox] = []
        self.match = ChoiceBox(theme)
        self.match.setFont(theme.font("body", MEDIUM))
        self.match.setFixedWidth(_MATCH_PX)
        self.match.setAccessibleName("How many of these must hold")
        for match, words in MATCHES:
            self.match.addItem(words, match)
        self.match.setCurrentIndex(self.match.findData(group.match))
        self.add_check = LinkButton(theme, "Add a condition")
        self.add_group = LinkButton(theme, "Add a group")
        self.remove = KeyButton(theme, "", kind="quiet", icon="x")
        self.remove.setAccessibleName("Take this group out")
        self.remove.setToolTip("Take this group out")
        self.remove.setVisible(depth > 0)
        self.add_group.setVisible(depth + 1 < DEEPEST)
        self.nothing = Label(theme, "No condition yet: everybody.", tone="faint")
        self._lay_out()
        for one in group.of:
            self._append(one)
        self.match.activated.connect(lambda _index: self.changed.emit())
        self.add_check.clicked.connect(self._add_check)
        self.add_group.clicked.connect(self._add_group)
        self.remove.clicked.connect(self.removed)
        self._draw()

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        indent = _INDENT_PX if self._depth else 0
        whole.setContentsMargins(indent, 4 if indent else 0, 0, 4 if indent else 0)
        whole.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.match)
        head.addWidget(self.nothing)
        head.addStretch(1)
        head.addWidget(self.remove)
        whole.addLayout(head)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        whole.addLayout(self._rows)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.add_check)
        foot.addWidget(self.add_group)
        foot.addStretch(1)
        whole.addLayout(foot)

    def condition(self) -> Group:
        """As it is filled in."""
        match = Match(self.match.currentData())
        return Group(match, tuple(part.condition() for part in self.parts))

    def in_order(self) -> list[QWidget]:
        """What takes the keyboard, from top to bottom."""
        chain: list[QWidget] = [self.match]
        if self._depth:
            chain.append(self.remove)
        for part in self.parts:
            chain += part.in_order()
        return [*chain, self.add_check, self.add_group]

    def _append(self, condition: Condition) -> CheckLine | GroupBox:
        part: CheckLine | GroupBox
        if isinstance(condition, Group):
            part = GroupBox(
                self._theme, self._fields, condition, self._today, depth=self._depth + 1
            )
        else:
            part = CheckLine(self._theme, self._fields, condition, self._today)
        part.changed.connect(self.changed)
        part.reshaped.connect(self.reshaped)
        part.removed.connect(self._remover(part))
        self.parts.append(part)
        self._rows.addWidget(part)
        return part

    def _remover(self, part: CheckLine | GroupBox) -> Callable[[], None]:
        return lambda: self._take_out(part)

    def _add_check(self) -> None:
        part = self._append(fresh_check(self._fields[0], today=self._today))
        self._reshape(part.in_order()[0])

    def _add_group(self) -> None:
        first = fresh_check(self._fields[0], today=self._today)
        part = self._append(Group(Match.ANY, (first,)))
        self._reshape(part.in_order()[0])

    def _take_out(self, part: CheckLine | GroupBox) -> None:
        at = self.parts.index(part)
        self.parts.remove(part)
        self._rows.removeWidget(part)
        part.hide()
        part.deleteLater()
        following = self.parts[min(at, len(self.parts) - 1)] if self.parts else None
        self._reshape(self.add_check if following is None else following.in_order()[0])

    def _reshape(self, focus: QWidget) -> None:
        self._draw()
        self.reshaped.emit()
        self.changed.emit()
        focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _draw(self) -> None:
        self.nothing.setVisible(not self.parts)
        self.add_check.setEnabled(bool(self._fields))
        self.add_group.setEnabled(bool(self._fields))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._depth:  # a line down the left says what belongs to the group
            painter = QPainter(self)
            painter.fillRect(3, 6, 2, self.height() - 12, self._theme.colour("mark"))
