"""A campaign's telephone: set together or not at all, each with its trace, within the rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from dialer_core.clock import ManualClock
from dialer_core.engine.events import CampaignSet
from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.rules.telephone import SETTINGS, TelephoneSettings, objection
from dialer_core.store import audit
from dialer_core.store.database import Database
from dialer_core.store.schema import AuditRow
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit

NOTICE = "/srv/floor/sounds/spoken-0a1b2c3d4e.wav"


@pytest.fixture
def watch(kit: FloorKit) -> Iterator[WatchStore]:
    store = WatchStore(kit.database)
    yield store
    store.close()


def campaign_of(kit: FloorKit, watch: WatchStore) -> Campaign:
    found = watch.snapshot(kit.now).campaign
    assert found is not None
    return found


def entries(kit: FloorKit) -> list[tuple[object, object, object]]:
    with kit.database.reading() as connection:
        details = [row.detail for row in connection.execute(select(AuditRow.detail))]
        assert audit.first_broken(connection) is None
    return [
        (one["setting"], one["before"], one["after"])
        for one in details
        if "setting" in one and one["setting"] in SETTINGS
    ]


def test_a_new_campaign_records_nothing_and_judges_nobody(kit: FloorKit, watch: WatchStore) -> None:
    campaign = campaign_of(kit, watch)
    assert campaign.recording is RecordingPolicy.OFF
    assert not campaign.detection
    assert not campaign.machine_message


def test_settings_are_changed_together_and_leave_a_trace_each(
    kit: FloorKit, watch: WatchStore
) -> None:
    wanted = {
        "recording": RecordingPolicy.ANNOUNCE,
        "notice_wav": NOTICE,
        "longest_wait_s": 90.0,
        "key_agent": "1",
        "key_never": "9",
    }
    watch.set_telephone(kit.campaign_id, wanted, "Ines", kit.now)
    campaign = campaign_of(kit, watch)
    assert {name: getattr(campaign, name) for name in wanted} == wanted
    assert sorted(entries(kit), key=str) == [
        ("key_agent", "", "1"),
        ("key_never", "", "9"),
        ("longest_wait_s", 120.0, 90.0),
        ("notice_wav", "", NOTICE),
        ("recording", "off", "announce"),
    ]
    watch.set_telephone(kit.campaign_id, wanted, "Ines", kit.now)
    assert len(entries(kit)) == 5  # nothing was different


def test_the_dialler_is_told(kit: FloorKit, watch: WatchStore) -> None:
    kit.floor.restore(kit.now)
    _, cursor = kit.floor.agent_events(0, kit.now)
    kit.clock.advance(1)
    watch.set_telephone(kit.campaign_id, {"hold_wav": "/srv/piano.wav"}, "Ines", kit.now)
    (event,) = kit.floor.agent_events(cursor, kit.now)[0]
    assert isinstance(event, CampaignSet)
    assert event.campaign.hold_wav == "/srv/piano.wav"


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"recording": RecordingPolicy.ANNOUNCE}, "nothing would be recorded"),
        ({"mode": Mode.AGENTLESS}, "need the message"),
        ({"recording_pause_limit_s": 5.0}, "between 10 and 3600 s"),
        ({"longest_wait_s": float("nan")}, "longest wait must lie"),
        ({"menu_repeats": 0}, "between 1 and 9"),
        ({"menu_pause_s": 31.0}, "between 1 and 30 s"),
        ({"key_later": "A"}, "0 to 9"),
        ({"key_later": "12"}, "0 to 9"),
        ({"key_later": "1", "key_never": "1"}, "Key 1 can mean one thing"),
        ({"queue_wav": "/" + "x" * 200}, "more than 200 signs"),
        ({"ring_tone": "loud"}, "no setting ring_tone"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    kit: FloorKit, watch: WatchStore, wanted: dict[str, object], sentence: str
) -> None:
    before = campaign_of(kit, watch)
    with pytest.raises(KnownError, match=sentence):
        watch.set_telephone(kit.campaign_id, {"machine_message": True} | wanted, "Ines", kit.now)
    assert campaign_of(kit, watch) == before
    assert entries(kit) == []


def test_a_notice_stays_while_it_is_needed(kit: FloorKit, watch: WatchStore) -> None:
    announced: dict[str, object] = {"recording": RecordingPolicy.ANNOUNCE, "notice_wav": NOTICE}
    watch.set_telephone(kit.campaign_id, announced, "Ines", kit.now)
    with pytest.raises(KnownError, match="nothing would be recorded"):
        watch.set_telephone(kit.campaign_id, {"notice_wav": ""}, "Ines", kit.now)
    off: dict[str, object] = {"recording": RecordingPolicy.OFF, "notice_wav": ""}
    watch.set_telephone(kit.campaign_id, off, "Ines", kit.now)
    assert campaign_of(kit, watch).notice_wav == ""


def test_a_campaign_that_is_gone(kit: FloorKit, watch: WatchStore) -> None:
    with pytest.raises(KnownError, match="no such campaign"):
        watch.set_telephone(CampaignId(99), {"detection": True}, "Ines", kit.now)


def test_answers_are_judged_where_the_rules_allow_it(kit: FloorKit, watch: WatchStore) -> None:
    watch.set_telephone(kit.campaign_id, {"detection": True}, "Ines", kit.now)
    assert campaign_of(kit, watch).detection
    assert entries(kit) == [("detection", False, True)]


def test_strict_rules_do_not_let_a_machine_judge(database: Database, clock: ManualClock) -> None:
    strict = FloorKit(database, clock)
    rules = profile("STRICT")
    assert not rules.amd_allowed
    strict.add_campaign(Mode.PREDICTIVE, rules)
    store = WatchStore(database)
    with pytest.raises(KnownError, match="do not allow answers to be judged"):
        store.set_telephone(strict.campaign_id, {"detection": True}, "Ines", strict.now)
    store.set_telephone(strict.campaign_id, {"detection": False}, "Ines", strict.now)
    store.close()
    strict.close()


def test_the_defaults_stand_in_nobodys_way() -> None:
    assert objection(TelephoneSettings()) is None
