"""The trunk: gateways in the order in which they are tried, and the form of the chosen one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk import trunk_form
from app.desk.trunk_form import GatewayForm, TrunkForm
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import KeyButton, Label, SectionTitle, hairline, row, text_area
from supervisor_ui.gateway_fields import GatewayFields, figure_field, figure_in
from supervisor_ui.gateway_row import GatewayRow

SIZE = QSize(940, 664)
_LIST_PX = 248
_LINES_HINT = "Calls at a time: two or three for each seat, as far as your provider has channels."
_BAR_PX = 14
_PASTE_HINT = (
    "Copy the whole e-mail or page of your provider and paste it here. It stays on this PC; "
    "the password goes to the keyring when you save."
)
_EMPTY = "Choose your provider above, or paste what they sent."
SentenceKind = Literal["plain", "good", "trouble"]


class TrunkDialog(QDialog):
    """Shows a `TrunkForm` and tells what is wanted; knows neither files nor telephony.

    `test_requested(GatewayForm)` is answered with `show_test(sentence, is_good)`;
    `save_requested(TrunkForm)` with `show_saved(form)` or `show_trouble(sentence)`.
    """

    test_requested = Signal(object)
    save_requested = Signal(object)

    def __init__(self, theme: Theme, form: TrunkForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Trunk")
        self.setFixedSize(SIZE)
        self._theme = theme
        self._form = form
        self._saved = form
        self._is_warned = False
        self._chosen = 0 if form.gateways else -1
        self._presets = trunk_form.presets()
        self.rows: list[GatewayRow] = []
        self.fields = GatewayFields(theme)
        self.preset = ChoiceBox(theme)
        self.hint = Label(theme, "", tone="muted", is_wrapped=True)
        self.paste_box = QPlainTextEdit()
        self.lines = figure_field(theme, "Lines of the floor", r"[1-9]\d{0,2}")
        self.sentence = Label(theme, "", is_wrapped=True)
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._draw()

    @property
    def form(self) -> TrunkForm:
        """The trunk as it is filled in now."""
        return self._form

    # --- layout -----------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        theme = self._theme
        self.add = KeyButton(theme, "Add", icon="plus")
        self.up, self.down, self.remove = (
            KeyButton(theme, "", icon=icon, kind="quiet")
            for icon in ("arrow-up", "arrow-down", "trash")
        )
        for button, words in (
            (self.up, "Try this gateway earlier"),
            (self.down, "Try this gateway later"),
            (self.remove, "Remove this gateway"),
        ):
            button.setAccessibleName(words)
            button.set_hint(words)
        self.paste = KeyButton(theme, "Paste what they sent", icon="clipboard-text")
        self.fill = KeyButton(theme, "Fill in", kind="primary")
        self.back = KeyButton(theme, "Back", kind="quiet")
        self.test = KeyButton(theme, "Test", icon="phone-call")
        self.save = KeyButton(theme, "Save", kind="primary")
        self.leave = KeyButton(theme, "Close", kind="quiet")

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24 - _BAR_PX, 20)  # a scroll bar stands in the margin
        whole.setSpacing(16)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addLayout(self._list_side())
        columns.addLayout(self._form_side(), 1)
        whole.addLayout(columns, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(0, 0, _BAR_PX, 0)
        foot.setSpacing(16)
        whole.addLayout(foot)
        foot.addWidget(hairline(self._theme))
        bottom = row(self.sentence, self.test, self.leave, self.save, spacing=8)
        bottom.setStretch(0, 1)
        self.sentence.setMinimumHeight(36)
        foot.addLayout(bottom)

    def _list_side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(SectionTitle(self._theme, "Gateways, in this order"))
        side.addSpacing(4)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        holder = QWidget()
        holder.setProperty("role", "plain")
        held = QVBoxLayout(holder)
        held.setContentsMargins(0, 0, 0, 0)
        held.addLayout(self._list)
        held.addStretch(1)
        area = text_area()
        area.setWidget(holder)
        area.setFixedWidth(_LIST_PX)
        side.addWidget(area, 1)
        side.addLayout(row(self.add, self.up, self.down, self.remove, spacing=4, stretch_at=1))
        side.addSpacing(8)
        self.lines.setFixedWidth(64)
        words = Label(self._theme, "Lines of the floor", weight=MEDIUM, tone="muted")
        side.addLayout(row(words, self.lines, spacing=8, stretch_at=1))
        side.addSpacing(4)
        hint = Label(self._theme, _LINES_HINT, role="small", tone="faint", is_wrapped=True)
        hint.setFixedWidth(_LIST_PX)
        side.addWidget(hint)
        return side

    def _form_side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(8)
        self.preset.setFont(self._theme.font())
        self.preset.setAccessibleName("Provider")
        self.preset.addItem("Choose your provider …", "")
        for preset in self._presets:
            self.preset.addItem(preset.name, preset.id)
        top = row(self.preset, self.paste, spacing=8)
        top.setStretch(0, 1)
        top.setContentsMargins(0, 0, _BAR_PX, 0)
        side.addLayout(top)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._form_page())
        self.pages.addWidget(self._paste_page())
        self.pages.addWidget(self._empty_page())
        side.addWidget(self.pages, 1)
        return side

    def _form_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.hint.setContentsMargins(0, 0, _BAR_PX, 0)
        box.addWidget(self.hint)
        self._area = text_area()
        holder = QWidget()
        holder.setProperty("role", "plain")
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 4, _BAR_PX, 4)
        inside.addWidget(self.fields)
        self._area.setWidget(holder)
        # The fields keep their width when the bar appears.
        self._area.verticalScrollBar().rangeChanged.connect(
            lambda _low, high: inside.setContentsMargins(0, 4, 4 if high else _BAR_PX, 4)
        )
        box.addWidget(self._area, 1)
        return page

    def _paste_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setSpacing(8)
        box.addWidget(Label(self._theme, _PASTE_HINT, tone="muted", is_wrapped=True))
        self.paste_box.setFont(self._theme.font())
        self.paste_box.setAccessibleName("What your provider sent")
        self.paste_box.setTabChangesFocus(True)
        box.addWidget(self.paste_box, 1)
        box.addLayout(row(self.back, self.fill, spacing=8, stretch_at=0))
        box.setContentsMargins(0, 0, _BAR_PX, 0)
        return page

    def _empty_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setSpacing(4)
        box.addStretch(2)
        title = Label(self._theme, "No gateway yet", role="lead", weight=STRONG)
        words = Label(self._theme, _EMPTY, tone="muted", is_wrapped=True)
        for label in (title, words):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(label)
        box.addStretch(3)
        return page

    # --- what a person does -----------------------------------------------------------------

    def _connect(self) -> None:
        self.add.clicked.connect(self._add)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._remove)
        self.preset.activated.connect(self._choose_preset)
        self.paste.clicked.connect(self._open_paste)
        self.back.clicked.connect(self._close_paste)
        self.fill.clicked.connect(self._fill_in)
        self.fields.changed.connect(self._edited)
        self.fields.grew.connect(self._say_nothing)
        self.lines.textEdited.connect(self._set_lines)
        self.test.clicked.connect(self._ask_test)
        self.save.clicked.connect(self._ask_save)
        self.leave.clicked.connect(self.reject)

    def _current(self) -> GatewayForm:
        return self._form.gateways[self._chosen] if self._chosen >= 0 else GatewayForm()

    def _put(self, gateway: GatewayForm) -> None:
        """The chosen gateway has become another one; with none chosen it is a new one."""
        gateways = list(self._form.gateways)
        if self._chosen < 0:
            gateways.append(gateway)
            self._chosen = len(gateways) - 1
        else:
            gateways[self._chosen] = gateway
        self._form = replace(self._form, gateways=tuple(gateways))

    def _edited(self) -> None:
        self._put(self.fields.form())
        self._say_nothing()
        self._draw_list()

    def _add(self) -> None:
        self._form = replace(self._form, gateways=(*self._form.gateways, GatewayForm()))
        self._chosen = len(self._form.gateways) - 1
        self._say_nothing()
        self._draw()
        self.fields.texts["name"].setFocus()

    def _move(self, by: int) -> None:
        before = self._form
        self._form = trunk_form.moved(before, self._chosen, by)
        if self._form != before:
            self._chosen += by
        self._draw()

    def _remove(self) -> None:
        gateways = list(self._form.gateways)
        gone = gateways.pop(self._chosen)
        self._form = replace(self._form, gateways=tuple(gateways))
        self._chosen = min(self._chosen, len(gateways) - 1)
        name = gone.name or "The new gateway"
        self._say(f"{name} is taken out when you save.", "plain")
        self._draw()

    def _choose(self, index: int) -> None:
        self._chosen = index
        self._say_nothing()
        self._draw()

    def _choose_preset(self, index: int) -> None:
        preset = next((p for p in self._presets if p.id == self.preset.itemData(index)), None)
        if preset is None:
            return
        self._put(trunk_form.with_preset(self._current(), preset))
        self._say_nothing()
        self._draw()
        self.preset.setCurrentIndex(index)
        self._hint(preset.hint, preset.host)

    def _hint(self, words: str, host: str) -> None:
        self.hint.setText(words)
        self.hint.setVisible(bool(words))
        is_form = any(sign.isupper() for sign in host)
        self.fields.texts["host"].setPlaceholderText(host if is_form else "sip.example.com")

    def _open_paste(self) -> None:
        self.pages.setCurrentIndex(1)
        self._say_nothing()
        self.paste_box.setFocus()

    def _close_paste(self) -> None:
        self.paste_box.clear()  # it may hold a password
        self._draw()

    def _fill_in(self) -> None:
        filled = trunk_form.filled_from(self._current(), self.paste_box.toPlainText())
        if filled.is_useful:
            self._put(filled.form)
            self._close_paste()
        self._say(filled.sentence, "plain" if filled.is_useful else "trouble")

    def _set_lines(self) -> None:
        self._form = replace(self._form, lines=int(figure_in(self.lines)))
        self._draw_list()

    def _ask_test(self) -> None:
        sentence = trunk_form.form_objection(self._current())
        if sentence:
            self._say(sentence, "trouble")
            return
        self.test.set_possible(False, "The test is on its way.")
        self._say(f"Asking {self._current().host} …", "plain")
        self.test_requested.emit(self._current())

    def _ask_save(self) -> None:
        sentence, index = trunk_form.trunk_objection(self._form)
        if sentence:
            self._chosen = index if index >= 0 else self._chosen
            self._draw()
            self._say(sentence, "trouble")
            return
        self.save_requested.emit(self._form)

    def reject(self) -> None:
        """Close; where something is not saved yet, only when asked a second time."""
        if self._form != self._saved and not self._is_warned:
            self._is_warned = True
            self._say("Not saved yet. Save, or close again to drop what you changed.", "trouble")
            return
        super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_test(self, sentence: str, is_good: bool) -> None:
        """What came of the test."""
        self.test.set_possible(True)
        self._say(sentence, "good" if is_good else "trouble")

    def show_saved(self, form: TrunkForm) -> None:
        """It is in the file and the keyring; `form` without the passwords."""
        self._form = self._saved = form
        self._chosen = min(max(self._chosen, 0), len(form.gateways) - 1)
        self._draw()
        self._say("Saved. It holds from the next call on; calls in progress go on.", "good")

    def show_trouble(self, sentence: str) -> None:
        """Why it could not be saved or tested."""
        self.test.set_possible(self._chosen >= 0)
        self._say(sentence, "trouble")

    def _say(self, sentence: str, kind: SentenceKind) -> None:
        self._is_warned = self._is_warned and kind == "trouble"
        self.sentence.setText(sentence)
        set_tone(self.sentence, {"plain": "muted", "good": "ink", "trouble": "trouble"}[kind])

    def _say_nothing(self) -> None:
        self._say("", "plain")

    # --- drawing ----------------------------------------------------------------------------

    def _draw(self) -> None:
        has_gateway = self._chosen >= 0
        self._hint("", "")
        self.preset.setCurrentIndex(0)
        self.pages.setCurrentIndex(0 if has_gateway else 2)
        if has_gateway:
            self.fields.show_form(self._current())
        if figure_in(self.lines) != self._form.lines:
            self.lines.setText(str(self._form.lines))
        self._draw_list()

    def _order_tabs(self) -> None:
        """From the list to the form and down to the buttons."""
        chain: list[QWidget] = [*self.rows, self.add, self.up, self.down, self.remove, self.lines]
        chain += [self.preset, self.paste, self.paste_box, self.back, self.fill]
        chain += [*self.fields.in_order(), self.test, self.leave, self.save]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _draw_list(self) -> None:
        gateways = self._form.gateways
        while len(self.rows) > len(gateways):
            gone = self.rows.pop()
            self._list.removeWidget(gone)
            gone.deleteLater()
        while len(self.rows) < len(gateways):
            made = GatewayRow(self._theme, len(self.rows))
            made.clicked.connect(lambda _checked=False, r=made: self._choose(r.index))
            self.rows.append(made)
            self._list.addWidget(made)
            self._order_tabs()
        for one, gateway in zip(self.rows, gateways, strict=True):
            one.show_gateway(gateway, is_chosen=one.index == self._chosen)
        has_gateway = self._chosen >= 0
        self.up.set_possible(self._chosen > 0, "It is the first.")
        self.down.set_possible(0 <= self._chosen < len(gateways) - 1, "It is the last.")
        self.remove.set_possible(has_gateway)
        self.test.set_possible(has_gateway, "Add a gateway first.")
        self.save.set_possible(self._form != self._saved, "Nothing has changed.")
