"""What is wrong?: each check has its sentence, one that fails hides no other, and it ends."""

from __future__ import annotations

import errno
import json
import socket
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent_ui import checkup_states
from agent_ui.checkup_dialog import CheckupDialog
from app.backup import folder
from app.checkup_window import join_checkup
from app.cli import run as run_words
from app.desk.checkup import own_pc
from app.desk.checkup.checks import checks_for
from app.desk.checkup.desk import CheckupDesk
from app.desk.checkup.findings import Check, CheckupView, Finding, Verdict, good, trouble
from app.desk.checkup.running import run
from app.desk.trunk_trial import Trial
from app.errors import KnownError
from app.look.theme import Theme, apply_theme
from app.profile import Profile, open_profile
from app.secrets import Secrets
from app.settings import PC_ROLE, load_settings
from app.sound_devices import SoundDevices, sound_devices
from app.trunk import GatewayPlace, Trunk, write_trunk
from dialer_core.clock import ManualClock
from dialer_core.store.opening import migrate
from tests.sharing.kit import MemoryRing

pytestmark = pytest.mark.qt
BOTH = SoundDevices(("Headset",), ("Headset",))


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp, "light", is_motion_reduced=True)


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    return open_profile(tmp_path / "home")


def found(
    home: Profile,
    *,
    clock: ManualClock | None = None,
    sound: SoundDevices = BOTH,
    trial: Trial | None = None,
    secrets: Callable[[], Secrets] | None = None,
) -> dict[str, Finding]:
    ring = Secrets(home.key, MemoryRing())
    checks = checks_for(
        home,
        clock or ManualClock(),
        secrets or (lambda: ring),
        ask_sound=lambda: sound,
        try_it=lambda *_words: trial or Trial("It answers.", True),
    )
    return {one.key: one.finding for one in run(checks).rows}


def test_a_floor_of_one_pc_is_well(home: Profile) -> None:
    migrate(home.database_path)
    told = found(home)
    assert not [one for one in told.values() if one.verdict is Verdict.TROUBLE]
    assert told["database"] == good("The database can be read.")
    assert told["trunk"].sentence == "No trunk is set up, so nothing is dialled."
    assert told["dialler"].verdict is Verdict.NOTE


def test_no_floor_yet_is_no_trouble(home: Profile) -> None:
    told = found(home)
    assert told["database"].sentence == "There is no floor on this PC yet."
    assert not [one for one in told.values() if one.verdict is Verdict.TROUBLE]


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("0001", "was made by an older Callfloor"), ("9999", "was made by a newer Callfloor")],
)
def test_a_database_of_another_version(home: Profile, version: str, sentence: str) -> None:
    migrate(home.database_path)
    with sqlite3.connect(home.database_path) as plain:
        plain.execute("UPDATE alembic_version SET version_num = ?", [version])
    plain.close()
    told = found(home)["database"]
    assert told.verdict is Verdict.TROUBLE
    assert sentence in told.sentence
    assert "Callfloor" in told.what_to_do or "application" in told.what_to_do


def test_no_keyring_matters_only_where_a_password_is_needed(home: Profile) -> None:
    def locked() -> Secrets:
        raise KnownError("The keyring is locked: unlock it and try again.")

    told = found(home, secrets=locked)["keyring"]
    assert (told.verdict, told.what_to_do) == (Verdict.NOTE, "Unlock it and try again.")
    (home.root / "floor").mkdir()
    pointer = '{"addresses":["127.0.0.1"],"port":1,"role":"seat_1","seat":"front-1"}'
    (home.root / "floor" / "floor.json").write_text(pointer)
    every = found(home, secrets=locked)
    assert every["keyring"].verdict is Verdict.TROUBLE
    assert every["profile"] == good("This PC is the seat front-1 of a floor on another PC.")
    assert "does not answer at 127.0.0.1, port 1" in every["reach"].sentence
    for later in ("certificate", "database", "clock", "phone"):
        assert every[later].verdict is Verdict.SKIPPED
    assert "trunk" not in every, "a seat has none"


def test_no_sound(home: Profile) -> None:
    nothing = SoundDevices((), ("HDMI",))
    told = found(home, sound=nothing)["sound"]
    assert (told.verdict, told.sentence) == (Verdict.TROUBLE, "This PC has no microphone.")
    settings = load_settings(home.settings_path)
    settings.set(PC_ROLE, "supervisor")
    settings.save()
    assert found(home, sound=nothing)["sound"].verdict is Verdict.NOTE


def test_the_systems_devices_are_asked_in_a_process_of_its_own() -> None:
    assert isinstance(sound_devices(), SoundDevices)
    with pytest.raises(KnownError, match="sound system does not answer"):
        sound_devices(timeout_s=0.001)


def test_a_full_disk_is_told_by_the_first_check(
    home: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_place: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(own_pc, "_try_to_write", full)
    monkeypatch.setattr(folder, "free_bytes", lambda _place: 4096)
    told = found(home)
    assert "(no space left on device)" in told["profile"].sentence
    assert told["disk"].sentence.startswith("Only 0.0 GB are left on the disk of")
    assert told["disk"].what_to_do.startswith("Make room")


def test_backups_and_the_trunk(home: Profile) -> None:
    gateway = GatewayPlace(name="isp", uri="sip:{number}@127.0.0.1:5060")
    write_trunk(home.root / "trunk.toml", Trunk(gateways=(gateway,)))
    now = ManualClock().now().utc
    folder.write_state(home, folder.State(good_at=now - timedelta(days=5)))
    told = found(home, trial=Trial("Nobody answers at 127.0.0.1: look at the firewall.", False))
    assert told["backup"].sentence.startswith("The last good backup is 5 days old")
    assert told["trunk"].sentence == "Nobody answers at 127.0.0.1."
    folder.write_state(home, folder.State(good_at=now - timedelta(hours=7)))
    told = found(home)
    assert told["backup"] == good("The last good backup is 7 hours old.")
    assert told["trunk"] == good("It answers.")


def test_one_that_fails_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> Finding:
        raise ZeroDivisionError

    told: list[CheckupView] = []
    view = run(
        [Check("a", "One", fails), Check("b", "Two", lambda: good("It works."))], told.append
    )
    assert [one.finding.verdict for one in view.rows] == [Verdict.TROUBLE, Verdict.GOOD]
    assert [one.words for one in told] == ["One …", "Two …", "1 thing is wrong."]
    assert [one.getMessage() for one in caplog.records] == ["the check a failed"]


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("The keyring is locked: unlock it.", ("The keyring is locked.", "Unlock it.")),
        ("Nobody answers at [::1]:5060 today.", ("Nobody answers at [::1]:5060 today.", "")),
        ("The disk of this PC is full; make room.", ("The disk of this PC is full.", "Make room.")),
    ],
)
def test_a_sentence_is_parted_from_what_to_do(sentence: str, parts: tuple[str, str]) -> None:
    told = trouble(sentence)
    assert (told.sentence, told.what_to_do) == parts


def test_the_window_shows_each_as_it_comes_and_can_be_given_up(qtbot: QtBot, theme: Theme) -> None:
    is_on, may_go = threading.Event(), threading.Event()

    def slow() -> Finding:
        is_on.set()
        may_go.wait(10)
        return good("It took long.")

    never = Check("c", "Three", lambda: good("Never looked at."))
    desk = CheckupDesk(
        lambda: [Check("a", "One", lambda: good("Well.")), Check("b", "Two", slow), never]
    )
    dialog = CheckupDialog(theme)
    qtbot.addWidget(dialog)
    join_checkup(desk, dialog)
    dialog.show()
    desk.begin()
    qtbot.waitUntil(lambda: dialog.words.text() == "Two …")
    assert [one.checked.title for one in dialog.rows] == ["One"]
    assert is_on.wait(5)
    dialog.cancel.click()
    assert not dialog.cancel.isEnabled()
    may_go.set()
    qtbot.waitUntil(lambda: dialog.words.text().startswith("Given up"))
    assert [one.checked.title for one in dialog.rows] == ["One", "Two"]
    dialog.reject()


def test_looking_again_begins_anew(qtbot: QtBot, theme: Theme) -> None:
    dialog = CheckupDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show_view(checkup_states.WRONG)
    assert dialog.words.text() == "3 things are wrong."
    assert dialog.rows[2].accessibleName() == (
        "Keyring: The keyring is locked. Unlock it and try again."
    )
    dialog.show_view(checkup_states.RUNNING)
    assert len(dialog.rows) == 4
    assert not dialog.again.isVisibleTo(dialog)


def test_the_command_tells_a_program_and_leaves_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        home = open_profile(tmp_path / "seat")
        (home.root / "floor").mkdir()
        port = other.getsockname()[1]
        pointer = {"addresses": ["127.0.0.1"], "port": port, "role": "seat_1", "seat": "front-1"}
        (home.root / "floor" / "floor.json").write_text(json.dumps(pointer))
        assert run_words(["doctor", "--json", "--profile", str(home.root)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["is_well"] is False
    rows = {one["key"]: one for one in told["checks"]}
    assert rows["reach"]["sentence"] == f"The floor's PC answers at 127.0.0.1, port {port}."
    assert rows["certificate"]["verdict"] == "trouble"
