"""Levers as the windows are given them: parked people, announced pauses, pages, relief seats."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.desk import agent_view, supervisor_view
from app.desk.views import ParkedView, ScriptPage, ScriptView
from app.rehearsal.people import SCRIPT
from dialer_core.model.ids import AttemptId, CampaignId, SessionId
from dialer_core.model.states import SeatState
from dialer_core.store.seat import ParkedCall
from dialer_core.store.watch import WatchedSeat
from tests.app_roof.test_views import NOW, RECORD, ROW, build

WATCHED = WatchedSeat(
    session_id=SessionId(1),
    agent_name="Anna K.",
    seat_name="seat01",
    campaign_id=CampaignId(1),
    state=SeatState.AVAILABLE,
    reason="",
    since=NOW.utc,
    until=None,
    pause_wanted=None,
    pause_due=None,
    is_relief=False,
    parked=0,
    contact_id=None,
    with_whom="",
    contacts_today=0,
    seen_at=NOW.utc,
)


def script(text: str) -> ScriptView | None:
    return agent_view.script_view(replace(ROW, script=text), RECORD)


def test_headings_make_pages_and_objections_stand_beside_them() -> None:
    found = script(SCRIPT)
    assert found is not None
    assert [page.title for page in found.pages] == ["Greeting", "Reason", "Offer", "Close"]
    assert found.pages[0].hint.startswith("If they ask why")
    assert found.pages[2].hint == "Wait. Let them ask."
    assert found.pages[2].text.count("\n") == 0
    assert len(found.objections) == 4


def test_a_script_without_headings_is_one_page() -> None:
    found = script("Good day, {name}.\n\nSmile.\n\nNo time: When then?\nToo dear: Ask why.")
    assert found == ScriptView(
        (ScriptPage("Good day, Siân Hughes.", hint="Smile."),),
        "Siân Hughes",
        (("No time", "When then?"), ("Too dear", "Ask why.")),
    )


@pytest.mark.parametrize(
    "text", ["", "  \n ", "# Objections", "# \n\n", "# A\n# B", "#\nx\n\n\n\n#"]
)
def test_an_odd_script_still_has_a_page(text: str) -> None:
    found = script(text)
    assert (found is None) == (not text.strip())
    assert found is None or len(found.pages) >= 1


def test_words_before_the_first_heading_are_a_page_of_their_own() -> None:
    found = script("Hello.\n# Reason\nWhy.")
    assert found is not None
    assert [(page.title, page.text) for page in found.pages] == [("", "Hello."), ("Reason", "Why.")]


def test_the_parked_are_shown_until_their_outcome_is_pressed() -> None:
    parked = (
        ParkedCall(AttemptId("p"), "Ann Lee", "rings"),
        ParkedCall(AttemptId("q"), "Bo Ray", " "),
    )
    row = replace(ROW, parked=parked)
    assert build(row).parked == (ParkedView("Ann Lee", has_note=True), ParkedView("Bo Ray"))
    assert build(row, chosen=("p",)).parked == (ParkedView("Bo Ray"),)


@pytest.mark.parametrize(("late_s", "is_back"), [(0.0, False), (0.4, False), (90.0, True)])
def test_a_wrap_up_that_began_long_after_its_call_has_come_back(
    late_s: float, is_back: bool
) -> None:
    ended = ROW.since - timedelta(seconds=late_s)
    assert build(replace(ROW, state=SeatState.WRAP_UP, ended_at=ended)).is_back is is_back
    assert not build(replace(ROW, ended_at=ended)).is_back


def test_a_pause_carries_its_reason_and_moment() -> None:
    due = NOW.utc + timedelta(minutes=5)
    view = build(replace(ROW, pause_wanted="Lunch", pause_due=due, is_relief=True))
    assert (view.is_pause_due, view.pause_reason) == (True, "Lunch")
    assert view.pause_due_utc_s == due.timestamp()
    assert view.is_relief
    assert build().pause_due_utc_s is None


def test_the_supervisor_reads_what_a_free_seat_waits_for() -> None:
    def words(**changes: object) -> str:
        seat = replace(WATCHED, **changes)  # type: ignore[arg-type]  # its own fields
        return supervisor_view.seat_row(seat, NOW.utc).with_whom

    minute = timedelta(minutes=1)
    assert words(pause_wanted="Lunch", pause_due=NOW.utc - minute) == "lunch follows"
    due = NOW.utc + minute
    assert words(pause_wanted="Lunch", pause_due=due) == f"lunch {due.astimezone():%H:%M}"
    talking = {"state": SeatState.TALKING, "with_whom": "R. Patel"}
    assert words(**talking) == "R. Patel"
    assert words(**talking, parked=1) == "R. Patel · 1 parked"
    assert words(is_relief=True) == ""
