"""Experiments: the list, one's results as a picture, setting one up, ending one by hand."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desk.experiment_view import ExperimentChoice, ExperimentsView, ExperimentView
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import KeyButton, Label, SectionTitle, hairline, row
from supervisor_ui.experiment_form import ExperimentForm
from supervisor_ui.experiment_picture import ArmsPicture
from supervisor_ui.why_table import WordTable

SIZE = QSize(1080, 640)
EMPTY = (
    "No experiment yet. One calls people in two or more ways, who gets which by chance, and says "
    "when the difference is more than chance."
)
LIST, FORM = range(2)


class ExperimentDialog(QDialog):
    """`begin_requested(ExperimentChoice)` and `end_requested(id)` are answered with `show_view`
    (and `show_begun`), or with `show_trouble`.
    """

    begin_requested = Signal(object)
    end_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.view = ExperimentsView((), ())
        self.setWindowTitle("Experiments")
        self.setFixedSize(SIZE)
        self.table = WordTable(theme, ("Experiment",), (0,))
        self.table.setAccessibleName("Experiments")
        self.add = KeyButton(theme, "New experiment", icon="plus")
        self.empty = Label(theme, EMPTY, tone="muted", is_wrapped=True)
        self.title = Label(theme, "", role="title", weight=STRONG)
        self.facts = Label(theme, "", tone="muted", is_wrapped=True)
        self.verdict = Label(theme, "", role="lead", is_wrapped=True)
        self.more = Label(theme, "", tone="muted", is_wrapped=True)
        self.picture = ArmsPicture(theme)
        self.form = ExperimentForm(theme)
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.end = KeyButton(theme, "End it", kind="danger")
        self.back = KeyButton(theme, "Back", kind="quiet")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.begin = KeyButton(theme, "Begin", kind="primary", icon="flask")
        self.pages = QStackedWidget()
        self._result = QWidget()
        self._lay_out()
        self.table.itemSelectionChanged.connect(self._draw)
        self.add.clicked.connect(self._open_form)
        self.end.clicked.connect(self._end)
        self.back.clicked.connect(lambda: self._go(LIST))
        self.leave.clicked.connect(self.reject)
        self.begin.clicked.connect(self._begin)
        self.form.changed.connect(self._judge)
        self._go(LIST)
        self._draw()

    def _lay_out(self) -> None:
        theme = self._theme
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        left.addWidget(self.table, 1)
        left.addWidget(self.add, 0, Qt.AlignmentFlag.AlignTop)  # where there is no table
        holder = QWidget()
        holder.setLayout(left)
        holder.setFixedWidth(280)
        right = QVBoxLayout(self._result)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(6)
        right.addWidget(self.title)
        right.addWidget(self.facts)
        right.addSpacing(8)
        right.addWidget(self.verdict)
        right.addWidget(self.more)
        right.addSpacing(12)
        right.addWidget(SectionTitle(theme, "Share of successes, and how sure it is"))
        right.addWidget(self.picture)
        right.addStretch(1)
        page = QWidget()
        across = QHBoxLayout(page)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(24)
        across.addWidget(holder)
        across.addWidget(self._result, 1)
        across.addWidget(self.empty, 1, Qt.AlignmentFlag.AlignTop)
        self.pages.addWidget(page)
        self.pages.addWidget(self.form)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(12)
        box.addWidget(self.pages, 1)
        box.addWidget(hairline(theme))
        foot = row(self.sentence, self.end, self.back, self.leave, self.begin, spacing=8)
        foot.setStretch(0, 1)
        box.addLayout(foot)

    @property
    def chosen(self) -> ExperimentView | None:
        """The experiment that is shown."""
        wanted = self.table.chosen_id
        return next((one for one in self.view.experiments if one.id == wanted), None)

    # --- what a person does -----------------------------------------------------------------

    def _open_form(self) -> None:
        self.form.offer(self.view.campaigns)
        self._go(FORM)
        self.form.name.setFocus()
        self._judge()

    def _begin(self) -> None:
        choice: ExperimentChoice = self.form.choice
        self._say("Beginning …")
        self.begin_requested.emit(choice)

    def _end(self) -> None:
        """Asked for twice: the first press only says what would be done."""
        if self.chosen is None:
            return
        if self.end.text() == "End it":
            self.end.set_label("Really end it")
            self._say("From then on everybody is called as the campaign says. Press again.")
            return
        self.end_requested.emit(self.chosen.id)

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: ExperimentsView) -> None:
        """All experiments as they stand."""
        self.view = view
        self.table.show_rows(
            [(one.name,) for one in view.experiments],
            [one.id for one in view.experiments],
            ["ink" if one.is_running else "ink3" for one in view.experiments],
            [
                ("flask", "available") if one.is_running else ("check", "ink3")
                for one in view.experiments
            ],
        )
        if self.table.chosen_id is None and view.experiments:
            self.table.selectRow(0)
        self._say("")
        self._draw()

    def show_begun(self, view: ExperimentsView, experiment_id: int) -> None:
        """The new one is there."""
        self.form.clear()
        self._go(LIST)
        self.show_view(view)
        self.table.choose(experiment_id)

    def show_trouble(self, sentence: str) -> None:
        """Why it was not done."""
        self._say(sentence, is_trouble=True)

    def _draw(self) -> None:
        one = self.chosen
        has_any = bool(self.view.experiments)
        self._result.setVisible(one is not None)
        self.empty.setVisible(not has_any)
        self.table.setVisible(has_any)
        self.end.set_label("End it")
        self.end.setVisible(
            self.pages.currentIndex() == LIST and one is not None and one.is_running
        )
        self.add.set_possible(
            bool(self.view.campaigns), "There is no campaign yet; take a list in first."
        )
        if one is None:
            return
        self.title.setText(one.name)
        metric = one.metric[:1].lower() + one.metric[1:]
        self.facts.setText(
            f"{one.campaign} · {one.kind} · {one.when} · a success: {metric}; the first call of "
            "each person counts."
        )
        self.verdict.setText(one.sentence)
        self.more.setText(one.more_words)
        self.more.setVisible(bool(one.more_words))
        self.picture.show_arms(one.arms)

    def _judge(self) -> None:
        why = self.form.lacks
        self.begin.set_possible(not why, why)
        if self.pages.currentIndex() == FORM:
            self._say(why)

    def _go(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.begin.setVisible(page == FORM)
        self.back.setVisible(page == FORM)
        self.leave.setVisible(page == LIST)
        self._say("")
        self._draw()

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")
