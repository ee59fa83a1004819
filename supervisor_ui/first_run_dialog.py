"""The first run: its steps on the left, one page at a time, left and resumed at any of them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.desk.first_run_view import TITLES, FirstCallView, FirstRunView, Role, Step, steps_of
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import KeyButton, Label, Panel, hairline, row
from supervisor_ui.first_run_pages import CallPage, CompanyPage, ListPage, Page, RolePage, TrunkPage

SIZE = QSize(920, 600)
RAIL_PX = 212


class StepRail(QWidget):
    """The steps in order: done, now, to come."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedWidth(RAIL_PX)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self._shown: tuple[object, ...] = ()

    def show_steps(self, role: Role, step: Step, done: frozenset[Step]) -> None:
        """Draw them anew where something has changed."""
        if self._shown == (role, step, done):
            return
        self._shown = (role, step, done)
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for one in steps_of(role):
            self._box.addWidget(self._line(one, is_now=one is step, is_done=one in done))
        self._box.addStretch(1)

    def _line(self, step: Step, *, is_now: bool, is_done: bool) -> QWidget:
        theme = self._theme
        icon = QLabel()
        icon.setFixedSize(20, 20)
        name = "check-circle-fill" if is_done else "circle"
        colour = "available" if is_done else "accent" if is_now else "ink3"
        icon.setPixmap(theme.pixmap(name, 20, colour, self.devicePixelRatioF()))
        words = Label(theme, TITLES[step], weight=STRONG if is_now else MEDIUM)
        set_tone(words, "" if is_now else "muted")
        line = QWidget()
        box = row(icon, words, spacing=10, stretch_at=2)
        box.setContentsMargins(0, 6, 0, 6)
        line.setLayout(box)
        told = "done" if is_done else "now" if is_now else "to come"
        line.setAccessibleName(f"{TITLES[step]}, {told}")
        return line


class FirstRunDialog(QDialog):
    """Knows neither network nor database; each answer goes out as a signal.

    `pages`: the agent's own pages (`Step.JOIN`, `Step.SOUND`), made where an agent's window is.
    """

    role_chosen = Signal(object)
    company_given = Signal(object)
    trunk_given = Signal(object)
    step_passed = Signal(object)
    back_requested = Signal(object)
    step_shown = Signal(object)
    join_requested = Signal()
    completed = Signal()

    def __init__(
        self, theme: Theme, pages: dict[Step, Page | QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = FirstRunView()
        self.setWindowTitle("Callfloor: the first five minutes")
        self.setFixedSize(SIZE)
        self.role, self.company, self.trunk = RolePage(theme), CompanyPage(theme), TrunkPage(theme)
        self.list, self.call = ListPage(theme), CallPage(theme)
        self.pages: dict[Step, QWidget] = {
            Step.ROLE: self.role, Step.COMPANY: self.company, Step.TRUNK: self.trunk,
            Step.LIST: self.list, Step.CALL: self.call, **pages,
        }  # fmt: skip
        self.rail = StepRail(theme)
        self.stack = QStackedWidget()
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.sentence.setFixedHeight(3 * self.sentence.fontMetrics().lineSpacing() + 2)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self.back = KeyButton(theme, "Back", "Alt+←", kind="quiet")
        self.skip = KeyButton(theme, "Leave this out", kind="quiet")
        self.later = KeyButton(theme, "Later", "Esc")
        self.go_on = KeyButton(theme, "Continue", "F8", kind="primary")
        self._is_trunk_good = False
        self._lay_out()
        self._connect()
        self.show_view(self._view)

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(28, 24, 28, 20)
        whole.setSpacing(16)
        card = Panel(self._theme, "Step")
        card.body.setContentsMargins(28, 24, 28, 24)
        card.body.addWidget(self.stack, 1)
        card.body.addWidget(self.sentence)
        for page in self.pages.values():
            self.stack.addWidget(page)
        columns = row(self.rail, card, spacing=12)
        columns.setStretch(1, 1)
        whole.addLayout(columns, 1)
        whole.addWidget(hairline(self._theme))
        foot = row(self.later, self.back, self.skip, self.go_on, spacing=8, stretch_at=1)
        whole.addLayout(foot)

    def _connect(self) -> None:
        self.go_on.clicked.connect(self._continue)
        self.skip.clicked.connect(lambda: self._pass())
        self.back.clicked.connect(self._go_back)
        self.later.clicked.connect(self.reject)
        for keys, button in (("F8", self.go_on), ("Alt+Left", self.back)):
            QShortcut(QKeySequence(keys), self).activated.connect(button.click)
        fields = (self.company.name, self.company.caller_id)
        for field in (*fields, self.trunk.host, self.trunk.username, self.trunk.password):
            field.returnPressed.connect(self.go_on.click)
            field.textEdited.connect(lambda _text: self.say(""))  # what was objected to changes
        QShortcut(QKeySequence("F5"), self).activated.connect(self._act)
        for page in self.pages.values():
            if isinstance(page, Page):
                page.said.connect(self.say)

    def _act(self) -> None:
        """F5 does what this page is for."""
        buttons = {Step.TRUNK: self.trunk.test, Step.LIST: self.list.take}
        button = buttons.get(self._view.step)
        if button is not None:
            button.click()

    # --- what is shown ----------------------------------------------------------------------

    @property
    def view(self) -> FirstRunView:
        """What is drawn now."""
        return self._view

    def show_view(self, view: FirstRunView) -> None:
        """Draw how far it is; a page that comes up takes the keyboard."""
        is_new = view.step is not self._view.step or not self.stack.isVisible()
        self._view = view
        role = self.role.role if view.role is Role.NONE else view.role
        self.rail.show_steps(role, view.step, view.done)
        for asking in (self.role, self.company, self.trunk, self.list):
            asking.show_view(view)
        page = self.pages[view.step]
        self.stack.setCurrentWidget(page)
        order = steps_of(role)
        is_last = view.step is order[-1]
        self.back.setVisible(view.step is not order[0])
        self.skip.setVisible(view.step in (Step.TRUNK, Step.LIST, Step.CALL, Step.SOUND))
        self.skip.setVisible(self.skip.isVisibleTo(self) and not is_last)
        self.go_on.set_label("Finish" if is_last else "Continue")
        self.go_on.set_possible(True)
        if is_new:
            self.say("")
            if isinstance(page, Page):
                page.take_focus()
            self.step_shown.emit(view.step)

    def say(self, words: str, tone: str = "muted") -> None:
        """One sentence at the foot."""
        self.sentence.setText(words)
        set_tone(self.sentence, tone)

    def show_trouble(self, sentence: str) -> None:
        """Something was refused; the page stays."""
        self.trunk.show_test(is_busy=False)
        self.go_on.set_possible(True)
        self.say(sentence, "trouble")

    def show_test(self, sentence: str, is_good: bool) -> None:
        """What the provider answered."""
        self.trunk.show_test(is_busy=False)
        self.say(sentence, "good" if is_good else "trouble")

    def show_call(self, view: FirstCallView) -> None:
        """How the first call goes."""
        self.call.show_call(view)

    # --- what is pressed --------------------------------------------------------------------

    def _continue(self) -> None:
        step, objection = self._view.step, ""
        if step is Step.COMPANY:
            objection = self.company.objection
        elif step is Step.TRUNK:
            objection = self.trunk.objection
        if objection:
            self.say(objection, "trouble")
            return
        self._wait()
        match step:
            case Step.ROLE:
                self.role_chosen.emit(self.role.role)
            case Step.COMPANY:
                self.company_given.emit(self.company.company)
            case Step.TRUNK:
                self.trunk_given.emit(self.trunk.form)
            case Step.JOIN if not self._view.seat:
                self.join_requested.emit()
            case _:
                self._pass()

    def _wait(self) -> None:
        """Until there is an answer, a second press asks for nothing."""
        self.say("")
        self.go_on.set_possible(False, "One moment.")

    def _pass(self) -> None:
        role = self._view.role
        self.step_passed.emit(self._view.step)
        if self._view.step is steps_of(role)[-1]:
            self.completed.emit()
            self.accept()

    def _go_back(self) -> None:
        order = steps_of(self._view.role)
        at = order.index(self._view.step)
        if at:
            self.back_requested.emit(order[at - 1])
