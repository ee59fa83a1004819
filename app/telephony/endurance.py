"""Thousands of short calls through one line process: does it grow, and does it lose a call?

The people are sipp's, a free engine that knows nothing of PJSIP: in turn one hangs up at once,
one is hung up on, one is busy, one is given up, and now and then one hears the message.
"""

from __future__ import annotations

import contextlib
import queue
import re
import shutil
import socket
import subprocess
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from app.bench_figures import Machine, this_machine
from app.errors import KnownError
from resources import path as resource
from sip import launch, messages
from sip.client import EngineClient

NUMBER, CALLER_ID = "+441614960001", "+441614960000"  # of a range that is set aside for fiction
CALL_LIMIT_S = 20.0
START_S = 10.0
MESSAGE_S = 0.1
MESSAGE_EVERY = 20
TARGET_GROWTH = 0.05
WARM_UP_S = 36.0
"""SIP keeps what it knows of a refusal or a BYE for 32 s (RFC 3261, timers D and J, 64*T1): until
then the memory grows with each call, whatever a line does."""
SETTLE_S = 0.5
"""A line tells of a call's end before it has closed the message that it played there."""
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is called: sipp's scenario, when the dialler ends the call, and how it must end."""

    scenario: str
    ends_at: type[messages.Message] | None
    status: int
    ended_by: str
    has_message: bool = False


PEOPLE = (
    Person("hangs_up", None, 200, "person"),
    Person("hears_out", messages.CallAnswered, 200, "dialler"),
    Person("refuses", None, 486, "person"),
    Person("never_answers", messages.CallProgress, 487, "dialler"),
)
LISTENER = Person("hears_out", None, 200, "line", has_message=True)


class Size(msgspec.Struct, frozen=True):
    """A process at a moment. `memory_kb`: resident, of it `private_kb` its own; `files`: open
    files and sockets, the ports of its calls among them.
    """

    memory_kb: int
    private_kb: int
    files: int
    threads: int


class EnduranceFigures(msgspec.Struct, frozen=True):
    """What came of it. `growth`: of the resident memory from `warm` to `end`, 0.05 for 5 %.

    `warm_up`: how many calls had been made when `warm` was measured.

    `wrong` holds a sentence for each of the first calls that ended otherwise than they should;
    `is_idle`: the line says itself that it has no call in hand.
    """

    calls: int
    warm_up: int
    seconds: float
    wrong: list[str]
    is_idle: bool
    warm: Size
    end: Size
    growth: float
    meets_target: bool
    machine: Machine


def endure(
    calls: int = 2000,
    warm_up: int = 200,
    *,
    warm_up_s: float = WARM_UP_S,
    on_call: Callable[[int], None] = lambda _count: None,
) -> EnduranceFigures:
    """Run so many calls one after the other through one line, and measure it.

    `warm_up`, `warm_up_s`: after how many, and not before which second, the line is measured
    first. Raises KnownError where sipp or the system's figures of a process are missing, and
    where the calls were over before the warm-up was.
    """
    if not 0 < warm_up < calls:
        raise KnownError("The warm-up must be shorter than the run: give more calls.")
    if not _PROC.joinpath("self/smaps_rollup").exists():
        raise KnownError("This system does not tell how much memory a process has: use Linux.")
    machine = this_machine()
    with TemporaryDirectory(prefix="callfloor-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        addresses = {one.scenario: stack.enter_context(_sipp(folder, one)) for one in PEOPLE}
        line = stack.enter_context(_line(folder))
        message_wav = _silence(folder / "message.wav")
        began_s, wrong, warm = time.monotonic(), list[str](), None
        for count in range(1, calls + 1):
            person = LISTENER if count % MESSAGE_EVERY == 0 else PEOPLE[count % len(PEOPLE)]
            wrong += line.call(count, person, addresses[person.scenario], message_wav)
            is_warm = count >= warm_up and time.monotonic() - began_s >= warm_up_s
            if is_warm and warm is None and count < calls:
                warm, warm_up = line.size(), count
            on_call(count)
        seconds = time.monotonic() - began_s
        end = line.size()
        is_idle = line.is_idle()
    if warm is None:
        raise KnownError(
            f"The {calls} calls took {seconds:.0f} s, less than the warm-up of {warm_up_s:g} s: "
            "give more calls."
        )
    growth = end.memory_kb / warm.memory_kb - 1.0
    is_whole = not wrong and is_idle and end.files <= warm.files and end.threads <= warm.threads
    return EnduranceFigures(
        calls=calls,
        warm_up=warm_up,
        seconds=round(seconds, 1),
        wrong=wrong[:20],
        is_idle=is_idle,
        warm=warm,
        end=end,
        growth=round(growth, 4),
        meets_target=is_whole and growth <= TARGET_GROWTH,
        machine=machine,
    )


class _Line:
    """One line process, and what it says."""

    def __init__(self, launched: launch.Launched, address: str) -> None:
        self._launched = launched
        self._address = address
        self._said: queue.Queue[messages.Message] = queue.Queue()
        self._client = EngineClient(address, self._said.put, epoch=1)

    def call(self, count: int, person: Person, address: str, message_wav: Path) -> list[str]:
        """One call from its order to its end; what was wrong with it."""
        attempt_id = f"call-{count}"
        self._client.send(_order(attempt_id, person, address, message_wav))
        until_s = time.monotonic() + CALL_LIMIT_S
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                said = self._said.get(timeout=left_s)
            except queue.Empty:
                break
            seq = getattr(said, "seq", None)
            if isinstance(seq, int):
                self._client.send(messages.Ack(seq=seq))
            if getattr(said, "attempt_id", attempt_id) != attempt_id:
                continue
            if person.ends_at is not None and type(said) is person.ends_at:
                self._client.send(messages.EndCall(epoch=1, attempt_id=attempt_id, now=True))
            elif isinstance(said, messages.Refused):
                return [f"{attempt_id}: refused: {said.sentence}"]
            elif isinstance(said, messages.CallEnded):
                return _faults(said, person)
        return [f"{attempt_id} ({person.scenario}) did not end in time"]

    def size(self) -> Size:
        """The process as the system sees it, once the last call's files are closed."""
        time.sleep(SETTLE_S)
        pid = _PROC / str(self._launched.pid)
        status, memory = (pid / "status").read_text(), (pid / "smaps_rollup").read_text()
        private = re.findall(r"^Private_\w+: +(\d+) kB", memory, re.MULTILINE)
        return Size(
            _number(status, "VmRSS"),
            sum(map(int, private)),
            sum(1 for _ in (pid / "fd").iterdir()),
            _number(status, "Threads"),
        )

    def is_idle(self) -> bool:
        """Whether it says to a new client that it has no call in hand."""
        self._client.close()
        found: queue.Queue[bool] = queue.Queue()

        def hear(said: messages.Message) -> None:
            if isinstance(said, messages.LineStatus):
                found.put(said.call is None)

        self._client = EngineClient(self._address, hear, epoch=1)
        with contextlib.suppress(queue.Empty):
            return found.get(timeout=5.0)
        return False

    def close(self) -> None:
        self._client.send(messages.Shutdown())
        if not self._launched.wait(5.0):
            self._launched.kill()
            self._launched.wait(2.0)
        self._client.close()


@contextlib.contextmanager
def _line(folder: Path) -> Iterator[_Line]:
    address = str(folder / "line.sock")
    words = ["--id", "endurance", "--socket", address, "--journal", str(folder / "line.jsonl")]
    launched = launch.start("sip.line", words, folder / "line.log")
    launch.wait_until_ready(launched, address)
    line = _Line(launched, address)
    try:
        yield line
    finally:
        line.close()


@contextlib.contextmanager
def _sipp(folder: Path, person: Person) -> Iterator[str]:
    """People of one kind, as many as are called; their address."""
    program = shutil.which("sipp")
    if program is None:
        raise KnownError("sipp is not installed: install the package sip-tester.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    script = resource(f"sipp/{person.scenario}.xml")
    process = subprocess.Popen(
        [program, "-sf", str(script), "-i", "127.0.0.1", "-p", str(port), "-nostdin"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_port(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_for_port(process: subprocess.Popen[bytes], port: int) -> None:
    until_s = time.monotonic() + START_S
    while f":{port:04X} " not in (_PROC / "net/udp").read_text():
        if process.poll() is not None or time.monotonic() > until_s:
            raise KnownError("sipp did not start: try it by hand, its version may be too old.")
        time.sleep(0.02)


def _order(attempt_id: str, person: Person, address: str, message_wav: Path) -> messages.Originate:
    uri = f"sip:{{number}}@{address};transport=udp"
    return messages.Originate(
        epoch=1,
        attempt_id=attempt_id,
        number=NUMBER,
        gateway=messages.Gateway(name="sipp", uri_template=uri),
        caller_id=CALLER_ID,
        min_ring_s=0.0,
        max_ring_s=5.0,
        connect_limit_s=0.05 if person.has_message else 10.0,
        message_lead_s=0.0,
        message_wav=str(message_wav) if person.has_message else "",
        max_call_s=30.0,
        agent_leg="on_answer",
    )


def _faults(ended: messages.CallEnded, person: Person) -> list[str]:
    found = (ended.status, ended.ended_by, ended.message_played, ended.crossed)
    wanted = (person.status, person.ended_by, person.has_message, False)
    if found == wanted:
        return []
    return [f"{ended.attempt_id} ({person.scenario}): {found} instead of {wanted}"]


def _number(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def _silence(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * round(8000 * MESSAGE_S)))
    return path
