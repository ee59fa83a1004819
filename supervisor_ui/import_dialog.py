"""Importing a calling list: choose it, correct what was found of it, take it in, undo it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import PurePath

from PySide6.QtCore import QLocale, QSize, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk.import_view import (
    DUPLICATES,
    ENCODINGS,
    PHONE,
    SEPARATORS,
    WORKBOOK,
    ImportChoice,
    ImportLook,
    ImportOffer,
    ImportResult,
)
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, hairline, row
from supervisor_ui.import_pages import BusyPage, DonePage, DropPage
from supervisor_ui.import_preview import ImportPreview

SIZE = QSize(1040, 672)
DROP, CORRECT, BUSY, DONE = range(4)
_FILES = "Calling lists (*.csv *.tsv *.txt *.xlsx *.xlsm);;All files (*)"
_HEADERS: tuple[tuple[bool, str], ...] = ((True, "Names of columns"), (False, "A person already"))


class ImportDialog(QDialog):
    """Shows an import from a file to its figures; knows neither files nor the database.

    `look_requested(ImportChoice)` is answered with `show_look` or `show_trouble`;
    `import_requested(ImportChoice)` with `show_share`, then `show_done`, `show_cancelled` or
    `show_trouble`; `undo_requested(id)` with `show_undone` or `show_trouble`.
    """

    look_requested = Signal(object)
    import_requested = Signal(object)
    cancel_requested = Signal()
    undo_requested = Signal(int)
    open_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._choice = ImportChoice("")
        self._offer = ImportOffer((), (), "GB")
        self._look: ImportLook | None = None
        self.setWindowTitle("Take a list in")
        self.setFixedSize(SIZE)
        self.drop = DropPage(theme)
        self.busy = BusyPage(theme)
        self.outcome = DonePage(theme)
        self.preview = ImportPreview(theme)
        self.list_name = QLineEdit()
        self.campaign, self.region, self.duplicates = (ChoiceBox(theme) for _ in range(3))
        self.encoding, self.separator, self.header, self.sheet = (
            ChoiceBox(theme) for _ in range(4)
        )
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.size_words = Label(theme, "", tone="muted")
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.other = KeyButton(theme, "Another file")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.take_in = KeyButton(theme, "Take in", kind="primary", icon="download-simple")
        self._fields: dict[str, QWidget] = {}
        self._lay_out()
        self._fill_fixed()
        self._connect()
        self._go(DROP)

    @property
    def choice(self) -> ImportChoice:
        """What is wanted as it is filled in now."""
        return self._choice

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(16)
        self.pages = QStackedWidget()
        for page in (self.drop, self._correct_page(), self.busy, self.outcome):
            self.pages.addWidget(page)
        box.addWidget(self.pages, 1)
        box.addWidget(hairline(self._theme))
        foot = row(
            self.outcome.undo, self.sentence, self.other, self.leave, self.take_in, spacing=8
        )
        foot.setStretch(1, 1)
        self.sentence.setMinimumHeight(36)
        box.addLayout(foot)

    def _correct_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        head = row(self.title, self.size_words, spacing=12)
        head.setStretch(0, 1)
        box.addLayout(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self._field(grid, 0, 0, "Campaign", self.campaign)
        self._field(grid, 0, 1, "Name of the list", self.list_name)
        self._field(grid, 0, 2, "Numbers without a country are of", self.region)
        self._field(grid, 0, 3, "People who are known already", self.duplicates)
        self._field(grid, 1, 0, "First row", self.header)
        self._field(grid, 1, 1, "Separator", self.separator)
        self._field(grid, 1, 2, "Encoding", self.encoding)
        self._field(grid, 1, 1, "Sheet", self.sheet)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        box.addLayout(grid)
        box.addSpacing(4)
        box.addWidget(self.preview, 1)
        return page

    def _field(self, grid: QGridLayout, line: int, column: int, name: str, field: QWidget) -> None:
        field.setFont(self._theme.font())
        field.setAccessibleName(name)
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 4)
        box.setSpacing(4)
        box.addWidget(Label(self._theme, name, role="small", weight=MEDIUM, tone="muted"))
        box.addWidget(field)
        grid.addWidget(holder, line, column)
        self._fields[name] = holder

    def _fill_fixed(self) -> None:
        for choice, words in ((self.duplicates, DUPLICATES), (self.separator, SEPARATORS)):
            for word, text in words:
                choice.addItem(text, word)
        for is_header, text in _HEADERS:
            self.header.addItem(text, is_header)
        self.campaign.setEditable(True)
        for field in (self.campaign, self.region, self.duplicates, self.encoding, self.separator,
                      self.header, self.sheet):  # fmt: skip
            field.setMinimumContentsLength(10)
            field.setSizeAdjustPolicy(
                ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )

    def _connect(self) -> None:
        self.drop.chosen.connect(self.choose_file)
        self.drop.browse_requested.connect(self._browse)
        self.busy.cancel_requested.connect(self.cancel_requested)
        self.outcome.undo_requested.connect(self.undo_requested)
        self.outcome.open_requested.connect(self.open_requested)
        self.preview.kind_chosen.connect(self._choose_kind)
        self.region.activated.connect(self._choose_region)
        self.encoding.activated.connect(self._choose_encoding)
        self.separator.activated.connect(self._choose_separator)
        self.header.activated.connect(self._choose_header)
        self.sheet.activated.connect(self._choose_sheet)
        self.duplicates.activated.connect(self._keep_words)
        self.campaign.editTextChanged.connect(self._keep_words)
        self.list_name.textChanged.connect(self._keep_words)
        self.other.clicked.connect(self._start_again)
        self.leave.clicked.connect(self.reject)
        self.take_in.clicked.connect(self._ask_import)
        chain = [self.campaign, self.list_name, self.region, self.duplicates, self.header,
                 self.sheet, self.separator, self.encoding, self.other, self.leave,
                 self.take_in]  # fmt: skip
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # --- what a person does -----------------------------------------------------------------

    def offer(self, offer: ImportOffer) -> None:
        """What there is to choose from."""
        self._offer = offer
        typed = self.campaign.currentText()
        self.campaign.clear()
        self.campaign.addItems(list(offer.campaigns))
        self.campaign.setEditText(typed)
        line = self.campaign.lineEdit()
        if line is not None:
            line.setPlaceholderText("A new name makes a new one")
        self.region.clear()
        for code in offer.regions:
            self.region.addItem(f"{country(code)} ({code})", code)
        self.region.setCurrentIndex(max(0, self.region.findData(offer.region)))

    def choose_file(self, file: str) -> None:
        """Look at this list."""
        name = PurePath(file).stem.replace("_", " ").strip()
        region = self.region.currentData() or self._offer.region
        campaign = self.campaign.currentText()
        if not campaign and len(self._offer.campaigns) == 1:
            campaign = self._offer.campaigns[0]
        self._choice = ImportChoice(file, region, campaign, name)
        self.campaign.setEditText(campaign)
        self.list_name.setText(name)
        self.drop.trouble.setText("")
        self._say("Looking at the list …")
        self.look_requested.emit(self._choice)

    def _browse(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "Choose a calling list", "", _FILES)
        if file:
            self.choose_file(file)

    def _ask_look(self, **said: object) -> None:
        """Look again; what the columns hold is found anew unless that was what was said."""
        self._choice = replace(self._choice, **{"kinds": ()} | said)  # type: ignore[arg-type]
        self.look_requested.emit(self._choice)

    def _choose_kind(self, column: str, kind: str) -> None:
        if self._look is None:
            return
        kinds = dict(zip(self._look.header, self._look.kinds, strict=True)) | {column: kind}
        self._ask_look(kinds=tuple(kinds.items()))

    def _choose_region(self) -> None:
        self._ask_look(region=self.region.currentData())

    def _choose_encoding(self) -> None:
        self._ask_look(encoding=self.encoding.currentData())

    def _choose_separator(self) -> None:
        self._ask_look(separator=self.separator.currentData())

    def _choose_header(self) -> None:
        self._ask_look(has_header=self.header.currentData())

    def _choose_sheet(self) -> None:
        self._ask_look(sheet=self.sheet.currentData(), has_header=None)

    def _keep_words(self) -> None:
        """What changes nothing of what was found."""
        self._choice = replace(
            self._choice,
            campaign=self.campaign.currentText().strip(),
            list_name=self.list_name.text().strip(),
            duplicates=self.duplicates.currentData() or "skip",
        )
        self._judge()

    def _ask_import(self) -> None:
        self.busy.begin(f"Taking in {self._choice.list_name}")
        self._go(BUSY)
        self._say("")
        self.import_requested.emit(self._choice)

    def _start_again(self) -> None:
        self._look = None
        self._choice = ImportChoice("")
        self._say("")
        self._go(DROP)

    def reject(self) -> None:
        """Close; an import on its way is cancelled instead."""
        if self.pages.currentIndex() == BUSY:
            self.busy.cancel.click()
            return
        super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_look(self, look: ImportLook) -> None:
        """What was found; an answer to an earlier question is passed over."""
        asked = replace(look.choice, campaign="", list_name="", duplicates="")
        if asked != replace(self._choice, campaign="", list_name="", duplicates=""):
            return
        self._look = look
        self.title.setText(PurePath(look.choice.file).name)
        columns = len(look.header)
        self.size_words.setText(
            f"{size_in_words(look.size)} · {columns} column{'' if columns == 1 else 's'}"
        )
        is_book = look.encoding == WORKBOOK
        for name in ("Encoding", "Separator"):
            self._fields[name].setVisible(not is_book)
        self._fields["Sheet"].setVisible(is_book)
        self.sheet.clear()
        for sheet in look.sheets:
            self.sheet.addItem(sheet, sheet)
        self.sheet.setCurrentIndex(self.sheet.findData(look.sheet))
        self.encoding.clear()
        for word, text in ENCODINGS:
            self.encoding.addItem(text, word)
        _choose(self.encoding, look.encoding)
        _choose(self.separator, look.separator)
        self.header.setCurrentIndex(self.header.findData(look.has_header))
        self.preview.show_look(look)
        self._go(CORRECT)
        self._judge()

    def show_share(self, share: float) -> None:
        """How far the import is."""
        self.busy.show_share(share)

    def show_done(self, result: ImportResult) -> None:
        """The list is in."""
        self.outcome.show_result(result)
        self._say("")
        self._go(DONE)

    def show_cancelled(self) -> None:
        """Nothing is left of the import."""
        self._go(CORRECT)
        self._say("Cancelled; nothing was taken in.")

    def show_undone(self, sentence: str) -> None:
        """The import is out again."""
        self.outcome.show_undone(sentence)

    def show_trouble(self, sentence: str) -> None:
        """Why the list cannot be read, taken in or undone."""
        page = self.pages.currentIndex()
        if page == DONE:
            self.outcome.show_trouble(sentence)
        elif self._look is None:
            self.drop.trouble.setText(f"{PurePath(self._choice.file).name}: {sentence}")
            self._say("")
        else:
            self._go(CORRECT)
            self._say(sentence, is_trouble=True)
            if page == CORRECT:
                self.take_in.set_possible(False, sentence)

    # --- drawing ----------------------------------------------------------------------------

    def _go(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.other.setVisible(page in (CORRECT, DONE))
        self.other.set_label("Another list" if page == DONE else "Another file")
        self.take_in.setVisible(page == CORRECT)
        self.leave.setVisible(page != BUSY)
        self.outcome.undo.setVisible(page == DONE)

    def _judge(self) -> None:
        """Whether it can be taken in as it stands, and in a sentence how."""
        look = self._look
        if look is None or self.pages.currentIndex() != CORRECT:
            return
        why = look.trouble
        if not why and not self._choice.campaign:
            why = "Choose a campaign, or write the name of a new one."
        elif not why and not self._choice.list_name:
            why = "Give the list a name."
        self.take_in.set_possible(not why, why)
        if why:
            self._say(why, is_trouble=bool(look.trouble))
            return
        pairs = zip(look.header, look.kinds, strict=True)
        phones = [name for name, kind in pairs if kind == PHONE]
        is_new = self._choice.campaign not in self._offer.campaigns
        campaign = " A new campaign is made, stopped." if is_new else ""
        order = f"Numbers are tried in this order: {', '.join(phones)}."
        one = f"The numbers stand in {phones[0]}." if len(phones) == 1 else order
        self._say(f"{one}{campaign}")

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")


def country(code: str) -> str:
    """The country's name in the language of the windows."""
    return QLocale.territoryToString(QLocale.codeToTerritory(code)) or code


def size_in_words(size: int) -> str:
    """Bytes as people say them."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:,.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"


def _choose(choice: ChoiceBox, word: str) -> None:
    """Show this one; one that is not offered is added."""
    if choice.findData(word) < 0:
        choice.addItem(word, word)
    choice.setCurrentIndex(choice.findData(word))
