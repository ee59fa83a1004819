"""An agent's whole day through the store, under the seat's own role; the dialler is the owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dialer_core.model.errors import KnownError
from dialer_core.model.states import FormulaClass, SeatState
from dialer_core.store import audit, counts, rights
from dialer_core.store.promises import PromiseStore
from tests.rights.floor_of_seats import (
    ANNA,
    BEN,
    CLARA,
    CLARAS_PASSWORD,
    HOUR,
    PHONE,
    FloorOfSeats,
)
from tests.rights.scene import Plain

NEW_PHONE = "sip:seat@127.0.0.1:5062;transport=tls"

pytestmark = pytest.mark.postgres


def test_a_whole_day_at_a_seat(floor: FloorOfSeats) -> None:
    window = floor.one.window()
    assert window.agents() == [ANNA, BEN, CLARA]
    assert floor.log_in(window) > 0
    window.want_available(floor.clock.now())

    contact = floor.preview(window)
    row, record = window.read(), window.record(contact)
    assert row is not None
    assert row.state is SeatState.PREVIEW
    assert row.agent_name == ANNA
    assert row.seat_name == "seat-one"
    assert row.script == "Good morning."
    assert row.company_name == "Rosewood"
    assert [one.code for one in row.campaign.dispositions][:2] == ["SALE", "NO"]
    assert record is not None
    assert record.name == "Person 1"
    assert record.number_count == 1
    window.preview_drawn(contact, floor.clock.now())
    window.preview_skip(contact, floor.clock.now())
    floor.after_wrap_up(window)
    assert window.record(contact) is None

    attempt, contact = floor.call(window)
    row, record = window.read(), window.record(contact)
    assert row is not None
    assert row.state is SeatState.WRAP_UP
    assert row.attempt_id == attempt
    assert record is not None
    assert record.history == ()
    window.reach_stage(attempt, "notes", floor.clock.now())
    window.save_note(attempt, "She wants the white frames.", floor.clock.now())
    assert window.choose_outcome(attempt, "SALE", "", floor.clock.now()) == "SALE"
    assert window.choose_outcome(attempt, "NO", "", floor.clock.now()) == "SALE", "it stands"
    floor.after_wrap_up(window)

    today = window.today(floor.clock.now())
    assert (today.contacts, today.outcomes, today.successes, today.skips) == (1, 1, 1, 1)
    window.want_pause("lunch", floor.clock.now())
    floor.clock.advance(15)
    window.beat(floor.clock.now())
    window.log_out(floor.clock.now())
    assert window.read() is None
    with floor.owner() as owner:
        found = owner.execute(
            "SELECT disposition_code, note, formula_class FROM attempts WHERE id = %s", [attempt]
        ).fetchone()
        assert found == ("SALE", "She wants the white frames.", "L")
        assert owner.execute("SELECT status FROM contacts WHERE id = %s", [contact]).fetchone() == (
            "closed",
        )
        wishes = owner.execute("SELECT kind FROM agent_events WHERE session_id > 0 ORDER BY id")
        kinds = [kind for (kind,) in wishes]
    assert kinds == [
        "opened", "available", "preview_drawn", "preview_skip", "stage", "outcome", "pause",
        "closed",
    ]  # fmt: skip


def test_two_agents_one_after_the_other_at_one_pc(floor: FloorOfSeats) -> None:
    morning = floor.sit_down(floor.one, ANNA)
    attempt, contact = floor.call(morning)
    morning.choose_outcome(attempt, "SALE", "", floor.clock.now())
    floor.after_wrap_up(morning)

    noon = floor.one.window()
    with pytest.raises(KnownError, match="Anna of preview is still logged in at seat-one"):
        floor.log_in(noon, BEN)
    morning.log_out(floor.clock.now())
    floor.log_in(noon, BEN)

    row = noon.read()
    assert row is not None
    assert row.agent_name == BEN
    assert noon.today(floor.clock.now()).outcomes == 0
    assert noon.record(contact) is None
    assert morning.read() is None, "her session is over"
    with pytest.raises(KnownError, match=r"not one of yours|logged out"):
        noon.choose_outcome(attempt, "NO", "", floor.clock.now())


def test_an_agent_moves_to_another_pc_with_call_backs_and_figures(floor: FloorOfSeats) -> None:
    at_one = floor.sit_down(floor.one, ANNA)
    attempt, contact = floor.call(at_one)
    due = floor.clock.now().utc + HOUR
    at_one.choose_outcome(attempt, "BACK", "after one", floor.clock.now(), due, is_mine=True)
    floor.after_wrap_up(at_one)
    at_two = floor.two.window()
    with pytest.raises(KnownError, match="Anna of preview is logged in at seat-one"):
        floor.log_in(at_two, ANNA)

    at_one.log_out(floor.clock.now())
    floor.log_in(at_two, ANNA)

    row = at_two.read()
    assert row is not None
    assert row.seat_name == "seat-two"
    assert at_two.today(floor.clock.now()).outcomes == 1
    own = PromiseStore(floor.two.address)
    (promise,) = own.own(ANNA, floor.clock.now())
    assert (promise.contact_id, promise.at, promise.owner) == (contact, due, ANNA)
    assert own.own(BEN, floor.clock.now()) == []
    own.close()


def test_a_window_that_died_is_closed_by_the_next_at_another_pc(floor: FloorOfSeats) -> None:
    floor.sit_down(floor.one, ANNA)
    floor.clock.advance(40)

    at_two = floor.sit_down(floor.two, ANNA)

    with floor.owner() as owner:
        rows = owner.execute(
            "SELECT seat_id, closed_at IS NULL, state FROM sessions ORDER BY id"
        ).fetchall()
        stretches = owner.execute(
            "SELECT session_id, until IS NULL FROM session_states ORDER BY id"
        ).fetchall()
    assert rows == [(1, False, "logged_out"), (2, True, "paused")]
    assert stretches == [(1, False), (2, True)]
    assert at_two.read() is not None


def test_a_window_that_comes_back_goes_on_with_its_session(floor: FloorOfSeats) -> None:
    first = floor.sit_down(floor.one, ANNA)
    session = first.read()
    again = floor.one.window()
    assert session is not None
    assert again.resume(session.session_id)
    again.phone_came(NEW_PHONE, "second token", floor.clock.now())

    row = again.read()

    assert row is not None
    assert (row.phone_uri, row.token) == (
        NEW_PHONE,
        "second token",
    )
    assert floor.log_in(floor.one.window(), ANNA) == row.session_id, "logged in twice is once"
    relief = floor.one.window().log_in(
        ANNA, None, "", PHONE, "token", floor.clock.now(), is_relief=True
    )
    assert relief != row.session_id


def test_the_password_is_asked_and_shown_to_nobody(floor: FloorOfSeats) -> None:
    window = floor.one.window()
    for wrong in (None, "", "blue chair eight"):
        with pytest.raises(KnownError, match="password is wrong"):
            floor.log_in(window, CLARA, wrong)
    with pytest.raises(KnownError, match="There is no agent 'Nobody'"):
        floor.log_in(window, "Nobody")
    assert floor.log_in(window, CLARA, CLARAS_PASSWORD) > 0


def test_too_many_wrong_passwords_close_the_seat_for_a_minute_and_no_other(
    floor: FloorOfSeats,
) -> None:
    window = floor.one.window()
    sentences = []
    for _ in range(12):
        with pytest.raises(KnownError) as caught:
            floor.log_in(window, CLARA, "guess")
        sentences.append(caught.value.sentence)
    assert sentences[0] == rights.WRONG
    assert sentences[-1] == rights.LOCKED
    with pytest.raises(KnownError, match="wait a minute"):
        floor.log_in(window, CLARA, CLARAS_PASSWORD)
    assert floor.log_in(floor.two.window(), CLARA, CLARAS_PASSWORD) > 0


def test_colleagues_are_seen_by_name_and_presence(floor: FloorOfSeats) -> None:
    anna = floor.sit_down(floor.one, ANNA)
    assert anna.colleagues() == []
    ben = floor.sit_down(floor.two, BEN)
    ((_session, name, state, reason),) = anna.colleagues()
    assert (name, state, reason) == (BEN, SeatState.PAUSED, "logged in")
    ben.log_out(floor.clock.now())
    assert anna.colleagues() == []


@pytest.mark.parametrize("code", ["SALE", "NO", "BACK", "AM", "NEVER", "WRONG"])
def test_an_outcome_leaves_the_same_behind_as_the_owners(floor: FloorOfSeats, code: str) -> None:
    """The seat's way, by functions and policies, against the store's own statements."""
    left: list[dict[str, Any]] = []
    for window in (floor.kit.seats, None):
        if window is None:
            store = floor.sit_down(floor.one, BEN)
        else:
            floor.kit.log_in(ANNA, "supervisor's PC")
            store = floor.kit.seats[-1]
        attempt, contact = floor.call(store)
        store.choose_outcome(attempt, code, "a note", floor.clock.now())
        with floor.owner() as owner:
            left.append(_left(owner, attempt, contact))
        with floor.database.reading() as connection:
            left[-1]["counts"] = counts.read(
                connection, floor.kit.campaign_id, floor.clock.now().utc.date()
            )
    by_owner, by_seat = left
    of_owner, of_seat = by_owner.pop("counts"), by_seat.pop("counts")
    assert by_seat == by_owner
    assert of_seat == {name: 2 * number for name, number in of_owner.items()}
    is_machine = by_seat["call"][0][2] == FormulaClass.M.value
    assert is_machine is (code == "AM")


def _left(owner: Plain, attempt: str, contact: int) -> dict[str, Any]:
    """What can be compared of all that an outcome has written; moments as distances."""
    asked = {
        "call": "SELECT disposition_code, note, formula_class, disposed_at IS NULL "
        "FROM attempts WHERE id = %(attempt)s",
        "contact": "SELECT status, status_reason, next_at - changed_at, last_outcome,"
        " call_back_agent_id, next_rank FROM contacts WHERE id = %(contact)s",
        "numbers": "SELECT status FROM contact_numbers WHERE contact_id = %(contact)s",
        "lockouts": "SELECT client_id, mode, until - begins_at, ends_on_connect, outcome"
        " FROM lockouts WHERE attempt_id = %(attempt)s ORDER BY 2, 5",
        "never": "SELECT client_id, reason FROM suppressions WHERE attempt_id = %(attempt)s",
        "told": "SELECT kind, payload FROM agent_events WHERE attempt_id = %(attempt)s",
    }
    which = {"attempt": attempt, "contact": contact}
    return {name: owner.execute(query.encode(), which).fetchall() for name, query in asked.items()}


def test_parked_wrap_ups_are_shown_and_ended(floor: FloorOfSeats) -> None:
    window = floor.sit_down(floor.one)
    first, _ = floor.call(window)
    session = window.read()
    assert session is not None
    with floor.owner() as owner:
        owner.execute("UPDATE sessions SET parked = json_build_array(%s::text)", [first])
    second, _ = floor.call(window)
    with floor.owner() as owner:
        owner.execute("UPDATE sessions SET parked = json_build_array(%s::text)", [first])

    row = window.read()

    assert row is not None
    assert [one.name for one in row.parked] == ["Person 1"]
    assert window.choose_outcome(first, "NO", "", floor.clock.now()) == "NO"
    assert window.choose_outcome(second, "SALE", "", floor.clock.now()) == "SALE"


def test_a_seat_writes_the_audit_log_by_its_agents_name_and_the_chain_holds(
    floor: FloorOfSeats,
) -> None:
    floor.sit_down(floor.one, CLARA, CLARAS_PASSWORD)
    from_seat = PromiseStore(floor.one.address)
    words = 'ä "quoted" back\\slash\nend'
    detail: dict[str, object] = {"was": words, "n": 12, "b": None, "a": True}
    with from_seat._database.writing() as connection:
        for at in (floor.clock.now().utc, floor.clock.now().utc + timedelta(microseconds=1500)):
            audit.append(connection, "the supervisor", "call-back moved", detail, at)
    from_seat.close()
    with floor.database.reading() as connection:
        assert audit.first_broken(connection) is None
    with floor.owner() as owner:
        who = owner.execute("SELECT who, detail FROM audit_log ORDER BY id DESC").fetchone()
    assert who == ("Clara at seat-one", detail)


def test_a_call_back_is_promised_as_the_agents_own(floor: FloorOfSeats) -> None:
    window = floor.sit_down(floor.one)
    attempt, contact = floor.call(window)
    due = floor.clock.now().utc + HOUR
    window.choose_outcome(attempt, "BACK", "", floor.clock.now(), due, is_mine=True)
    with floor.owner() as owner:
        assert owner.execute(
            "SELECT status, next_at, call_back_agent_id FROM contacts WHERE id = %s", [contact]
        ).fetchone() == ("call_back", due, 1)
