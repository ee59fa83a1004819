"""The sharing window: each state can be seen, and no single slip removes or stops anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk.sharing_desk import SharingDesk
from app.desk.sharing_view import ShareCode, ShareView
from app.errors import KnownError
from app.look.theme import Theme, apply_theme
from app.tools.sharing import join_sharing
from supervisor_ui import sharing_states as states
from supervisor_ui.sharing_dialog import BUSY, ELSEWHERE, OFF, ON, SharingDialog


class Work:
    """Sharing without a server: what was asked, and answers by hand."""

    def __init__(self) -> None:
        self.view = states.OFF_VIEW
        self.asked: list[str] = []
        self.trouble = ""
        self.steps: list[tuple[str, float]] = [("Making certificates", 0.1), ("Moving", 0.5)]

    def look(self) -> ShareView:
        return self.view

    def start(self, name: str, tell: Callable[[str, float], bool]) -> ShareView | None:
        self.asked.append(f"start {name}")
        if self.trouble:
            raise KnownError(self.trouble)
        for step, share in self.steps:
            if not tell(step, share):
                return None
        self.view = states.FULL
        return self.view

    def stop(self) -> ShareView:
        self.asked.append("stop")
        self.view = replace(states.EMPTY, is_running=False)
        return self.view

    def new_code(self, *, lends: bool) -> ShareCode:
        self.asked.append("code for lines" if lends else "code")
        return replace(states.code(states.qr_modules(states.CODE_TEXT)), lends=lends)

    def remove_seat(self, name: str) -> ShareView:
        self.asked.append(f"remove {name}")
        self.view = replace(states.FULL, seats=states.SEATS[:3])
        return self.view


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp, "light", is_motion_reduced=True)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot, work: Work) -> Iterator[SharingDialog]:
    """The window joined to its desk, as the supervisor's menu opens it."""
    dialog = SharingDialog(theme, lambda: states.NOW_UTC_S)
    qtbot.addWidget(dialog)
    desk = SharingDesk(work)
    desk.setParent(dialog)
    join_sharing(desk, dialog)
    dialog.show()
    desk.begin()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() != 0)
    yield dialog
    desk.stop()


def test_one_button_shares_the_floor(dialog: SharingDialog, work: Work, qtbot: QtBot) -> None:
    assert dialog.pages.currentIndex() == OFF
    assert dialog.name.text() == "desk-1"
    dialog.share.click()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == ON)
    assert work.asked == ["start desk-1"]
    assert dialog.title.full_text == "Office"
    assert [line.seat.name for line in dialog.seats.rows] == [s.name for s in states.SEATS]
    assert dialog.seats.count.text() == "3 of 4 connected"


def test_what_the_world_forbids_is_a_sentence(
    dialog: SharingDialog, work: Work, qtbot: QtBot
) -> None:
    work.trouble = states.TROUBLE
    dialog.share.click()
    qtbot.waitUntil(lambda: dialog.sentence.text() == states.TROUBLE)
    assert dialog.pages.currentIndex() == OFF


def test_a_start_that_is_cancelled_shares_nothing(theme: Theme, qtbot: QtBot) -> None:
    dialog = SharingDialog(theme, lambda: states.NOW_UTC_S)
    qtbot.addWidget(dialog)
    dialog.show_view(states.OFF_VIEW)
    dialog.share.click()
    assert dialog.pages.currentIndex() == BUSY
    with qtbot.waitSignal(dialog.cancel_requested):
        dialog.reject()  # Esc cancels first
    assert not dialog.cancel.isEnabled()
    dialog.show_given_up()
    assert dialog.pages.currentIndex() == OFF
    assert "nothing was moved" in dialog.sentence.text()


def test_the_code_is_large_and_leaves_when_it_has_run_out(theme: Theme, qtbot: QtBot) -> None:
    now = [states.NOW_UTC_S]
    dialog = SharingDialog(theme, lambda: now[0])
    qtbot.addWidget(dialog)
    dialog.show_view(states.FULL)
    assert not dialog.code.text.isVisibleTo(dialog)
    dialog.show_code(states.code(states.qr_modules(states.CODE_TEXT)))
    assert dialog.code.text.text().replace("\n", "-") == states.CODE_TEXT
    assert dialog.code.text.font().pixelSize() >= 20
    assert dialog.code.picture.pixmap().width() >= 120
    assert dialog.code.ring.left_s == 540
    now[0] += 541
    dialog.code.tick()
    assert dialog.code.text.text() == ""
    assert "has run out" in dialog.code.words.text()


def test_a_code_is_asked_for_and_shown(dialog: SharingDialog, work: Work, qtbot: QtBot) -> None:
    work.view = states.EMPTY
    dialog.share.click()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == ON)
    dialog.code.make.click()
    qtbot.waitUntil(lambda: bool(dialog.code.text.text()))
    assert "code" in work.asked
    assert "firewall" in dialog.sentence.text()


def test_a_code_for_lines_says_what_to_do_with_it(
    dialog: SharingDialog, work: Work, qtbot: QtBot
) -> None:
    work.view = states.EMPTY
    dialog.share.click()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == ON)
    dialog.code.make_lines.click()
    qtbot.waitUntil(lambda: bool(dialog.code.text.text()))
    assert dialog.code.title.text() == "Join code for lines"
    assert "callfloor lines --join CODE" in dialog.code.words.text()
    dialog.code.make.click()
    qtbot.waitUntil(lambda: dialog.code.title.text() == "Join code")
    assert "callfloor join CODE" in dialog.code.words.text()
    assert work.asked[-2:] == ["code for lines", "code"]


def test_a_pc_of_lines_is_shown_as_one(theme: Theme, qtbot: QtBot) -> None:
    dialog = states.lines_code(theme)
    qtbot.addWidget(dialog)
    told = {line.seat.name: line.told.full_text for line in dialog.seats.rows}
    assert told["loft"] == "Lends 6 lines · 192.168.1.40"
    assert told["cellar"] == "8 lines, out of reach · 192.168.1.41"
    assert dialog.seats.count.text() == "4 of 5 connected"


def test_removing_a_seat_and_stopping_are_asked_twice(
    dialog: SharingDialog, work: Work, qtbot: QtBot
) -> None:
    dialog.share.click()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == ON)
    line = dialog.seats.rows[3]
    line.remove.click()
    assert work.asked == ["start desk-1"]
    line.remove.click()
    qtbot.waitUntil(lambda: len(dialog.seats.rows) == 3)
    dialog.end.click()
    assert "stop" not in work.asked
    dialog.end.click()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == OFF)
    assert work.asked == ["start desk-1", "remove back-room", "stop"]
    assert dialog.share.text() == "Start the floor again"
    assert dialog.end.text() == "Stop sharing"


def test_a_look_does_not_undo_half_a_wish(theme: Theme, qtbot: QtBot) -> None:
    dialog = SharingDialog(theme, lambda: states.NOW_UTC_S)
    qtbot.addWidget(dialog)
    dialog.show_view(states.FULL)
    dialog.end.click()
    line = dialog.seats.rows[0]
    line.remove.click()
    dialog.show_view(replace(states.FULL))
    assert dialog.seats.rows[0] is line
    assert line.remove.kind == "danger"
    assert dialog.end.kind == "danger"


@pytest.mark.parametrize("name", [name for name, _ in states.STATES])
def test_nothing_is_cut(name: str, theme: Theme, qtbot: QtBot) -> None:
    dialog = dict(states.STATES)[name](theme)
    qtbot.addWidget(dialog)
    dialog.show()
    for button in (dialog.share, dialog.cancel, dialog.end, dialog.leave, *dialog.code.keys):
        if button.isVisible():
            assert not button.is_elided
    needed = dialog.sentence.heightForWidth(dialog.sentence.width())
    assert needed <= dialog.sentence.height()


@pytest.mark.parametrize("state", [states.elsewhere, states.at_server])
def test_a_floor_that_is_elsewhere_cannot_be_shared_from_here(
    qtbot: QtBot, theme: Theme, state: Callable[[Theme], SharingDialog]
) -> None:
    dialog = state(theme)
    qtbot.addWidget(dialog)
    assert dialog.pages.currentIndex() == ELSEWHERE
    assert dialog.where.text().startswith("This ")
    assert not dialog.sentence.text()
    for label in (dialog.where, dialog.how, dialog.lent):
        assert label.heightForWidth(480) <= label.height(), "nothing is cut"
