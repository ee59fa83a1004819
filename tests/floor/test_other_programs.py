"""A CRM beside a running office: it adds a person, has a seat dial, hears what became of it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.hooks import SIGNATURE
from app.api.place import running
from dialer_core.model.states import Outcome, SeatState
from tests.api.server_kit import bearer
from tests.api.test_api_webhooks import crm_runs
from tests.floor.office_kit import Agent, Office, office, person
from tests.ports import free_port

pytestmark = [pytest.mark.floor, pytest.mark.timeout(150)]
NUMBER, REFERENCE = "+441614960101", "crm-1001"
REFUSED = "+441614960109"
AGENT = "Anna K."


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


@pytest.fixture
def words(tmp_path: Path) -> dict[str, str]:
    """An environment with a keyring that all its programs share."""
    return os.environ | {
        "PYTHON_KEYRING_BACKEND": "tests.sharing.folder_ring.FolderRing",
        "CALLFLOOR_TEST_RING": str(tmp_path / "ring"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def command(floor: Office, words: dict[str, str], *asked: str) -> Any:
    """`callfloor api …` as somebody types it; what it said."""
    line = [sys.executable, "-m", "app", "api", *asked, "--json"]
    line += ["--profile", str(floor.profile.root)]
    done = subprocess.run(line, env=words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextlib.contextmanager
def serving(floor: Office, words: dict[str, str]) -> Iterator[str]:
    """The API as the supervisor's program starts it; where it is."""
    url = command(floor, words, "on", "--port", str(free_port()))["url"]
    line = [sys.executable, "-m", "app", "api", "serve", "--profile", str(floor.profile.root)]
    process = subprocess.Popen(line, env=words, stderr=subprocess.PIPE, text=True)
    try:
        floor.wait(lambda: running(floor.profile), "the API")
        yield url
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
        assert "Traceback" not in said, said


def test_a_crm_adds_a_person_has_a_seat_dial_and_is_told_what_became_of_it(
    floor: Office, words: dict[str, str], tmp_path: Path
) -> None:
    campaign = floor.campaign()
    anna = floor.agent(AGENT, campaign)
    with (
        person(tmp_path) as (sipp, peer),
        crm_runs() as crm,
        serving(floor, words) as url,
    ):
        floor.trunk(sipp.address)
        rights = [word for right in ("contacts", "results", "dial") for word in ("--right", right)]
        token = command(floor, words, "tokens", "add", "CRM", *rights)["token"]
        key = command(floor, words, "webhooks", "set", "CRM", crm.url, "--private")["signing_key"]
        crm.answer = lambda count: 500 if count == 1 else 204
        with httpx.Client(base_url=url, headers=bearer(token), timeout=20) as web:
            who = {"reference": REFERENCE, "name": "Ada Example", "numbers": ["0161 496 0101"]}
            asked = {"campaign": "Spring", "country": "GB", "contacts": [who]}
            added = web.post("/contacts", json=asked).json()
            assert [one["became"] for one in added["contacts"]] == ["added"], added
            early = web.post("/dial", json={"agent": AGENT, "reference": REFERENCE})
            assert early.status_code == 409
            assert "start the dialler" in early.json()["detail"]

            floor.open()
            attempt = dialled(floor, web, {"agent": AGENT, "reference": REFERENCE})
            floor.wait(lambda: anna.state is SeatState.TALKING, "the call")
            heard = peer.listener.sounds
            floor.wait(lambda: heard().heard_ms.get(anna.voice, 0) > 500, "the agent's voice")
            again = web.post("/dial", json={"agent": AGENT, "reference": REFERENCE}).json()
            assert again["became"] == "refused", again
            assert again["reason"], again
            anna.hang_up()
            assert sipp.status(20) == 0, sipp.errors
            anna_codes(floor, anna)
            seen = web.get("/results", params={"since": 0}).json()["results"]
            assert [(one["attempt"], one["reference"]) for one in seen] == [(attempt, REFERENCE)]
            blocked = {"numbers": [REFUSED], "reason": "asked", "country": "GB"}
            assert web.post("/do-not-call", json=blocked).json()["new"] == 1
            no = web.post("/dial", json={"agent": AGENT, "number": REFUSED}).json()
            assert no["became"] == "refused", no

            told = crm.waits_for(3)
            by_event = {one["event"]: one for one in told}
            assert by_event["outcome.chosen"]["result"]["attempt"] == attempt
            for headers, body in crm.heard:
                at, _, mac = headers[SIGNATURE].removeprefix("t=").partition(",v1=")
                good = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256)
                assert mac == good.hexdigest()

            command(floor, words, "tokens", "remove", "CRM")
            assert web.get("/results").status_code == 401
    (row,) = floor.attempts()
    assert (row.outcome, row.is_manual) == (Outcome.CONNECTED, True)
    logs = "".join(path.read_text() for path in floor.profile.logs_dir.glob("*.log"))
    for secret in (token, key, NUMBER, NUMBER[1:], "0161 496 0101", REFERENCE):
        assert secret not in logs


def dialled(floor: Office, web: httpx.Client, asked: dict[str, str]) -> str:
    """The attempt, once the dialler is up."""

    def ask() -> str:
        answer = web.post("/dial", json=asked)
        return str(answer.json().get("attempt", "")) if answer.status_code == 200 else ""

    return str(floor.wait(ask, "the dialler"))


def anna_codes(floor: Office, anna: Agent) -> None:
    floor.wait(lambda: anna.state is SeatState.WRAP_UP, "the wrap-up")
    anna.code()
    floor.wait(lambda: anna.row.attempt_id is None, "the outcome")
