"""What stands after a condition's operator: a text, a number with its unit, a day, a choice."""

from __future__ import annotations

from PySide6.QtCore import QDate, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCalendarWidget, QHBoxLayout, QLineEdit, QMenu, QWidget

from app.desk.segment_view import SORTS, Check, FieldView, Operator, Sort, Value
from app.look.fields import ChoiceBox
from app.look.theme import Theme
from app.look.widgets import KeyButton, Label

_NUMBER_PX = 76
_DAY_PX = 116
_NO_VALUE = (Operator.EMPTY, Operator.NOT_EMPTY)
_OF_NUMBERS = (Operator.LESS, Operator.MORE, Operator.BETWEEN)


class ValueEditor(QWidget):
    """The value of one check; `changed` when a person has changed it.

    `in_order`: what takes the keyboard, from left to right.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        self.in_order: list[QWidget] = []

    def value(self) -> Value:
        """As it is filled in; what is no value is left for the check to complain of."""
        return None

    def _put(self, widget: QWidget, name: str = "", *, stretch: int = 0) -> None:
        widget.setFont(self._theme.font())
        self._box.addWidget(widget, stretch)
        if name:
            widget.setAccessibleName(name)
            self.in_order.append(widget)

    def _words(self, text: str) -> None:
        self._put(Label(self._theme, text, tone="muted"))

    def _line(self, text: str, name: str, width: int = 0, *, hint: str = "") -> QLineEdit:
        line = QLineEdit(text)
        line.setPlaceholderText(hint)
        if width:
            line.setFixedWidth(width)
        line.textEdited.connect(lambda _text: self.changed.emit())
        self._put(line, name, stretch=0 if width else 1)
        return line


class NoValue(ValueEditor):
    """Where the operator says it all."""


class TextValue(ValueEditor):
    """A text, or several with commas between them."""

    def __init__(self, theme: Theme, check: Check) -> None:
        super().__init__(theme)
        self._is_many = check.operator is Operator.IN
        shown = check.value if isinstance(check.value, str) else ""
        if isinstance(check.value, list):
            shown = ", ".join(str(one) for one in check.value)
        hint = "Leeds, York, Hull" if self._is_many else ""
        self.line = self._line(shown, "Text", hint=hint)

    def value(self) -> Value:
        text = self.line.text()
        if not self._is_many:
            return text
        return [part.strip() for part in text.split(",") if part.strip()]


class NumberValue(ValueEditor):
    """A number, two, or several, with their unit."""

    def __init__(self, theme: Theme, check: Check, unit: str) -> None:
        super().__init__(theme)
        values = check.value if isinstance(check.value, list) else [check.value]
        shown = [f"{one:g}" if isinstance(one, int | float) else "" for one in values]
        self._operator = check.operator
        if check.operator is Operator.IN:
            self.lines = [self._line(", ".join(shown), "Numbers", hint="1, 2, 3")]
        elif check.operator is Operator.BETWEEN:
            first = self._line((*shown, "")[0], "From", _NUMBER_PX)
            self._words("and")
            self.lines = [first, self._line((*shown, "", "")[1], "To", _NUMBER_PX)]
        else:
            self.lines = [self._line((*shown, "")[0], "Number", _NUMBER_PX)]
        if unit:
            self._words(unit)
        self._box.addStretch(1)

    def value(self) -> Value:
        if self._operator is Operator.IN:
            parts = [part.strip() for part in self.lines[0].text().split(",")]
            return [_number(part) for part in parts if part]
        found: list[str | int | float] = [_number(line.text()) for line in self.lines]
        return found if self._operator is Operator.BETWEEN else found[0]


class ChoiceValue(ValueEditor):
    """One of a few; others can be typed where the field is open."""

    def __init__(self, theme: Theme, check: Check, field: FieldView) -> None:
        super().__init__(theme)
        self._is_open = field.is_open
        self.box = ChoiceBox(theme)
        for value, words in field.choices:
            self.box.addItem(words, value)
        at = self.box.findData(check.value)
        if at < 0 and check.value not in (None, ""):
            self.box.addItem(str(check.value), check.value)
            at = self.box.count() - 1
        self.box.setCurrentIndex(max(0, at))
        if field.is_open:
            self.box.setEditable(True)
            self.box.editTextChanged.connect(lambda _text: self.changed.emit())
        self.box.activated.connect(lambda _index: self.changed.emit())
        self.box.setMinimumContentsLength(12)
        self._put(self.box, field.words, stretch=1)

    def value(self) -> Value:
        if self._is_open:
            text = self.box.currentText().strip()
            at = self.box.findText(text)
            return str(self.box.itemData(at)) if at >= 0 else text
        found: Value = self.box.currentData()
        return found


class TruthValue(ValueEditor):
    """Yes or no."""

    def __init__(self, theme: Theme, check: Check) -> None:
        super().__init__(theme)
        self.box = ChoiceBox(theme)
        self.box.addItem("yes", True)
        self.box.addItem("no", False)
        self.box.setCurrentIndex(1 if check.value is False else 0)
        self.box.activated.connect(lambda _index: self.changed.emit())
        self._put(self.box, "Yes or no")
        self._box.addStretch(1)

    def value(self) -> Value:
        return bool(self.box.currentData())


class StayingMenu(QMenu):
    """A menu of things to tick that stays open while a person ticks them."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._tick(self.activeAction()):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ticks = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() not in ticks or not self._tick(self.activeAction()):
            super().keyPressEvent(event)

    @staticmethod
    def _tick(action: QAction | None) -> bool:
        if action is None or not action.isCheckable():
            return False
        action.trigger()
        return True


class ManyValue(ValueEditor):
    """Some of a few: a button that names them over a menu in which they are ticked."""

    def __init__(self, theme: Theme, check: Check, field: FieldView) -> None:
        super().__init__(theme)
        chosen = check.value if isinstance(check.value, list) else []
        self.button = KeyButton(theme, "", icon="list-bullets", is_cap_first=True)
        self.menu = StayingMenu(self)
        self.menu.setFont(theme.font())
        known: dict[str | int | float, str] = {**dict(field.choices)}
        for value in (*known, *(one for one in chosen if one not in known)):
            action = self.menu.addAction(known.get(value, str(value)))
            action.setCheckable(True)
            action.setChecked(value in chosen)
            action.setData(value)
            action.toggled.connect(self._ticked)
        self.button.clicked.connect(self._open)
        self._put(self.button, field.words, stretch=1)
        self._name()

    def value(self) -> Value:
        return [action.data() for action in self.menu.actions() if action.isChecked()]

    def _ticked(self) -> None:
        self._name()
        self.changed.emit()

    def _name(self) -> None:
        words = [action.text() for action in self.menu.actions() if action.isChecked()]
        self.button.set_label(", ".join(words) or "Choose …")

    def _open(self) -> None:
        self.menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 4)))


class DayField(QWidget):
    """A day as it is written everywhere here, with a calendar to pick it from."""

    changed = Signal()

    def __init__(self, theme: Theme, day: str) -> None:
        super().__init__()
        self.line = QLineEdit(day)
        self.line.setFont(theme.font())
        self.line.setPlaceholderText("2026-03-01")
        self.line.setFixedWidth(_DAY_PX)
        self.line.textEdited.connect(lambda _text: self.changed.emit())
        self.open = KeyButton(theme, "", icon="calendar-blank")
        self.open.setAccessibleName("Calendar")
        self.open.clicked.connect(self._show)
        self._calendar: QCalendarWidget | None = None
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.line)
        box.addWidget(self.open)

    def day(self) -> str:
        """As it is written."""
        return self.line.text().strip()

    def choose(self, day: QDate) -> None:
        """A day of the calendar."""
        self.line.setText(day.toString(Qt.DateFormat.ISODate))
        if self._calendar is not None:
            self._calendar.close()
        self.changed.emit()

    def _show(self) -> None:
        calendar = self._calendar = QCalendarWidget(self)
        calendar.setWindowFlags(Qt.WindowType.Popup)
        calendar.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        day = QDate.fromString(self.day(), Qt.DateFormat.ISODate)
        if day.isValid():
            calendar.setSelectedDate(day)
        calendar.clicked.connect(self.choose)
        calendar.activated.connect(self.choose)
        calendar.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        calendar.show()


class DayValue(ValueEditor):
    """A day, or two."""

    def __init__(self, theme: Theme, check: Check) -> None:
        super().__init__(theme)
        values = check.value if isinstance(check.value, list) else [check.value]
        self.days: list[DayField] = []
        for at, value in enumerate(values):
            if at:
                self._words("and")
            day = DayField(theme, value if isinstance(value, str) else "")
            day.changed.connect(self.changed)
            day.line.setAccessibleName("Day")
            self._put(day)
            self.in_order += [day.line, day.open]
            self.days.append(day)
        self._box.addStretch(1)

    def value(self) -> Value:
        found: list[str | int | float] = [one.day() for one in self.days]
        return found if len(found) > 1 else found[0]


def editor(theme: Theme, check: Check, field: FieldView) -> ValueEditor:
    """What fits the field and what is asked of it."""
    sort = SORTS[check.field]
    if check.operator in _NO_VALUE:
        return NoValue(theme)
    if sort is Sort.TRUTH:
        return TruthValue(theme, check)
    if sort is Sort.DATE:
        return DayValue(theme, check)
    if sort is Sort.NUMBER or check.operator in _OF_NUMBERS:
        return NumberValue(theme, check, field.unit)
    has_choice = bool(field.choices) or sort is Sort.CHOICE
    if has_choice and check.operator in (Operator.IS, Operator.IS_NOT):
        return ChoiceValue(theme, check, field)
    if has_choice and check.operator is Operator.IN:
        return ManyValue(theme, check, field)
    return TextValue(theme, check)


def _number(text: str) -> str | int | float:
    """A number however the decimals are set off; a text that is none stays a text."""
    plain = text.strip().replace(",", ".")
    try:
        found = float(plain)
    except ValueError:
        return text
    return int(found) if found.is_integer() and abs(found) < 1e15 else found
