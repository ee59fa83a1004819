"""`callfloor` without words: the program that belongs to this PC, the first run before it."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Mapping, Sequence

from app.compose import AgentOptions, WindowOptions, run_agent, run_supervisor
from app.desk.first_run_view import Role
from app.floor import Keeper, callfloor
from app.floor_place import read_pointer
from app.floor_up import start_again
from app.profile import Profile
from app.settings import PC_ROLE, load_settings
from app.tools.first_call import SEAT
from app.tools.first_work import is_over
from app.tools.openers import bring_up, open_tool

log = logging.getLogger("app.start")

LEAVES_S = 20.0
LOOK_S = 0.5
AGAIN_S = 5.0


def run_own_program(options: WindowOptions) -> int:
    """The first run until it is over, then the floor's window, the seat's, or both."""
    profile = options.profile
    if not is_over(profile):
        from app.tools.first_run import run_first  # noqa: PLC0415  once in a PC's life

        if run_first(options) and is_over(profile):
            start_again()  # a window begins in a process of its own
        return 0
    pointer = read_pointer(profile)
    if pointer is not None and pointer.seat:
        return run_agent(AgentOptions(options, pointer.seat))
    role = Role(load_settings(profile.settings_path).get(PC_ROLE))
    with Beside(profile, programs_of(profile, role)):
        return run_supervisor(options, open_tool, bring_up, wait=True)


def programs_of(profile: Profile, role: Role) -> Mapping[str, Sequence[str]]:
    """The words of what runs beside the supervisor's window, and ends with it, by name."""
    end = ["--profile", str(profile.root)]
    wanted = {"dialler": ["dialler", *end]}
    if role is Role.EVERYTHING:
        wanted["agent"] = ["agent", "--seat", SEAT, *end]
    return wanted


class Beside:
    """Keeps programs running for as long as the block lasts.

    One that cannot run yet (a dialler without a trunk) is tried again now and then.
    """

    def __init__(
        self, profile: Profile, programs: Mapping[str, Sequence[str]], again_s: float = AGAIN_S
    ) -> None:
        self._profile, self._words, self._again_s = profile, programs, again_s
        self._programs = [self._keeper(name) for name in programs]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="programs", daemon=True)

    def __enter__(self) -> None:
        # Told to end before the window takes such signals over: what was started ends too.
        signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
        for program in self._programs:
            program.start()
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join(2.0)
        for program in reversed(self._programs):
            program.ask_to_leave()
        for program in reversed(self._programs):
            program.wait_or_kill(LEAVES_S)

    def _look_after(self) -> None:
        said: dict[str, str] = {}  # each once, however often it is tried
        while not self._stop.wait(LOOK_S):
            for at, program in enumerate(self._programs):
                sentence = program.watch()
                if sentence and said.get(program.name) != sentence:
                    said[program.name] = sentence
                    log.info("%s: %s", program.name, sentence)
                if not program.has_given_up or self._stop.wait(self._again_s):
                    continue
                self._programs[at] = self._keeper(program.name)
                self._programs[at].start()

    def _keeper(self, name: str) -> Keeper:
        log_file = self._profile.logs_dir / f"{name}.out"
        return Keeper(name, callfloor(self._words[name]), log_file)
