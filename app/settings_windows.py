"""The supervisor's settings, and from there the trunk and the campaign's telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.clock import WallClock
from app.crash_box import show_crash
from app.floor_place import floor_place
from app.look.theme import Theme
from app.profile import Profile
from app.settings import THEME, load_settings
from dialer_core.model import errors as core_errors

if TYPE_CHECKING:
    from app.desk.supervisor import SupervisorDesk
    from app.desk.telephone_desk import TelephoneDesk
    from dialer_core.model.ids import CampaignId
    from supervisor_ui.telephone_dialog import TelephoneDialog
    from supervisor_ui.window import SupervisorWindow


def open_settings(
    profile: Profile, theme: Theme, window: SupervisorWindow, desk: SupervisorDesk
) -> None:
    """The floor's settings over the live floor."""
    from supervisor_ui.settings_dialog import SettingsDialog  # noqa: PLC0415  seldom needed

    settings = load_settings(profile.settings_path)

    def keep(choice: str) -> None:
        settings.set(THEME, choice)
        settings.save()

    dialog = SettingsDialog(theme, settings.get(THEME), keep, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if window.view is not None:
        dialog.show_view(window.view)
    desk.view_changed.connect(dialog.show_view)
    dialog.lever_requested.connect(desk.set_lever)
    dialog.parked_requested.connect(desk.set_parked_an_hour)
    dialog.borrows_requested.connect(desk.set_borrows_ahead)
    dialog.day_end_requested.connect(desk.set_day_ends)
    dialog.trunk_requested.connect(lambda: _trunk(profile, theme, dialog))
    dialog.telephone_requested.connect(lambda: _telephone(profile, theme, dialog, desk.campaign_id))
    dialog.open()


def _trunk(profile: Profile, theme: Theme, parent: QWidget) -> None:
    """The floor's trunk, over the settings."""
    from app.desk.trunk_desk import TrunkDesk  # noqa: PLC0415  seldom needed
    from app.secrets import open_secrets  # noqa: PLC0415  see above
    from supervisor_ui.trunk_dialog import TrunkDialog  # noqa: PLC0415  see above

    desk = TrunkDesk(profile, lambda: open_secrets(profile.key))
    try:
        form = desk.load()
    except core_errors.KnownError as error:
        desk.stop()
        QMessageBox.warning(parent, "Trunk", error.sentence)
        return
    dialog = TrunkDialog(theme, form, parent)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.test_requested.connect(desk.test)
    dialog.save_requested.connect(desk.save)
    desk.tested.connect(dialog.show_test)
    desk.saved.connect(dialog.show_saved)
    desk.refused.connect(dialog.show_trouble)
    desk.failed.connect(show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()


def _telephone(
    profile: Profile, theme: Theme, parent: QWidget, campaign_id: CampaignId | None
) -> None:
    """The campaign's telephone, over the settings."""
    from app.desk.telephone_desk import TelephoneDesk  # noqa: PLC0415  seldom needed
    from dialer_core.store.watch import WatchStore  # noqa: PLC0415  see above
    from supervisor_ui.telephone_dialog import TelephoneDialog  # noqa: PLC0415  see above

    desk = TelephoneDesk(
        profile, lambda: WatchStore(floor_place(profile)), WallClock(), campaign_id
    )
    dialog = TelephoneDialog(theme, parent)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_telephone(desk, dialog)
    desk.failed.connect(show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.load()


def join_telephone(desk: TelephoneDesk, dialog: TelephoneDialog) -> None:
    """Views one way, wishes the other."""
    desk.loaded.connect(dialog.show_view)
    desk.saved.connect(dialog.show_saved)
    desk.prepared.connect(dialog.show_sound)
    desk.playing.connect(dialog.show_playing)
    desk.silent.connect(dialog.show_silent)
    desk.refused.connect(dialog.show_trouble)
    dialog.save_requested.connect(desk.save)
    dialog.file_chosen.connect(desk.choose_file)
    dialog.speak_requested.connect(desk.speak)
    dialog.trial_requested.connect(desk.try_words)
    dialog.listen_requested.connect(desk.listen)
    dialog.silence_requested.connect(desk.be_silent)
