"""Joins what belongs to the telephone in an agent's window: panels, devices, keys, links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject

from agent_ui.device_dialog import DeviceDialog
from app.desk.phone_view import DeviceChoice
from app.errors import KnownError
from app.headset_keys import HeadsetKeys
from app.hot_keys import Action, HotKeys, hot_key_words
from app.link_door import LinkDoor, door_path
from app.profile import Profile
from app.settings import (
    HEADSET_KEYS_ON,
    HOT_KEY_ANSWER,
    HOT_KEY_HANG_UP,
    HOT_KEY_MUTE,
    HOT_KEYS_ON,
    MICROPHONES,
    RINGERS,
    RINGS_ON_OFFER,
    SPEAKERS,
    Settings,
    load_seat_settings,
    load_settings,
)

if TYPE_CHECKING:
    from agent_ui.window import AgentWindow
    from app.desk.agent import AgentDesk


def remembered_devices(profile: Profile, seat: str) -> DeviceChoice:
    """What was chosen at this seat before."""
    settings = load_seat_settings(profile, seat)
    return DeviceChoice(settings.get(MICROPHONES), settings.get(SPEAKERS), settings.get(RINGERS))


def keep_devices(profile: Profile, seat: str, choice: DeviceChoice) -> None:
    """Remember what was chosen, by name, for this seat alone."""
    settings = load_seat_settings(profile, seat)
    settings.set(MICROPHONES, choice.microphones)
    settings.set(SPEAKERS, choice.speakers)
    settings.set(RINGERS, choice.ringers)
    settings.save()


def join_calls(desk: AgentDesk, window: AgentWindow) -> None:
    """The panels of a call in progress and of dialling by hand."""
    window.call_wished.connect(desk.calls.wish)
    window.dial_number_requested.connect(desk.calls.dial)
    window.number_asked.connect(desk.calls.ask_number)
    window.colleagues_watched.connect(desk.calls.watch_colleagues)
    desk.calls.colleagues_changed.connect(window.show_colleagues)
    desk.calls.number_answered.connect(window.show_answer)


class PhoneWindow(QObject):
    """Devices and their dialog, keys of other programs and of the headset, links; ends with close.

    For a person's window only: a practice agent has no ears, no hands and no links.
    """

    def __init__(self, desk: AgentDesk, window: AgentWindow, profile: Profile, seat: str) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window
        self._settings = load_settings(profile.settings_path)
        self._dialog: DeviceDialog | None = None
        self._hot_keys: HotKeys | None = None
        self._hot_key_trouble = ""
        desk.phone.is_for_person = True
        desk.phone.ring.want(self._settings.get(RINGS_ON_OFFER))
        desk.phone.ring.looked_at(window.isActiveWindow())
        window.installEventFilter(self)
        window.sound_pressed.connect(self.open_dialog)
        window.levels_watched.connect(lambda is_on: desk.phone.watch_levels("bar", is_on))
        desk.phone.levels_changed.connect(window.show_levels)
        self._headset: HeadsetKeys | None = None
        if self._settings.get(HEADSET_KEYS_ON):
            self._headset = HeadsetKeys()
            self._headset.pressed.connect(window.press_action)
        if self._settings.get(HOT_KEYS_ON):
            self._take_keys()
        self._door = LinkDoor(door_path(profile.run_dir, seat), window.show_linked_number)

    def close(self) -> None:
        """Give back keys, buttons and the door."""
        self._door.close()
        if self._headset is not None:
            self._headset.close()
        self._give_keys_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether the window is worked in decides whether it rings."""
        if event.type() in (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate):
            self._desk.phone.ring.looked_at(event.type() == QEvent.Type.WindowActivate)
        return super().eventFilter(watched, event)

    def open_dialog(self) -> None:
        """Show the devices beside the window; a second press brings the same dialog up again."""
        if self._dialog is None:
            self._dialog = self._make_dialog()
        self._dialog.show_view(self._desk.phone.view)
        self._show_keys()
        self._dialog.show_ring(is_on=self._settings.get(RINGS_ON_OFFER))
        self._dialog.open_dialog()

    def _make_dialog(self) -> DeviceDialog:
        dialog, phone = DeviceDialog(self._window.theme, self._window), self._desk.phone
        phone.devices_changed.connect(dialog.show_view)
        phone.levels_changed.connect(dialog.show_levels)
        dialog.device_chosen.connect(phone.choose)
        dialog.play_requested.connect(phone.play)
        dialog.echo_requested.connect(phone.set_echo)
        dialog.levels_watched.connect(lambda is_on: phone.watch_levels("dialog", is_on))
        dialog.keys_toggled.connect(self._set_keys)
        dialog.ring_toggled.connect(self._set_ring)
        dialog.checkup_pressed.connect(self._window.checkup_requested)
        return dialog

    def _set_ring(self, is_on: bool) -> None:
        self._desk.phone.ring.want(is_on)
        self._settings.set(RINGS_ON_OFFER, is_on)
        try:
            self._settings.save()
        except KnownError as error:
            self._desk.tell(error.sentence)

    # --- keys in every program ----------------------------------------------------------------

    def _set_keys(self, is_on: bool) -> None:
        self._give_keys_back()
        self._hot_key_trouble = ""
        if is_on:
            self._take_keys()
        try:
            self._settings.set(HOT_KEYS_ON, self._hot_keys is not None)
            self._settings.save()
        except KnownError as error:
            self._hot_key_trouble = error.sentence
        self._show_keys()

    def _take_keys(self) -> None:
        try:
            self._hot_keys = HotKeys(_keys(self._settings))
        except KnownError as error:
            self._hot_key_trouble = error.sentence
            return
        self._hot_keys.pressed.connect(self._window.press_action)

    def _give_keys_back(self) -> None:
        if self._hot_keys is not None:
            self._hot_keys.close()
            self._hot_keys = None

    def _show_keys(self) -> None:
        if self._dialog is None:
            return
        headset = self._headset.sentence if self._headset is not None else ""
        is_on = self._hot_keys is not None
        words = hot_key_words(_keys(self._settings)) if is_on else headset
        self._dialog.show_keys(
            is_on=is_on,
            words=self._hot_key_trouble or words,
            is_trouble=bool(self._hot_key_trouble),
        )


def _keys(settings: Settings) -> Mapping[Action, str]:
    return {
        "answer": settings.get(HOT_KEY_ANSWER),
        "hang_up": settings.get(HOT_KEY_HANG_UP),
        "mute": settings.get(HOT_KEY_MUTE),
    }
