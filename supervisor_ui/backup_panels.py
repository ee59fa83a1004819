"""The parts of the backups' window: those that there are, where they go, what opens them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.desk.backup_view import BackupRow, BackupsView
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, Panel, SectionTitle, row

WIDTH = 344
ROW_PX = 48
_NONE = "There is no backup yet. Make one now; from then on each night makes one."
_SECRET = "Backups are sealed. Without the passphrase nobody can open them, not even you."
_ONCE = "Write it down and keep it away from this PC."


class BackupLine(QWidget):
    """One backup, and the button that begins its restore."""

    restore_requested = Signal(str, str)  # path, when

    def __init__(self, theme: Theme, backup: BackupRow) -> None:
        super().__init__()
        self.backup = backup
        self.setFixedHeight(ROW_PX)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(ElidedLabel(theme, backup.when, weight=MEDIUM))
        told = f"{backup.why} · {backup.size}"
        lines.addWidget(ElidedLabel(theme, told, role="small", tone="muted"))
        self.restore = KeyButton(theme, "Restore …", kind="quiet")
        self.restore.setAccessibleName(f"Restore the floor as it was on {backup.when}")
        self.restore.clicked.connect(lambda: self.restore_requested.emit(backup.path, backup.when))
        box = row(spacing=12)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(lines, 1)
        box.addWidget(self.restore)
        self.setLayout(box)


class ListPanel(Panel):
    """The last backups, newest first."""

    restore_requested = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Last backups")
        self._theme = theme
        self.age = Label(theme, "", tone="muted")
        self.body.addLayout(
            row(SectionTitle(theme, "Last backups"), self.age, spacing=8, stretch_at=1)
        )
        self.empty = Label(theme, _NONE, tone="muted", is_wrapped=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.empty, 1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self._area, 100)
        self.rows: list[BackupLine] = []

    def show_view(self, view: BackupsView) -> None:
        """These."""
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 8, 0)
        box.setSpacing(0)
        self.rows = [BackupLine(self._theme, one) for one in view.rows]
        for line in self.rows:
            line.restore_requested.connect(self.restore_requested)
            box.addWidget(line)
        box.addStretch(1)
        self._area.setWidget(holder)
        for widget in (holder, self._area.viewport()):  # the panel's own ground shows through
            widget.setAutoFillBackground(False)
        self.age.setText(view.age)
        set_tone(self.age, "trouble" if view.trouble else "muted")
        self.empty.setVisible(not view.rows)
        self._area.setVisible(bool(view.rows))


class FolderPanel(Panel):
    """Where they go."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Where they go")
        self.setFixedWidth(WIDTH)
        self.path = ElidedLabel(theme, "", weight=MEDIUM)
        self.warning = Label(theme, "", tone="muted", is_wrapped=True)
        self.change = KeyButton(theme, "Another folder …", icon="folder-open")
        self.body.addWidget(SectionTitle(theme, "Where they go"))
        self.body.addWidget(self.path)
        self.body.addWidget(self.warning)
        self.body.addLayout(row(self.change, spacing=0, stretch_at=1))

    def show_view(self, view: BackupsView) -> None:
        """The folder, and what is to be said about it."""
        self.path.setText(view.folder)
        self.path.setToolTip(view.folder)
        self.warning.setText(view.disk)
        self.warning.setVisible(bool(view.disk))


class SecretPanel(Panel):
    """The passphrase: shown to be written down, and hidden again."""

    show_requested = Signal()
    written_down = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Passphrase")
        self.setFixedWidth(WIDTH)
        self.words = Label(theme, _SECRET, tone="muted", is_wrapped=True)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(18)
        font.setWeight(STRONG)
        self.text.setFont(font)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName("Passphrase")
        self.button = KeyButton(theme, "Show it", icon="eye")
        self.button.clicked.connect(self._press)
        self.body.addWidget(SectionTitle(theme, "Passphrase"))
        self.body.addWidget(self.text)
        self.body.addWidget(self.words)
        self.body.addLayout(row(self.button, spacing=0, stretch_at=1))
        self.hide_text(is_shown=False)

    def show_text(self, passphrase: str) -> None:
        """Here it is."""
        groups = passphrase.split("-")
        half = (len(groups) + 1) // 2
        lines = ("-".join(groups[:half]) + "-", "-".join(groups[half:]))
        self.text.setText("\n".join(lines) if len(groups) > 2 else passphrase)
        self.text.setVisible(True)
        self.words.setText(_ONCE)
        set_tone(self.words, "muted")
        self.button.set_label("I have written it down")
        self.button.set_kind("primary", "check")

    def hide_text(self, *, is_shown: bool) -> None:
        """Out of sight; `is_shown`: somebody has written it down."""
        self.text.setText("")
        self.text.setVisible(False)
        self.words.setText(
            _SECRET if is_shown else "Nobody has written down yet what opens these backups."
        )
        set_tone(self.words, "muted" if is_shown else "trouble")
        self.button.set_label("Show it")
        self.button.set_kind("plain", "eye")

    def _press(self) -> None:
        if self.text.isVisibleTo(self):
            self.written_down.emit()
        else:
            self.show_requested.emit()
