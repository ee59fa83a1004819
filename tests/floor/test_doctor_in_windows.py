"""The line doctor's words in both windows while network or trunk really are in trouble."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from agent_ui.device_dialog import DeviceDialog
from app.look.theme import Theme, apply_theme
from app.telephony.pulse import PulseServer
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode, SeatState
from dialer_core.store.schema import SessionRow
from tests.floor.bad_network import BadNetwork, Weather
from tests.floor.desk_kit import HEADSET, NAME, RINGER, Desk, desk
from tests.floor.office_kit import Office, office, person
from tests.sip.pulse_kit import first_sound_s, pulse, steady_sound

__all__ = ["pulse"]
pytestmark = [pytest.mark.floor, pytest.mark.timeout(200)]
NUMBERS = tuple(f"+44161496{n:04d}" for n in range(100, 130))
SAID_S = 40.0
LASTS = ("-timeout", "120")
LASTS_MS = 110_000


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp, "light", is_motion_reduced=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


@pytest.fixture
def mouth(pulse: PulseServer) -> PulseServer:
    """A headset in which somebody speaks all the time, and loudspeakers that can ring."""
    pulse.headset("two", RINGER)
    headset = pulse.headset("one", HEADSET)
    pulse.loop(headset.mouth, steady_sound(3))
    return pulse


def campaign(small: Office, mode: Mode, address: str) -> CampaignId:
    found = small.campaign(mode=mode)
    small.people(found, *NUMBERS)
    small.trunk(address)
    return found


def move_phone(small: Office, at: Desk, weather: Weather) -> BadNetwork:
    """From now on the line reaches this agent's phone over that network."""
    made = BadNetwork(small.profile.certificates_dir, at.agent.phone_uri, weather)
    with small.database.writing() as connection:
        moved = connection.execute(
            update(SessionRow)
            .where(SessionRow.phone_uri == at.agent.phone_uri, SessionRow.closed_at.is_(None))
            .values(phone_uri=made.uri)
        )
    assert moved.rowcount == 1
    return made


@contextlib.contextmanager
def talk_over(
    small: Office, folder: Path, qtbot: QtBot, theme: Theme, weather: Weather
) -> Iterator[Desk]:
    """A conversation of the one agent over that network."""
    with person(folder, "callee_hears_out", *LASTS, TIMEOUT_MS=LASTS_MS) as (sipp, _keypad):
        campaign(small, Mode.PROGRESSIVE, sipp.address)
        small.open()
        with desk(small, qtbot, theme) as at:
            network = move_phone(small, at, weather)
            try:
                at.agent.want_available()
                at.wait(at.talks, "a conversation", 40)
                yield at
                at.agent.hang_up()
                at.wait(lambda: not at.view.call.is_up, "the end")
            finally:
                network.close()


def test_a_network_that_loses_a_tenth_is_told_in_both_windows(
    small: Office, mouth: PulseServer, tmp_path: Path, qtbot: QtBot, theme: Theme
) -> None:
    del mouth
    weather = Weather(lost_to_phone=0.1, lost_to_line=0.1, delay_s=0.2, jitter_s=0.08)
    with talk_over(small, tmp_path, qtbot, theme, weather) as at:
        at.wait(lambda: "packets are lost on the way" in at.advice, "the agent's", SAID_S)
        wanted = f"packets are lost on the way from {NAME}"
        at.wait(lambda: wanted in at.floor_advice, "the supervisor's", SAID_S)
        assert any(NAME in one for one in at.over.doctor.sentences)


def test_sound_that_never_reaches_the_phone_is_a_firewall(
    small: Office, mouth: PulseServer, tmp_path: Path, qtbot: QtBot, theme: Theme
) -> None:
    del mouth
    weather = Weather(lost_to_phone=1.0)
    with talk_over(small, tmp_path, qtbot, theme, weather) as at:
        at.wait(lambda: "No packets arrive between your PC" in at.advice, "the agent's", SAID_S)
        assert "a firewall?" in at.advice


def test_a_person_of_whom_nothing_arrives_is_told_to_the_supervisor(
    small: Office, mouth: PulseServer, tmp_path: Path, qtbot: QtBot, theme: Theme
) -> None:
    """A provider's sound that a firewall keeps away: signalling alone comes."""
    del mouth
    words: dict[str, Any] = {"RTP_PORT": 9, "TIMEOUT_MS": LASTS_MS}  # a port that discards
    with person(tmp_path, "callee_hears_out", *LASTS, **words) as (sipp, _keypad):
        campaign(small, Mode.PROGRESSIVE, sipp.address)
        small.open()
        with desk(small, qtbot, theme) as at:
            at.agent.want_available()
            at.wait(at.talks, "a conversation", 40)
            wanted = "No packets arrive from 127.0.0.1"
            at.wait(lambda: wanted in at.floor_advice, "the supervisor's", SAID_S)
            assert "a firewall?" in at.floor_advice
            assert any(wanted in one for one in at.over.doctor.sentences)
            at.agent.hang_up()
            at.wait(lambda: not at.view.call.is_up, "the end")


def test_a_trunk_that_is_full_is_told_in_both_windows(
    small: Office, mouth: PulseServer, tmp_path: Path, qtbot: QtBot, theme: Theme
) -> None:
    del mouth
    words: dict[str, Any] = {"STATUS": 503, "PROGRESS": "", "PHRASE": "No"}
    words |= {"HEADER": "X-Why: full", "TIMEOUT_MS": 60_000}
    with person(tmp_path, "callee_says_no", "-m", "60", **words) as (sipp, _keypad):
        campaign(small, Mode.PROGRESSIVE, sipp.address)
        small.open()
        with desk(small, qtbot, theme) as at:
            at.agent.want_available()
            wanted = "is full or out of order (503)"
            at.wait(lambda: wanted in " ".join(at.view.notices), "the agent's notice", SAID_S)
            at.wait(
                lambda: at.floors and wanted in " ".join(at.floors[-1].notices),
                "the supervisor's",
                SAID_S,
            )
            assert at.view.state is SeatState.AVAILABLE


def test_a_preview_rings_on_the_ringer_until_the_window_is_worked_in(
    small: Office, mouth: PulseServer, tmp_path: Path, qtbot: QtBot, theme: Theme
) -> None:
    with person(tmp_path) as (sipp, _keypad):
        campaign(small, Mode.PREVIEW, sipp.address)
        small.open()
        with desk(small, qtbot, theme) as at:
            QApplication.sendEvent(at.window, QEvent(QEvent.Type.WindowDeactivate))
            at.parts.open_dialog()
            dialog = at.window.findChild(DeviceDialog)
            assert dialog is not None
            if not dialog.ring.isChecked():
                dialog.ring.click()
            dialog.close()
            ear = mouth.record("ear_two.monitor")
            began_s = time.monotonic()
            at.agent.want_available()
            at.wait(lambda: at.view.state is SeatState.PREVIEW, "a preview")
            at.wait(lambda: first_sound_s(ear, began_s) is not None, "the ring", 8)
            QApplication.sendEvent(at.window, QEvent(QEvent.Type.WindowActivate))
            qtbot.wait(700)
            looked_s = time.monotonic()
            qtbot.wait(3500)
            assert at.view.state is SeatState.PREVIEW
            assert first_sound_s(ear, looked_s) is None, "a ring comes every three seconds"
