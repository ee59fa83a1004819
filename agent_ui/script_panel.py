"""What to say: the text in large type, a hint, and answers to objections at hand."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desk.views import ScriptView
from app.look.theme import Theme
from app.look.widgets import FlowLayout, KeyButton, Label, Panel, SectionTitle, text_area

_NOBODY = "The script comes with the record."
_NO_SCRIPT = "This campaign has no script. The supervisor can write one."
_WIDE = 1200  # of the panel: a large screen, seen from farther away
_LINE_WIDTH = 760  # some eighty letters at 20 pixels: longer lines lose the eye


class ScriptPanel(Panel):
    """Draws a script; a long one scrolls inside the panel."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Script")
        self._script: ScriptView | None = None
        self._is_compact = False
        self._is_wide = False
        self._title = SectionTitle(theme, "Script")
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
        self.body.addWidget(self._title)
        self.body.addSpacing(theme.space.xs)
        self.body.addWidget(self.reading, 1)
        self.body.addSpacing(theme.space.xs)
        self.body.addWidget(self._objections_title)
        self.body.addWidget(self.answer)
        self.body.addWidget(self._buttons)
        self._show(None)

    def show_script(self, script: ScriptView | None, *, has_record: bool) -> None:
        """Draw that script, or the empty state."""
        self.empty.setText(_NO_SCRIPT if has_record else _NOBODY)
        if script != self._script:
            self._show(script)

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
        self.hint.setVisible(script is not None and bool(script.hint))
        if script is not None:
            self.text.setText(script_html(script, self._text_px()))
            self.hint.setText(script.hint)
        self.reading.verticalScrollBar().setValue(0)
        self._show_objections(script.objections if script else ())

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
        self._objections_title.setVisible(bool(objections))
        self._buttons.setVisible(bool(objections))
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


def script_html(script: ScriptView, size_px: int) -> str:
    """The script as rich text: everything escaped, the name in weight, air between the lines.

    The size stands in the text because a QLabel's rich text keeps the font it began with.
    """
    text = escape(script.text)
    name = escape(script.name)
    if name:
        text = text.replace(name, f'<span style="font-weight:600">{name}</span>')
    style = f"font-size:{size_px}px; line-height:122%; margin:0 0 8px 0"
    return "".join(f'<p style="{style}">{line}</p>' for line in text.split("\n"))
