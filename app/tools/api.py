"""The window "Other programs", joined to what does the work."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Qt

from app.api.keeping import last_words
from app.api.place import listening, running, switch
from app.api.tokens import Programs
from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.api_desk import ApiDesk
from app.desk.api_view import ApiView, HookView, HookWish, ProgramView, Secret
from app.profile import Profile
from app.secrets import open_secrets
from dialer_core.store.clients_api import ApiClient, Right
from dialer_core.store.webhooks import Happening, Webhook
from supervisor_ui.api_dialog import ApiDialog

_ALONE, _OPEN = "127.0.0.1", "0.0.0.0"


class ProgramsWork:
    """Other programs as the desk wants them; each call belongs to the desk's thread."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._programs = Programs(profile, lambda: open_secrets(profile.key), "supervisor")

    def look(self) -> ApiView:
        where, found = listening(self._profile), running(self._profile)
        is_running = found is not None
        now = WallClock().now().utc
        return ApiView(
            is_on=where.is_on,
            is_running=is_running,
            address=where.url,
            is_open=not where.is_loopback,
            port=where.port,
            programs=tuple(_program(one, now) for one in self._programs.clients()),
            trouble=last_words(self._profile) if where.is_on and not is_running else "",
        )

    def switch(self, is_on: bool, is_open: bool, port: int) -> ApiView:
        switch(self._profile, is_on=is_on, address=_OPEN if is_open else _ALONE, port=port)
        return self.look()

    def add(self, name: str, rights: tuple[str, ...]) -> Secret:
        made, token = self._programs.add(name, [Right(one) for one in rights])
        return Secret(made.name, token)

    def remove(self, name: str) -> ApiView:
        self._programs.remove(name)
        return self.look()

    def set_hook(self, wish: HookWish) -> Secret:
        events = [Happening(one) for one in wish.events]
        key = self._programs.set_webhook(wish.program, wish.url, events, is_private=wish.is_private)
        return Secret(wish.program, key, is_token=False)

    def drop_hook(self, name: str) -> ApiView:
        self._programs.drop_webhook(name)
        return self.look()

    def restart_hook(self, name: str) -> ApiView:
        self._programs.restart_webhook(name)
        return self.look()


def open_window(place: ToolPlace) -> None:
    """Show who may ask this floor."""
    desk = ApiDesk(ProgramsWork(place.profile))
    dialog = ApiDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_api(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.begin()


def join_api(desk: ApiDesk, dialog: ApiDialog) -> None:
    """Views one way, wishes the other."""
    dialog.switch_requested.connect(desk.switch)
    dialog.add_requested.connect(desk.add)
    dialog.remove_requested.connect(desk.remove)
    dialog.hook_requested.connect(desk.set_hook)
    dialog.hook_dropped.connect(desk.drop_hook)
    dialog.hook_restarted.connect(desk.restart_hook)
    desk.looked.connect(dialog.show_view)
    desk.made.connect(dialog.show_secret)
    desk.refused.connect(dialog.show_trouble)


# --- in words -----------------------------------------------------------------------------------


def _program(one: ApiClient, now: datetime) -> ProgramView:
    used = "never used" if one.used_at is None else f"last used {_when(one.used_at, now)}"
    hook = HookView() if one.webhook is None else _hook(one.webhook, now)
    order = list(Right)
    rights = tuple(right.value for right in sorted(one.rights, key=order.index))
    return ProgramView(one.name, rights, used, hook)


def _hook(one: Webhook, now: datetime) -> HookView:
    waiting = f"Waiting: {one.waiting}. " if one.waiting else ""
    if one.stopped_at is not None:
        state = f"{waiting}Stopped: it has not taken anything for days. {one.trouble}"
    elif one.failing_since is not None and one.next_at is not None:
        state = (
            f"{waiting}It has not taken anything since {_when(one.failing_since, now)}. "
            f"{one.trouble} Tried again {_when(one.next_at, now)}."
        )
    elif one.delivered_at is not None:
        state = f"{waiting}Last told {_when(one.delivered_at, now)}."
    else:
        state = f"{waiting}Nothing has happened yet."
    events = tuple(event.value for event in Happening if event in one.events)
    return HookView(
        one.url, events, one.is_private, state,
        is_trouble=one.failing_since is not None, is_stopped=one.stopped_at is not None,
    )  # fmt: skip


def _when(at: datetime, now: datetime) -> str:
    here, today = at.astimezone(), now.astimezone().date()
    if here.date() == today:
        return f"today at {here:%H:%M}"
    if here.date() == today - timedelta(days=1):
        return f"yesterday at {here:%H:%M}"
    return f"on {here.day} {here:%B at %H:%M}"
