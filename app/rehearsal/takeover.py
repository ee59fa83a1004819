"""Taking a floor over: a dialler is ended in mid-call, and one that stood by goes on.

The floor plays a message to whoever answers (no agents are needed), so that ten calls and more are
in progress at any moment. What was lost, or dialled twice, is read from the practice carrier's own
record and from the database.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
import wave
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import msgspec

from app.bench_figures import Machine, tell, this_machine
from app.clock import WallClock
from app.dialler.process import DIALLING
from app.dialler.standing_by import STANDING_BY
from app.errors import KnownError
from app.practice import read_lines
from app.profile import Profile, open_profile
from app.rehearsal.carrier import CHANNELS, RehearsalCarrier
from app.rehearsal.people import CALLER_ID, DISPOSITIONS
from app.rehearsal.takeover_place import takeover_place
from app.trunk import Trunk, write_trunk
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile as rules
from dialer_core.simulation.people import fictitious_people
from dialer_core.simulation.public import Behaviour, Public
from dialer_core.store.address import Place
from dialer_core.store.calls_now import CallsNow
from dialer_core.store.opening import migrate
from dialer_core.store.schema.base import Ground
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore
from dialer_core.store.watch import WatchStore
from sip import launch
from sip.messages import CarrierRecord

LINES = 12
IN_PROGRESS = 10
MESSAGE_S = 14.0
PEOPLE = 4000
LOOK_S = 0.01
END_S = 60.0


class PatientPublic(Public):
    """Everybody answers after a short ring and hears the message out."""

    def person(self, number: str, attempt: int) -> Behaviour:
        """What the person at this number does."""
        drawn = super().person(number, attempt)
        ring_s = 0.3 + (hash((number, attempt)) % 100) / 100.0
        return replace(
            drawn, final_status=200, is_machine=False, ring_s=ring_s, hello_s=1.0,
            patience_s=4 * MESSAGE_S, talk_s=4 * MESSAGE_S,
        )  # fmt: skip


class Losses(msgspec.Struct, frozen=True):
    """What went wrong with the calls of a run; all zero where nothing did."""

    dialled: int
    answered: int
    answered_lost: int  # ended by us or the network before their message was over
    dialled_twice: int  # people whose telephone rang more than once
    unknown: int  # calls of the carrier that are on no record
    open_attempts: int  # that nobody has closed


class TakeoverFigures(msgspec.Struct, frozen=True):
    """What `callfloor bench takeover` measured: seconds from the end of one dialler to the moment
    at which the next has the lease, and at which it has the lines and may dial.
    """

    machine: Machine
    is_shared: bool
    runs: int
    in_progress: list[int]
    lease_s_p50: float
    lease_s_worst: float
    ready_s_p50: float
    ready_s_worst: float
    losses: Losses


@dataclass(frozen=True, slots=True)
class TakenOver:
    """One take-over: how many calls were up, and how long it took."""

    in_progress: int
    epoch: int
    lease_s: float
    ready_s: float


class TakeoverFloor:
    """A floor without agents. `profile` has the trunk; `place` is its database."""

    def __init__(self, profile: Profile, place: Place, seed: int = 1, lines: int = LINES) -> None:
        """`lines` are those of one PC; the trunk has room for the lines of two."""
        self.profile, self.place, self.lines = profile, place, lines
        self._clock = WallClock()
        self._practice = profile.root / "practice"
        gateways = -(-2 * lines // CHANNELS) + 1
        self.carrier = RehearsalCarrier(profile, PatientPublic(seed), gateways, self._practice)
        self._seed = seed
        self._campaign = CampaignId(0)
        self._now: CallsNow | None = None

    def open(self) -> None:
        """Make the database with its people, and the telephone."""
        self._practice.mkdir(parents=True)
        migrate(self.place)
        self._now = CallsNow(self.place)
        self._make_campaign()
        self.carrier.start()
        self.furnish(self.profile)

    def furnish(self, profile: Profile) -> None:
        """What a dialler needs in its own profile."""
        write_trunk(
            profile.root / "trunk.toml", Trunk(gateways=self.carrier.places, lines=self.lines)
        )

    def _make_campaign(self) -> None:
        wav = self.profile.root / "message.wav"
        with wave.open(str(wav), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            half = b"\x00\x20" * 10 + b"\x00\xe0" * 10
            file.writeframes(half * round(MESSAGE_S * 400))
        new = NewCampaign(
            "Notice", "Northern Light", "Northern Light", Mode.AGENTLESS, rules("REHEARSAL"),
            CALLER_ID, DISPOSITIONS, agentless_wav=str(wav), max_lines=self.lines,
        )  # fmt: skip
        people = [
            NewPerson(
                one.name, [(one.number, "")], zones=[one.time_zone], grounds=(Ground.CONSENT,)
            )
            for one in fictitious_people(PEOPLE, self._seed)
        ]
        with closing(SetupStore(self.place)) as store:
            self._campaign = store.add_campaign(new, self._clock.now())
            store.add_list(self._campaign, "All", people, self._clock.now(), source="a rehearsal")

    # --- what is on the record ------------------------------------------------------------

    @property
    def now(self) -> CallsNow:
        """The floor at this moment, for the thread that opened it."""
        assert self._now is not None
        return self._now

    def lease_is_held(self) -> bool:
        """Whether somebody may dial at this moment."""
        return self.now.is_held(self._clock.now())

    def is_ready(self, epoch: int) -> bool:
        """Whether the dialler of this epoch has its lines."""
        epochs = self.now.line_epochs()
        return len(epochs) == self.lines and set(epochs) == {epoch}

    def wait(self, what: Callable[[], bool], name: str, timeout_s: float = 60.0) -> None:
        """Until it is so; KnownError naming what did not come."""
        until = time.monotonic() + timeout_s
        while not what():
            if time.monotonic() > until:
                raise KnownError(f"{name} did not come within {timeout_s:g} s.")
            time.sleep(LOOK_S)

    # --- taking over ----------------------------------------------------------------------

    def take_over(self, end: Callable[[int], None], at_least: int = IN_PROGRESS) -> TakenOver:
        """End the dialler that has the floor by `end(pid)`, and watch the next one come."""
        self.wait(lambda: self.now.answered() >= at_least, f"{at_least} calls in progress")
        before, by = self.now.lease()
        count = self.now.answered()
        began_s = time.monotonic()
        end(int(by.split(":")[1]))
        self.wait(lambda: self.now.lease()[0] > before, "another dialler")
        lease_s = time.monotonic() - began_s
        epoch = self.now.lease()[0]
        self.wait(lambda: self.is_ready(epoch), "its lines")
        return TakenOver(count, epoch, lease_s, time.monotonic() - began_s)

    def finish(self) -> None:
        """Begin no more calls, and wait until those in progress are over."""
        with closing(WatchStore(self.place)) as store:
            store.set_running(self._campaign, False, "rehearsal", self._clock.now())
        with suppress(KnownError):
            self.wait(lambda: self.now.in_progress() == 0, "the end of all calls", END_S)

    def close(self) -> None:
        """End the telephone."""
        self.carrier.stop()
        if self._now is not None:
            self._now.close()

    def records(self) -> list[CarrierRecord]:
        """The carrier's own word on every call that is over."""
        return [one for path in self.carrier.logs for one in read_lines(path, CarrierRecord)]

    def losses(self) -> Losses:
        """Judge all calls; once the telephone has ended."""
        found = self.records()
        with closing(CallsNow(self.place)) as now:
            known, still_open = now.attempt_ids(), now.in_progress()
        answered = [one for one in found if one.answered_mono_s is not None]
        rung = Counter(one.number for one in found)
        return Losses(
            dialled=len(found),
            answered=len(answered),
            answered_lost=sum(_is_lost(one) for one in answered),
            dialled_twice=sum(count > 1 for count in rung.values()),
            unknown=sum(one.attempt_id not in known for one in found),
            open_attempts=still_open,
        )


def _is_lost(one: CarrierRecord) -> bool:
    assert one.answered_mono_s is not None
    is_whole = one.ended_mono_s - one.answered_mono_s >= MESSAGE_S - 1.0
    return one.ended_by != "person" and not is_whole


class Diallers:
    """Diallers of one PC, each standing by for the others; as many as were asked for are kept."""

    def __init__(self, profile: Profile, count: int) -> None:
        self._profile = profile
        self._count = count
        self._running: list[launch.Launched] = []

    def keep(self) -> None:
        """Start as many as are missing."""
        self._running = [one for one in self._running if one.is_alive()]
        while len(self._running) < self._count:
            words = ["dialler", "--standby", "--profile", str(self._profile.root)]
            log = self._profile.logs_dir / "diallers.out"
            self._running.append(launch.start("app", words, log))

    def has_reserve(self) -> bool:
        """Whether one of them stands by at this moment: one that starts takes seconds."""
        return any(one.is_alive() and STANDING_BY in self._log_of(one) for one in self._running)

    def _log_of(self, one: launch.Launched) -> str:
        found = self._profile.logs_dir.glob(f"standby-*-{one.pid}.log")
        said = "".join(path.read_text(errors="replace") for path in found)
        return said if DIALLING not in said else ""

    def stop(self) -> None:
        """End all in order, the one that dials with its lines."""
        for one in self._running:
            one.terminate()
        for one in self._running:
            if not one.wait(2 * MESSAGE_S):
                one.kill()
                one.wait(2.0)


def run_takeover(
    runs: int, seed: int, json_file: Path | None, root: Path | None, *, is_shared: bool = False
) -> int:
    """`runs` diallers are killed one after another; 1 where one was late or a call was lost.

    `is_shared`: the floor is on the embedded server, as on a floor of many PCs.
    """
    folder = root or Path(tempfile.mkdtemp(prefix="callfloor-takeover-"))
    profile = open_profile(folder)
    if profile.database_path.exists():
        raise KnownError(f"{folder} holds a floor already; name an empty folder.")
    machine = this_machine()
    with takeover_place(profile, is_shared=is_shared) as place:
        done, losses = _one_after_another(profile, place, runs, seed)
    figures = figures_of(machine, done, losses, is_shared=is_shared)
    tell(figures, json_file)
    shutil.rmtree(profile.run_dir, ignore_errors=True)
    if root is None and not os.environ.get("CALLFLOOR_KEEP"):
        shutil.rmtree(folder, ignore_errors=True)
    lost = figures.losses
    is_bad = lost.answered_lost or lost.dialled_twice or lost.unknown or lost.open_attempts
    return 1 if is_bad or figures.ready_s_worst > 5.0 else 0


def _one_after_another(
    profile: Profile, place: Place, runs: int, seed: int
) -> tuple[list[TakenOver], Losses]:
    floor, diallers = TakeoverFloor(profile, place, seed), Diallers(profile, 2)
    done: list[TakenOver] = []
    try:
        floor.open()
        diallers.keep()
        floor.wait(lambda: floor.now.lease()[0] > 0, "the first dialler")
        for _ in range(runs):
            floor.wait(diallers.has_reserve, "a dialler that stands by")
            done.append(floor.take_over(_kill))
            diallers.keep()
        floor.finish()
    finally:
        diallers.stop()
        floor.close()
    return done, floor.losses()


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def figures_of(
    machine: Machine, done: Sequence[TakenOver], losses: Losses, *, is_shared: bool = False
) -> TakeoverFigures:
    """The figures of these take-overs."""
    lease_s, ready_s = [one.lease_s for one in done], [one.ready_s for one in done]
    return TakeoverFigures(
        machine=machine,
        is_shared=is_shared,
        runs=len(done),
        in_progress=[one.in_progress for one in done],
        lease_s_p50=round(median(lease_s), 3),
        lease_s_worst=round(max(lease_s), 3),
        ready_s_p50=round(median(ready_s), 3),
        ready_s_worst=round(max(ready_s), 3),
        losses=losses,
    )
