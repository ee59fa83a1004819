"""Do-not-call registers in the window: ages, notices, a newer copy, the own list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.cli import run
from app.clock import WallClock
from app.desk.register_desk import RegisterDesk
from app.desk.register_view import CopyChoice, notices, register_row
from app.desk.register_watch import RegisterWatch
from app.desk.supervisor import SupervisorDesk, _Seen
from app.lists.register_work import RegistersOf
from app.look.theme import Theme, apply_theme
from app.phone_link import PhoneLink
from app.profile import Profile, open_profile
from app.tools.registers import join_registers
from dialer_core.clock import Instant
from dialer_core.store.registers import RegisterAge
from dialer_core.store.watch import WatchStore
from supervisor_ui import gallery_states as supervisor_states
from supervisor_ui.register_dialog import BUSY, COPY, LIST, SIZE, RegisterDialog
from supervisor_ui.register_states import STATES
from tests.lists.made_lists import write_csv

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
NOW = Instant(0.0, datetime(2026, 3, 20, 12, tzinfo=UTC))


def age(register: str = "GB-TPS", days: float | None = 10.0, *asked_by: str) -> RegisterAge:
    as_of = None if days is None else NOW.utc - timedelta(days=days)
    is_fresh = days is not None and days <= 28
    whom = asked_by or ("Windows",)
    return RegisterAge(
        register, "GB", as_of, days, 28.0, 5, is_required=True, is_fresh=is_fresh,
        stops=() if is_fresh else whom, asked_by=whom,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "state"),
    [(None, "stale"), (29.0, "stale"), (28.0, "soon"), (23.0, "soon"), (22.9, "fresh")],
)
def test_a_register_is_named_some_days_before_it_stops_calls(
    days: float | None, state: str
) -> None:
    assert register_row(age(days=days), NOW).state == state
    told = notices([age(days=days)], NOW)
    assert len(told) == (state != "fresh")
    for sentence in told:
        assert "GB-TPS" in sentence
        assert "Windows" in sentence
        assert "Load a newer copy (Manage, Do-not-call registers)." in sentence


def test_registers_of_one_country_are_one_notice_and_who_is_stopped_comes_first() -> None:
    told = notices([age("GB-TPS", 24.0, "B"), age("GB-CTPS", None, "A")], NOW)
    assert told[0].startswith("Nobody in the United Kingdom is dialled for A: GB-CTPS is too old")
    assert told[1].startswith("GB-TPS: its copy is good until Tuesday 24 Mar")
    (both,) = notices([age("GB-TPS", 30.0, "B"), age("GB-CTPS", 31.0, "A")], NOW)
    assert "GB-CTPS and GB-TPS are too old or were never loaded." in both
    assert both.startswith("Nobody in the United Kingdom is dialled for A and B: GB-CTPS and GB-T")


# --- the window over a real floor -----------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    """A campaign of two people, no register loaded."""
    people = write_csv(tmp_path / "a.csv", [["Name", "Phone"], ["Anna", "01614960001"]])
    root = tmp_path / "home"
    into = ["--list", "April", "--campaign", "Spring", "--region", "GB", "--profile", str(root)]
    assert run(["import", str(people), *into]) == 0
    return open_profile(root)


@pytest.fixture
def dialog(theme: Theme, home: Profile, qtbot: QtBot) -> Iterator[RegisterDialog]:
    parent = QWidget()
    made = RegisterDialog(theme, parent)
    desk = RegisterDesk(RegistersOf(home, "supervisor (test)"))
    desk.failed.connect(lambda error: pytest.fail(str(error)))
    join_registers(desk, made)
    desk.list()
    qtbot.waitUntil(lambda: bool(made.list.lines))
    made.show()
    yield made
    desk.stop()
    made.done(0)
    parent.close()


def press(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def line_of(dialog: RegisterDialog, register: str) -> str:
    (line,) = [one for one in dialog.list.lines if one.register.id == register]
    return line.register.state


def test_a_copy_is_loaded_and_the_notice_goes(
    dialog: RegisterDialog, home: Profile, tmp_path: Path, qtbot: QtBot
) -> None:
    watch = RegisterWatch(home.database_path, WallClock())
    watch.failed.connect(lambda error: pytest.fail(str(error)))
    with qtbot.waitSignal(watch.changed) as told:
        watch.start()
    assert told.args is not None
    (notice,) = told.args[0]
    assert "Nobody in the United Kingdom is dialled for Spring" in notice
    assert line_of(dialog, "GB-TPS") == line_of(dialog, "GB-CTPS") == "stale"
    file = tmp_path / "tps.txt"
    file.write_text("01614960077\n01614960078\nnothing\n")
    for register in ("GB-TPS", "GB-CTPS"):
        (line,) = [one for one in dialog.list.lines if one.register.id == register]
        dialog.choose_copy(line.register, str(file))
        assert dialog.pages.currentIndex() == COPY
        press(dialog.load)
        qtbot.waitUntil(
            lambda: dialog.pages.currentIndex() == LIST and line_of(dialog, register) == "fresh"  # noqa: B023
        )
        assert "2 numbers" in dialog.sentence.text()
    with qtbot.waitSignal(watch.changed) as told:
        watch.look()
    assert told.args == [()]
    watch.stop()


def test_a_much_smaller_copy_is_taken_only_where_it_is_meant(
    dialog: RegisterDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "tps.txt"
    file.write_text("".join(f"0161496{n:04d}\n" for n in range(40)))
    register = dialog.list.lines[0].register
    dialog.choose_copy(register, str(file))
    press(dialog.load)
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == LIST)
    file.write_text("01614960001\n")
    dialog.choose_copy(register, str(file))
    assert dialog.copy.small.isHidden()
    press(dialog.load)
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == COPY)
    assert "not taken" in dialog.sentence.text()
    assert not dialog.copy.small.isHidden()
    dialog.copy.small.click()
    press(dialog.load)
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == LIST)
    assert "1 numbers" in dialog.sentence.text()


def test_a_copy_can_be_cancelled_and_the_one_before_stays(
    dialog: RegisterDialog, home: Profile, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "tps.txt"
    file.write_text("".join(f"0161{n:07d}\n" for n in range(60_000)))
    dialog.choose_copy(dialog.list.lines[0].register, str(file))
    with qtbot.waitSignal(dialog.load_requested):
        press(dialog.load)
    qtbot.waitUntil(lambda: dialog.busy.share.text() != "0 %")
    assert dialog.pages.currentIndex() == BUSY
    dialog.reject()
    assert dialog.isVisible(), "closing cancels the copy first"
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == COPY, timeout=20_000)
    assert "the copy before stays in force" in dialog.sentence.text()
    choice: CopyChoice = dialog.copy.choice
    work = RegistersOf(home, "test")
    (row,) = [one for one in work.view().rows if one.id == choice.register]
    assert row.state == "stale"


def test_own_numbers_are_added_looked_up_and_taken_from_a_file(
    dialog: RegisterDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    assert not dialog.list.add.isEnabled()

    def say(button: QWidget, number: str) -> str:
        dialog.list.number.setText(number)
        dialog.sentence.setText("")
        press(button)
        qtbot.waitUntil(lambda: bool(dialog.sentence.text()))
        return dialog.sentence.text()

    assert "not on your own list" in say(dialog.list.check, "0161 496 0009")
    assert "never called again" in say(dialog.list.add, "0161 496 0009")
    assert "on your own list since" in say(dialog.list.check, "0161 496 0009")
    assert "is not a number" in say(dialog.list.add, "hello")
    file = tmp_path / "dnc.csv"
    file.write_text("Phone\n01614960009\n01614960010\n")
    dialog.take_own(str(file), "GB", "")
    qtbot.waitUntil(lambda: "1 new" in dialog.sentence.text())
    qtbot.waitUntil(lambda: dialog.list.own.text() == "2 numbers")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name, _ in STATES])
def test_each_state_fits(qapp: QApplication, qtbot: QtBot, name: str, colours: str) -> None:
    made = dict(STATES)[name](apply_theme(qapp, colours, is_motion_reduced=True))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    assert made.size() == SIZE
    for line in made.list.lines:
        assert not line.newer.is_elided
    for button in (
        made.load,
        made.back,
        made.leave,
        made.list.add,
        made.list.check,
        made.list.file,
    ):
        assert not button.isVisible() or not button.is_elided


def test_the_floor_shows_what_the_law_is_about_to_stop(home: Profile, qtbot: QtBot) -> None:
    desk = SupervisorDesk(
        _no_store, lambda deliver: PhoneLink(home, "supervisor", deliver), WallClock()
    )
    view = supervisor_states.floor(2)
    desk.set_law_notices(("GB-TPS is too old.",))
    with qtbot.waitSignal(desk.view_changed) as shown:
        desk._arrived(_Seen(view, None, None))
    assert shown.args is not None
    assert shown.args[0].notices == (*view.notices, "GB-TPS is too old.")
    desk.stop()


def _no_store() -> WatchStore:
    raise AssertionError("nothing is read here")
