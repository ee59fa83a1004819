"""The demo: a whole floor on this PC, with the practice carrier as its trunk.

Nothing here is a special case of dialling. It makes a campaign of fictitious people, starts the
same processes that a floor runs, waits, pauses the campaign as a supervisor would, lets the calls
and outcomes come to their end, closes everything in order and writes down what was seen.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from app.clock import WallClock
from app.display import require_display_here
from app.errors import KnownError, UsageError
from app.floor import Keeper, callfloor
from app.phone_link import certificate_of
from app.practice import AGENT_SIGNATURES
from app.profile import Profile, open_profile
from app.rehearsal.carrier import CHANNELS, RehearsalCarrier
from app.rehearsal.log_errors import errors_in_logs
from app.rehearsal.people import DemoFloor, make_demo_floor
from app.rehearsal.report import PracticeLogs, Report, build_report
from app.trunk import GatewayPlace, Trunk, write_trunk
from dialer_core.clock import Instant
from dialer_core.model.levers import OFFICE_LEVERS
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import RuleProfile, profile, rehearsal_at_speed
from dialer_core.simulation.public import PRACTICE, Public
from dialer_core.store.opening import migrate
from dialer_core.store.report import read_report
from dialer_core.store.watch import WatchStore

log = logging.getLogger("app.rehearsal.demo")

AGENT_NAMES = (
    "Anna K.", "Ben O.", "Chloë R.", "Dai E.", "Ewa N.", "Farid S.", "Grace L.", "Hanna P.",
    "Ivo M.", "Jan W.", "Kasia Z.", "Luca F.", "Mia T.", "Noor A.", "Owen B.", "Petra V.",
    "Quinn D.", "Rosa G.", "Siân H.", "Tom J.",
)  # fmt: skip
PEOPLE_AN_AGENT_MINUTE = 60
QUIET_S = 120.0  # the longest that calls and outcomes may need to come to their end


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What a person asked for on the command line."""

    agents: int = 3
    mode: Mode = Mode.PREDICTIVE
    seconds: float | None = None
    seed: int = 1
    offscreen: bool = False
    speed: float = 1.0
    report: Path | None = None
    screenshots: Path | None = None
    profile: Path | None = None
    lines: int | None = None
    trunk: str = ""  # dial through this gateway instead of the practice carrier
    rules: str = "REHEARSAL"
    robots: int | None = None  # how many agents are robots; the rest are yours
    theme: str = ""  # else as in the settings
    sound: str = "auto"
    pause_all_after_s: float | None = None  # every robot pauses at this moment and stays away
    progress: Callable[[str], None] = field(default=lambda _text: None)

    def check(self) -> None:
        """Raise UsageError with one sentence where something cannot be done."""
        if not 1 <= self.agents <= len(AGENT_NAMES):
            raise UsageError(f"--agents is 1 to {len(AGENT_NAMES)}.")
        if self.seconds is not None and not 1 <= self.seconds <= 86_400:
            raise UsageError("--seconds is 1 to 86400.")
        if not 0.1 <= self.speed <= 20:
            raise UsageError("--speed is 0.1 to 20.")
        if self.lines is not None and not 1 <= self.lines <= 60:
            raise UsageError("--lines is 1 to 60.")
        if self.rules != "REHEARSAL" and self.speed != 1:
            raise UsageError(f"--rules {self.rules} is the law of real people: only at --speed 1.")
        if self.trunk and "{number}" not in self.trunk:
            raise UsageError("--trunk needs {number} in it: sip:{number}@127.0.0.1:5060.")
        if self.offscreen and self.seconds is None:
            raise UsageError("--offscreen needs --seconds: nobody could close the windows.")

    @property
    def line_count(self) -> int:
        """Lines: as asked for, else as many as the mode can use."""
        if self.lines is not None:
            return self.lines
        return self.agents if self.mode is not Mode.PREDICTIVE else round(self.agents * 1.6 + 1)


class Demo:
    """One run of the demo, from an empty folder to the report."""

    def __init__(self, options: DemoOptions) -> None:
        options.check()
        if not options.offscreen:
            require_display_here()
        self._options = options
        self._clock = WallClock()
        self._began = self._clock.now()
        self._is_temporary = options.profile is None
        root = options.profile or Path(tempfile.mkdtemp(prefix="callfloor-demo-"))
        self.profile: Profile = open_profile(root)
        self._practice = self.profile.root / "practice"
        self._carrier: RehearsalCarrier | None = None
        self._keepers: list[Keeper] = []
        self._windows: list[Keeper] = []
        self.stop_asked = threading.Event()
        self.errors: list[str] = []

    # --- the run --------------------------------------------------------------------------

    def run(self) -> Report:
        """Everything, to the report. Raises KnownError where it cannot start."""
        try:
            floor = self._open()
            self._run_for(self._options.seconds)
            self._quieten(floor)
        finally:
            self._close()
        return self._report()

    def _open(self) -> DemoFloor:
        options = self._options
        clear_last_demo(self.profile, self._began)
        self._practice.mkdir(parents=True)
        self._window("supervisor", ["supervisor", "--wait", *self._window_words()])
        options.progress("Making a campaign of fictitious people …")
        migrate(self.profile.database_path)
        rules = rules_of(options)
        people = max(600, int(options.agents * PEOPLE_AN_AGENT_MINUTE * self._minutes()))
        leaves = options.pause_all_after_s is not None
        floor = make_demo_floor(
            self.profile.database_path,
            mode=options.mode,
            rules=rules,
            agents=AGENT_NAMES[: options.agents],
            people=people,
            seed=options.seed,
            now=self._clock.now(),
            speed=options.speed,
            lines=options.line_count,
            # who is to be met by nobody is not saved by a break that waits
            levers=replace(OFFICE_LEVERS, held_breaks=False) if leaves else OFFICE_LEVERS,
        )
        options.progress("Starting the telephone …")
        for seat in ("lines", *(f"seat{n + 1:02d}" for n in range(options.agents))):
            certificate_of(self.profile, seat)
        write_trunk(
            self.profile.root / "trunk.toml",
            Trunk(gateways=self._gateways(), lines=options.line_count),
        )
        self._keep("dialler", ["dialler"])
        for n in reversed(range(options.agents)):  # yours comes last, and so lies on top
            self._agent(n, AGENT_NAMES[n])
        return floor

    def _minutes(self) -> float:
        seconds = self._options.seconds or 3600.0
        return max(1.0, seconds * max(1.0, self._options.speed) / 60.0 / 4.0)

    def _gateways(self) -> tuple[GatewayPlace, ...]:
        options = self._options
        if options.trunk:
            return (GatewayPlace(name="trunk", uri=options.trunk, channels=options.line_count),)
        public = Public(options.seed, PRACTICE, options.speed)
        # One gateway more than the lines need: a channel is free a moment after its call.
        count = -(-options.line_count // CHANNELS) + 1
        self._carrier = RehearsalCarrier(self.profile, public, count, self._practice)
        self._carrier.start()
        return self._carrier.places

    def _window_words(self) -> list[str]:
        options = self._options
        words = ["--profile", str(self.profile.root)]
        if options.theme:
            words += ["--theme", options.theme]
        if options.screenshots is not None:
            words += ["--screenshots", str(options.screenshots)]
        return words

    def _agent(self, n: int, name: str) -> None:
        options = self._options
        seat = f"seat{n + 1:02d}"
        words = ["agent", "--seat", seat, "--agent", name, *self._window_words()]
        words += ["--practice", str(self._practice)]
        if not options.offscreen:
            words += ["--place", str(n + 1)]
        words += ["--practice-signature", str(AGENT_SIGNATURES[n])]
        if n >= self._yours():
            seed = random.Random(f"{options.seed}/{n}").randrange(2**31)
            words += ["--robot", str(seed), "--speed", str(options.speed), "--sound", "none"]
            if options.pause_all_after_s is not None:
                words += ["--pause-after", str(options.pause_all_after_s)]
        else:
            words += ["--sound", options.sound]
        self._window(seat, words)

    def _yours(self) -> int:
        """How many seats are for people: none without a screen, else the first one."""
        if self._options.robots is not None:
            return max(0, self._options.agents - self._options.robots)
        return 0 if self._options.offscreen else 1

    def _environment(self) -> dict[str, str]:
        return {"QT_QPA_PLATFORM": "offscreen"} if self._options.offscreen else {}

    def _window(self, name: str, words: Sequence[str]) -> None:
        log_file = self.profile.logs_dir / f"{name}.out"
        keeper = Keeper(name, callfloor(words), log_file, self._environment(), niceness=3)
        keeper.start()
        self._windows.append(keeper)

    def _keep(self, name: str, words: Sequence[str]) -> None:
        words = [*words, "--profile", str(self.profile.root)]
        keeper = Keeper(name, callfloor(words), self.profile.logs_dir / f"{name}.out")
        keeper.start()
        self._keepers.append(keeper)

    def _run_for(self, seconds: float | None) -> None:
        """Until the time is over, or (with a screen) until the windows are closed."""
        self._options.progress("The floor runs.")
        until = None if seconds is None else self._clock.now().mono_s + seconds
        store = WatchStore(self.profile.database_path)
        try:
            while not self.stop_asked.wait(0.2):
                now = self._clock.now()
                if until is not None and now.mono_s >= until:
                    return
                self._notice_ends()
                self._notice_trunk(store.trunk_trouble())
                if all(window.has_ended for window in self._windows):
                    return
        finally:
            store.close()

    def _notice_trunk(self, trouble: str) -> None:
        sentence = f"{trouble}."
        if trouble and sentence not in self.errors:
            self._options.progress(sentence)
            self.errors.append(sentence)

    def _notice_ends(self) -> None:
        for keeper in (*self._keepers, *self._windows):
            sentence = keeper.watch()
            if sentence and sentence not in self.errors:
                log.error("%s", sentence)
                self.errors.append(sentence)
        if any(keeper.has_given_up for keeper in self._keepers):
            raise KnownError(self.errors[-1] if self.errors else "The dialler does not stay up.")

    def _quieten(self, floor: DemoFloor) -> None:
        """Pause the campaign; wait until calls have ended and outcomes are chosen."""
        self._options.progress("Finishing the calls in progress …")
        store = WatchStore(self.profile.database_path)
        try:
            store.set_running(floor.campaign_id, False, "demo", self._clock.now())
            until = self._clock.now().mono_s + QUIET_S
            while self._clock.now().mono_s < until:
                if store.is_quiet():
                    return
                self._notice_ends()
                time.sleep(0.1)
            if not all(window.has_ended for window in self._windows):
                self.errors.append("Calls or outcomes were still open two minutes after the end.")
        finally:
            store.close()

    def _close(self) -> None:
        self._options.progress("Closing …")
        for keeper in self._windows:
            keeper.ask_to_leave()
        for keeper in self._windows:
            keeper.wait_or_kill(10.0)
        for keeper in self._keepers:
            keeper.ask_to_leave()
        for keeper in self._keepers:
            keeper.wait_or_kill(20.0)
        if self._carrier is not None:
            self.errors += [f"{name} ended by itself." for name in self._carrier.dead]
            self._carrier.stop()

    def _report(self) -> Report:
        options = self._options
        logs = PracticeLogs.read(
            self._carrier.logs if self._carrier is not None else (),
            sorted(self._practice.glob("phone-*.jsonl")),
            sorted(self._practice.glob("painted-*.jsonl")),
        )
        rules = rules_of(options)
        errors = [*self.errors, *errors_in_logs(self.profile.logs_dir)]
        found = build_report(logs, read_report(self.profile.database_path), rules, errors)
        if options.report is not None:
            options.report.parent.mkdir(parents=True, exist_ok=True)
            options.report.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return found

    def forget(self) -> None:
        """Remove a throwaway profile and the sockets' folder."""
        shutil.rmtree(self.profile.run_dir, ignore_errors=True)
        if self._is_temporary and not os.environ.get("CALLFLOOR_KEEP"):
            shutil.rmtree(self.profile.root, ignore_errors=True)


def rules_of(options: DemoOptions) -> RuleProfile:
    """The rule profile of the run; only the rehearsal's may be sped up."""
    rules = profile(options.rules)
    return rules if options.speed <= 1 else rehearsal_at_speed(rules, options.speed)


def clear_last_demo(profile: Profile, now: Instant) -> None:
    """Remove what an earlier demo left in this profile; never touch a real floor.

    Raises KnownError where the folder holds a floor that is no demo, or a demo that still runs.
    """
    marker = profile.root / "demo"
    if profile.database_path.exists():
        if not marker.exists():
            raise KnownError(
                f"{profile.root} holds a floor that is no demo: choose another --profile."
            )
        store = WatchStore(profile.database_path)
        try:
            is_running = store.snapshot(now).is_dialler_alive
        finally:
            store.close()
        if is_running:
            raise KnownError(f"A demo runs in {profile.root}: end it, or choose another --profile.")
        for folder in (profile.database_path.parent, profile.root / "journals"):
            shutil.rmtree(folder, ignore_errors=True)
        profile.database_path.parent.mkdir(mode=0o700)
        for log_file in profile.logs_dir.iterdir():
            if log_file.stat().st_mtime < now.utc.timestamp():
                log_file.unlink()
    shutil.rmtree(profile.root / "practice", ignore_errors=True)
    marker.touch()
