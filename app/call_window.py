"""Joins the dialog of one call to the supervisor's desk: what it shows, what it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from app import clock as clocks
from app.look.theme import Theme

if TYPE_CHECKING:
    from app.desk.supervisor import SupervisorDesk
    from supervisor_ui.call_dialog import CallDialog
    from supervisor_ui.window import SupervisorWindow


class CallWindow(QObject):
    """One dialog at a time; a call that was taken over keeps its own until it is over."""

    def __init__(self, desk: SupervisorDesk, window: SupervisorWindow, theme: Theme) -> None:
        super().__init__(window)
        self._desk, self._window, self._theme = desk, window, theme
        self._session_id = 0
        self.dialog: CallDialog | None = None
        window.seat_opened.connect(self.open)
        desk.view_changed.connect(self._draw)
        desk.listening.changed.connect(self._draw)

    def open(self, session_id: int) -> None:
        """Show the call of this seat, and have the phone ready to listen with."""
        session_id = self._desk.listening.taken_session_id or session_id
        if self.dialog is not None and session_id != self._session_id:
            self.dialog.close()
        self._session_id = session_id
        if self.dialog is None:
            self.dialog = self._make()
        self._desk.listening.phone.open()
        self._draw()
        if self.dialog is not None:
            self.dialog.show()
            self.dialog.raise_()
            self.dialog.activateWindow()

    def _make(self) -> CallDialog:
        from supervisor_ui.call_dialog import CallDialog  # noqa: PLC0415  seldom needed

        dialog = CallDialog(self._theme, clocks.utc_s, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.listening_requested.connect(self._desk.listening.ask)
        dialog.closed.connect(self._closed)
        return dialog

    def _closed(self) -> None:
        self.dialog = None

    def _draw(self) -> None:
        floor = self._window.view
        if self.dialog is None or floor is None:
            return
        view = self._desk.listening.view(floor, self._session_id)
        if view is None:  # the agent has logged out
            self.dialog.close()
        else:
            self.dialog.show_call(view)
