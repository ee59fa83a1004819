"""How large a window may be when it first comes up."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication

TITLE_BAR = QSize(2, 36)
"""What a system draws around a window, at most in most of them; Qt knows it only afterwards."""


def first_size(wanted: QSize) -> QSize:
    """`wanted`, or what the screen has room for inside a title bar; in logical pixels."""
    screen = QGuiApplication.primaryScreen()
    if screen is None or QGuiApplication.platformName() == "offscreen":  # a picture has no edges
        return wanted
    return wanted.boundedTo(screen.availableGeometry().size() - TITLE_BAR)
