"""What to say: a page in large type, a hint, and answers to objections at hand."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desk.views import ScriptPage, ScriptView
from app.look.theme import Theme
from app.look.widgets import (
    ElidedLabel,
    FlowLayout,
    KeyButton,
    Label,
    Panel,
    SectionTitle,
    row,
    text_area,
)

_NOBODY = "The script comes with the record."
_NO_SCRIPT = "This campaign has no script. The supervisor can write one."
_WIDE = 1200  # of the panel: a large screen, seen from farther away
_WIDEST_NEXT = 260
_LINE_WIDTH = 760  # some eighty letters at 20 pixels: longer lines lose the eye


class ScriptPanel(Panel):
    """Draws a script page by page; a long page scrolls inside the panel.

    `page_turned(number)` tells that the agent has gone to that page (from 1); a new person begins
    on the first.
    """

    page_turned = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Script")
        self._script: ScriptView | None = None
        self._contact_id: int | None = None
        self._page = 0
        self._is_compact = False
        self._is_wide = False
        self._is_short = False
        self._title = SectionTitle(theme, "Script")
        self.step = ElidedLabel(theme, tone="muted")
        self.back_button = KeyButton(theme, "", "←", kind="quiet", is_cap_first=True)
        self.back_button.setAccessibleName("Page before")
        self.next_button = KeyButton(theme, "Next", "→")
        self.back_button.clicked.connect(lambda: self._turn(-1))
        self.next_button.clicked.connect(lambda: self._turn(1))
        self.next_button.setMaximumWidth(_WIDEST_NEXT)
        self.text = QLabel()
        self.text.setFont(theme.font("title"))
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty = Label(theme, _NOBODY, tone="faint", is_wrapped=True)
        self.hint = Label(theme, tone="muted", is_wrapped=True)
        self._content = QWidget()
        self._content.setProperty("role", "plain")
        inside = QVBoxLayout(self._content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.space.m)
        inside.addWidget(self.text)
        inside.addWidget(self.empty)
        inside.addWidget(self.hint)
        inside.addStretch(1)
        self._inside = inside
        self.reading = text_area()
        self.reading.setWidget(self._content)
        self.objection_buttons: list[KeyButton] = []
        self._objections: tuple[tuple[str, str], ...] | None = None
        self._objections_title = SectionTitle(theme, "Objections at hand")
        self.answer = Label(theme, role="lead", is_wrapped=True)
        self._buttons = QWidget()
        self._flow = FlowLayout(theme.space.s)
        self._buttons.setLayout(self._flow)
        head = row(self._title, spacing=theme.space.s)
        head.addWidget(self.step, 1)
        head.addWidget(self.back_button)
        head.addWidget(self.next_button)
        self.body.addLayout(head)
        self.body.addSpacing(theme.space.xs)
        self.body.addWidget(self.reading, 1)
        self.body.addSpacing(theme.space.xs)
        self.body.addWidget(self._objections_title)
        self.body.addWidget(self.answer)
        self.body.addWidget(self._buttons)
        self._show(None)

    @property
    def page(self) -> int:
        """The number of the page that is shown, from 1."""
        return self._page + 1

    def show_script(self, script: ScriptView | None, contact_id: int | None) -> None:
        """Draw the script for that person, or the empty state."""
        self.empty.setText(_NO_SCRIPT if contact_id is not None else _NOBODY)
        is_new = contact_id != self._contact_id
        self._contact_id = contact_id
        if is_new:
            self._page = 0
        if script != self._script or is_new:
            self._show(script)

    def _turn(self, by: int) -> None:
        pages = self._script.pages if self._script is not None else ()
        if not 0 <= self._page + by < len(pages):
            return
        self._page += by
        self._show(self._script)
        self.page_turned.emit(self.page)

    def set_compact(self, *, is_compact: bool) -> None:
        """Smaller type in a narrow window, where the page scrolls instead of this panel."""
        if is_compact == self._is_compact:
            return
        self._is_compact = is_compact
        if is_compact:
            self.body.insertWidget(2, self.reading.takeWidget())
            self._content.setAutoFillBackground(False)  # the scroll area had set it
            self._content.show()
        else:
            self.body.removeWidget(self._content)
            self.reading.setWidget(self._content)
        self.reading.setVisible(not is_compact)
        self._show(self._script)

    def set_short(self, *, is_short: bool) -> None:
        """Give the lower part, the objections, to a panel that stands below for a while."""
        if is_short == self._is_short:
            return
        self._is_short = is_short
        self._show_steps(self._script.pages if self._script is not None else ())
        has_any = bool(self._objections) and not is_short
        self._objections_title.setVisible(has_any)
        self._buttons.setVisible(has_any)
        if is_short:
            self.answer.hide()
            for button in self.objection_buttons:
                button.set_marked(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = event.size().width() > _WIDE
        line_width = _LINE_WIDTH * 6 // 5 if is_wide else _LINE_WIDTH
        # A margin rather than a label's maximum width: layouts ask labels for their height
        # without minding that maximum, and the last line would be cut.
        spare = max(event.size().width() - 2 * self.theme.space.l - line_width, 0)
        self._inside.setContentsMargins(0, 0, spare, 0)
        self.answer.setContentsMargins(0, 0, spare, 0)
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self._show(self._script)

    def _text_px(self) -> int:
        font = self.theme.tokens.font
        size = font.lead if self._is_compact else font.title
        return size * 6 // 5 if self._is_wide else size

    def _show(self, script: ScriptView | None) -> None:
        self._script = script
        self.text.setVisible(script is not None)
        self.empty.setVisible(script is None)
        self.hint.setVisible(False)
        if script is not None:
            self._page = min(self._page, len(script.pages) - 1)
            page = script.pages[self._page]
            self.text.setText(page_html(page, script.name, self._text_px()))
            self.hint.setText(page.hint)
            self.hint.setVisible(bool(page.hint))
        self._show_steps(script.pages if script is not None else ())
        self.reading.verticalScrollBar().setValue(0)
        self._show_objections(script.objections if script else ())

    def _show_steps(self, pages: Sequence[ScriptPage]) -> None:
        """Where in the script this is, and the keys that turn the page."""
        has_steps = len(pages) > 1
        # The title stands as high as in the other panels, also beside keys.
        side = self.theme.space.l
        below = self.theme.space.s if self._is_short else side
        self.body.setContentsMargins(side, 6 if has_steps else side, side, below)
        for widget in (self.step, self.back_button, self.next_button):
            widget.setVisible(has_steps)
        if not has_steps:
            for button in (self.back_button, self.next_button):
                button.setEnabled(False)
            return
        title = pages[self._page].title
        where = f"{self._page + 1} of {len(pages)}"
        self.step.setText(f"{where} · {title}" if title else where)
        self.back_button.set_possible(self._page > 0, "This is the first page.")
        self.back_button.setAccessibleName("Page before")
        is_last = self._page == len(pages) - 1
        self.next_button.set_label("Last page" if is_last else _next_words(pages[self._page + 1]))
        self.next_button.set_possible(not is_last, "This is the last page.")

    def _show_objections(self, objections: tuple[tuple[str, str], ...]) -> None:
        self.answer.hide()
        for button in self.objection_buttons:
            button.set_marked(False)
        if objections == self._objections:
            return
        self._objections = objections
        for button in self.objection_buttons:
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.objection_buttons = []
        has_room = bool(objections) and not self._is_short
        self._objections_title.setVisible(has_room)
        self._buttons.setVisible(has_room)
        for label, answer in objections:
            button = KeyButton(self.theme, label, kind="quiet")
            button.clicked.connect(lambda _=False, b=button, a=answer: self._answer(b, a))
            self.objection_buttons.append(button)
            self._flow.addWidget(button)

    def _answer(self, button: KeyButton, answer: str) -> None:
        """Show what to say to that objection; pressing it again takes it away."""
        is_off = self.answer.isVisible() and self.answer.text() == answer
        for other in self.objection_buttons:
            other.set_marked(other is button and not is_off)
        self.answer.setText(answer)
        self.answer.setVisible(not is_off)


def _next_words(page: ScriptPage) -> str:
    return f"Next: {page.title}" if page.title else "Next page"


def page_html(page: ScriptPage, name: str, size_px: int) -> str:
    """A page as rich text: everything escaped, the name in weight, air between the lines.

    The size stands in the text because a QLabel's rich text keeps the font it began with.
    """
    text = escape(page.text)
    name = escape(name)
    if name:
        text = text.replace(name, f'<span style="font-weight:600">{name}</span>')
    style = f"font-size:{size_px}px; line-height:122%; margin:0 0 8px 0"
    return "".join(f'<p style="{style}">{line}</p>' for line in text.split("\n"))
