"""`callfloor bench api`: whether other programs that ask a lot harm the dialler's leases."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import msgspec

from app.api.place import running, switch
from app.api.tokens import Programs
from app.bench_figures import Machine, tell, this_machine
from app.clock import WallClock
from app.errors import KnownError
from app.lists.house import new_campaign
from app.lists.importing import open_setup
from app.profile import Profile, open_profile
from app.secrets import open_secrets
from dialer_core.engine.commands import LeaseRecords, ReturnRecord
from dialer_core.engine.events import RecordsLeased
from dialer_core.model.ids import CampaignId
from dialer_core.rules.profiles import profile as rules
from dialer_core.store.clients_api import Right
from dialer_core.store.floor import FloorStore
from dialer_core.store.setup import NewPerson

LEASE_EVERY_S: Final = 0.1  # as often as the dialler's own round
MOST_P99_MS: Final = 20.0
MOST_TIMES: Final = 2.0  # of what a busy machine takes alone, where that is more
_CAMPAIGN: Final = "Bench"
_RECORDS: Final = 10
_ADDED: Final = 1000


class Spread(msgspec.Struct, frozen=True):
    """How long something took, in milliseconds."""

    count: int
    p50_ms: float
    p99_ms: float
    worst_ms: float


class ApiFigures(msgspec.Struct, frozen=True):
    """A dialler's leases alone, and beside programs that ask."""

    machine: Machine
    people: int
    seconds: float
    wanted_a_second: float
    answered_a_second: float
    refused: dict[str, int]  # how many of each status but 200
    requests: Spread
    adds: Spread
    leases_alone: Spread
    leases_beside: Spread
    meets_target: bool


def run_api_bench(
    people: int, seconds: float, a_second: float, json_file: Path | None = None
) -> int:
    """Lease records as a dialler does, alone and beside the API under load; the exit status."""
    with tempfile.TemporaryDirectory(prefix="callfloor-bench-") as folder:
        figures = _measure(open_profile(Path(folder)), people, seconds, a_second)
    tell(figures, json_file)
    return 0 if figures.meets_target else 1


def _measure(profile: Profile, people: int, seconds: float, a_second: float) -> ApiFigures:
    campaign = _make(profile, people)
    _, token = Programs(profile, lambda: open_secrets(profile.key), "bench").add("Bench", Right)
    where = switch(profile, is_on=True, port=_free_port())
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "api", "serve", "--profile", str(profile.root)]
    )
    try:
        _wait(profile, process)
        alone = _lease(profile, campaign, seconds / 2, threading.Event())
        over = threading.Event()
        beside: list[list[float]] = []
        leasing = threading.Thread(
            target=lambda: beside.append(_lease(profile, campaign, seconds * 2, over))
        )
        leasing.start()
        asked, added, refused = _ask(where.url, token, seconds, a_second)
        over.set()
        leasing.join()
    finally:
        process.terminate()
        process.wait()
    before, found = _spread(alone), _spread(beside[0])
    return ApiFigures(
        this_machine(),
        people,
        seconds,
        a_second,
        round(len(asked + added) / seconds, 1),
        refused,
        _spread(asked),
        _spread(added),
        before,
        found,
        found.p99_ms <= max(MOST_P99_MS, MOST_TIMES * before.p99_ms) and not refused,
    )


def _make(profile: Profile, people: int) -> CampaignId:
    clock = WallClock()
    with closing(open_setup(profile)) as setup:
        # Rules that know no hours: the bench runs at any time of day.
        made_so = replace(new_campaign(_CAMPAIGN, "GB"), profile=rules("REHEARSAL"))
        campaign = setup.add_campaign(made_so, clock.now())
        # Made up, and nothing ever dials them.
        made = [
            NewPerson(f"Person {n}", [(f"+4420794{n:05d}", "")], zones=["Europe/London"])
            for n in range(people)
        ]
        setup.add_list(campaign, "Bench", made, clock.now())
    return campaign


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(profile: Profile, process: subprocess.Popen[bytes]) -> None:
    until_s = time.monotonic() + 30
    while running(profile) is None:
        if process.poll() is not None or time.monotonic() > until_s:
            raise KnownError("The API did not start; its log says why.")
        time.sleep(0.1)


def _lease(
    profile: Profile, campaign: CampaignId, seconds: float, over: threading.Event
) -> list[float]:
    """Take records and give them back as a dialler does; how long each taking took, in ms."""
    clock, took = WallClock(), list[float]()
    with closing(FloorStore(profile.database_path)) as floor:
        floor.take_lease("bench:1:1", clock.now(), 3600.0, lambda _holder: True)
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s and not over.is_set():
            began_s = time.perf_counter()
            (found,) = floor.apply([LeaseRecords(campaign, _RECORDS)], clock.now())
            took.append((time.perf_counter() - began_s) * 1000)
            if isinstance(found, RecordsLeased):
                back = [ReturnRecord(campaign, one.contact_id) for one in found.records]
                floor.apply(back, clock.now())
            time.sleep(LEASE_EVERY_S)
    return took


def _ask(
    url: str, token: str, seconds: float, a_second: float
) -> tuple[list[float], list[float], dict[str, int]]:
    """Ask as several programs would: a tenth adds people; times in ms, and what failed."""
    asked, added = list[float](), list[float]()
    numbers, lock = itertools.count(), threading.Lock()
    refused = Counter[str]()
    words = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=words) as web:
        _one(web, 0)  # somebody whom the others can ask for
    began_s = time.monotonic()

    def one_program() -> None:
        with httpx.Client(base_url=url, headers=words) as web:
            while True:
                with lock:
                    number = next(numbers)
                at_s = began_s + number / a_second
                if at_s - began_s >= seconds:
                    return
                time.sleep(max(0.0, at_s - time.monotonic()))
                sent_s = time.perf_counter()
                answer = _one(web, number)
                took = (time.perf_counter() - sent_s) * 1000
                (added if number % 10 == 0 else asked).append(took)
                if answer != 200:
                    refused[str(answer)] += 1

    threads = [threading.Thread(target=one_program) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return asked, added, dict(refused)


def _one(web: httpx.Client, number: int) -> int:
    if number % 10 == 0:
        which = number % _ADDED  # the same reference with the same number again: an update
        person = {
            "reference": f"bench-{which}",
            "name": "Person",
            "numbers": [f"+441614960{which:03d}"],
        }
        body = {"campaign": _CAMPAIGN, "contacts": [person], "duplicates": "update"}
        return web.post("/contacts", json=body).status_code
    path = ("/results", "/floor", "/campaigns", "/contacts/bench-0")[number % 4]
    return web.get(path).status_code


def _spread(took: list[float]) -> Spread:
    ordered = sorted(took) or [0.0]
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Spread(
        len(took),
        round(ordered[len(ordered) // 2], 2),
        round(p99, 2),
        round(ordered[-1], 2),
    )
