"""Pages of the first run: each asks one thing, in words that need no knowledge of telephony."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.desk.first_run_view import Company, FirstCallView, FirstRunView, Role
from app.desk.trunk_form import (
    GatewayForm,
    Preset,
    filled_from,
    form_objection,
    presets,
    with_preset,
)
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import CheckLine, ChoiceBox, KeyButton, Label, row

FIELD_WIDTH = 400
_OTHER = "Another provider"
_ROLES = (
    (Role.EVERYTHING, "Everything", "The floor runs here, and an agent works at this PC too."),
    (Role.SUPERVISOR, "The supervisor's PC", "The floor runs here; agents sit at other PCs."),
    (Role.AGENT, "An agent's PC", "It joins a floor that runs on another PC."),
)


class Page(QWidget):
    """A title, a sentence, and what is asked; `said(words, tone)` goes to the foot."""

    said = Signal(str, str)

    def __init__(self, theme: Theme, title: str, words: str) -> None:
        super().__init__()
        self.theme = theme
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(8)
        self.body.addWidget(Label(theme, title, role="title", weight=STRONG))
        self.body.addWidget(Label(theme, words, tone="muted", is_wrapped=True))
        self.body.addSpacing(12)

    def take_focus(self) -> None:
        """The keyboard begins here."""


class RolePage(Page):
    """What is this PC? `chosen` is answered by Continue."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "What is this PC?",
            "One PC runs the floor. You can come back to this until the last step is done.",
        )
        self._group = QButtonGroup(self)
        self.lines: dict[Role, CheckLine] = {}
        for role, words, explanation in _ROLES:
            line = CheckLine(theme, words, explanation, is_one_of=True)
            self._group.addButton(line)
            self.lines[role] = line
            self.body.addWidget(line)
        self.lines[Role.EVERYTHING].setChecked(True)
        self.body.addStretch(1)

    @property
    def role(self) -> Role:
        return next(role for role, line in self.lines.items() if line.isChecked())

    def show_view(self, view: FirstRunView) -> None:
        if view.role in self.lines:
            self.lines[view.role].setChecked(True)

    def take_focus(self) -> None:
        self.lines[self.role].setFocus()


class CompanyPage(Page):
    """Who calls, from where, and with which number."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "Who calls?",
            "The country decides which rules protect the people you call: hours, tries, pauses.",
        )
        self.name, self.caller_id = _field(theme, "Company"), _field(theme, "Number")
        self.country = ChoiceBox(theme)
        self.country.setFont(theme.font())
        self.country.setAccessibleName("Country")
        self.caller_id.setPlaceholderText("+44 161 496 0000")
        for words, field in (
            ("Company, as agents say it", self.name),
            ("Country", self.country),
            ("Your number, as the people you call see it", self.caller_id),
        ):
            _add(self, words, field)
        self.body.addStretch(1)

    @property
    def company(self) -> Company:
        country = self.country.currentData() or "GB"
        return Company(self.name.text().strip(), country, self.caller_id.text().strip())

    @property
    def objection(self) -> str:
        """What is missing, as a sentence."""
        if not self.name.text().strip():
            return "Write the company's name: the law wants people to hear who calls."
        if not self.caller_id.text().strip():
            return "Write the number that your provider gave you: people must be able to call back."
        return ""

    def show_view(self, view: FirstRunView) -> None:
        if self.country.count() != len(view.countries):
            self.country.clear()
            for code, words in view.countries:
                self.country.addItem(words, code)
        self.country.setCurrentIndex(max(0, self.country.findData(view.company.country)))
        if view.company.name and not self.name.text():
            self.name.setText(view.company.name)
            self.caller_id.setText(view.company.caller_id)

    def take_focus(self) -> None:
        self.name.setFocus()


class TrunkPage(Page):
    """The provider's account: by a preset, by what they sent, or by hand; tried at once."""

    test_requested = Signal(object)  # GatewayForm

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "Your telephone line",
            "Choose your provider, or paste the e-mail with your account: Callfloor finds the "
            "server, the user name and the password in it.",
        )
        self._form = GatewayForm()
        self._presets: tuple[Preset, ...] = presets()
        self.provider = ChoiceBox(theme)
        self.provider.setAccessibleName("Provider")
        self.provider.setFont(theme.font())
        self.provider.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.provider.addItem(_OTHER)
        for preset in self._presets:
            self.provider.addItem(preset.name)
        self.paste = QPlainTextEdit()
        self.paste.setFont(theme.font())
        self.paste.setPlaceholderText("Paste what your provider sent")
        self.paste.setAccessibleName("What your provider sent")
        self.paste.setTabChangesFocus(True)
        self.paste.setFixedHeight(68)
        self.host, self.username = _field(theme, "Server"), _field(theme, "User name")
        self.password = _field(theme, "Password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.test = KeyButton(theme, "Try it", "F5", icon="phone-outgoing")
        self._lay_out()
        self.provider.activated.connect(self._choose)
        self.paste.textChanged.connect(self._read)
        self.test.clicked.connect(self._ask)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        cells = (
            ("Provider", self.provider, 0, 0), ("Server", self.host, 0, 1),
            ("User name", self.username, 2, 0), ("Password", self.password, 2, 1),
        )  # fmt: skip
        self.body.addWidget(self.paste)
        self.body.addSpacing(8)
        for words, field, line, column in cells:
            grid.addWidget(_label(self.theme, words), line, column)
            grid.addWidget(field, line + 1, column)
        grid.setRowMinimumHeight(2, 28)
        self.body.addLayout(grid)
        self.body.addSpacing(12)
        self.body.addLayout(row(self.test, spacing=0, stretch_at=1))
        self.body.addStretch(1)

    @property
    def form(self) -> GatewayForm:
        """The account as it is filled in."""
        username = self.username.text().strip()
        has_account = bool(username)
        host = self.host.text().strip()
        return replace(
            self._form,
            name=self._form.name or host.partition(":")[0],
            host=host,
            username=username,
            password=self.password.text(),
            has_account=has_account,
            registers=self._form.registers and has_account,
        )

    @property
    def objection(self) -> str:
        """Why it cannot be used yet."""
        if not self.host.text().strip():
            return "Write the provider's server, like sip.example.com, or leave this step out."
        return form_objection(self.form)

    def show_view(self, view: FirstRunView) -> None:
        if view.gateway.host and not self.host.text():
            self._fill(view.gateway)

    def take_focus(self) -> None:
        self.provider.setFocus()

    def show_test(self, *, is_busy: bool) -> None:
        """While the provider is asked."""
        self.test.set_label("Asking the provider …" if is_busy else "Try it")
        self.test.set_possible(not is_busy, "Wait for the answer.")

    def _choose(self, index: int) -> None:
        if index > 0:
            self._fill(with_preset(self.form, self._presets[index - 1]))
            self.said.emit(self._presets[index - 1].hint, "muted")

    def _read(self) -> None:
        if not self.paste.toPlainText().strip():
            return
        found = filled_from(self.form, self.paste.toPlainText())
        if found.is_useful:
            self._fill(found.form)
        self.said.emit(found.sentence, "muted" if found.is_useful else "trouble")

    def _fill(self, form: GatewayForm) -> None:
        self._form = form
        self.host.setText(form.host)
        self.username.setText(form.username)
        self.password.setText(form.password)
        kept = form.has_password and not form.password
        self.password.setPlaceholderText("Kept in the keyring" if kept else "")

    def _ask(self) -> None:
        if self.objection:
            self.said.emit(self.objection, "trouble")
            return
        self.show_test(is_busy=True)
        self.test_requested.emit(self.form)


class ListPage(Page):
    """The first people to call."""

    import_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "Whom do you call?",
            "Take in a spreadsheet or a CSV file with names and numbers. Nobody is called before "
            "you say so: the first campaign dials by hand.",
        )
        self.take = KeyButton(theme, "Take a list in …", "F5", kind="plain", icon="upload-simple")
        self.count = Label(theme, "", role="lead", weight=MEDIUM)
        self.body.addLayout(row(self.take, spacing=0, stretch_at=1))
        self.body.addSpacing(8)
        self.body.addWidget(self.count)
        self.body.addStretch(1)
        self.take.clicked.connect(self.import_requested)

    def show_view(self, view: FirstRunView) -> None:
        words = f"{view.people:,} people are on your lists." if view.people != 1 else (
            "One person is on your list."
        )  # fmt: skip
        self.count.setText(words if view.people else "No list yet.")
        set_tone(self.count, "" if view.people else "muted")

    def take_focus(self) -> None:
        self.take.setFocus()


class CallPage(Page):
    """Your own mobile rings: the whole way from this PC to the provider and back is proved."""

    call_requested = Signal(str)
    hang_up_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "Call your own mobile",
            "The call goes the way that every call will go. Answer it, say something, and listen.",
        )
        self.number = _field(theme, "Your mobile's number")
        self.number.setPlaceholderText("+44 …")
        self.call = KeyButton(theme, "Call", "Enter", kind="primary", icon="phone-outgoing")
        self.end = KeyButton(theme, "Hang up", kind="danger", icon="phone-x")
        self.state = Label(theme, "", role="title", weight=STRONG, is_wrapped=True)
        self.state.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        _add(self, "Your mobile's number", self.number)
        self.body.addSpacing(4)
        self.body.addLayout(row(self.call, self.end, spacing=8, stretch_at=2))
        self.body.addSpacing(16)
        self.body.addWidget(self.state)
        self.body.addStretch(1)
        self.call.clicked.connect(self._press)
        self.number.returnPressed.connect(self.call.click)
        self.end.clicked.connect(self.hang_up_requested)
        self.show_call(FirstCallView(""))

    def show_call(self, view: FirstCallView) -> None:
        """How it goes."""
        self.state.setText(view.words)
        set_tone(self.state, "trouble" if view.is_trouble else "")
        self.call.set_possible(not view.is_up, "A call is up.")
        self.call.set_label("Call again" if view.is_over else "Call")
        self.end.setVisible(view.is_up)

    def take_focus(self) -> None:
        self.number.setFocus()

    def _press(self) -> None:
        number = self.number.text().strip()
        if number:
            self.call_requested.emit(number)
        else:
            self.said.emit("Write your mobile's number, with + and the country first.", "trouble")


def _field(theme: Theme, name: str) -> QLineEdit:
    made = QLineEdit()
    made.setFont(theme.font())
    made.setAccessibleName(name)
    made.setMaxLength(200)
    return made


def _label(theme: Theme, words: str) -> Label:
    label = Label(theme, words, role="small", weight=MEDIUM, tone="muted")
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
    return label


def _add(page: Page, words: str, field: QWidget) -> None:
    page.body.addWidget(_label(page.theme, words))
    field.setFixedWidth(FIELD_WIDTH)
    page.body.addWidget(field)
    page.body.addSpacing(8)
