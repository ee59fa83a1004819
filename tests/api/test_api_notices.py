"""What the supervisor's floor says of programs that do not take what they are told."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desk.program_watch import PATIENCE, ProgramWatch, notices
from dialer_core.clock import ManualClock
from dialer_core.store.clients_api import ClientsStore, Right, token_hash
from dialer_core.store.clients_api_contacts import ProgramsStore
from dialer_core.store.migration import upgrade
from dialer_core.store.webhooks import GIVES_UP, Happening

TROUBLE = "It cannot be reached."


@pytest.fixture
def floor(tmp_path: Path, clock: ManualClock) -> Path:
    """A floor with one program that is told of outcomes."""
    path = tmp_path / "told.db"
    upgrade(path)
    with closing(ClientsStore(path)) as store:
        store.add("CRM", [Right.RESULTS], token_hash("one"), clock.now(), "test")
        store.set_webhook("CRM", "https://crm.example/", [Happening.OUTCOME], clock.now(), "test")
    return path


def fail(floor: Path, clock: ManualClock) -> None:
    with closing(ClientsStore(floor)) as clients, closing(ProgramsStore(floor)) as programs:
        (program,) = clients.clients()
        programs.failed(program.id, TROUBLE, clock.now())


def said(floor: Path, clock: ManualClock) -> tuple[str, ...]:
    with closing(ClientsStore(floor)) as store:
        return notices(store.clients(), clock.now().utc)


def test_a_program_that_is_down_for_a_moment_is_nobodys_concern(
    floor: Path, clock: ManualClock
) -> None:
    assert said(floor, clock) == ()
    fail(floor, clock)
    clock.advance((PATIENCE - timedelta(minutes=1)).total_seconds())
    assert said(floor, clock) == ()
    clock.advance(60)
    (sentence,) = said(floor, clock)
    assert sentence.startswith("CRM has taken nothing since")
    assert "(it cannot be reached)" in sentence
    assert "crm.example" not in sentence


@pytest.mark.qt
def test_a_stopped_webhook_is_told_on_the_floor_until_somebody_goes_on(
    floor: Path, clock: ManualClock, qtbot: QtBot
) -> None:
    fail(floor, clock)
    clock.advance(GIVES_UP.total_seconds() + 1)
    fail(floor, clock)
    watch = ProgramWatch(lambda: floor, clock)
    watch.failed.connect(lambda error: pytest.fail(str(error)))
    try:
        with qtbot.waitSignal(watch.changed) as told:
            watch.start()
        assert told.args is not None
        (sentence,) = told.args[0]
        assert "CRM is told nothing any more" in sentence
        assert "Try again now" in sentence
        with closing(ClientsStore(floor)) as store:
            store.restart_webhook("CRM", clock.now(), "test")
        with qtbot.waitSignal(watch.changed) as told:
            watch.look()
        assert told.args == [()]
    finally:
        watch.stop()


@pytest.mark.qt
def test_a_floor_in_the_making_has_nothing_to_tell(
    tmp_path: Path, clock: ManualClock, qtbot: QtBot
) -> None:
    watch = ProgramWatch(lambda: tmp_path / "none.db", clock)
    watch.failed.connect(lambda error: pytest.fail(str(error)))
    heard: list[object] = []
    watch.changed.connect(heard.append)
    watch.start()
    watch.look()
    watch.stop()
    assert heard == []
    assert not (tmp_path / "none.db").exists()
