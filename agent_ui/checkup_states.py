"""States of the window "What is wrong?" for pictures and tests; all names are fictitious."""

from __future__ import annotations

from collections.abc import Callable

from agent_ui.checkup_dialog import CheckupDialog
from app.desk.checkup.findings import Checked, CheckupView, good, skipped, trouble
from app.look.theme import Theme

_GOOD = (
    Checked("profile", "This PC", good("This PC is the seat front-1 of a floor on another PC.")),
    Checked("disk", "Disk", good("212.4 GB are free.")),
    Checked("keyring", "Keyring", good("The keyring is open.")),
    Checked(
        "reach",
        "Way to the floor",
        good("The floor's PC answers at 192.168.1.10, port 54170."),
    ),
    Checked(
        "certificate",
        "Floor's certificate",
        good("It is this floor that answers (eab670bb41dbff0a)."),
    ),
    Checked(
        "database", "Database", good("The database can be read. It lets this PC in as seat_1.")
    ),
    Checked("clock", "Clock", good("This PC's clock is right.")),
    Checked("versions", "Versions", good("Callfloor 0.1.0, for databases of version 0013.")),
)
_NO_FLOOR = skipped("Not tried, as the floor is not reached.")
WELL = CheckupView(
    (
        *_GOOD,
        Checked("phone", "Telephone", good("The floor's dialler has no complaint of it.")),
        Checked("sound", "Sound", good("Microphone: Jabra Evolve2; loudspeaker: Jabra Evolve2.")),
    ),
    count=10,
)
RUNNING = CheckupView(_GOOD[:4], "Floor's certificate", 10)
WRONG = CheckupView(
    (
        *_GOOD[:2],
        Checked(
            "keyring",
            "Keyring",
            trouble("The keyring is locked: unlock it and try again."),
        ),
        Checked(
            "reach",
            "Way to the floor",
            trouble(
                "The floor's PC does not answer at 192.168.1.10, port 54170: see that it is on, "
                "that both PCs are on the same network, and that its firewall lets Callfloor in."
            ),
        ),
        *(Checked(one, title, _NO_FLOOR) for one, title in (
            ("certificate", "Floor's certificate"),
            ("database", "Database"),
            ("clock", "Clock"),
        )),
        _GOOD[7],
        Checked("phone", "Telephone", _NO_FLOOR),
        Checked(
            "sound",
            "Sound",
            trouble(
                "This PC has no microphone: plug the headset in, or choose it in the system's "
                "sound settings."
            ),
        ),
    ),
    count=10,
)  # fmt: skip


def _of(view: CheckupView) -> Callable[[Theme], CheckupDialog]:
    def make(theme: Theme) -> CheckupDialog:
        dialog = CheckupDialog(theme)
        dialog.show_view(view)
        return dialog

    return make


STATES: tuple[tuple[str, Callable[[Theme], CheckupDialog]], ...] = (
    ("checkup-running", _of(RUNNING)),
    ("checkup-well", _of(WELL)),
    ("checkup-wrong", _of(WRONG)),
)
