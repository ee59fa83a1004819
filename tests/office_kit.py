"""Parts of what runs on the supervisor's PC in tests of several hosts: public, campaign, dialler.

Words for the test on the other side are JSON lines on standard output.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.clock import WallClock
from app.practice import read_lines
from app.rehearsal.people import DISPOSITIONS
from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile as rules
from dialer_core.simulation.public import Behaviour, Kind, Public
from dialer_core.store.address import Place
from dialer_core.store.schema.base import Ground
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore
from sip.messages import CarrierRecord


def tell(words: dict[str, object]) -> None:
    """A line for the test on the other side."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


class Patient(Public):
    """Everybody answers, speaks, and hangs up after so many seconds."""

    def __init__(self, talk_s: float) -> None:
        """Nothing is drawn."""
        self._talk_s = talk_s

    def person(self, number: str, attempt: int) -> Behaviour:
        return Behaviour(Kind.HUMAN, 200, 0.3, False, 0.8, 6.0, self._talk_s, 1.0)


def set_up(
    place: Place,
    people: int,
    agents: Sequence[str] = ("Anna",),
    mode: Mode = Mode.PROGRESSIVE,
    recording: RecordingPolicy = RecordingPolicy.OFF,
) -> CampaignId:
    """A campaign with its list, and the agents of the floor."""
    now = WallClock().now
    with contextlib.closing(SetupStore(place)) as store:
        campaign = store.add_campaign(
            NewCampaign(
                "Spring", "Rosewood", "Rosewood", mode, rules("REHEARSAL"),
                "+441614960000", DISPOSITIONS, recording=recording,
            ),
            now(),
        )  # fmt: skip
        listed = [
            NewPerson(f"Ada {n}", [(f"+4416149601{n:02d}", "")], zones=["Europe/London"],
                      grounds=(Ground.CONSENT,))
            for n in range(people)
        ]  # fmt: skip
        store.add_list(campaign, "List", listed, now(), source="a test")
        for name in agents:
            store.add_agent(name, now())
    return campaign


@contextlib.contextmanager
def dialler(home: str) -> Iterator[subprocess.Popen[str]]:
    """The floor's dialler; what it said goes to standard error when it has ended."""
    words = [sys.executable, "-m", "app", "dialler", "--profile", home]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            said = process.communicate(timeout=15)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[1]
        sys.stderr.write(said)


def records(logs: Path) -> list[CarrierRecord]:
    """What the public noted, of each call that is over."""
    return [one for file in logs.rglob("*.jsonl") for one in read_lines(file, CarrierRecord)]


def heard(logs: Path) -> list[dict[str, object]]:
    """What the public heard, of each call that is over."""
    return [
        {
            "own": one.signature,
            "status": one.sent_status,
            "by": one.ended_by,
            "heard_ms": {str(key): value for key, value in one.sounds.heard_ms.items()},
            "gap_ms": one.longest_gap_ms,
        }
        for one in records(logs)
    ]
