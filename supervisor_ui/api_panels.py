"""Parts of the window of other programs: who may ask, and the form of one of them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.desk.api_view import EVENTS, RIGHTS, HookView, HookWish, ProgramView, Secret
from app.look.check import CheckLine
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, Panel, SectionTitle, StateDot, row

ROW_PX = 52
_NOBODY = "No program may ask yet. Give the first one a token on the right."
_ONCE = (
    "Copy it now and keep it in the other program: Callfloor keeps only a trace of it and cannot "
    "show it again."
)
_WORDS = {value: word for value, word, _ in RIGHTS}


class ProgramRow(QWidget):
    """One program: its rights, its last use, and how its webhook does."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, view: ProgramView) -> None:
        super().__init__()
        self.view = view
        self.setFixedHeight(ROW_PX)
        is_bad = view.hook.is_trouble or view.hook.is_stopped
        dot = StateDot(theme, "trouble" if is_bad else "available")
        dot.setAccessibleName("Its webhook fails" if is_bad else "In order")
        dot.setVisible(bool(view.hook.url))
        rights = ", ".join(_WORDS.get(one, one) for one in view.rights)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(ElidedLabel(theme, view.name, weight=MEDIUM))
        lines.addWidget(
            ElidedLabel(theme, f"{rights} · {view.last_use}", role="small", tone="muted")
        )
        self.open = KeyButton(theme, "Open", kind="quiet")
        self.open.setAccessibleName(f"Open {view.name}")
        self.open.clicked.connect(lambda: self.chosen.emit(view.name))
        box = row(spacing=12)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(lines, 1)
        box.addWidget(dot)
        box.addWidget(self.open)
        self.setLayout(box)


class ProgramsPanel(Panel):
    """Who may ask; `chosen(name)`, `new_requested`."""

    chosen = Signal(str)
    new_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Programs")
        self._theme = theme
        self._programs: tuple[ProgramView, ...] | None = None
        self.rows: list[ProgramRow] = []
        self.new = KeyButton(theme, "New program", icon="plus")
        self.new.clicked.connect(self.new_requested)
        self.body.addLayout(row(SectionTitle(theme, "Programs"), self.new, spacing=8, stretch_at=1))
        self.empty = Label(theme, _NOBODY, tone="muted", is_wrapped=True)
        self.body.addWidget(self.empty)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.body.addWidget(self._area, 1)
        self.show_programs(())

    def show_programs(self, programs: tuple[ProgramView, ...]) -> None:
        """These; drawn anew only where something has changed."""
        if programs == self._programs:
            return
        self._programs = programs
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.rows = [ProgramRow(self._theme, one) for one in programs]
        for line in self.rows:
            line.chosen.connect(self.chosen)
            box.addWidget(line)
        box.addStretch(1)
        self._area.setWidget(holder)
        for widget in (holder, self._area.viewport()):  # the panel's own ground shows through
            widget.setAutoFillBackground(False)
        self.empty.setVisible(not programs)


class NewPanel(Panel):
    """A new program: its name and what it may; `add_requested(name, rights)`."""

    add_requested = Signal(str, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "New program")
        self.name = QLineEdit()
        self.name.setFont(theme.font())
        self.name.setMaxLength(60)
        self.name.setPlaceholderText("Its name, as CRM")
        self.name.setAccessibleName("Name of the program")
        self.rights = {value: CheckLine(theme, word, sentence) for value, word, sentence in RIGHTS}
        self.add = KeyButton(theme, "Make a token", kind="primary", icon="key")
        self.body.addWidget(SectionTitle(theme, "New program"))
        self.body.addWidget(self.name)
        for line in self.rights.values():
            self.body.addWidget(line)
            line.toggled.connect(self._judge)
        self.body.addSpacing(4)
        self.body.addLayout(row(self.add, spacing=0, stretch_at=1))
        self.body.addStretch(1)
        self.name.textChanged.connect(self._judge)
        self.name.returnPressed.connect(self._add)
        self.add.clicked.connect(self._add)
        self._judge()

    def clear(self) -> None:
        """Empty, for the next one."""
        self.name.clear()
        for line in self.rights.values():
            line.setChecked(False)

    def _chosen(self) -> tuple[str, ...]:
        return tuple(value for value, line in self.rights.items() if line.isChecked())

    def _judge(self) -> None:
        why = "" if self._chosen() else "Choose what it may."
        why = why if self.name.text().strip() else "Give it a name."
        self.add.set_possible(not why, why)

    def _add(self) -> None:
        if self.add.isEnabled():
            self.add_requested.emit(self.name.text().strip(), self._chosen())


class SecretPanel(Panel):
    """A token or a key, shown this once; `done`."""

    done = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Shown once")
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.text = QLineEdit()
        self.text.setReadOnly(True)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(14)
        self.text.setFont(font)
        self.copy = KeyButton(theme, "Copy", kind="primary", icon="copy")
        self.leave = KeyButton(theme, "I have kept it")
        self.body.addWidget(self.title)
        self.body.addWidget(self.text)
        self.body.addWidget(Label(theme, _ONCE, tone="muted", is_wrapped=True))
        self.body.addSpacing(4)
        self.body.addLayout(row(self.copy, self.leave, spacing=8, stretch_at=2))
        self.body.addStretch(1)
        self.copy.clicked.connect(self._copy)
        self.leave.clicked.connect(self._leave)

    def show_secret(self, secret: Secret) -> None:
        """This one."""
        what = "Token" if secret.is_token else "Key of the signatures"
        self.title.setText(f"{what} of {secret.program}")
        self.text.setText(secret.text)
        self.text.setAccessibleName(f"{what} of {secret.program}")
        self.text.setCursorPosition(0)
        self.copy.set_label("Copy")

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.text())
        self.copy.set_label("Copied")

    def _leave(self) -> None:
        self.text.clear()
        self.done.emit()


class ProgramPanel(Panel):
    """One program: its webhook, and the way out.

    `hook_requested(HookWish)`, `hook_dropped(name)`, `hook_restarted(name)`,
    `remove_requested(name)`.
    """

    hook_requested = Signal(object)
    hook_dropped = Signal(str)
    hook_restarted = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Program")
        self._name = ""
        self._hook = HookView()
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.remove = KeyButton(theme, "Remove", kind="quiet")
        self.url = QLineEdit()
        self.url.setFont(theme.font())
        self.url.setMaxLength(500)
        self.url.setPlaceholderText("https://crm.example/calls")
        self.url.setAccessibleName("Address that is told")
        self.state = Label(theme, "", role="small", tone="muted", is_wrapped=True)
        self.events = {value: CheckLine(theme, word) for value, word in EVENTS}
        self.private = CheckLine(theme, "It stands in this office's own network")
        self.save = KeyButton(theme, "Tell it", kind="primary")
        self.again = KeyButton(theme, "Try again now")
        self.drop = KeyButton(theme, "Tell it nothing", kind="quiet")
        head = row(self.title, self.remove, spacing=8)
        head.setStretch(0, 1)
        self.body.addLayout(head)
        self.body.addWidget(SectionTitle(theme, "Tell it what happens"))
        self.body.addWidget(self.url)
        for line in (*self.events.values(), self.private):
            self.body.addWidget(line)
            line.toggled.connect(self._judge)
        self.body.addWidget(self.state)
        self.body.addLayout(row(self.save, self.again, self.drop, spacing=8, stretch_at=3))
        self.body.addStretch(1)
        self.url.textChanged.connect(self._judge)
        self.save.clicked.connect(self._save)
        self.again.clicked.connect(lambda: self.hook_restarted.emit(self._name))
        self.drop.clicked.connect(lambda: self.hook_dropped.emit(self._name))
        self.remove.clicked.connect(self._remove)

    @property
    def program(self) -> str:
        """Whose form it is."""
        return self._name

    def show_program(self, view: ProgramView) -> None:
        """This one; what somebody is typing stays where it is the same one still."""
        is_new = view.name != self._name or view.hook.url != self._hook.url
        self._name, self._hook = view.name, view.hook
        self.title.setText(view.name)
        self.state.setText(view.hook.state)
        set_tone(self.state, "trouble" if view.hook.is_trouble else "muted")
        self.again.setVisible(view.hook.is_trouble)
        self.drop.setVisible(bool(view.hook.url))
        if is_new:
            self.url.setText(view.hook.url)
            for value, line in self.events.items():
                line.setChecked(value in view.hook.events or not view.hook.url)
            self.private.setChecked(view.hook.is_private)
            self.remove.set_label("Remove")
            self.remove.set_kind("quiet")
        self._judge()

    def _wish(self) -> HookWish:
        events = tuple(value for value, line in self.events.items() if line.isChecked())
        return HookWish(self._name, self.url.text().strip(), events, self.private.isChecked())

    def _judge(self) -> None:
        wish = self._wish()
        why = "" if wish.events else "Choose what it is told."
        why = why if wish.url else "Say at which address."
        self.save.set_possible(not why, why)
        self.save.set_label("Save" if self._hook.url else "Tell it")

    def _save(self) -> None:
        self.hook_requested.emit(self._wish())

    def _remove(self) -> None:
        """Asked twice: its token is worth nothing afterwards."""
        if self.remove.kind != "danger":
            self.remove.set_label("Really remove")
            self.remove.set_kind("danger")
            return
        self.remove_requested.emit(self._name)
