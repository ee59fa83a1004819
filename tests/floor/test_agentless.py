"""Agentless campaigns from end to end: the whole dialler, real lines and phones, sipp answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from dialer_core.model.call_control import AskedByKey
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.facts import RefusalCode
from dialer_core.store.schema import CampaignRow, ContactRow, RefusalRow, SuppressionRow
from dialer_core.store.schema.base import ContactStatus
from sip.signatures import PHONE_SIGNATURES
from tests.floor.office_kit import Office, office, person
from tests.sip.practice_kit import Sipp, wait_for
from tests.sip.test_inbound import sound_file

pytestmark = [pytest.mark.floor, pytest.mark.timeout(120)]
NUMBER = "+441614960101"
MESSAGE_VOICE, PERSON_VOICE = PHONE_SIGNATURES[-1], 101


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def agentless(floor: Office, name: str = "Notice", **settings: Any) -> CampaignId:
    wav = sound_file(floor.folder / f"{name}.wav", MESSAGE_VOICE, 1.5)
    known: dict[str, Any] = {
        "mode": Mode.AGENTLESS,
        "agentless_wav": wav,
        "key_agent": "1",
        "key_later": "2",
        "key_never": "9",
        "menu_pause_s": 3.0,
    }
    return floor.campaign(name, **(known | settings))


def dial(floor: Office, sipp: Sipp) -> None:
    """The trunk leads to this person, and the dialler begins."""
    assert wait_for(sipp.is_listening)
    floor.trunk(sipp.address)
    floor.open()


def test_a_key_brings_an_agent_and_both_hear_each_other(floor: Office, tmp_path: Path) -> None:
    campaign = agentless(floor)
    floor.people(campaign, NUMBER)
    anna = floor.agent("Anna K.", campaign)
    anna.seat.want_available(floor.clock.now())
    with person(tmp_path) as (sipp, keypad):
        dial(floor, sipp)
        floor.wait(lambda: MESSAGE_VOICE in keypad.listener.sounds().heard_ms, "the message")
        assert anna.state is SeatState.AVAILABLE, "nobody is needed yet"
        keypad.press("1")
        floor.wait(lambda: anna.state is SeatState.TALKING, "the agent")
        record = anna.seat.record(anna.row.contact_id or 0)
        floor.wait(lambda: keypad.listener.sounds().heard_ms.get(anna.voice, 0) > 1000, "her voice")
        anna.hang_up()
        assert sipp.status(20) == 0, sipp.errors
        message_ms = keypad.listener.sounds().heard_ms[MESSAGE_VOICE]
    attempt = floor.attempt()
    assert record is not None
    assert record.name == "Person 0", "the record has popped"
    assert (attempt.outcome, attempt.formula_class) == (Outcome.CONNECTED, FormulaClass.L)
    assert (attempt.asked, attempt.ended_by) == (AskedByKey.AGENT, "agent")
    assert (attempt.bridged_at - attempt.seat_found_at).total_seconds() < 1.0
    assert message_ms < 3000, "it ends with the key"
    (heard,) = floor.wait(anna.heard, "the phone's log")
    assert heard.sounds.heard_ms.get(PERSON_VOICE, 0) > 600


def test_call_me_later_books_a_call_back(floor: Office, tmp_path: Path) -> None:
    campaign = agentless(floor)
    floor.people(campaign, NUMBER)
    with person(tmp_path) as (sipp, keypad):
        dial(floor, sipp)
        floor.wait(lambda: MESSAGE_VOICE in keypad.listener.sounds().heard_ms, "the message")
        keypad.press("2")
        assert sipp.status(20) == 0, sipp.errors
    attempt = floor.attempt()
    assert (attempt.outcome, attempt.formula_class) == (Outcome.CALL_BACK, FormulaClass.EXCLUDED)
    (row,) = floor.rows(select(ContactRow.status, ContactRow.next_at))
    assert row.status is ContactStatus.CALL_BACK
    assert row.next_at > attempt.ended_at


def test_never_again_holds_at_once_for_every_campaign_of_the_client(
    floor: Office, tmp_path: Path
) -> None:
    campaign = agentless(floor)
    floor.people(campaign, NUMBER)
    other = agentless(floor, "Other", is_running=False)
    floor.people(other, NUMBER)
    with person(tmp_path) as (sipp, keypad):
        dial(floor, sipp)
        floor.wait(lambda: MESSAGE_VOICE in keypad.listener.sounds().heard_ms, "the message")
        keypad.press("9")
        suppressed = select(SuppressionRow.number_hash)
        floor.wait(lambda: floor.rows(suppressed), "the entry", 2.0)
        assert sipp.status(20) == 0, sipp.errors
    attempt = floor.attempt()
    assert (attempt.outcome, attempt.asked) == (Outcome.DNC_REQUEST, AskedByKey.NEVER)
    with floor.database.writing() as connection:
        begins = update(CampaignRow).where(CampaignRow.id == other)
        connection.execute(begins.values(is_running=True, changed_at=floor.clock.now().utc))
    refused = select(RefusalRow.code).where(RefusalRow.campaign_id == other)
    codes = floor.wait(lambda: floor.rows(refused), "the refusal")
    assert {row.code for row in codes} == {RefusalCode.SUPPRESSED}
    assert len(floor.attempts()) == 1


def test_a_message_that_sells_is_played_to_nobody_without_consent(floor: Office) -> None:
    campaign = agentless(floor)
    floor.people(campaign, NUMBER, has_consent=False)
    floor.trunk("127.0.0.1:9")
    floor.open()
    refused = select(RefusalRow.code, RefusalRow.sentence)
    (row, *_) = floor.wait(lambda: floor.rows(refused), "the refusal")
    assert row.code is RefusalCode.NO_CONSENT
    assert "needs this person's consent beforehand" in row.sentence
    assert floor.attempts() == []
