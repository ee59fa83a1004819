"""The fields of one gateway: what every provider asks for, and behind "More" what few do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.desk import trunk_form
from app.desk.trunk_form import GatewayForm
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, Theme
from app.look.widgets import CheckLine, Label, row
from supervisor_ui.parts import LinkButton

KEPT = "unchanged"
_COLUMN_GAP = 16


class GatewayFields(QWidget):
    """Shows a `GatewayForm` and builds the changed one; emits `changed` for what a person does."""

    changed = Signal()
    grew = Signal()  # "More" was opened or closed

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._form = GatewayForm()
        self._is_drawing = False
        self.texts: dict[str, QLineEdit] = {}
        self.choices: dict[str, ChoiceBox] = {}
        self.checks: dict[str, CheckLine] = {}
        self.channels = figure_field(theme, "Calls at a time", r"[1-9]\d{0,2}")
        self.calls_a_second = figure_field(theme, "New calls a second", r"\d{0,3}([.,]\d?)?")
        self.calls_a_second.setPlaceholderText("no limit")
        self.more = LinkButton(theme, "More settings")
        self._extra = QWidget()
        self._lay_out()
        self._connect()
        self._order_tabs()
        self._extra.hide()

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        grid = _grid()
        box.addLayout(grid)
        self._text(grid, 0, 0, "name", "Name", "Main trunk")
        self._text(grid, 0, 1, "host", "Server", "sip.example.com")
        self._choice(grid, 1, 0, "transport", "Transport", trunk_form.TRANSPORTS)
        self._figures(grid, 1, 1)
        account = self._check("has_account", "They gave us a user name and a password")
        box.addWidget(account)
        self._account = QWidget()
        inside = _grid(self._account)
        self._text(inside, 0, 0, "username", "User name", "")
        self._text(inside, 0, 1, "password", "Password", "")
        self.texts["password"].setEchoMode(QLineEdit.EchoMode.Password)
        box.addWidget(self._account)
        self._registers = self._check("registers", "Stay registered there, so that calls come in")
        box.addWidget(self._registers)
        self._accepts = self._check("accepts_calls", "Calls come in from its address")
        box.addWidget(self._accepts)
        numbers = _grid()
        box.addLayout(numbers)
        self._choice(numbers, 0, 0, "number_format", "Numbers are dialled", ())
        self._caller_side(numbers, 0, 1)
        box.addLayout(row(self.more, spacing=0, stretch_at=1))
        self._lay_out_extra()
        box.addWidget(self._extra)
        box.addStretch(1)

    def _figures(self, grid: QGridLayout, at_row: int, column: int) -> None:
        pair = row(spacing=_COLUMN_GAP)
        for field in (self.channels, self.calls_a_second):
            pair.addLayout(self._labelled(field.accessibleName(), field), 1)
        grid.addLayout(pair, at_row, column)

    def _caller_side(self, grid: QGridLayout, at_row: int, column: int) -> None:
        pair = row(spacing=_COLUMN_GAP)
        region, prefix = self._new_choice("home_region", "Country of the trunk"), QLineEdit()
        for name in trunk_form.REGIONS:
            region.addItem(name, name)
        prefix.setPlaceholderText("none")
        self._know_text("prefix", prefix, "Dial first")
        pair.addLayout(self._labelled("Country", region), 1)
        pair.addLayout(self._labelled("Dial first", prefix), 1)
        grid.addLayout(pair, at_row, column)

    def _lay_out_extra(self) -> None:
        grid = _grid(self._extra)
        self._choice(grid, 0, 0, "identity", "Our number stands in", trunk_form.IDENTITIES)
        self._choice(grid, 0, 1, "srtp", "Sound", trunk_form.SRTPS)
        self._choice(grid, 1, 0, "codecs", "Codecs", ())
        self._choice(grid, 1, 1, "dtmf", "Digits in a call", trunk_form.DTMFS)
        self._text(grid, 2, 0, "outbound_proxy", "Outbound proxy", "none")
        self._choice(grid, 2, 1, "session_timers", "Session timers", trunk_form.TIMERS)
        self._text(grid, 3, 0, "from_domain", "Domain", "as the server")
        self._text(grid, 3, 1, "ca_file", "Certificate authority (file)", "the system's")
        self._text(grid, 4, 0, "auth_username", "Name for the password", "as the user name")
        self._text(grid, 4, 1, "realm", "Realm", "any")
        early = self._check("plays_early_media", "Their own ringing and announcements are heard")
        grid.addWidget(early, 5, 0, 1, 2)

    def _labelled(self, words: str, field: QWidget) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        label = Label(self._theme, words, weight=MEDIUM, tone="muted")
        label.setBuddy(field)
        column.addWidget(label)
        column.addWidget(field)
        return column

    def _know_text(self, name: str, field: QLineEdit, words: str) -> None:
        field.setFont(self._theme.font())
        field.setAccessibleName(words)
        field.setMaxLength(200)
        self.texts[name] = field

    def _text(
        self, grid: QGridLayout, at_row: int, column: int, name: str, words: str, hint: str
    ) -> None:
        field = QLineEdit()
        field.setPlaceholderText(hint)
        self._know_text(name, field, words)
        grid.addLayout(self._labelled(words, field), at_row, column)

    def _new_choice(self, name: str, words: str) -> ChoiceBox:
        box = ChoiceBox(self._theme)
        box.setFont(self._theme.font())
        box.setAccessibleName(words)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(4)
        self.choices[name] = box
        return box

    def _choice(
        self,
        grid: QGridLayout,
        at_row: int,
        column: int,
        name: str,
        words: str,
        choices: Sequence[trunk_form.Choice],
    ) -> None:
        box = self._new_choice(name, words)
        for value, text in choices:
            box.addItem(text, value)
        grid.addLayout(self._labelled(words, box), at_row, column)

    def _check(self, name: str, words: str) -> CheckLine:
        check = CheckLine(self._theme, words)
        self.checks[name] = check
        return check

    def in_order(self) -> list[QWidget]:
        """All that the keyboard can reach, as it stands from the top."""
        texts, choices, checks = self.texts, self.choices, self.checks
        return [
            *(texts["name"], texts["host"], choices["transport"]),
            *(self.channels, self.calls_a_second, checks["has_account"]),
            *(texts["username"], texts["password"], checks["registers"], checks["accepts_calls"]),
            *(choices["number_format"], choices["home_region"], texts["prefix"], self.more),
            *(choices["identity"], choices["srtp"], choices["codecs"], choices["dtmf"]),
            *(texts["outbound_proxy"], choices["session_timers"]),
            *(texts["from_domain"], texts["ca_file"], texts["auth_username"], texts["realm"]),
            checks["plays_early_media"],
        ]

    def _order_tabs(self) -> None:
        for before, after in pairwise(self.in_order()):
            QWidget.setTabOrder(before, after)

    # --- what is shown and what is told ---------------------------------------------------------

    def _connect(self) -> None:
        for text in self.texts.values():
            text.textEdited.connect(self._tell)
        for choice in self.choices.values():
            choice.activated.connect(self._tell)
        for check in self.checks.values():
            check.toggled.connect(self._tell)
        self.channels.textEdited.connect(self._tell)
        self.calls_a_second.textEdited.connect(self._tell)
        self.more.clicked.connect(lambda: self.open_more(self._extra.isHidden()))

    def open_more(self, is_open: bool) -> None:
        """Show or hide what few providers ask for."""
        self._extra.setVisible(is_open)
        self.more.set_text("Fewer settings" if is_open else "More settings")
        self.grew.emit()

    def show_form(self, form: GatewayForm) -> None:
        """Draw another gateway, or this one as it has become."""
        self._is_drawing = True
        self._form = form
        for name, text in self.texts.items():
            value = getattr(form, name)
            shown = "" if (name, value) == ("realm", "*") else value
            if text.text() != shown:
                text.setText(shown)
        for name, check in self.checks.items():
            check.setChecked(getattr(form, name))
        if figure_in(self.channels) != form.channels:
            self.channels.setText(str(form.channels))
        if figure_in(self.calls_a_second) != form.calls_a_second:
            self.calls_a_second.setText(f"{form.calls_a_second:g}" if form.calls_a_second else "")
        self._show_choices(form)
        self._show_account(form)
        self._is_drawing = False

    def _show_choices(self, form: GatewayForm) -> None:
        examples = trunk_form.number_examples(form.home_region, form.prefix)
        _fill(self.choices["number_format"], examples)
        _fill(self.choices["codecs"], trunk_form.codec_choices(form.codecs))
        region = self.choices["home_region"]
        if region.findData(form.home_region) < 0:
            region.addItem(form.home_region, form.home_region)
        for name, box in self.choices.items():
            value = getattr(form, name)
            found = next((i for i in range(box.count()) if box.itemData(i) == value), 0)
            box.setCurrentIndex(found)

    def _show_account(self, form: GatewayForm) -> None:
        self._account.setVisible(form.has_account)
        self._registers.setVisible(form.has_account)
        self._accepts.setVisible(not form.has_account)
        password = self.texts["password"]
        password.setPlaceholderText(KEPT if form.has_password else "")
        is_plain = form.number_format == "e164"
        self.texts["prefix"].setEnabled(not is_plain)
        self.texts["prefix"].setToolTip(
            "Nothing can be dialled before a plus; choose another format." if is_plain else ""
        )

    def _tell(self) -> None:
        if self._is_drawing:
            return
        self._form = self.form()
        self._is_drawing = True
        self._show_choices(self._form)
        self._show_account(self._form)
        self._is_drawing = False
        self.changed.emit()

    def form(self) -> GatewayForm:
        """The gateway as it is filled in now."""
        known: dict[str, Any] = {
            name: text.text() if name == "password" else text.text().strip()
            for name, text in self.texts.items()
        }
        known["realm"] = known["realm"] or "*"
        known |= {name: check.isChecked() for name, check in self.checks.items()}
        known |= {name: box.currentData() for name, box in self.choices.items()}
        known["codecs"] = tuple(known["codecs"])
        if known["number_format"] == "e164":
            known["prefix"] = ""
        known["channels"] = int(figure_in(self.channels))
        known["calls_a_second"] = figure_in(self.calls_a_second)
        return replace(self._form, **known)


def figure_field(theme: Theme, name: str, pattern: str) -> QLineEdit:
    """A field for a figure of that pattern, as wide as its column."""
    field = QLineEdit()
    field.setFont(theme.font())
    field.setAccessibleName(name)
    field.setValidator(QRegularExpressionValidator(QRegularExpression(pattern), field))
    return field


def figure_in(field: QLineEdit) -> float:
    """The figure that was typed; 0 for an empty field."""
    text = field.text().replace(",", ".").strip(".")
    return float(text) if text else 0.0


def _grid(parent: QWidget | None = None) -> QGridLayout:
    grid = QGridLayout() if parent is None else QGridLayout(parent)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(_COLUMN_GAP)
    grid.setVerticalSpacing(12)
    for column in (0, 1):
        grid.setColumnStretch(column, 1)
    return grid


def _fill(box: ChoiceBox, choices: Sequence[tuple[Any, str]]) -> None:
    """Give the box these entries, if they are not its own already."""
    if [(box.itemData(i), box.itemText(i)) for i in range(box.count())] == list(choices):
        return
    box.clear()
    for value, text in choices:
        box.addItem(text, value)
