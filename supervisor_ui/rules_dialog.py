"""The rules of a campaign: what the law says, what is in force, and what is made tighter."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk.rules_view import FIELDS, RulesForm, RulesView, RulesWish, tightened_fields
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import (
    ChoiceBox,
    ElidedLabel,
    KeyButton,
    Label,
    hairline,
    row,
    text_area,
)

SIZE = QSize(960, 704)
TIGHTER, WORDS = range(2)
_FIELD_PX = 232
_LEAD = (
    "The law of the country that is called holds in any case, and so do the rules of a number's "
    "own country. Here they can be made tighter; an empty field leaves the law as it is."
)


class RulesDialog(QDialog):
    """Shows a `RulesView`; `tighten_requested(RulesWish)` is answered with `show_said`, or
    `show_trouble`; `campaign_requested(id)` with `show_view`.
    """

    campaign_requested = Signal(object)
    tighten_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Rules")
        self.setFixedSize(SIZE)
        self._theme = theme
        self._view: RulesView | None = None
        self.campaign, self.scope = ChoiceBox(theme), ChoiceBox(theme)
        self.rules = ElidedLabel(theme, "", weight=STRONG)
        self.all_words = KeyButton(theme, "All other rules in words", icon="scales")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.save = KeyButton(theme, "Put in force", kind="primary")
        self.sentence = Label(theme, "Reading the rules …", tone="muted", is_wrapped=True)
        self.law: dict[str, Label] = {}
        self.now: dict[str, Label] = {}
        self.fields: dict[str, QLineEdit] = {}
        self._words = QGridLayout()
        self.pages = QStackedWidget()
        self.pages.addWidget(self._tighter_page())
        self.pages.addWidget(self._words_page())
        self._lay_out()
        self._connect()
        self._judge()

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(12)
        for box, name in ((self.campaign, "Campaign"), (self.scope, "For whom")):
            box.setFont(theme.font())
            box.setAccessibleName(name)
            box.setMinimumContentsLength(18)
        self.scope.setFixedWidth(_FIELD_PX)
        head = row(self.rules, self.campaign, self.all_words, spacing=8)
        head.setStretch(0, 1)
        whole.addLayout(head)
        whole.addWidget(Label(theme, _LEAD, tone="muted", is_wrapped=True))
        whole.addWidget(self.pages, 1)
        whole.addWidget(hairline(theme))
        self.sentence.setMinimumHeight(36)
        foot = row(self.sentence, self.leave, self.save, spacing=8)
        foot.setStretch(0, 1)
        whole.addLayout(foot)

    def _tighter_page(self) -> QWidget:
        theme = self._theme
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        for column, words in ((1, "The law"), (2, "In force")):
            grid.addWidget(
                Label(theme, words, role="small", weight=MEDIUM, tone="muted"), 0, column
            )
        grid.addWidget(self.scope, 0, 3)
        for at, (name, words, unit) in enumerate(FIELDS, start=1):
            self.law[name] = Label(theme, "", tone="muted")
            self.now[name] = Label(theme, "", weight=MEDIUM)
            field = self.fields[name] = QLineEdit()
            field.setFont(theme.font())
            field.setFixedWidth(_FIELD_PX)
            field.setMaxLength(60)
            field.setAccessibleName(f"{words}{f', {unit}' if unit else ''}, tighter")
            field.textEdited.connect(self._judge)
            for column, widget in enumerate(
                (ElidedLabel(theme, words), self.law[name], self.now[name], field)
            ):
                grid.addWidget(widget, at, column)
        grid.setColumnStretch(0, 1)
        for column in (1, 2):
            grid.setColumnMinimumWidth(column, 176)
        grid.setRowStretch(len(FIELDS) + 1, 1)
        return page

    def _words_page(self) -> QWidget:
        holder = QWidget()
        holder.setProperty("role", "plain")
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 12, 0)
        self._words.setHorizontalSpacing(16)
        self._words.setVerticalSpacing(8)
        self._words.setColumnMinimumWidth(0, 144)
        self._words.setColumnStretch(1, 1)
        box.addLayout(self._words)
        box.addStretch(1)
        area = text_area()
        area.setWidget(holder)
        return area

    def _connect(self) -> None:
        self.campaign.activated.connect(
            lambda: self.campaign_requested.emit(self.campaign.currentData())
        )
        self.scope.activated.connect(self._fill)
        self.all_words.clicked.connect(self._turn)
        self.leave.clicked.connect(self.reject)
        self.save.clicked.connect(self._ask)

    # --- what a person does -----------------------------------------------------------------

    @property
    def form(self) -> RulesForm:
        """The fields as they are filled in."""
        return RulesForm(**{name: field.text().strip() for name, field in self.fields.items()})

    def _ask(self) -> None:
        if self._view is not None:
            is_for_client = bool(self.scope.currentData())
            self.save.set_possible(False, "On its way.")
            self.tighten_requested.emit(RulesWish(self._view.campaign_id, is_for_client, self.form))

    def _turn(self) -> None:
        is_words = self.pages.currentIndex() == TIGHTER
        self.pages.setCurrentIndex(WORDS if is_words else TIGHTER)
        self.all_words.set_label("Make them tighter" if is_words else "All other rules in words")
        self.save.setVisible(not is_words)

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: RulesView | None) -> None:
        """The rules of a campaign; None: there is none yet."""
        self._view = view
        for box in (self.campaign, self.scope):
            box.setEnabled(view is not None)
        if view is None:
            self._say("No campaign yet: import a list, and one is made under its country's rules.")
            self._judge()
            return
        self.rules.setText(view.rules)
        self.campaign.clear()
        for campaign_id, name in view.campaigns:
            self.campaign.addItem(name, campaign_id)
        self.campaign.setCurrentIndex(self.campaign.findData(view.campaign_id))
        chosen = self.scope.currentData()
        self.scope.clear()
        self.scope.addItem("Tighter for this campaign", False)
        self.scope.addItem(f"For all of {view.client}", True)
        self.scope.setCurrentIndex(1 if chosen else 0)
        tighter = tightened_fields(view)
        for name, _, unit in FIELDS:
            for label, form in ((self.law[name], view.law), (self.now[name], view.now)):
                value = getattr(form, name)
                label.setText(f"{value} {unit}".strip() if value else "–")
            set_tone(self.now[name], "ink" if name in tighter else "muted")
        self._show_words(view)
        if self.sentence.text().startswith("Reading"):
            self._say("")
        self._fill()

    def _show_words(self, view: RulesView) -> None:
        while (item := self._words.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for at, (topic, text) in enumerate(view.words):
            label = Label(self._theme, topic, tone="muted")
            self._words.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            self._words.addWidget(Label(self._theme, text, is_wrapped=True), at, 1)

    def _fill(self) -> None:
        """The fields of whom it is for; what is typed and not in force yet is dropped."""
        if self._view is not None:
            form = self._view.of_client if self.scope.currentData() else self._view.of_campaign
            for name, field in self.fields.items():
                field.setText(getattr(form, name))
        self._judge()

    def show_said(self, sentence: str) -> None:
        """It is in force."""
        self._say(sentence)

    def show_trouble(self, sentence: str) -> None:
        """Why it cannot be: it would be looser, or cannot be read."""
        self._say(sentence, is_trouble=True)
        self._judge()

    def _judge(self) -> None:
        view = self._view
        for field in self.fields.values():
            field.setEnabled(view is not None)
        if view is None:
            self.save.set_possible(False, "There is no campaign yet.")
            return
        before = view.of_client if self.scope.currentData() else view.of_campaign
        is_same = self.form == before
        self.save.set_possible(not is_same, "Nothing is changed.")

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")
