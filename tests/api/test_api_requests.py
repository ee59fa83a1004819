"""What other programs ask, over real connections, on both databases."""

from __future__ import annotations

import logging
from contextlib import closing

import httpx
import pytest
from sqlalchemy import select, update

from app.api.gate import Buckets
from app.api.messages import Dial
from app.api.work import Stores, ask_dial, dial_seen
from dialer_core.clock import ManualClock
from dialer_core.engine.control_commands import NoteTrouble
from dialer_core.model.states import CallStage, Mode
from dialer_core.store.address import Place
from dialer_core.store.clients_api import ApiClient, ClientsStore, Right
from dialer_core.store.schema import AuditRow, ContactRow
from dialer_core.store.schema.base import ContactStatus
from tests.api.server_kit import ServedApi, bearer, served
from tests.store.floor_kit import FloorKit

ADA: dict[str, object] = {"reference": "crm-1", "name": "Ada", "numbers": ["0161 496 0051"]}


def contacts(*people: dict[str, object], **more: object) -> dict[str, object]:
    return {"campaign": "Campaign preview", "contacts": list(people), **more}


# --- tokens -----------------------------------------------------------------------------------


def test_nobody_is_let_in_without_a_token(api: ServedApi) -> None:
    for headers in ({}, bearer("cf_wrong"), {"Authorization": "Basic abc"}):
        answer = httpx.get(f"{api.url}/campaigns", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "token" in answer.json()["detail"]


def test_a_token_that_is_taken_away_is_worth_nothing_at_once(api: ServedApi) -> None:
    token = api.add_program("Other", [Right.RESULTS])
    assert httpx.get(f"{api.url}/campaigns", headers=bearer(token)).status_code == 200
    with closing(ClientsStore(api.place)) as store:
        store.remove("Other", api.clock.now(), "test")
    assert httpx.get(f"{api.url}/campaigns", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("POST", "/contacts", Right.CONTACTS),
        ("GET", "/contacts/crm-1", Right.CONTACTS),
        ("DELETE", "/contacts/crm-1", Right.CONTACTS),
        ("POST", "/do-not-call", Right.CONTACTS),
        ("GET", "/results", Right.RESULTS),
        ("GET", "/floor", Right.RESULTS),
        ("POST", "/dial", Right.DIAL),
    ],
)
def test_a_token_does_only_what_it_may(
    api: ServedApi, method: str, path: str, right: Right
) -> None:
    token = api.add_program("Other", [one for one in Right if one is not right])
    answer = httpx.request(method, f"{api.url}{path}", headers=bearer(token), json={})
    assert answer.status_code == 403
    assert right.value in answer.json()["detail"]


def test_the_last_use_of_a_token_is_known(api: ServedApi, clock: ManualClock) -> None:
    api.ask("GET", "/campaigns")
    first = clock.now().utc
    clock.advance(30)
    api.ask("GET", "/campaigns")
    with closing(ClientsStore(api.place)) as store:
        assert store.clients()[0].used_at == first
        clock.advance(31)
        api.ask("GET", "/campaigns")
        assert store.clients()[0].used_at == clock.now().utc


# --- contacts ---------------------------------------------------------------------------------


def test_people_come_in_as_by_an_import(api: ServedApi, kit: FloorKit) -> None:
    kit.setup.suppress(None, ["+441614960052"], "asked", kit.now)
    done = api.ask(
        "POST",
        "/contacts",
        contacts(
            ADA | {"town": "Leeds", "details": {"Contract": "to May"}, "priority": 5},
            {"reference": "crm-2", "name": "Ben", "numbers": ["0161 496 0052"]},
            {"reference": "crm-3", "name": "Cy", "numbers": ["12"]},
            {"reference": "crm-4", "name": "Ada again", "numbers": ["+44 161 4960051"]},
            {"reference": "crm-5", "name": "Known", "numbers": ["+441614960001"]},
        ),
    )
    assert [one["became"] for one in done["contacts"]] == [
        "added", "held", "refused", "refused", "refused",
    ]  # fmt: skip
    assert (done["added"], done["held"], done["refused"]) == (1, 1, 3)
    assert done["contacts"][2]["reason"]
    (ada,) = api.ask("GET", "/contacts/crm-1")["contacts"]
    assert ada["numbers"] == ["+441614960051"]
    assert (ada["status"], ada["town"], ada["list"]) == ("fresh", "Leeds", "Other programs")
    (ben,) = api.ask("GET", "/contacts/crm-2")["contacts"]
    assert ben["is_on_dnc"]
    assert ben["status"] == "held"


def test_who_is_known_is_updated_or_kept_as_is_said(api: ServedApi) -> None:
    api.ask("POST", "/contacts", contacts(ADA))
    newer = ADA | {"town": "Bath"}
    done = api.ask("POST", "/contacts", contacts(newer, duplicates="update"))
    assert done["updated"] == 1
    assert api.ask("GET", "/contacts/crm-1")["contacts"][0]["town"] == "Bath"
    assert api.ask("POST", "/contacts", contacts(ADA, duplicates="keep"))["added"] == 1
    assert len(api.ask("GET", "/contacts/crm-1")["contacts"]) == 2


def test_five_hundred_people_come_at_once_and_no_more(api: ServedApi) -> None:
    many: list[dict[str, object]] = [
        {"reference": f"m{n}", "name": f"Person {n}", "numbers": [f"+4420794{n:05d}"]}
        for n in range(60_000, 60_501)
    ]
    done = api.ask("POST", "/contacts", contacts(*many[:500]))
    assert done["added"] + done["refused"] == 500
    assert len(done["contacts"]) == 500
    assert api.refused("POST", "/contacts", contacts(*many))[0] == 400


def test_a_campaign_that_is_not_there(api: ServedApi) -> None:
    status, sentence = api.refused("POST", "/contacts", contacts(ADA) | {"campaign": "Nowhere"})
    assert status == 409
    assert "no campaign" in sentence


def test_to_close_is_no_erasure(api: ServedApi, kit: FloorKit) -> None:
    api.ask("POST", "/contacts", contacts(ADA))
    assert api.ask("DELETE", "/contacts/crm-1") == {"closed": 1}
    (ada,) = api.ask("GET", "/contacts/crm-1")["contacts"]
    assert (ada["status"], ada["name"]) == ("closed", "Ada")
    assert api.ask("DELETE", "/contacts/crm-1") == {"closed": 1}  # twice is as good as once
    assert api.refused("DELETE", "/contacts/crm-9")[0] == 404
    assert api.refused("GET", "/contacts/crm-9")[0] == 404


def test_who_is_in_a_call_is_not_closed(api: ServedApi, kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    with kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(reference="crm-7"))
    status, sentence = api.refused("DELETE", "/contacts/crm-7")
    assert status == 409
    assert "in a call" in sentence
    kit.move(attempt, CallStage.RINGING, session)
    with kit.database.reading() as connection:
        statuses = set(connection.scalars(select(ContactRow.status)))
    assert ContactStatus.CLOSED not in statuses


def test_numbers_that_nobody_may_call(api: ServedApi, kit: FloorKit) -> None:
    said = {"numbers": ["0161 496 0055", "+441614960055", "none"], "reason": "asked the CRM"}
    done = api.ask("POST", "/do-not-call", said)
    assert (done["numbers"], done["new"]) == (1, 1)
    assert [one["row"] for one in done["refused"]] == [3]
    found = kit.setup.suppressed(None, "+441614960055")
    assert found is not None
    assert found[1] == "asked the CRM"
    again = api.ask("POST", "/do-not-call", said)
    assert again["new"] == 0


def test_what_is_changed_stands_in_the_log_with_the_programs_name(
    api: ServedApi, kit: FloorKit
) -> None:
    api.ask("POST", "/contacts", contacts(ADA))
    api.ask("DELETE", "/contacts/crm-1")
    api.ask("POST", "/do-not-call", {"numbers": ["0161 496 0055"]})
    with kit.database.reading() as connection:
        rows = connection.execute(select(AuditRow.who, AuditRow.what, AuditRow.detail)).all()
    by_crm = [row.what for row in rows if row.who == "program CRM"]
    assert by_crm == ["list imported", "contacts closed", "numbers suppressed"]
    assert "4960" not in str([row.detail for row in rows])


# --- reading ----------------------------------------------------------------------------------


def test_campaigns_and_the_floor_are_seen(api: ServedApi, kit: FloorKit) -> None:
    kit.take_lease()
    kit.log_in()
    (campaign,) = api.ask("GET", "/campaigns")["campaigns"]
    assert (campaign["name"], campaign["country"]) == ("Campaign preview", "GB")
    assert {one["code"] for one in campaign["dispositions"]} >= {"SALE", "BACK"}
    floor = api.ask("GET", "/floor")
    assert floor["is_dialling"]
    assert [one["agent"] for one in floor["seats"]] == ["Anna of preview"]


# --- dialling ---------------------------------------------------------------------------------


def test_a_click_dials_nothing_without_a_dialler_or_an_agent(api: ServedApi, kit: FloorKit) -> None:
    click = {"agent": "Anna of preview", "number": "0161 496 0051"}
    assert "Nobody dials" in api.refused("POST", "/dial", click)[1]
    kit.take_lease()
    assert "no agent" in api.refused("POST", "/dial", click)[1]
    kit.log_in()
    assert "either" in api.refused("POST", "/dial", {"agent": "Anna of preview"})[1]
    assert "complete" in api.refused("POST", "/dial", click | {"number": "12"})[1]
    nobody = {"agent": "Anna of preview", "reference": "crm-404"}
    assert "reference" in api.refused("POST", "/dial", nobody)[1]


def test_a_click_learns_why_it_was_refused_or_that_it_was_placed(
    place: Place, kit: FloorKit, clock: ManualClock
) -> None:
    kit.take_lease()
    session = kit.log_in()
    client = ApiClient(1, "CRM", frozenset(Right), clock.now().utc, None)
    with closing(Stores(place, clock)) as stores:
        asked = ask_dial(stores, client, Dial("Anna of preview", number="0161 496 0001"))
        assert dial_seen(stores.dial.outcome(asked)).became == "asked"
        # As the dialler does it: the wish is read and answered in one transaction.
        kit.floor.apply([NoteTrouble(session, "Out of hours.")], clock.now(), asked.event_id)
        refused = dial_seen(stores.dial.outcome(asked))
        assert (refused.became, refused.reason) == ("refused", "Out of hours.")
        again = ask_dial(stores, client, Dial("Anna of preview", number="0161 496 0001"))
        kit.floor.apply([NoteTrouble(session, "")], clock.now(), again.event_id)
        assert dial_seen(stores.dial.outcome(again)).became == "asked"
        kit.commit(kit.lease()[0], session, Mode.MANUAL)
        placed = dial_seen(stores.dial.outcome(again))
        assert placed.became == "placed"
        assert placed.attempt


# --- limits and errors ------------------------------------------------------------------------


def test_who_asks_too_often_waits(place: Place, kit: FloorKit, clock: ManualClock) -> None:
    with served(place, clock, asked=Buckets(0.0, 3.0)) as api:
        for _ in range(3):
            api.ask("GET", "/campaigns")
        answer = api.web.get("/campaigns")
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "1"


def test_who_guesses_tokens_is_shut_out(place: Place, kit: FloorKit, clock: ManualClock) -> None:
    with served(place, clock, wrong=Buckets(0.0, 2.0)) as api:
        for expected in (401, 401, 429):
            answer = httpx.get(f"{api.url}/floor", headers=bearer("cf_guess"))
            assert answer.status_code == expected


def test_one_with_an_old_token_shuts_out_none_with_a_good_one(
    place: Place, kit: FloorKit, clock: ManualClock
) -> None:
    with served(place, clock, wrong=Buckets(0.0, 2.0)) as api:
        api.ask("GET", "/campaigns")
        token = api.add_program("Other", [Right.RESULTS])
        assert httpx.get(f"{api.url}/campaigns", headers=bearer(token)).status_code == 200
        with closing(ClientsStore(place)) as store:
            store.remove("Other", clock.now(), "test")
        for expected in (401, 401, 429, 429):
            answer = httpx.get(f"{api.url}/campaigns", headers=bearer(token))
            assert answer.status_code == expected
        assert "too many wrong tokens" in answer.json()["detail"]
        api.ask("GET", "/campaigns")


def test_a_token_that_is_nearly_right_is_as_wrong_as_any(api: ServedApi) -> None:
    token = api.add_program("Other", [Right.RESULTS])
    wrong = (token[:-1], token + "x", token.swapcase(), token.removeprefix("cf_"))
    said = {
        httpx.get(f"{api.url}/campaigns", headers=bearer(one)).json()["detail"] for one in wrong
    }
    assert said == {"Say Authorization: Bearer and a token of this floor."}


def test_a_request_larger_than_a_megabyte_is_not_read(api: ServedApi) -> None:
    status, sentence = api.refused("POST", "/contacts", {"campaign": "x" * 1_000_001})
    assert status == 413
    assert "megabyte" in sentence


def test_errors_are_sentences(api: ServedApi) -> None:
    assert api.refused("GET", "/nothing")[0] == 404
    assert api.refused("PUT", "/floor")[0] == 405
    status, sentence = api.refused("POST", "/contacts", {"campaign": "x", "contacts": []})
    assert status == 400
    assert sentence.endswith(".")
    for body in (b"{", b"\xff\xfe", b"[1, 2]", b'"x"', b"[" * 50_000):
        words = {"Content-Type": "application/json"}
        broken = api.web.post("/contacts", content=body, headers=words)
        assert broken.status_code == 400, body[:20]
        assert broken.json()["detail"].endswith("."), broken.text
        assert broken.json()["detail"].count("\n") == 0


def test_the_log_holds_no_number_and_no_reference(
    api: ServedApi, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="app.api"):
        api.ask("POST", "/contacts", contacts(ADA))
        api.ask("GET", "/contacts/crm-1")
        api.refused("POST", "/dial", {"agent": "Nobody", "number": "0161 496 0051"})
    text = caplog.text
    assert "of CRM: GET /contacts/{reference}, 200" in text
    assert "496" not in text
    assert "crm-1" not in text
