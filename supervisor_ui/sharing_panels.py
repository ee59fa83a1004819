"""The two halves of a shared floor's window: the code for the next seat, and the seats."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QPixmap
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.desk.sharing_view import ShareCode, SharedSeat
from app.look.clocks import Clock
from app.look.theme import MEDIUM, STRONG, Theme
from app.look.widgets import (
    CountdownRing,
    ElidedLabel,
    KeyButton,
    Label,
    Panel,
    SectionTitle,
    StateDot,
    row,
)

WIDTH = 360
_QR_PX = 176
_A_LINE = 3  # groups
_HOW = "On the other PC, start Callfloor and type this code, or: callfloor join CODE"
_HOW_LINES = "On the PC that is to run lines for this floor:\ncallfloor lines --join CODE"
_NONE = (
    "A code lets one PC join. It is good for a quarter of an hour. A PC for lines seats nobody: it "
    "lends its processors to calls."
)
_TITLE, _TITLE_LINES = "Join code", "Join code for lines"
_LINES = "Add a PC for lines"
_OVER = "The code has run out. Make a new one for the next PC."
_NOBODY = "No PC has joined yet. Make a join code and type it on the other PC."
ROW_PX = 48


class CodePanel(Panel):
    """The code, large, with its picture and how long it lives.

    `requested(lends)` asks for a new one, for a seat or for a PC of lines.
    """

    requested = Signal(bool)

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme, "Join code")
        self.setFixedWidth(WIDTH)
        self.ring = CountdownRing(theme, clock, size=72)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(24)
        font.setWeight(STRONG)
        self.text.setFont(font)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.picture = QLabel()
        self.picture.setFixedSize(_QR_PX, _QR_PX)
        self.picture.setAccessibleName("The code as a QR picture")
        self.words = Label(theme, _NONE, tone="muted", is_wrapped=True)
        self.make = KeyButton(theme, "Make a join code", kind="primary", icon="plus")
        self.make.clicked.connect(lambda: self.requested.emit(False))
        self.make_lines = KeyButton(theme, _LINES)
        self.make_lines.clicked.connect(lambda: self.requested.emit(True))
        self.keys = (self.make, self.make_lines)
        self._has_code = False
        self.title = SectionTitle(theme, _TITLE)
        self.body.addWidget(self.title)
        self.body.addWidget(self.text)
        self.body.addLayout(row(self.picture, self.ring, spacing=24, stretch_at=2))
        self.body.addWidget(self.words)
        self.body.addSpacing(4)
        self.body.addLayout(row(self.make, self.make_lines, spacing=8, stretch_at=2))
        self.body.addStretch(1)
        self.forget()

    def show_code(self, code: ShareCode) -> None:
        """Show this code until it runs out."""
        groups = code.text.split("-")
        lines = ["-".join(groups[at : at + _A_LINE]) for at in range(0, len(groups), _A_LINE)]
        self.text.setText("\n".join(lines))
        self.text.setAccessibleName(code.text)
        picture = QPixmap()
        picture.loadFromData(code.picture, "PNG")
        # Whole pixels for each module, on white in both themes: else a camera reads it badly.
        times = max(1, _QR_PX // max(1, picture.width()))
        self.picture.setPixmap(picture.scaled(picture.width() * times, picture.height() * times))
        self.picture.setFixedSize(picture.width() * times, picture.height() * times)
        self.ring.run_until(code.until_utc_s, code.life_s)
        self.words.setText(_HOW_LINES if code.lends else _HOW)
        self.title.setText(_TITLE_LINES if code.lends else _TITLE)
        self.make.set_label("Add a seat" if code.lends else "New code")
        self.make.set_kind("plain", "")
        self.make_lines.set_label("New code" if code.lends else _LINES)
        self._show(has_code=True)

    def forget(self) -> None:
        """No code, or none any more."""
        self.text.setText("")
        self.picture.clear()
        self.words.setText(_NONE)
        self.title.setText(_TITLE)
        self.make.set_label("Make a join code")
        self.make.set_kind("primary", "plus")
        self.make_lines.set_label(_LINES)
        self._show(has_code=False)

    def tick(self) -> None:
        """Move the countdown; a code that has run out is taken away."""
        if not self._has_code:
            return
        self.ring.tick()
        if self.ring.left_s <= 0:
            self.forget()
            self.words.setText(_OVER)

    def _show(self, *, has_code: bool) -> None:
        self._has_code = has_code
        for widget in (self.text, self.picture, self.ring):
            widget.setVisible(has_code)


class SeatRow(QWidget):
    """One seat: is it here, who sits there, and a button that removes it when pressed twice."""

    remove_requested = Signal(str)

    def __init__(self, theme: Theme, seat: SharedSeat) -> None:
        super().__init__()
        self.seat = seat
        self.setFixedHeight(ROW_PX)
        dot = StateDot(theme, "available" if seat.is_here else "logged_out")
        words = seat.lines or ("Connected" if seat.is_here else "Not connected")
        dot.setAccessibleName(words)
        told = " · ".join(part for part in (seat.agent, words, seat.address) if part)
        tone = "trouble" if seat.is_missed else "muted"
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(ElidedLabel(theme, seat.name, weight=MEDIUM))
        self.told = ElidedLabel(theme, told, role="small", tone=tone)
        lines.addWidget(self.told)
        self.remove = KeyButton(theme, "Remove", kind="quiet")
        self.remove.clicked.connect(self._press)
        box = row(dot, spacing=12)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(lines, 1)
        box.addWidget(self.remove)
        self.setLayout(box)

    def _press(self) -> None:
        if self.remove.kind != "danger":
            self.remove.set_label("Really remove")
            self.remove.set_kind("danger")
            return
        self.remove.set_possible(False, "It is being removed.")
        self.remove_requested.emit(self.seat.name)


class SeatsPanel(Panel):
    """The seats that have joined; `remove_requested(name)`."""

    remove_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Seats")
        self._theme = theme
        self._seats: tuple[SharedSeat, ...] | None = None
        self.count = Label(theme, "", tone="muted")
        head = row(SectionTitle(theme, "Seats"), self.count, spacing=8, stretch_at=1)
        self.body.addLayout(head)
        self.empty = Label(theme, _NOBODY, tone="muted", is_wrapped=True)
        self.body.addWidget(self.empty)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.body.addWidget(self._area, 1)
        self.rows: list[SeatRow] = []
        self.show_seats(())

    def show_seats(self, seats: tuple[SharedSeat, ...]) -> None:
        """These; drawn anew only where something has changed."""
        if seats == self._seats:
            return
        self._seats = seats
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.rows = [SeatRow(self._theme, seat) for seat in seats]
        for line in self.rows:
            line.remove_requested.connect(self.remove_requested)
            box.addWidget(line)
        box.addStretch(1)
        self._area.setWidget(holder)
        for widget in (holder, self._area.viewport()):  # the panel's own ground shows through
            widget.setAutoFillBackground(False)
        here = sum(seat.is_here for seat in seats)
        self.count.setText(f"{here} of {len(seats)} connected" if seats else "")
        self.empty.setVisible(not seats)
