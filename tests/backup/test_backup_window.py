"""The backups' window: each state can be seen, and no single press puts a floor back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.backup.folder import choose_folder
from app.backup.passphrase import SECRET
from app.desk.backup_desk import BackupDesk, Tell
from app.desk.backup_view import BackupsView, RestoreDone
from app.desk.backup_watch import BackupWatch
from app.errors import KnownError
from app.look.theme import Theme, apply_theme
from app.tools.backups import BackupsWork, join_backups
from supervisor_ui import backup_states as states
from supervisor_ui.backup_dialog import BUSY, DONE, LIST, SURE, BackupDialog
from tests.backup.kit import Home, later


class Work:
    """Backups without a disk."""

    def __init__(self) -> None:
        self.view = states.FIRST
        self.asked: list[str] = []
        self.trouble = ""

    def look(self) -> BackupsView:
        return self.view

    def make(self, tell: Tell) -> BackupsView | None:
        self.asked.append("make")
        if not tell("Copying the data", 0.3):
            return None
        self.view = replace(states.VIEW, is_shown=False)
        return self.view

    def choose_folder(self, folder: str) -> BackupsView:
        self.asked.append(f"folder {folder}")
        self.view = replace(self.view, folder=folder, disk="")
        return self.view

    def passphrase(self) -> str:
        return states.PASSPHRASE

    def written_down(self) -> BackupsView:
        self.asked.append("written down")
        self.view = replace(self.view, is_shown=True)
        return self.view

    def restore(self, path: str, typed: str, tell: Tell) -> RestoreDone | None:
        self.asked.append(f"restore {path} {typed}".strip())
        if self.trouble:
            raise KnownError(self.trouble)
        return states.DONE if tell("Reading the backup", 0.5) else None


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp, "light", is_motion_reduced=True)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot, work: Work) -> Iterator[BackupDialog]:
    dialog = BackupDialog(theme)
    qtbot.addWidget(dialog)
    desk = BackupDesk(work)
    desk.setParent(dialog)
    join_backups(desk, dialog)
    dialog.show()
    desk.look()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == LIST)
    yield dialog
    desk.stop()


def test_the_first_one_and_its_passphrase(dialog: BackupDialog, work: Work, qtbot: QtBot) -> None:
    dialog.make.click()
    qtbot.waitUntil(lambda: len(dialog.backups.rows) == len(states.ROWS))
    assert "A backup was made: 184 MB" in dialog.sentence.text()
    assert "Nobody has written down" in dialog.secret.words.text()
    dialog.secret.button.click()
    qtbot.waitUntil(lambda: bool(dialog.secret.text.text()))
    assert dialog.secret.text.text().replace("\n", "") == states.PASSPHRASE
    dialog.secret.button.click()
    qtbot.waitUntil(lambda: not dialog.secret.text.text())
    assert work.asked == ["make", "written down"]


def test_a_restore_is_asked_for_in_plain_words(
    dialog: BackupDialog, work: Work, qtbot: QtBot
) -> None:
    dialog.show_view(states.VIEW)
    dialog.backups.rows[1].restore.click()
    assert dialog.pages.currentIndex() == SURE
    assert "Saturday 21 Nov 2026, 17:12" in dialog.question.text()
    dialog.reject()  # Esc takes the question back
    assert dialog.pages.currentIndex() == LIST
    assert dialog.isVisible()
    assert work.asked == []
    dialog.backups.rows[1].restore.click()
    work.trouble = states.WRONG
    dialog.sure.click()
    qtbot.waitUntil(lambda: dialog.sentence.text() == states.WRONG)
    assert dialog.pages.currentIndex() == SURE
    work.trouble = ""
    dialog.passphrase.setText("7kq2m")
    dialog.sure.click()
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == DONE)
    assert work.asked == ["restore /b/2", "restore /b/2 7kq2m"]
    with qtbot.waitSignal(dialog.leave_requested):
        dialog.end.click()


def test_what_is_under_way_can_be_given_up(theme: Theme, qtbot: QtBot) -> None:
    dialog = states.busy(theme)
    qtbot.addWidget(dialog)
    assert dialog.pages.currentIndex() == BUSY
    with qtbot.waitSignal(dialog.cancel_requested):
        dialog.reject()
    assert not dialog.cancel.isEnabled()
    dialog.show_given_up()
    assert dialog.pages.currentIndex() == LIST
    assert "as it was" in dialog.sentence.text()


def test_a_seat_is_told_where_backups_are_made(theme: Theme, qtbot: QtBot) -> None:
    dialog = BackupDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show_view(BackupsView(elsewhere="This PC is a seat.", is_shown=True))
    assert not dialog.make.isEnabled()
    assert dialog.sentence.text() == "This PC is a seat."


@pytest.mark.parametrize("name", [name for name, _ in states.STATES])
def test_nothing_is_cut(name: str, theme: Theme, qtbot: QtBot) -> None:
    dialog = dict(states.STATES)[name](theme)
    qtbot.addWidget(dialog)
    dialog.show()
    for label in (dialog.sentence, dialog.question, dialog.told, dialog.secret.words):
        if label.isVisible():
            assert label.heightForWidth(label.width()) <= label.height() + 1, label.text()


def test_the_work_behind_the_window(home: Home) -> None:
    work = BackupsWork(home.profile, lambda: home.secrets)
    assert work.look().rows == ()
    choose_folder(home.profile, home.profile.root / "elsewhere")
    made = work.make(lambda _step, _share: True)
    assert made is not None
    (line,) = made.rows
    assert line.why == "Asked for"
    assert made.age == "Less than an hour old"
    assert "same disk" in made.disk
    assert not made.is_shown
    assert work.passphrase() == home.secrets.get(SECRET)
    assert work.written_down().is_shown
    assert work.make(lambda _step, _share: False) is None
    done = work.restore(line.path, work.passphrase().lower(), lambda _step, _share: True)
    assert done is not None
    assert "before-restore" in " ".join(done.sentences)


def test_the_watch_tells_the_supervisor(home: Home, qtbot: QtBot) -> None:
    from tests.backup.test_backup_nightly import look  # noqa: PLC0415

    assert look(home)
    later(home, 4)
    watch = BackupWatch(home.profile, home.clock)
    with qtbot.waitSignal(watch.changed) as told:
        watch.start()
    watch.stop()
    assert "4 days old" in told.args[0][0]
