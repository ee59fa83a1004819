"""Why is this person not being called? A search on the left, the whole answer on the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk.why_view import PersonFound, RuleGroup, RuleLine, WhyView
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import KeyButton, Label, SectionTitle, hairline, row, text_area
from supervisor_ui.why_table import WordTable

SIZE = QSize(1120, 680)
_ICONS = {
    "pass": ("check-circle", "available"),
    "fail": ("x-circle", "trouble_ink"),
    "wait": ("clock", "ringing"),
}
_MARK_WORDS = {"pass": "passed", "fail": "refused", "wait": "too early"}
EMPTY = "Search for somebody by number, name, reference, or #record."
NOBODY = "Nobody on any list fits that. Try another spelling, or the whole number."


class RuleRow(QWidget):
    """One rule: its tick, cross or clock, its name, what it says, and when that ends."""

    def __init__(self, theme: Theme, line: RuleLine) -> None:
        super().__init__()
        self.line = line
        icon, ink = _ICONS[line.mark]
        mark = Label(theme)
        mark.setPixmap(theme.pixmap(icon, 16, ink, self.devicePixelRatioF()))
        mark.setFixedWidth(20)
        mark.setAccessibleName(_MARK_WORDS[line.mark])
        name = Label(theme, line.name, weight=MEDIUM)
        name.setFixedWidth(150)
        tone = "muted" if line.mark == "pass" else "ink"
        words = Label(theme, line.words, tone=tone, is_wrapped=True)
        until = Label(theme, line.until, weight=STRONG)
        until.setVisible(bool(line.until))
        box = row(mark, name, words, until, spacing=8)
        box.setStretch(2, 1)
        for part in (mark, name, words, until):
            box.setAlignment(part, Qt.AlignmentFlag.AlignTop)
        box.setContentsMargins(0, 5, 0, 5)
        self.setLayout(box)
        self.setAccessibleName(f"{line.name}: {_MARK_WORDS[line.mark]}. {line.words} {line.until}")


class WhyDialog(QDialog):
    """`search_requested(text)` is answered with `show_found`, `ask_requested(id)` with
    `show_answer`, either with `show_trouble`.
    """

    search_requested = Signal(str)
    ask_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wanted: int | None = None
        self.setWindowTitle("Why is this person not being called?")
        self.setFixedSize(SIZE)
        self.query = QLineEdit()
        self.query.setFont(theme.font())
        self.query.setPlaceholderText("Number, name or reference")
        self.query.setAccessibleName("Number, name or reference")
        self.look = KeyButton(theme, "Search", kind="primary", icon="magnifying-glass")
        self.people = WordTable(theme, ("Found",), (0,))
        self.people.setAccessibleName("People who were found")
        self.note = Label(theme, EMPTY, tone="muted", is_wrapped=True)
        self.name = Label(theme, "", role="title", weight=STRONG)
        self.place = Label(theme, "", tone="muted", is_wrapped=True)
        self.headline = Label(theme, "", role="lead", weight=MEDIUM, is_wrapped=True)
        self.next = Label(theme, "", is_wrapped=True)
        self.rules: list[RuleRow] = []
        self.past = WordTable(theme, ("When", "", "What"), (150, 100, 0))
        self.past.setAccessibleName("Past calls and refusals")
        self.tabs = QTabWidget()
        self._answer = QWidget()
        self._lay_out()
        self._answer.hide()
        self.query.returnPressed.connect(self._search)
        self.look.clicked.connect(self._search)
        self.people.itemSelectionChanged.connect(self._ask)

    def _lay_out(self) -> None:
        theme = self._theme
        left = QVBoxLayout()
        left.setSpacing(8)
        head = row(self.query, self.look, spacing=8)
        head.setStretch(0, 1)
        left.addLayout(head)
        left.addWidget(self.note)
        left.addWidget(self.people, 1)
        holder = QWidget()
        holder.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        holder.setFixedWidth(320)
        right = QVBoxLayout(self._answer)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(6)
        for label in (self.name, self.place):
            right.addWidget(label)
        right.addSpacing(6)
        right.addWidget(self.headline)
        caption = Label(theme, "Could be called", tone="muted")
        following = row(caption, self.next, spacing=6)
        following.setStretch(1, 1)
        right.addLayout(following)
        right.addSpacing(6)
        area = text_area()
        self._rules_holder = QWidget()
        self._rules_holder.setProperty("role", "plain")
        self._rules_box = QVBoxLayout(self._rules_holder)
        self._rules_box.setContentsMargins(4, 8, 12, 8)
        self._rules_box.setSpacing(0)
        area.setWidget(self._rules_holder)
        self.tabs.addTab(area, "Rules in their order")
        self.tabs.addTab(self.past, "Calls and refusals")
        self.tabs.setFont(theme.font("body", MEDIUM))
        self.tabs.setStyleSheet(_tabs_sheet(theme))
        self.tabs.setDocumentMode(True)
        right.addWidget(self.tabs, 1)
        box = QHBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(24)
        box.addWidget(holder)
        box.addWidget(self._answer, 1)
        self._blank = Label(theme, "", tone="muted")
        box.addWidget(self._blank, 1)

    # --- what a person does -----------------------------------------------------------------

    def _search(self) -> None:
        text = self.query.text().strip()
        if text:
            self.note.setText("Searching …")
            set_tone(self.note, "muted")
            self.search_requested.emit(text)

    def _ask(self) -> None:
        chosen = self.people.chosen_id
        if chosen is not None and chosen != self._wanted:
            self._wanted = chosen
            self.ask_requested.emit(chosen)

    def show_person(self, contact_id: int) -> None:
        """Ask about this record at once, as from a person's card."""
        self.query.setText(f"#{contact_id}")
        self._search()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter searches; it closes nothing."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        super().keyPressEvent(event)

    # --- what is answered -------------------------------------------------------------------

    def show_found(self, people: tuple[PersonFound, ...]) -> None:
        """Who fits; a single one is asked about at once."""
        self._wanted = None
        self.people.show_rows(
            [(f"{one.name} · {one.place}",) for one in people], [one.contact_id for one in people]
        )
        count = len(people)
        told = f"{count} people" if count != 1 else "1 person"
        self.note.setText(told if count else NOBODY)
        set_tone(self.note, "muted")
        self._answer.hide()
        self._blank.show()
        if people:
            self.people.selectRow(0)
            if count > 1:
                self.people.setFocus()

    def show_answer(self, view: WhyView) -> None:
        """The whole answer; one to an earlier question is passed over."""
        if view.person.contact_id != self._wanted:
            return
        self.name.setText(view.person.name)
        self.place.setText(view.person.place)
        self.headline.setText(view.headline)
        set_tone(self.headline, "trouble" if view.mark == "fail" else "ink")
        self.next.setText(view.next_words)
        self._show_rules(view.groups)
        self.past.show_rows(
            [(one.at, one.what, one.words) for one in view.past],
            list(range(len(view.past))),
            ["ink2" if one.is_refusal else "ink" for one in view.past],
        )
        self.tabs.setTabText(1, f"Calls and refusals ({len(view.past)})")
        self._blank.hide()
        self._answer.show()

    def show_trouble(self, sentence: str) -> None:
        """Why nothing could be found or told."""
        self.note.setText(sentence)
        set_tone(self.note, "trouble")

    def _show_rules(self, groups: tuple[RuleGroup, ...]) -> None:
        while self._rules_box.count():
            item = self._rules_box.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()  # it goes with the next turn; until then it must not show through
                widget.deleteLater()
        self.rules = []
        for at, group in enumerate(groups):
            if at:
                gap = QWidget()
                gap.setFixedHeight(10)
                self._rules_box.addWidget(gap)
            self._rules_box.addWidget(SectionTitle(self._theme, group.title))
            self._rules_box.addWidget(hairline(self._theme))
            for line in group.lines:
                shown = RuleRow(self._theme, line)
                self.rules.append(shown)
                self._rules_box.addWidget(shown)
        self._rules_box.addStretch(1)


def _tabs_sheet(theme: Theme) -> str:
    colour = theme.colours
    return (
        "QTabWidget::pane { border: none; }"
        "QTabBar { background: transparent; qproperty-drawBase: 0; }"
        f"QTabBar::tab {{ color: {colour['ink2']}; background: transparent; padding: 8px 4px; "
        "margin-right: 20px; border: 2px solid transparent; }"
        f"QTabBar::tab:selected {{ color: {colour['ink']}; "
        f"border-bottom: 2px solid {colour['accent']}; }}"
        f"QTabBar::tab:focus {{ border: 2px solid {colour['focus']}; border-radius: 6px; }}"
    )
