"""The agent's own promised calls: read from the floor, shown with an alert before the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from agent_ui.callback_strip import CallBackStrip
from app.desk.callback_view import CallBackRow
from app.desk.callback_watch import OwnCallBacks
from app.look.theme import Theme
from dialer_core.clock import ManualClock
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.schema import AgentRow, ContactRow
from tests.store.floor_kit import FloorKit


def test_it_speaks_up_before_the_time_and_shows_nobody_elses(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    path = tmp_path / "floor.db"
    migrate(path)
    database = open_database(path)
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(Mode.PREVIEW, profile("GB"))
    with database.writing() as connection:
        for contact, agent in ((1, "Anna of preview"), (2, "Ben of preview")):
            owner = AgentRow.__table__.select().where(AgentRow.name == agent)
            found = connection.execute(owner).one()
            connection.execute(
                update(ContactRow)
                .where(ContactRow.id == contact)
                .values(
                    status="call_back",
                    next_at=kit.now.utc + timedelta(minutes=10),
                    call_back_agent_id=found.id,
                )
            )
    page = QWidget()
    qtbot.addWidget(page)
    strip = CallBackStrip(theme)
    strip.setParent(page)
    watch = OwnCallBacks(lambda: path, kit.clock)
    told: list[tuple[CallBackRow, ...]] = []
    watch.changed.connect(strip.show_rows)
    watch.changed.connect(told.append)
    watch.set_agent("Anna of preview")
    qtbot.waitUntil(lambda: bool(told))
    assert [one.name for one in told[0]] == ["Person 1"]
    assert strip.lines[0].full_text == "10:10 London · Person 1"
    assert strip.alerts[0].text() == ""
    kit.clock.advance(6 * 60)
    look: Callable[[], None] = watch.look
    look()
    qtbot.waitUntil(lambda: len(told) > 1)
    assert strip.alerts[0].text() == "in a few minutes"
    watch.set_agent("")
    assert strip.isHidden()
    watch.stop()
    kit.close()
    database.close()
