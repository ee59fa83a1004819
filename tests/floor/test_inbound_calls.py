"""Calls that come in, from end to end: sipp calls the port that the provider was given."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from dialer_core.model.call_control import RecordingPolicy, RecordingState
from dialer_core.model.states import Direction, Outcome, SeatState
from dialer_core.store.schema import ContactRow, RecordingRow
from dialer_core.store.schema.base import ContactStatus
from sip.signatures import PHONE_SIGNATURES, Listener
from tests.floor.office_kit import OUR_NUMBER, Agent, Office, office, person
from tests.ports import free_port
from tests.sip.test_inbound import sound_file

pytestmark = [pytest.mark.floor, pytest.mark.timeout(180)]
KNOWN, STRANGER = "+441614960101", "+441614960102"
QUEUE_VOICE, MESSAGE_VOICE, CALLERS_VOICE = PHONE_SIGNATURES[-2], PHONE_SIGNATURES[-1], 101


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        made.trunk("127.0.0.1:9", callers_port=two_ports())
        yield made


def two_ports() -> int:
    while True:
        port = free_port()
        if port % 2 == 0:
            return port


def call(floor: Office, who: str, agents: list[Agent], folder: Path) -> tuple[Agent, str]:
    """That number calls and is brought to somebody, who hangs up; who it was, and the name seen."""
    address = f"127.0.0.1:{floor.callers_port}"
    with person(
        folder, "caller_hears_out", "-s", OUR_NUMBER, address, CALLER=who, voice=CALLERS_VOICE
    ) as (sipp, peer):
        talking = floor.wait(
            lambda: next((one for one in agents if one.state is SeatState.TALKING), None),
            "an agent",
        )
        record = talking.seat.record(talking.row.contact_id or 0)
        assert record is not None
        heard = peer.listener.sounds
        floor.wait(lambda: heard().heard_ms.get(talking.voice, 0) > 1000, "the agent's voice")
        talking.hang_up()
        assert sipp.status(20) == 0, sipp.errors
    floor.wait(lambda: talking.state is SeatState.WRAP_UP, "the wrap-up")
    talking.code("SUCCESS")
    floor.wait(lambda: talking.state is SeatState.AVAILABLE, "the next")
    return talking, record.name


def test_a_caller_meets_who_knows_them_else_who_has_waited_longest(
    floor: Office, tmp_path: Path
) -> None:
    campaign = floor.campaign(recording=RecordingPolicy.ALL)
    floor.people(campaign, KNOWN)
    anna, ben = floor.agent("Anna K.", campaign), floor.agent("Ben T.", campaign)
    agents = [anna, ben]
    floor.open()
    floor.wait_for_callers()
    anna.seat.want_available(floor.clock.now())
    floor.wait(lambda: anna.state is SeatState.AVAILABLE, "Anna")
    assert call(floor, KNOWN, agents, tmp_path) == (anna, "Person 0"), "found by the number"
    ben.seat.want_available(floor.clock.now())
    floor.wait(lambda: ben.state is SeatState.AVAILABLE, "Ben")
    assert call(floor, STRANGER, agents, tmp_path)[0] is anna, "has waited longest"
    assert call(floor, KNOWN, agents, tmp_path)[0] is anna, "knows them, though Ben waits longer"
    assert call(floor, STRANGER, agents, tmp_path)[0] is anna
    assert call(floor, "+441614960103", agents, tmp_path)[0] is ben
    attempts = floor.attempts()
    assert [one.direction for one in attempts] == [Direction.IN] * 5
    assert {one.outcome for one in attempts} == {Outcome.CONNECTED}
    assert (attempts[0].contact_id, attempts[0].agent_id) == (
        attempts[2].contact_id,
        attempts[2].agent_id,
    )
    for one in attempts:
        assert (one.bridged_at - one.answered_at).total_seconds() < 0.5
    recordings = floor.rows(select(RecordingRow.__table__).order_by(RecordingRow.id))
    assert [one.state for one in recordings] == [RecordingState.STOPPED] * 5
    left, right = (heard_on(Path(recordings[0].path), side) for side in (0, 1))
    assert left.get(CALLERS_VOICE, 0) > 600
    assert right.get(anna.voice, 0) > 600
    assert left.keys().isdisjoint(right)


def heard_on(path: Path, side: int) -> dict[int, float]:
    """Who is heard on one channel, in milliseconds."""
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        rate = file.getframerate()
        both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    listener, sound, step = Listener(rate), both[:, side].astype("<i2").tobytes(), rate // 50 * 2
    for at in range(0, len(sound) - step, step):
        listener.hear(sound[at : at + step], at / 2 / rate)
    return dict(listener.sounds().heard_ms)


def test_whom_nobody_takes_hears_the_queue_then_the_message_and_is_called_back(
    floor: Office, tmp_path: Path
) -> None:
    campaign = floor.campaign(
        queue_wav=sound_file(tmp_path / "queue.wav", QUEUE_VOICE, 4.0),
        message_wav=sound_file(tmp_path / "sorry.wav", MESSAGE_VOICE, 1.5),
        longest_wait_s=3.0,
    )
    floor.people(campaign, KNOWN)
    floor.open()
    floor.wait_for_callers()
    address = f"127.0.0.1:{floor.callers_port}"
    with person(tmp_path, "caller_hears_out", "-s", OUR_NUMBER, address, CALLER=KNOWN) as (
        sipp,
        peer,
    ):
        assert sipp.status(20) == 0, sipp.errors
        heard = peer.listener.sounds()
    assert heard.first_mono_s[QUEUE_VOICE] < heard.first_mono_s[MESSAGE_VOICE]
    assert heard.heard_ms[QUEUE_VOICE] > 1500
    assert heard.heard_ms[MESSAGE_VOICE] > 900
    attempt = floor.attempt()
    assert (attempt.direction, attempt.outcome) == (Direction.IN, Outcome.ABANDONED)
    assert attempt.message_played
    (row,) = floor.rows(select(ContactRow.status, ContactRow.next_at))
    assert row.status is ContactStatus.CALL_BACK
    assert row.next_at > attempt.ended_at


def test_a_stranger_to_the_trunk_is_turned_away(floor: Office, tmp_path: Path) -> None:
    floor.campaign()
    floor.open()
    floor.wait_for_callers()
    address = f"127.0.0.1:{floor.callers_port}"
    with person(
        tmp_path, "caller_refused", "-i", "127.0.0.2", "-s", OUR_NUMBER, address, STATUS=403
    ) as (sipp, _):
        assert sipp.status(20) == 0, sipp.errors
    assert floor.attempts() == []
