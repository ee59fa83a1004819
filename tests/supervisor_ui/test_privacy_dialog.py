"""A person's data and retention in their windows, over a real floor."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.cli import run
from app.desk.privacy_desk import PersonDesk, RetentionDesk
from app.desk.privacy_view import KINDS, PersonWish
from app.lists.person_work import PersonOf, RetentionOf
from app.look.theme import Theme, apply_theme
from app.profile import Profile, open_profile
from app.tools.person import join_person, join_retention
from dialer_core.clock import Instant
from dialer_core.store.files import FileKind
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.retention import Kind
from supervisor_ui.privacy_dialog import NOBODY, PERSON, RECEIPT, PersonDialog
from supervisor_ui.privacy_retention import RetentionDialog
from supervisor_ui.privacy_states import STATES
from tests.lists.made_lists import write_csv

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ROWS = [
    ["Name", "Phone"],
    ["Ada Quill", "0161 496 0001"],
    ["Bo Fenn", "0161 496 0002"],
    ["Cy Fenn", "0161 496 0002"],
    ["Dee", "nothing"],
]


class FixedClock:
    """A moment that stands still."""

    def __init__(self, utc: datetime) -> None:
        self.utc = utc

    def now(self) -> Instant:
        return Instant(0.0, self.utc)


NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    root = tmp_path / "home"
    people = write_csv(tmp_path / "people.csv", ROWS)
    into = ["--list", "April", "--campaign", "Spring", "--region", "GB", "--profile", str(root)]
    assert run(["import", str(people), *into, "--duplicates", "keep"]) == 0
    return open_profile(root)


@pytest.fixture
def dialog(theme: Theme, home: Profile) -> Iterator[PersonDialog]:
    parent = QWidget()
    made = PersonDialog(theme, parent)
    desk = PersonDesk(PersonOf(home, "supervisor (test)", FixedClock(NOW)))
    desk.failed.connect(lambda error: pytest.fail(str(error)))
    join_person(desk, made)
    desk.offer()
    made.show()
    yield made
    desk.stop()
    made.done(0)
    parent.close()


def press(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def find(dialog: PersonDialog, who: str, qtbot: QtBot, page: int = PERSON) -> None:
    dialog.who.setText(who)
    with qtbot.waitSignal(dialog.find_requested):
        press(dialog.search)
    qtbot.waitUntil(
        lambda: dialog.pages.currentIndex() == page and dialog.sentence.text() != "Looking …"
    )


def test_found_handed_over_erased_and_never_taken_in_again(
    dialog: PersonDialog, home: Profile, tmp_path: Path, qtbot: QtBot
) -> None:
    find(dialog, "0161 496 0001", qtbot)
    assert dialog.name.full_text == "Ada Quill"
    to = tmp_path / "ada.zip"
    dialog.hand_over(str(to))
    qtbot.waitUntil(lambda: "ada.zip" in dialog.sentence.text())
    assert (
        "Ada Quill"
        in json.loads(zipfile.ZipFile(to).read("person.json"))["sections"]["records"][0]["name"]
    )
    with qtbot.assertNotEmitted(dialog.erase_requested):
        press(dialog.erase)
    dialog.reason.setText("letter of 3 March")
    press(dialog.erase)
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == RECEIPT)
    told = dialog.receipt_lines.text()
    assert "1 records. Letter of 3 March." in told
    assert "export ada.zip: removed" in told
    assert "rejects people-rejected.csv: does not name the person" in told
    assert "Ada" not in told
    assert "0001" not in told
    assert not to.exists()
    find(dialog, "0161 496 0001", qtbot, NOBODY)
    assert "No record has this number" in dialog.sentence.text()
    again = write_csv(tmp_path / "again.csv", ROWS[:2])
    into = ["--list", "May", "--campaign", "Spring", "--region", "GB", "--profile", str(home.root)]
    assert run(["import", str(again), *into]) == 0
    rejected = (tmp_path / "again-rejected.csv").read_text(encoding="utf-8-sig")
    assert "erased at their wish" in rejected
    assert "Ada" not in rejected
    assert "0001" not in rejected


def test_a_number_of_two_people_asks_for_a_record(dialog: PersonDialog, qtbot: QtBot) -> None:
    find(dialog, "0161 496 0002", qtbot, NOBODY)
    assert "People of several names" in dialog.sentence.text()
    find(dialog, "#3", qtbot)
    assert dialog.name.full_text == "Cy Fenn"
    find(dialog, "call me", qtbot, NOBODY)
    assert "no telephone number" in dialog.sentence.text()


def test_looking_at_a_person_writes_nothing(home: Profile) -> None:
    store = PrivacyStore(home.database_path)
    before = store.look(contact_id=1)
    PersonOf(home, "x", FixedClock(NOW)).find(PersonWish("#1"))
    assert store.look(contact_id=1) == before
    store.close()
    assert "0161" not in repr(PersonWish("0161 496 0001"))


def test_the_receipt_can_be_saved(dialog: PersonDialog, tmp_path: Path, qtbot: QtBot) -> None:
    find(dialog, "#1", qtbot)
    press(dialog.erase)
    press(dialog.erase)
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == RECEIPT)
    work = PersonOf(open_profile(tmp_path / "home"), "x")
    receipt = dialog._receipt
    assert receipt is not None
    assert work.save_receipt(receipt, str(tmp_path / "r.json")) == "The receipt is in r.json."
    assert json.loads((tmp_path / "r.json").read_text())["is_finished"] is True


# --- retention ------------------------------------------------------------------------------


def test_what_is_due_is_shown_purged_and_remembered(
    theme: Theme, home: Profile, tmp_path: Path, qtbot: QtBot
) -> None:
    old = tmp_path / "old.csv"
    old.write_text("x")
    store = PrivacyStore(home.database_path)
    store.note_file(FileKind.EXPORT, old, Instant(0.0, NOW - timedelta(days=60)))
    store.close()
    dialog = RetentionDialog(theme)
    qtbot.addWidget(dialog)
    desk = RetentionDesk(RetentionOf(home, "supervisor (test)", FixedClock(NOW)))
    desk.failed.connect(lambda error: pytest.fail(str(error)))
    join_retention(desk, dialog)
    desk.list()
    qtbot.waitUntil(lambda: bool(dialog.days))
    assert set(dialog.days) == set(KINDS) == {kind.value for kind in Kind}
    assert "No purge has been yet" in dialog.last.text()
    assert dialog.purge.text() == "Purge 1 now"
    dialog.days["files"].setText("90")
    dialog.days["files"].editingFinished.emit()
    qtbot.waitUntil(lambda: dialog.purge.text() == "Purge now")
    dialog.days["files"].setText("30")
    dialog.days["files"].editingFinished.emit()
    qtbot.waitUntil(lambda: dialog.purge.text() == "Purge 1 now")
    press(dialog.purge)
    qtbot.waitUntil(lambda: "1 entries went" in dialog.last.text() and not old.exists())
    qtbot.waitUntil(lambda: "Last purge" in dialog.last.text())
    assert not dialog.purge.isEnabled()
    desk.stop()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name, _ in STATES])
def test_each_privacy_state_fits(qapp: QApplication, qtbot: QtBot, name: str, colours: str) -> None:
    made = dict(STATES)[name](apply_theme(qapp, colours, is_motion_reduced=True))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    assert made.width() == 880
    layout = made.layout()
    assert layout is not None
    hint = layout.totalMinimumSize()
    assert hint.height() <= made.height()
    assert hint.width() <= made.width()
