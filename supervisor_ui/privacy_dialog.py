"""A person's data: found by number, shown, handed over as one file, or erased with a receipt."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk.privacy_view import PersonView, PersonWish, ReceiptView
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import (
    ChoiceBox,
    ElidedLabel,
    KeyButton,
    Label,
    Panel,
    SectionTitle,
    hairline,
    row,
    text_area,
)

SIZE = QSize(880, 640)
NOBODY, PERSON, RECEIPT = range(3)
_AGAIN = "Press again: it cannot be undone"
_COLUMNS = 3


class PersonDialog(QDialog):
    """Shows what is stored about one person and tells what is wanted of it.

    `find_requested(PersonWish)` is answered with `show_person` or `show_trouble`;
    `export_requested(PersonWish, path)` and `save_requested(ReceiptView, path)` with `show_said`;
    `erase_requested(PersonWish, reason)` with `show_receipt`; each with `show_trouble` otherwise.
    """

    find_requested = Signal(object)
    export_requested = Signal(object, str)
    erase_requested = Signal(object, str)
    save_requested = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("A person's data")
        self.setFixedSize(SIZE)
        self._theme = theme
        self._person: PersonView | None = None
        self._receipt: ReceiptView | None = None
        self._is_asked = False
        self.who = QLineEdit()
        self.region = ChoiceBox(theme)
        self.search = KeyButton(theme, "Find", kind="primary", icon="magnifying-glass")
        self.name = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.dnc = Label(theme, "never called again", tone="muted")
        self.reason = QLineEdit()
        self.export = KeyButton(theme, "Hand it over as one file …", icon="export")
        self.erase = KeyButton(theme, "Erase this person", kind="danger", icon="trash")
        self.save = KeyButton(theme, "Save the receipt …", icon="file-text")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.receipt_lines = Label(theme, "", is_wrapped=True)
        self._facts, self._sections = QGridLayout(), QGridLayout()
        self.pages = QStackedWidget()
        for page in (self._empty_page(), self._person_page(), self._receipt_page()):
            self.pages.addWidget(page)
        self._lay_out()
        self._connect()
        self._go(NOBODY)

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        for field, name in (
            (self.who, "Number, or #17 for a record"), (self.region, "Country of the number"),
            (self.reason, "Why they are erased"),
        ):  # fmt: skip
            field.setFont(theme.font())
            field.setAccessibleName(name)
        self.who.setPlaceholderText("0161 496 0000, or #17 for a record")
        self.region.setMinimumContentsLength(14)
        self.sentence.setMinimumHeight(36)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(16)
        head = row(self.who, self.region, self.search, spacing=8)
        head.setStretch(0, 1)
        whole.addLayout(head)
        whole.addWidget(self.pages, 1)
        whole.addWidget(hairline(theme))
        foot = row(self.sentence, self.save, self.leave, spacing=8)
        foot.setStretch(0, 1)
        whole.addLayout(foot)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.addStretch(2)
        first = "Whoever asks may know what is stored about them"
        then = "Find them by a number of theirs; hand everything over as one file, or erase it."
        for label in (
            Label(self._theme, first, role="title", weight=STRONG),
            Label(self._theme, then, tone="muted"),
        ):
            box.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)
        return page

    def _person_page(self) -> QWidget:
        theme = self._theme
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        head = row(self.name, self.dnc, spacing=12)
        head.setStretch(0, 1)
        box.addLayout(head)
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(4)
        self._facts.setColumnMinimumWidth(0, 112)
        self._facts.setColumnStretch(1, 1)
        box.addLayout(self._facts)
        panel = Panel(theme, "What is stored")
        panel.body.setContentsMargins(16, 12, 16, 16)
        panel.body.setSpacing(8)
        panel.body.addWidget(SectionTitle(theme, "What is stored, by number of entries"))
        self._sections.setHorizontalSpacing(12)
        self._sections.setVerticalSpacing(6)
        panel.body.addLayout(self._sections)
        box.addWidget(panel)
        box.addStretch(1)
        box.addLayout(row(self.export, spacing=8, stretch_at=1))
        words = (
            "Erasing takes names, numbers, notes and sound away, here and in every file that this "
            "program wrote. What stays is a keyed hash of each number, so that they are never "
            "called again."
        )
        box.addWidget(Label(theme, words, tone="muted", is_wrapped=True))
        line = row(self.reason, self.erase, spacing=8)
        line.setStretch(0, 1)
        self.reason.setPlaceholderText("Why, for the receipt: letter of 3 March")
        box.addLayout(line)
        return page

    def _receipt_page(self) -> QWidget:
        holder = QWidget()
        holder.setProperty("role", "plain")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 12, 0)
        self.receipt_lines.setTextFormat(Qt.TextFormat.PlainText)
        self.receipt_lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.receipt_lines.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        inner.addWidget(self.receipt_lines)
        inner.addStretch(1)
        area = text_area()
        area.setWidget(holder)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        title = Label(self._theme, "Erased", role="title", weight=STRONG)
        words = Label(self._theme, "This receipt names nobody; keep it as the proof.", tone="muted")
        box.addWidget(title)
        box.addWidget(words)
        box.addWidget(area, 1)
        return page

    def _connect(self) -> None:
        self.search.clicked.connect(self._ask_find)
        self.who.returnPressed.connect(self._ask_find)
        self.who.textChanged.connect(self._judge)
        self.export.clicked.connect(self._browse_export)
        self.erase.clicked.connect(self._ask_erase)
        self.save.clicked.connect(self._browse_receipt)
        self.leave.clicked.connect(self.reject)
        self._judge()

    # --- what a person does -----------------------------------------------------------------

    def offer(self, regions: tuple[str, ...]) -> None:
        """Countries of numbers that are written without one."""
        self.region.clear()
        for code in regions:
            name = QLocale.territoryToString(QLocale.codeToTerritory(code)) or code
            self.region.addItem(name, code)

    def _ask_find(self) -> None:
        who = self.who.text().strip()
        if who:
            self._person = None
            self._go(NOBODY)
            self._say("Looking …")
            self.find_requested.emit(PersonWish(who, self.region.currentData() or "GB"))

    def _browse_export(self) -> None:
        to, _ = QFileDialog.getSaveFileName(
            self, "Everything about this person", "person.zip", "ZIP (*.zip)"
        )
        if to:
            self.hand_over(to)

    def hand_over(self, to: str) -> None:
        """Write everything to this file."""
        if self._person is not None:
            self._say("Gathering everything …")
            self.export_requested.emit(self._person.wish, to)

    def _ask_erase(self) -> None:
        """Asked a second time: nothing gives them back."""
        if self._person is None:
            return
        if not self._is_asked:
            self._is_asked = True
            self.erase.set_label(_AGAIN)
            return
        self.erase.set_possible(False, "They are being erased.")
        self._say("Erasing …")
        self.erase_requested.emit(self._person.wish, self.reason.text().strip())

    def _browse_receipt(self) -> None:
        if self._receipt is None:
            return
        to, _ = QFileDialog.getSaveFileName(
            self, "Receipt", f"erasure-{self._receipt.id}.json", "JSON (*.json)"
        )
        if to:
            self.save_requested.emit(self._receipt, to)

    # --- what is answered -------------------------------------------------------------------

    def show_person(self, person: PersonView) -> None:
        """Who was found, and what is stored."""
        self._person, self._is_asked = person, False
        theme = self._theme
        self.name.setText(person.name or "Without a name")
        self.dnc.setVisible(person.is_on_dnc)
        self.erase.set_label("Erase this person")
        self.erase.set_possible(True)
        self.reason.clear()
        _clear(self._facts)
        for at, (label, text) in enumerate(person.facts):
            self._facts.addWidget(Label(theme, label, tone="muted"), at, 0)
            self._facts.addWidget(ElidedLabel(theme, text), at, 1)
        _clear(self._sections)
        deep = -(-len(person.sections) // _COLUMNS)
        for at, (name, count) in enumerate(person.sections):
            line, column = at % deep, at // deep * 2
            figure = Label(theme, f"{count:,}", weight=MEDIUM)
            set_tone(figure, "ink" if count else "off")
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            words = ElidedLabel(theme, name[:1].upper() + name[1:])
            set_tone(words, "ink" if count else "off")
            self._sections.addWidget(figure, line, column)
            self._sections.addWidget(words, line, column + 1)
        for column in range(_COLUMNS):
            self._sections.setColumnMinimumWidth(column * 2, 36)
            self._sections.setColumnStretch(column * 2 + 1, 1)
        self._say("")
        self._go(PERSON)

    def show_receipt(self, receipt: ReceiptView) -> None:
        """They are erased."""
        self._receipt = receipt
        self.receipt_lines.setText(receipt_words(receipt))
        self.who.clear()
        self._say(
            "" if receipt.is_finished
            else "A file is in use; it is tried again each day until it is gone.",
            is_trouble=not receipt.is_finished,
        )  # fmt: skip
        self._go(RECEIPT)

    def show_said(self, sentence: str) -> None:
        """What was written."""
        self._say(sentence)

    def show_trouble(self, sentence: str) -> None:
        """Why it cannot be."""
        self.erase.set_possible(True)
        self._is_asked = False
        self.erase.set_label("Erase this person")
        self._say(sentence, is_trouble=True)

    def _go(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.save.setVisible(page == RECEIPT)

    def _judge(self) -> None:
        self.search.set_possible(bool(self.who.text().strip()), "Write a number first.")

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")


def receipt_words(receipt: ReceiptView) -> str:
    """The receipt as a person reads it."""
    lines = [
        f"Erasure {receipt.id} of {receipt.at[:16].replace('T', ' ')} UTC: "
        f"{receipt.records} records. {receipt.reason[:1].upper()}{receipt.reason[1:]}.",
        "",
        "In the database, entries changed or deleted:",
        *(f"    {count:,}  {table.replace('_', ' ')}" for table, count in receipt.tables),
        "",
        "Files:",
        *(f"    {kind} {name}: {fate}" for kind, name, fate in receipt.files),
    ]
    if not receipt.files:
        lines.append("    none were written about this person")
    lines += ["", "What stays:", *(f"    {one}" for one in receipt.stays)]
    if receipt.shared_with:
        others = "1 record" if receipt.shared_with == 1 else f"{receipt.shared_with} records"
        lines.append(
            f"    {others} of other people who share a number; they are not called any more either."
        )
    return "\n".join([*lines, "", f"In the log as entry {receipt.log_entry}."])


def _clear(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
