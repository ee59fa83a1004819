"""A whole first run with its real window: from a new PC to a call that is heard at both ends."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.clock import WallClock
from app.desk.first_run_view import Company, FirstCallView, Role, Step
from app.desk.trunk_desk import read_form, trunk_path
from app.desk.trunk_form import GatewayForm
from app.lists.importing import Wanted, import_list, open_setup
from app.look.theme import apply_theme
from app.phone_link import Practice
from app.practice import AGENT_SIGNATURES, read_lines
from app.profile import Profile, open_profile
from app.rehearsal.carrier import RehearsalCarrier
from app.tools.first_call import FirstCall
from app.tools.first_run import FirstRun
from app.tools.first_work import CAMPAIGN, FirstWork, is_over
from dialer_core.rules.profiles import profile as rules
from dialer_core.simulation.public import Behaviour, Kind, Public
from sip.messages import CarrierRecord, PhoneRecord

pytestmark = [pytest.mark.floor, pytest.mark.qt, pytest.mark.timeout(150)]
VOICE = AGENT_SIGNATURES[2]
TALK_S = 3.0


class Patient(Public):
    """Whoever is called answers, speaks, and hangs up after TALK_S."""

    def __init__(self) -> None:
        """Nothing is drawn."""

    def person(self, number: str, attempt: int) -> Behaviour:
        return Behaviour(Kind.HUMAN, 200, 0.3, False, 0.8, 6.0, TALK_S, 1.0)


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    return open_profile(tmp_path / "home")


@pytest.fixture
def provider(tmp_path: Path, home: Profile) -> Iterator[RehearsalCarrier]:
    logs = tmp_path / "provider"
    logs.mkdir()
    carrier = RehearsalCarrier(home, Patient(), 1, logs)
    carrier.start()
    yield carrier
    carrier.stop()


MakeRun = Callable[[], FirstRun]


@pytest.fixture
def run(qapp: QApplication, qtbot: QtBot, home: Profile, tmp_path: Path) -> Iterator[MakeRun]:
    made: list[FirstRun] = []

    def start() -> FirstRun:
        theme = apply_theme(qapp, "light", is_motion_reduced=True)
        one = FirstRun(
            home,
            theme,
            sound="none",
            practice=Practice(VOICE, tmp_path / "phone.jsonl"),
            work=FirstWork(home, lambda _country: rules("REHEARSAL")),
        )
        qtbot.addWidget(one.dialog)
        made.append(one)
        one.open()
        one.dialog.activateWindow()
        qtbot.waitUntil(one.dialog.isActiveWindow)
        qtbot.waitUntil(lambda: one.dialog.view.countries != ())
        return one

    yield start
    for one in made:
        one.close()


def reach(qtbot: QtBot, one: FirstRun, step: Step) -> None:
    qtbot.waitUntil(lambda: one.dialog.view.step is step, timeout=15_000)


def press(qtbot: QtBot, one: FirstRun, key: Qt.Key) -> None:
    QTest.keyClick(one.dialog, key)


def test_from_a_new_pc_to_a_call_that_is_heard(
    run: MakeRun, qtbot: QtBot, home: Profile, provider: RehearsalCarrier, tmp_path: Path
) -> None:
    began_s = time.monotonic()
    one = run()
    dialog = one.dialog
    assert dialog.view.step is Step.ROLE
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.COMPANY)

    press(qtbot, one, Qt.Key.Key_F8)
    assert "company's name" in dialog.sentence.text()
    QTest.keyClicks(dialog.company.name, "Rosewood")
    QTest.keyClicks(dialog.company.caller_id, "+44 161 496 0000")
    QTest.keyClick(dialog.company.caller_id, Qt.Key.Key_Return)
    reach(qtbot, one, Step.TRUNK)

    # Left here, it goes on here.
    dialog.reject()
    one.close()
    one = run()
    dialog = one.dialog
    reach(qtbot, one, Step.TRUNK)
    assert dialog.company.company.name == "Rosewood"
    assert dialog.view.role is Role.EVERYTHING

    address = provider.places[0].uri.partition("@")[2].partition(";")[0]
    QTest.keyClicks(dialog.trunk.host, address)
    press(qtbot, one, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "answers over UDP" in dialog.sentence.text(), timeout=15_000)
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.SOUND)
    assert read_form(trunk_path(home)).gateways[0].host == address
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.LIST)

    people = tmp_path / "people.csv"
    people.write_text("name,phone\nAda,+441614960101\nBen,+441614960102\n")
    import_list(home, Wanted(people, "First list", CAMPAIGN, "GB"))
    one.desk.look()
    qtbot.waitUntil(lambda: dialog.view.people == 2)
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.CALL)

    QTest.keyClicks(dialog.call.number, "+44 7700 900123")
    QTest.keyClick(dialog.call.number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "You are through" in dialog.call.state.text(), timeout=40_000)
    qtbot.waitUntil(lambda: "everything works" in dialog.call.state.text(), timeout=20_000)
    press(qtbot, one, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: is_over(home))
    assert time.monotonic() - began_s < 100
    one.close()

    (public,) = read_lines(provider.logs[0], CarrierRecord)
    assert public.number.endswith("7700900123")
    assert public.sounds.heard_ms.get(VOICE, 0) > 1500
    (at_desk,) = read_lines(tmp_path / "phone.jsonl", PhoneRecord)
    assert at_desk.sounds.heard_ms.get(public.signature, 0) > 1500


def test_back_and_forth_with_the_keyboard_alone(run: MakeRun, qtbot: QtBot) -> None:
    one = run()
    dialog = one.dialog
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.COMPANY)
    QTest.keyClick(dialog, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    reach(qtbot, one, Step.ROLE)
    dialog.role.lines[Role.AGENT].click()
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.JOIN)
    assert one.join_page.name.text()
    one.join_page.code.setText("nothing like a code")
    press(qtbot, one, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: "code" in dialog.sentence.text().lower(), timeout=15_000)
    assert dialog.view.step is Step.JOIN


def test_a_provider_that_is_silent_is_said_and_may_be_left_out(run: MakeRun, qtbot: QtBot) -> None:
    one = run()
    dialog = one.dialog
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.COMPANY)
    dialog.company.name.setText("Rosewood")
    dialog.company.caller_id.setText("12")
    press(qtbot, one, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: dialog.sentence.text() != "")
    assert dialog.view.step is Step.COMPANY, "that is no number"
    dialog.company.caller_id.setText("0161 496 0000")
    press(qtbot, one, Qt.Key.Key_F8)
    reach(qtbot, one, Step.TRUNK)
    dialog.trunk.paste.setPlainText("SIP server: 127.0.0.1\nPort: 9\nUser name: rosewood")
    assert "Found: server" in dialog.sentence.text()
    assert "password" in dialog.sentence.text()
    press(qtbot, one, Qt.Key.Key_F5)
    assert "password" in dialog.sentence.text()
    dialog.trunk.username.clear()
    press(qtbot, one, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "Nobody answers" in dialog.sentence.text(), timeout=15_000)
    dialog.skip.click()
    reach(qtbot, one, Step.SOUND)
    assert Step.TRUNK not in dialog.view.done


def test_the_first_call_asks_for_no_register_of_the_country(
    qtbot: QtBot, home: Profile, provider: RehearsalCarrier, tmp_path: Path
) -> None:
    """Nobody has a copy of TPS in their first five minutes; their own mobile needs none."""
    work = FirstWork(home)
    work.choose(Role.EVERYTHING)
    work.keep_company(Company("Rosewood", "GB", "0161 496 0000"))
    host = provider.places[0].uri.partition("@")[2].partition(";")[0]
    work.keep_trunk(GatewayForm(name="way", host=host, has_account=False))
    call = FirstCall(home, "none", Practice(VOICE, tmp_path / "phone.jsonl"))
    said: list[FirstCallView] = []
    call.changed.connect(said.append)
    try:
        call.call("07700 900123")
        qtbot.waitUntil(lambda: bool(said) and said[-1].is_over, timeout=60_000)
    finally:
        call.stop()
    assert said[-1].is_heard, said
    with closing(sqlite3.connect(home.database_path)) as database:
        found = database.execute("SELECT status FROM contacts").fetchall()
    assert found == [("closed",)], "no campaign takes them along"


def test_why_the_first_call_is_not_placed_is_said(
    qtbot: QtBot, home: Profile, provider: RehearsalCarrier, tmp_path: Path
) -> None:
    work = FirstWork(home)
    work.choose(Role.EVERYTHING)
    work.keep_company(Company("Rosewood", "GB", "0161 496 0000"))
    host = provider.places[0].uri.partition("@")[2].partition(";")[0]
    work.keep_trunk(GatewayForm(name="way", host=host, has_account=False))
    with closing(open_setup(home)) as store:
        store.suppress(None, ["+447700900123"], "asked", WallClock().now(), "test")
    call = FirstCall(home, "none", Practice(VOICE, tmp_path / "phone.jsonl"))
    said: list[FirstCallView] = []
    call.changed.connect(said.append)
    try:
        call.call("07700 900123")
        qtbot.waitUntil(lambda: bool(said) and said[-1].is_over, timeout=60_000)
    finally:
        call.stop()
    assert said[-1].is_trouble
    assert "do-not-call list" in said[-1].words
