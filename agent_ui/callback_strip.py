"""The agent's own promised calls: a small list that speaks up before the time."""

from __future__ import annotations

from app.desk.callback_view import CallBackRow
from app.look.theme import MEDIUM, STRONG, Theme
from app.look.widgets import ElidedLabel, Label, Panel, SectionTitle, row

_WORDS = {"later": "", "soon": "in a few minutes", "due": "now", "late": "overdue"}
_ICONS = {
    "later": ("clock", "ink3"),
    "soon": ("bell", "ringing"),
    "due": ("bell-ringing", "talking"),
    "late": ("warning", "trouble_ink"),
}
SHOWN = 3


class CallBackStrip(Panel):
    """The next few, by the person's clock; gone where there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Your call-backs")
        self.body.setContentsMargins(16, 10, 16, 10)
        self.body.setSpacing(2)
        self.body.addWidget(SectionTitle(theme, "Your call-backs"))
        self._icons = [Label(theme) for _ in range(SHOWN)]
        self.lines = [ElidedLabel(theme, "") for _ in range(SHOWN)]
        self.alerts = [Label(theme, "", weight=STRONG) for _ in range(SHOWN)]
        for icon, line, alert in zip(self._icons, self.lines, self.alerts, strict=True):
            icon.setFixedSize(20, 22)
            alert.setFont(theme.font("body", MEDIUM))
            across = row(icon, line, alert, spacing=6)
            across.setStretch(1, 1)
            self.body.addLayout(across)
        self._rows: tuple[CallBackRow, ...] = ()
        self.hide()

    def show_rows(self, rows: tuple[CallBackRow, ...]) -> None:
        """Draw these; one that becomes due soon lets the card's edge shine once."""
        before = {one.contact_id: one.urgency for one in self._rows}
        self._rows = rows
        is_new = False
        for at, (icon, line, alert) in enumerate(
            zip(self._icons, self.lines, self.alerts, strict=True)
        ):
            one = rows[at] if at < len(rows) else None
            for part in (icon, line, alert):
                part.setVisible(one is not None)
            if one is None:
                continue
            name, colour = _ICONS[one.urgency]
            icon.setPixmap(self.theme.pixmap(name, 16, colour, self.devicePixelRatioF()))
            line.setText(f"{one.theirs} {one.zone} · {one.name}")
            alert.setText(_WORDS[one.urgency])
            is_new |= one.urgency != "later" and before.get(one.contact_id) != one.urgency
        self.setVisible(bool(rows))
        if is_new:
            self.glow("ringing")
