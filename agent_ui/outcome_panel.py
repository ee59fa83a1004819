"""The outcomes, each with its key, the note, and the wrap-up's time along the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QGridLayout

from agent_ui.note_field import NoteField
from agent_ui.words import outcome_words
from app.desk.views import AgentView, OutcomeView, SeatState
from app.look.theme import Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Kind, Panel, SectionTitle, row

_NOTE_DELAY_MS = 400
_SHUT_S = 1.5  # for a new person: a key that was meant for the one before must not end this call
_ANSWER_S = 3.0  # how long a chosen outcome may take to be saved


class OutcomePanel(Panel):
    """Draws the outcomes of a view and tells which was chosen, with the note as it stands."""

    outcome_chosen = Signal(str, str, str)  # attempt id, code, note
    note_changed = Signal(str, str)  # attempt id, note
    note_begun = Signal(str)  # attempt id

    def __init__(self, theme: Theme, clock: Callable[[], float]) -> None:
        super().__init__(theme, "Outcome")
        self._clock = clock
        self._view: AgentView | None = None
        self._outcomes: tuple[OutcomeView, ...] = ()
        self._attempt_id = ""
        self._columns = 4
        self._chosen = ""
        self._sent_at_utc_s: float | None = None
        self._saved_note = ""
        self._shut_until_utc_s: float | None = None
        self._is_shut_by_keypad = False
        self.buttons: dict[str, KeyButton] = {}
        self.words = ElidedLabel(theme, tone="faint")
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.space.s)
        self.note = NoteField(theme, clock)
        self.note.focus_moved.connect(self._show_words)
        self.note.textChanged.connect(self._start_saving)
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.setInterval(_NOTE_DELAY_MS)
        self._saving.timeout.connect(self.save_note)
        title = SectionTitle(theme, "Outcome")
        self.body.addLayout(row(title, self.words, spacing=theme.space.s, stretch_at=1))
        self.body.addLayout(self._grid)
        self.body.addWidget(self.note)

    def set_compact(self, *, is_compact: bool) -> None:
        """Two columns instead of four."""
        columns = 2 if is_compact else 4
        if columns == self._columns:
            return
        self._columns = columns
        inside = self.theme.space.m if is_compact else self.theme.space.l
        self.body.setContentsMargins(self.theme.space.l, inside, self.theme.space.l, inside)
        self._grid.setVerticalSpacing(6 if is_compact else self.theme.space.s)
        self.note.set_lines(1 if is_compact else 2)
        self._place()

    def show_view(self, view: AgentView) -> None:
        """Draw outcomes and note of that view; a new attempt starts an empty note."""
        attempt_id = view.record.attempt_id if view.record else ""
        if attempt_id != self._attempt_id:
            self.save_note()
            self._mind_change()
            self._attempt_id = attempt_id
            self._chosen, self._sent_at_utc_s = "", None
            self._set_note(view.note)
        if not view.can_choose_outcome:
            self._sent_at_utc_s = None
        self._view = view
        if view.outcomes != self._outcomes:
            self._build(view.outcomes)
        self._show_possible()
        self.note.setEnabled(bool(attempt_id))
        self.tick()

    def tick(self) -> None:
        """Move the bar of the wrap-up's time along the edge."""
        view = self._view
        if self._is_unanswered():
            self._chosen, self._sent_at_utc_s = "", None
            self._show_possible()
        if self._shut_until_utc_s is not None and self._clock() >= self._shut_until_utc_s:
            self._shut_until_utc_s = None
            self._show_possible()
        if view is None or view.state is not SeatState.WRAP_UP or view.until_utc_s is None:
            self.fill_edge(None)
        else:
            left_s = view.until_utc_s - self._clock()
            share = min(max(1 - left_s / max(view.wrap_up_s, 0.001), 0.0), 1.0)
            is_late = self.is_over_time and view.can_choose_outcome
            # A thousandth of the edge is about a pixel: no need to paint more often.
            self.fill_edge(round(share, 3), "trouble" if is_late else "wrap_up")
        self._show_words()

    def set_shut_by_keypad(self, *, is_shut: bool) -> None:
        """While the keypad is open, figures go into the call and choose no outcome."""
        if is_shut != self._is_shut_by_keypad:
            self._is_shut_by_keypad = is_shut
            self._show_possible()
            self._show_words()

    @property
    def is_over_time(self) -> bool:
        """Whether the wrap-up's limit has passed."""
        view = self._view
        if view is None or view.state is not SeatState.WRAP_UP or view.until_utc_s is None:
            return False
        return self._clock() >= view.until_utc_s

    def press_key(self, key: str) -> bool:
        """Choose the outcome that has this key; False if none has or none may be chosen now."""
        for outcome in self._outcomes:
            button = self.buttons[outcome.code]
            if outcome.key == key and button.isEnabled() and button.isVisibleTo(self):
                button.click()
                return True
        return False

    def save_note(self) -> None:
        """Tell of the note now, if it has changed."""
        self._saving.stop()
        note = self.note.toPlainText().strip()
        if self._attempt_id and note != self._saved_note:
            self._saved_note = note
            self.note_changed.emit(self._attempt_id, note)

    def _mind_change(self) -> None:
        """Another person has taken the place of one who was being coded or written about."""
        if self._view is None or not self._attempt_id:
            return
        if self._view.can_choose_outcome and self._sent_at_utc_s is None:
            self._shut_until_utc_s = self._clock() + _SHUT_S
        if self.note.hasFocus() or self.window().focusWidget() is self.note:
            self.note.hold_keys()

    def _is_unanswered(self) -> bool:
        """Whether a chosen outcome was not taken up in time: then it may be chosen again."""
        sent = self._sent_at_utc_s
        return sent is not None and self._clock() - sent > _ANSWER_S

    def _is_choosing(self) -> bool:
        return self._view is not None and self._view.can_choose_outcome

    def _set_note(self, note: str) -> None:
        self.note.blockSignals(True)
        self.note.setPlainText(note)
        self.note.moveCursor(QTextCursor.MoveOperation.End)
        self.note.blockSignals(False)
        self.note.refresh()
        self._saved_note = note.strip()

    def _start_saving(self) -> None:
        self._saving.start()
        if self._attempt_id and self.note.toPlainText().strip():
            self.note_begun.emit(self._attempt_id)

    def _build(self, outcomes: tuple[OutcomeView, ...]) -> None:
        for button in self.buttons.values():
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._outcomes = outcomes
        self.buttons = {}
        for outcome in outcomes:
            kind: Kind = "danger" if outcome.is_danger else "plain"
            button = KeyButton(self.theme, outcome.label, outcome.key, kind=kind, is_cap_first=True)
            button.clicked.connect(lambda _=False, code=outcome.code: self._choose(code))
            self.buttons[outcome.code] = button
        self._place()

    def _place(self) -> None:
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        previous = None
        for index, button in enumerate(self.buttons.values()):
            button.setFixedHeight(32 if self._columns == 2 else self.theme.shape.control_height)
            self._grid.addWidget(button, index // self._columns, index % self._columns)
            if previous is not None:
                self.setTabOrder(previous, button)
            previous = button
        if previous is not None:
            self.setTabOrder(previous, self.note)
        self._show_possible()

    def _choose(self, code: str) -> None:
        is_shut = self._shut_until_utc_s is not None or self._is_shut_by_keypad
        if self._sent_at_utc_s is not None or is_shut or not self._is_choosing():
            return
        self._chosen, self._sent_at_utc_s = code, self._clock()
        self.save_note()
        self._show_possible()
        self.outcome_chosen.emit(self._attempt_id, code, self._saved_note)

    def _show_possible(self) -> None:
        is_sent = self._sent_at_utc_s is not None
        is_shut = self._shut_until_utc_s is not None or self._is_shut_by_keypad
        is_possible = self._is_choosing() and bool(self._attempt_id) and not (is_sent or is_shut)
        why = "The outcome is being saved." if is_sent else "Can be chosen after the call."
        if is_shut and self._is_choosing():
            why = "A new person: can be chosen in a moment."
        if self._is_shut_by_keypad:
            why = "Close the keypad first."
        # A narrow window has no room for outcomes beside the script, only for the note.
        is_late = self._view is not None and self._view.state is SeatState.WRAP_UP
        has_room = self._columns > 2 or is_late
        ends_call = self._view is not None and self._view.state is SeatState.TALKING
        for code, button in self.buttons.items():
            button.setVisible(has_room)
            button.set_possible(is_possible, why)
            if is_possible:
                button.set_hint("Ends the call." if ends_call else "")
            button.set_marked(code == self._chosen)

    def _show_words(self) -> None:
        if self._view is None:
            return
        is_late = self.is_over_time and self._view.can_choose_outcome
        view = self._view
        if self._columns == 2 and view.state is not SeatState.WRAP_UP:
            view = replace(view, can_choose_outcome=False)  # they are not shown
        words = outcome_words(view, is_writing=self.note.hasFocus(), is_over_time=self.is_over_time)
        if self._is_shut_by_keypad and self._is_choosing():
            words = "after the keypad is closed"
        if words != self.words.full_text:
            self.words.setText(words)
        set_tone(self.words, "trouble" if is_late else "faint")
