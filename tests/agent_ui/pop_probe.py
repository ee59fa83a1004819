"""Run by test_pop.py on a real X display: an editor that somebody types in, or an agent's window.

`editor` tells "focused" and "lost" as the keyboard comes and goes. `agent` draws the gallery's
state that is named on its standard input and tells what it painted, and "active" if it ever gets
the keyboard.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from agent_ui.gallery_states import NOW_UTC_S, states
from agent_ui.window import AgentWindow
from app.desk.views import AgentView
from app.look.theme import apply_theme


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


class FocusTeller(QObject):
    """Tells when the window it watches gets or loses the keyboard."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            tell("active")
        elif event.type() == QEvent.Type.FocusIn:
            tell("focused")
        elif event.type() in (QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate):
            tell("lost")
        return super().eventFilter(watched, event)


def run_editor(app: QApplication) -> None:
    editor = QLineEdit()
    teller = FocusTeller(editor)
    editor.installEventFilter(teller)
    editor.setWindowTitle("CRM")
    editor.resize(300, 60)
    editor.show()
    editor.activateWindow()
    editor.setFocus()
    app.exec()


def run_agent(app: QApplication) -> None:
    window = AgentWindow(lambda: NOW_UTC_S, apply_theme(app, "light"))
    views = dict(states())
    window.record_painted.connect(lambda contact, attempt: tell("painted", contact, attempt))
    teller = FocusTeller(window)

    def obey() -> None:
        word = sys.stdin.readline().strip()
        view = views.get(word)
        if word == "minimise":
            window.showMinimized()
        elif isinstance(view, AgentView):
            window.show_view(view)
        else:
            app.quit()
        handle = window.windowHandle()
        is_above = bool(handle.flags() & Qt.WindowType.WindowStaysOnTopHint) if handle else False
        tell("done", word, "above" if is_above else "normal", int(window.winId()))

    notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, window)
    notifier.activated.connect(obey)
    window.show_view(views["available"])  # type: ignore[arg-type]
    window.show()
    window.installEventFilter(teller)
    app.exec()


if __name__ == "__main__":
    application = QApplication(sys.argv)
    (run_editor if sys.argv[1] == "editor" else run_agent)(application)
