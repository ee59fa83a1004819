"""The dialog that says that we were wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMessageBox, QWidget


def show_crash(parent: QWidget) -> Callable[[object], None]:
    """What to do with an error of our own in this window."""

    def show(error: object) -> None:
        QMessageBox.critical(
            parent,
            "Callfloor",
            f"Callfloor met an error of its own ({type(error).__name__}). Calls go on; the details "
            "are in the log.",
        )

    return show
