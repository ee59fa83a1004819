"""The rules' window over a real floor: what holds, tighter values, and looser ones refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.cli import run
from app.desk.rules_desk import RulesDesk
from app.desk.rules_view import (
    FIELDS,
    RulesForm,
    form_of_rules,
    form_of_wish,
    in_words,
    read_spans,
    spans_text,
    wish_of_form,
)
from app.lists.rules_work import RulesOf
from app.look.theme import Theme, apply_theme
from app.profile import Profile, open_profile
from app.tools.rules import join_rules
from dialer_core.model.errors import KnownError
from dialer_core.rules.profiles import profile, profiles
from dialer_core.rules.tightening import Tightening, loosens
from supervisor_ui.rules_dialog import SIZE, WORDS, RulesDialog
from supervisor_ui.rules_states import STATES
from tests.lists.made_lists import write_csv

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
GB = profile("GB")
NOTHING = Tightening()
TECHNICAL = ("Registers", "Holidays", "Where people are", "Parts of the country")


def test_each_profile_is_told_whole() -> None:
    for rules in profiles().values():
        form = form_of_rules(rules)
        assert form.cap
        assert form.week
        topics = dict(in_words(rules))
        assert {"Counted", "Rests", "Registers", "Consent", "Recording"} <= set(topics)
        told = " ".join(topics[name] for name in topics if name not in TECHNICAL)
        assert not re.search(r"[A-Z]+_[A-Z]+|\b(?:opt in|optout|amd|dnc|tz)\b", told), told
        wish = wish_of_form(form, NOTHING, rules)
        assert loosens(rules, wish) == "", "what the law says itself is not looser"
        law = {"week": "", "saturday": "", "sunday": "", "holiday": ""}
        assert form_of_wish(wish, rules) == replace(form, **law)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("10:00-13:00, 14:00-20:00", (("10:00", "13:00"), ("14:00", "20:00"))),
        ("9-17", (("09:00", "17:00"),)),
        ("9:30 – 17:05", (("09:30", "17:05"),)),
        ("none", ()),
    ],
)
def test_hours_as_people_write_them(text: str, spans: tuple[tuple[str, str], ...]) -> None:
    assert read_spans(text, "Hours") == spans
    assert read_spans(spans_text(spans), "Hours") == spans


@pytest.mark.parametrize(
    "form",
    [
        RulesForm(cap="three"),
        RulesForm(cap="-1"),
        RulesForm(a_day="2.5"),
        RulesForm(a_day="0"),
        RulesForm(week="20:00-10:00"),
        RulesForm(week="10"),
        RulesForm(week="25:00-26:00"),
        RulesForm(sunday="10:00-11:00-12:00"),
        RulesForm(recordings="soon"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(form: RulesForm) -> None:
    (name,) = [one.name for one in fields(form) if getattr(form, one.name)]
    words = next(words for field, words, _ in FIELDS if field == name)
    with pytest.raises(KnownError, match="“") as refused:
        wish_of_form(form, NOTHING, GB)
    assert words in str(refused.value)


def test_what_the_form_does_not_show_stays() -> None:
    before = Tightening(rests_s={"BUSY": 7200}, abandon_cap=0.01)
    wish = wish_of_form(RulesForm(ring="20"), before, GB)
    assert wish == Tightening(rests_s={"BUSY": 7200}, min_ring_ms=20_000)


# --- the window over a real floor -----------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    root = tmp_path / "home"
    people = write_csv(tmp_path / "a.csv", [["Name", "Phone"], ["Anna", "01614960001"]])
    for campaign in ("Spring", "Summer"):
        into = ["--list", "A", "--campaign", campaign, "--region", "GB", "--profile", str(root)]
        assert run(["import", str(people), *into, "--duplicates", "keep"]) == 0
    return open_profile(root)


@pytest.fixture
def dialog(theme: Theme, home: Profile, qtbot: QtBot) -> Iterator[RulesDialog]:
    parent = QWidget()
    made = RulesDialog(theme, parent)
    desk = RulesDesk(RulesOf(home, "supervisor (test)"))
    desk.failed.connect(lambda error: pytest.fail(str(error)))
    join_rules(desk, made)
    desk.show(None)
    qtbot.waitUntil(lambda: made.campaign.count() == 2)
    made.show()
    yield made
    desk.stop()
    made.done(0)
    parent.close()


def put(dialog: RulesDialog, qtbot: QtBot, **words: str) -> str:
    """Type these and put them in force; what is said."""
    for name, text in words.items():
        dialog.fields[name].setText(text)
        dialog.fields[name].textEdited.emit(text)
    dialog.sentence.setText("")
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.sentence.text()))
    return dialog.sentence.text()


def choose(dialog: RulesDialog, index: int) -> None:
    dialog.scope.setCurrentIndex(index)
    dialog.scope.activated.emit(index)


def test_tighter_for_a_campaign_then_for_its_client_and_back_to_the_law(
    dialog: RulesDialog, home: Profile, qtbot: QtBot
) -> None:
    assert not dialog.save.isEnabled()
    assert "for Spring" in put(dialog, qtbot, cap="2", target="1", week="10-12", a_day="2")
    qtbot.waitUntil(lambda: dialog.now["cap"].text() == "2 %")
    assert dialog.law["cap"].text() == "3 %"
    assert dialog.now["week"].text() == "10:00-12:00"
    assert dialog.now["saturday"].text() == "09:00-21:00"
    choose(dialog, 1)
    assert dialog.form == RulesForm()
    assert "every campaign of Our own" in put(dialog, qtbot, saturday="none", recordings="7")
    qtbot.waitUntil(lambda: dialog.now["saturday"].text() == "none")
    work = RulesOf(home, "test")
    summer = work.view(2)
    assert summer is not None
    assert summer.now == replace(summer.law, saturday="none", recordings="7")
    choose(dialog, 0)
    assert "for Spring" in put(dialog, qtbot, week="11-12"), "its client's hours stay as they are"
    nothing = {one.name: "" for one in fields(RulesForm)}
    put(dialog, qtbot, **nothing)
    qtbot.waitUntil(lambda: dialog.now["week"].text() == "08:00-21:00")
    assert dialog.now["saturday"].text() == "none"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"cap": "4"}, "3 % at most"),
        ({"connect": "2.5"}, "2 s at most"),
        ({"ring": "10"}, "15 seconds"),
        ({"a_day": "4"}, "3 calls a day at most"),
        ({"sunday": "10-12"}, "outside"),
        ({"week": "7-21"}, "outside"),
        ({"recordings": "900"}, "at most"),
        ({"ring": "100"}, "cannot be"),
        ({"cap": "lots"}, "takes a number"),
    ],
)
def test_looser_than_the_law_is_refused_in_a_sentence(
    dialog: RulesDialog, home: Profile, qtbot: QtBot, words: dict[str, str], sentence: str
) -> None:
    before = RulesOf(home, "test").view(1)
    assert sentence in put(dialog, qtbot, **words)
    assert RulesOf(home, "test").view(1) == before
    assert dialog.save.isEnabled(), "it can be mended"


def test_looser_than_its_client_is_refused_too(dialog: RulesDialog, qtbot: QtBot) -> None:
    choose(dialog, 1)
    put(dialog, qtbot, cap="1", target="0.5")
    qtbot.waitUntil(lambda: dialog.now["cap"].text() == "1 %")
    choose(dialog, 0)
    assert "1 % at most" in put(dialog, qtbot, cap="2")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name, _ in STATES])
def test_each_rules_state_fits(qapp: QApplication, qtbot: QtBot, name: str, colours: str) -> None:
    made = dict(STATES)[name](apply_theme(qapp, colours, is_motion_reduced=True))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    assert made.size() == SIZE
    layout = made.layout()
    assert layout is not None
    assert layout.totalMinimumSize().height() <= made.height()
    if made.pages.currentIndex() != WORDS:
        for label in made.now.values():
            assert label.sizeHint().width() <= label.width()
