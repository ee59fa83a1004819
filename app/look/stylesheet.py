"""The one stylesheet, filled in from the tokens. Fonts are set in code, not here."""

from __future__ import annotations

from collections.abc import Mapping

from app.look.tokens import Tokens

# $name is a colour, @name a size in pixels.
_SHEET = """
QToolTip { color: $ink; background: $panel; border: 1px solid $mark; padding: 6px 8px; }
QLabel { color: $ink; background: transparent; }
QLabel[tone="muted"] { color: $ink2; }
QLabel[tone="faint"] { color: $ink3; }
QLabel[tone="off"] { color: $ink_off; }
QLabel[tone="trouble"] { color: $trouble_ink; }

QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QDoubleSpinBox {
    color: $ink; background: $panel; border: 1px solid $line; border-radius: @control;
    padding: 0 11px; selection-background-color: $accent; selection-color: $accent_ink;
}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox { min-height: 34px; }
QPlainTextEdit { padding: 5px 7px; }
QComboBox { padding: 0 0 0 13px; }
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover { border-color: $mark; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border: 2px solid $focus; padding: 0 10px;
}
QPlainTextEdit:focus { padding: 4px 6px; }
QComboBox:focus { padding: 0 0 0 12px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {
    color: $ink_off; background: $panel;
}
QComboBox::drop-down { border: none; width: 28px; }
QComboBox QAbstractItemView {
    color: $ink; background: $panel; border: 1px solid $mark; outline: none;
    selection-background-color: $soft; selection-color: $ink;
}

QMenu { color: $ink; background: $panel; border: 1px solid $mark; padding: 4px; }
QMenu::item { padding: 8px 16px; border-radius: 4px; }
QMenu::item:selected { background: $soft; }
QMenu::item:disabled { color: $ink_off; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QScrollArea, QScrollArea > QWidget > QWidget[role="plain"] {
    background: transparent; border: none;
}
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $mark; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $ink_off; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTableView {
    color: $ink; background: transparent; border: none; outline: none; gridline-color: $line;
    selection-background-color: $soft; selection-color: $ink;
}
QTableView::item { border: none; border-bottom: 1px solid $line; padding: 0 8px; }
QTableView::item:selected { background: $soft; color: $ink; }
QTableView QTableCornerButton::section { background: transparent; border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    color: $ink3; background: transparent; border: none; border-bottom: 1px solid $line;
    padding: 0 8px; min-height: @row;
}
QHeaderView::section:hover { color: $ink; }
"""


def stylesheet(colours: Mapping[str, str], tokens: Tokens) -> str:
    """The application's stylesheet in one theme's colours."""
    sheet = _SHEET.replace("@control", f"{tokens.shape.control_radius}px")
    sheet = sheet.replace("@row", f"{tokens.shape.row_height - 1}px")
    # Longer names first: $ink2 must not be taken for $ink.
    for name in sorted(colours, key=len, reverse=True):
        sheet = sheet.replace(f"${name}", colours[name])
    return sheet
