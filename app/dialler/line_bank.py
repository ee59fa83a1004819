"""The dialler's lines: processes that are started, adopted, spoken to and replaced.

Everything runs on the dialler's event loop; the clients' reading threads only hop there.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.dialler.line_ear import Acknowledge, Aside, LineEar, Told
from app.profile import Profile
from dialer_core.clock import Clock
from dialer_core.engine import events
from dialer_core.model.ids import LineId
from sip import launch, messages
from sip.client import EngineClient
from sip.errors import KnownError as SipError

log = logging.getLogger("app.dialler.line_bank")

RESTART_PAUSE_S = 0.3  # before a line that has died young twice, or did not start, is tried anew
LONGEST_PAUSE_S = 5.0  # the pause doubles up to this
YOUNG_S = 10.0
REPLAY_S = 0.3  # how long a line's unacknowledged events are waited for after its snapshot


@dataclass(frozen=True, slots=True)
class LineFiles:
    """What a line's process is started with."""

    profile: Profile
    tls_arguments: tuple[str, ...]
    ports: Mapping[LineId, int] = field(default_factory=dict)  # to the trunk; others take any

    def address(self, line_id: LineId) -> str:
        return f"unix:{self.profile.run_dir / f'{line_id}.sock'}"

    def log_file(self, line_id: LineId) -> Path:
        return self.profile.logs_dir / f"{line_id}.log"

    def arguments(self, line_id: LineId) -> list[str]:
        journals = self.profile.root / "journals"
        journals.mkdir(mode=0o700, exist_ok=True)
        return [
            "--id",
            line_id,
            "--socket",
            self.address(line_id),
            "--journal",
            str(journals / f"{line_id}.jsonl"),
            "--sip-port",
            str(self.ports.get(line_id, 0)),
            *self.tls_arguments,
        ]


class LineBank:
    """All lines of one dialler. `tell(event, at, acknowledge)` takes what they report."""

    def __init__(
        self, files: LineFiles, clock: Clock, epoch: int, tell: Told, aside: Aside | None = None
    ) -> None:
        self._files = files
        self._clock = clock
        self._epoch = epoch
        self._tell = tell
        self._ear = LineEar(clock, tell, aside, self.acknowledge)
        self._clients: dict[LineId, EngineClient] = {}
        self._launched: dict[LineId, launch.Launched] = {}
        self._snapshots: dict[LineId, asyncio.Event] = {}
        self._replacing: set[asyncio.Task[None]] = set()
        self._attached = 0
        self._serial_of: dict[LineId, int] = {}  # of each line's latest connection
        self._started_s: dict[LineId, float] = {}  # monotonic
        self._pause_s: dict[LineId, float] = {}  # of lines that died young
        self._loop = asyncio.get_running_loop()
        self._ports: dict[LineId, int] = {}  # that lines were started with
        self._words: dict[LineId, tuple[str, ...]] = {}  # likewise
        self._is_closing = False

    async def open(self, line_ids: list[LineId]) -> None:
        """Adopt the lines that live, start the others, and hear what they have to report."""
        await asyncio.gather(*(self._bring_up(line_id) for line_id in line_ids))
        await asyncio.gather(
            *(asyncio.wait_for(self._snapshots[line_id].wait(), 5.0) for line_id in self._clients)
        )
        await asyncio.sleep(REPLAY_S)

    @property
    def line_ids(self) -> frozenset[LineId]:
        """The lines that are up or on their way."""
        return frozenset(self._serial_of)

    def port_of(self, line_id: LineId) -> int | None:
        """Where the line listens to the trunk, 0 for any; None where another dialler began it."""
        return self._ports.get(line_id)

    def words_of(self, line_id: LineId) -> tuple[str, ...] | None:
        """Addresses, certificates and name servers of a line; None as for its port."""
        return self._words.get(line_id)

    def use_words(self, words: tuple[str, ...]) -> None:
        """What lines are started with from now on."""
        self._files = replace(self._files, tls_arguments=words)

    async def add(self, line_ids: Iterable[LineId], ports: Mapping[LineId, int]) -> None:
        """More lines, and where those for callers listen from now on; a failure is retried."""
        self._files = replace(self._files, ports=ports)
        for line_id in line_ids:
            try:
                await self._bring_up(line_id)
            except SipError as error:
                log.error("%s cannot be started: %s", line_id, error.sentence)
                self._forget(line_id)

    async def retire(self, line_id: LineId, wait_s: float = 8.0) -> None:
        """This line is not wanted any more: it ends what it has in hand, and then itself."""
        client, launched = self._clients.get(line_id), self._launched.pop(line_id, None)
        self._forget(line_id)
        if client is not None:
            client.send(messages.Shutdown(drain=True))
        if launched is not None and not await asyncio.to_thread(launched.wait, wait_s):
            log.warning("%s did not leave in time", line_id)
            launched.kill()
            await asyncio.to_thread(launched.wait, 2.0)
        if client is not None:
            await asyncio.to_thread(client.close)

    def _forget(self, line_id: LineId) -> None:
        for known in (self._clients, self._serial_of, self._ports, self._words, self._pause_s):
            known.pop(line_id, None)

    async def _bring_up(self, line_id: LineId) -> None:
        try:
            await self._attach(line_id)
        except SipError:
            await self._start(line_id)

    async def _start(self, line_id: LineId) -> None:
        old = self._launched.pop(line_id, None)
        if old is not None and old.is_alive():
            old.kill()
            await asyncio.to_thread(old.wait, 2.0)
        launched = launch.start(
            "sip.line", self._files.arguments(line_id), self._files.log_file(line_id)
        )
        self._launched[line_id] = launched
        self._ports[line_id] = self._files.ports.get(line_id, 0)
        self._words[line_id] = self._files.tls_arguments
        self._started_s[line_id] = self._clock.now().mono_s
        address = self._files.address(line_id)
        await asyncio.to_thread(launch.wait_until_ready, launched, address)
        await self._attach(line_id)

    async def _attach(self, line_id: LineId) -> None:
        """Raises SipError where nobody listens, or the line ended in this very moment."""
        self._snapshots[line_id] = asyncio.Event()
        self._attached += 1
        serial = self._attached
        self._serial_of[line_id] = serial
        client = await asyncio.to_thread(
            EngineClient,
            self._files.address(line_id),
            functools.partial(self._hop, line_id),
            epoch=self._epoch,
            on_closed=functools.partial(self._hop_closed, line_id, serial),
        )
        if not client.is_open:  # a dying process may still have taken the connection
            raise SipError(f"{line_id} has ended.")
        self._clients[line_id] = client

    def _hop(self, line_id: LineId, message: messages.Message) -> None:
        self._call_on_loop(self._hear, line_id, message)

    def _hop_closed(self, line_id: LineId, serial: int) -> None:
        self._call_on_loop(self._lost, line_id, serial)

    def _call_on_loop(self, function: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            log.debug("a line spoke after the dialler had closed")

    def _hear(self, line_id: LineId, message: messages.Message) -> None:
        if self._ear.hear(line_id, message):
            self._snapshots[line_id].set()

    def _lost(self, line_id: LineId, serial: int) -> None:
        is_old = serial != self._serial_of.get(line_id) or line_id not in self._clients
        if self._is_closing or is_old:
            return
        del self._clients[line_id]
        task = self._loop.create_task(self._replace(line_id))
        self._replacing.add(task)  # the loop itself holds no task
        task.add_done_callback(self._replacing.discard)

    async def _replace(self, line_id: LineId) -> None:
        """The socket broke: attach again if the line lives, else start another in its place."""
        try:
            await self._attach(line_id)
            return
        except SipError:
            log.warning("%s is gone and will be replaced", line_id)
        self._tell(events.LineLost(line_id), self._clock.now(), None)
        while not self._is_closing and line_id in self._serial_of:
            await asyncio.sleep(self._pause_before(line_id))
            try:
                await self._start(line_id)
                return
            except SipError as error:
                log.error("%s cannot be started: %s", line_id, error.sentence)
            except OSError as error:  # no process, no room for its log
                log.error("%s cannot be started: %s", line_id, error.strerror)

    def _pause_before(self, line_id: LineId) -> float:
        """Nothing at first: the line is wanted at once. More each time that it dies young."""
        lived_s = self._clock.now().mono_s - self._started_s.get(line_id, float("-inf"))
        if lived_s >= YOUNG_S:
            self._pause_s.pop(line_id, None)
        pause_s = self._pause_s.get(line_id, 0.0)
        self._pause_s[line_id] = min(max(RESTART_PAUSE_S, 2.0 * pause_s), LONGEST_PAUSE_S)
        return pause_s

    def send(self, line_id: LineId, message: messages.Message) -> bool:
        """Give a line a command; False where the line is gone (LineLost follows)."""
        client = self._clients.get(line_id)
        return client is not None and client.send(message)

    def acknowledge(self, done: Acknowledge) -> None:
        """Its effects are on the record: the line may forget the event."""
        self.send(done.line_id, messages.Ack(seq=done.seq))

    @property
    def epoch(self) -> int:
        return self._epoch

    async def close(self, *, shut_lines: bool, wait_s: float = 8.0) -> None:
        """Leave; with `shut_lines` the lines end too, in order."""
        self._is_closing = True
        if shut_lines:
            for client in self._clients.values():
                client.send(messages.Shutdown(drain=True))
            until = self._clock.now().mono_s + wait_s
            while any(line.is_alive() for line in self._launched.values()):
                if self._clock.now().mono_s > until:
                    log.warning("a line did not leave in time")
                    break
                await asyncio.sleep(0.05)
        for client in list(self._clients.values()):
            await asyncio.to_thread(client.close)
        for line in self._launched.values():
            if shut_lines and line.is_alive():
                line.kill()
                line.wait(1.0)
