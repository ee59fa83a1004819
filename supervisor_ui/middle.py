"""A page of a dialog that has little to say: a picture and some words in its middle."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.look.theme import Theme
from app.look.widgets import Label


def middle_page(inner: QVBoxLayout, width_px: int) -> QWidget:
    """The page around that content, a little above its middle."""
    page, holder = QWidget(), QWidget()
    holder.setFixedWidth(width_px)
    inner.setContentsMargins(0, 0, 0, 0)
    holder.setLayout(inner)
    box = QVBoxLayout(page)
    box.addStretch(2)
    box.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
    box.addStretch(3)
    return page


def of_lines(label: Label, count: int) -> Label:
    """A wrapped label with room for so many lines: a layout in a layout asks for too little."""
    label.setFixedHeight(count * label.fontMetrics().lineSpacing() + 4)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label


def picture(theme: Theme, of: QWidget, name: str) -> QLabel:
    """A quiet icon, 48 pixels; `of`: on whose screen."""
    found = QLabel()
    found.setPixmap(theme.pixmap(name, 48, "ink3", of.devicePixelRatioF()))
    return found
