"""One PC of lines as the dialler uses it: looked at every second, its lines spoken to, its
recordings brought home.

What the links carry stands in `far_words`. Where the PC does not answer its lines are lost, as a
line is whose process is gone: calls are closed with what is known, and completed by what the
lines' journals tell once the PC is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

import msgspec

from app.clock import clock_words
from app.dialler import far_files, translate
from app.dialler import far_words as words
from app.dialler.clock_watch import CLOCK_OFF_S
from app.dialler.far_arrivals import Arrivals, Record
from app.dialler.far_clock import FarClock
from app.dialler.far_line import FarLine
from app.dialler.far_link import FarLink
from app.dialler.line_ear import LineEar
from app.profile import Profile
from dialer_core.engine import events
from dialer_core.model.ids import LineId
from sip import messages
from sip.clock import awake_s
from sip.messages import Message

log = logging.getLogger("app.dialler.far_pc")

LOOK_S: Final = 1.0
ANSWER_S: Final = 3.0
LINE_UP_S: Final = 20.0  # a PC with little to spare takes its time to start a line
AGAIN_S: Final = 1.0
FIRST_LOOKS: Final = 5
TRIES: Final = 2  # so often it is asked again before its lines are given up


class FarPc:
    """The lines of one PC. `hosts()`: the trunk's servers, and whether they have to be looked up.

    `changed()`: other lines than before may be used; `record` says which recordings are wanted.
    Belongs to the dialler's event loop.
    """

    def __init__(
        self,
        link: FarLink,
        profile: Profile,
        epoch: int,
        ear: LineEar,
        hosts: Callable[[], tuple[tuple[str, ...], bool]],
        changed: Callable[[], None],
        record: Record,
    ) -> None:
        self.link = link
        self._recordings_dir = profile.root / "recordings"
        self._epoch = epoch
        self._ear = ear
        self._hosts = hosts
        self._changed = changed
        self._clock = FarClock()
        self._sounds = far_files.SoundsThere()
        self._far_recordings_dir = ""
        self._lines: dict[LineId, FarLine] = {}
        self._pids: dict[LineId, int] = {}  # of those that the engine counts on
        self._in_hand: dict[LineId, str] = {}  # attempts
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening: set[LineId] = set()
        self._arrivals = Arrivals(
            link.offer.seat, self._recordings_dir, link, record, lambda: ear.clock.now().mono_s
        )
        self._n = 0
        self._missed = 0
        self._is_there = asyncio.Event()
        self.is_leaving = False
        self.trouble = ""

    @property
    def name(self) -> str:
        return self.link.offer.seat

    @property
    def line_ids(self) -> frozenset[LineId]:
        """Lines that the engine may use."""
        return frozenset() if self.is_leaving else frozenset(self._pids)

    @property
    def has_lines(self) -> bool:
        """Lines are there that it speaks to, though they may be about to end."""
        return bool(self._lines)

    async def wait_until_there(self) -> None:
        """Its lines have told what they have in hand."""
        await self._is_there.wait()

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                try:
                    await self._look_after()
                except (OSError, ValueError, asyncio.IncompleteReadError) as error:
                    self._away(error)
                await asyncio.sleep(AGAIN_S)
        finally:
            self.close()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _away(self, error: Exception) -> None:
        self._missed += 1
        if self._missed < TRIES and self._lines:
            return  # a link that broke may be made anew before anybody is the worse for it
        for line_id in list(self._pids):
            self._lose(line_id)
        if self.is_leaving:
            return  # it has said so
        if not self.trouble:
            log.warning(
                "the lines on %s are away: %s", self.name, str(error) or type(error).__name__
            )
        places = " or ".join(self.link.offer.addresses)
        self.trouble = (
            f"The lines on {self.name} are away: nothing answers at {places}, port "
            f"{self.link.offer.port}. See that the PC is on, on this network, and that callfloor "
            "lines runs there."
        )

    def _lose(self, line_id: LineId) -> None:
        line = self._lines.pop(line_id, None)
        if line is not None:
            line.close()
        if self._pids.pop(line_id, None) is not None:
            self._ear.tell(events.LineLost(line_id), self._ear.clock.now(), None)
        self._in_hand.pop(line_id, None)
        self._changed()

    # --- looking after it -------------------------------------------------------------------

    async def _look_after(self) -> None:
        self._sounds.forget()  # it may be another program by now
        async with self.link(words.Look(n=0)) as (reader, writer):
            await self._answer(reader, writer, is_asked=True)
            for _ in range(FIRST_LOOKS):
                seen = await self._answer(reader, writer)
            while True:
                self._missed = 0
                self.trouble = self._clock_trouble() or seen.trouble
                self._sounds.folder, self._far_recordings_dir = (
                    seen.sounds_dir, seen.recordings_dir
                )  # fmt: skip
                await self._follow(seen)
                self._is_there.set()
                await asyncio.sleep(LOOK_S)
                seen = await self._answer(reader, writer)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_asked: bool = False
    ) -> words.Seen:
        clock, asked, awake = self._ear.clock, self._ear.clock.now(), awake_s()
        if not is_asked:
            self._n += 1
            hosts, looks_up = self._hosts()
            writer.write(words.say(words.Look(n=self._n, hosts=hosts, looks_up=looks_up)))
        async with asyncio.timeout(ANSWER_S):
            seen = words.hear(await reader.readline())
        if isinstance(seen, words.No):
            raise ConnectionError(seen.sentence)
        if not isinstance(seen, words.Seen):
            raise ConnectionError("it does not answer as it should")
        self._clock.saw(seen, asked, clock.now(), awake)
        return seen

    def _clock_trouble(self) -> str:
        off_s = self._clock.utc_off_s
        if abs(off_s) <= CLOCK_OFF_S:
            return ""
        return (
            f"The clock of {self.name}, a PC of lines, is {clock_words(off_s)} this PC's; its "
            "calls are told with this PC's times. Set the clock right."
        )

    async def _follow(self, seen: words.Seen) -> None:
        """Lines that are there and not spoken to are; recordings that lie there come home."""
        if seen.is_leaving and not self.is_leaving:
            self._drain()
        self.is_leaving = seen.is_leaving
        ids = {LineId(f"{one}@{self.name}"): one for one in seen.lines}
        new = [one for one in ids if one not in self._lines and one not in self._opening]
        if new and not self.is_leaving:
            waits = [self._start(self._open(one, ids[one])) for one in new]
            if not self._is_there.is_set():
                await asyncio.wait(waits, timeout=LINE_UP_S)
        for name in self._arrivals.due(seen.recordings, set(self._in_hand.values())):
            self._start(self._arrivals.deal_with(name))

    def _drain(self) -> None:
        """It wants to leave: its lines finish what they have in hand, and then end."""
        self.is_leaving = True
        self._changed()
        for line in self._lines.values():
            line.send(messages.Shutdown(drain=True))

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- its lines ----------------------------------------------------------------------------

    async def _open(self, line_id: LineId, there: str) -> None:
        """Speak with a line; returns once it has told what it has in hand."""
        self._opening.add(line_id)
        is_up = asyncio.Event()
        try:
            reader, writer = await self.link.open(words.Speak(line=there))
            line = FarLine(
                reader,
                writer,
                self._fit,
                self._bring,
                lambda message: self._hear(line_id, line, message, is_up),
                lambda command: self._undone(line_id, command),
            )
            self._lines[line_id] = line
            self._start(self._listen(line_id, line, is_up))
            await asyncio.wait_for(is_up.wait(), LINE_UP_S)
        except OSError as error:
            log.warning("%s cannot be spoken to: %s", line_id, str(error) or type(error).__name__)
            self._lose(line_id)
        finally:
            self._opening.discard(line_id)

    async def _listen(self, line_id: LineId, line: FarLine, is_up: asyncio.Event) -> None:
        await line.run(self._epoch)
        is_up.set()
        if self._lines.get(line_id) is line:
            del self._lines[line_id]
            if self.is_leaving:
                self._lose(line_id)

    def _hear(self, line_id: LineId, line: FarLine, message: Message, is_up: asyncio.Event) -> None:
        if isinstance(message, messages.Hello):
            self._is_another(line_id, message.pid)
            return
        now = self._ear.clock.now()
        message = self._clock.here(message, now)
        match message:
            case messages.LineStatus():
                self._pids[line_id] = line.pid
                self._changed()  # before the engine hears that the line is up
                self._note_in_hand(line_id, message.call.attempt_id if message.call else "")
            case messages.CallEnded():
                self._note_in_hand(line_id, "")
            case messages.RecordingChanged():
                message = msgspec.structs.replace(message, path=self._at_home(message.path))
        if self._ear.hear(line_id, message):
            is_up.set()

    def _is_another(self, line_id: LineId, pid: int) -> None:
        """A line in the place of one that has died: what that one had in hand is over."""
        if self._pids.get(line_id, pid) != pid:
            del self._pids[line_id]
            self._ear.tell(events.LineLost(line_id), self._ear.clock.now(), None)

    def _note_in_hand(self, line_id: LineId, attempt_id: str) -> None:
        if attempt_id:
            self._in_hand[line_id] = attempt_id
        else:
            self._in_hand.pop(line_id, None)

    def send(self, line_id: LineId, message: Message) -> bool:
        """Give a line a command; False where it is not spoken to just now."""
        line = self._lines.get(line_id)
        if line is None or line_id not in self._pids:
            return False
        if isinstance(message, messages.Originate | messages.TakeCall):
            self._note_in_hand(line_id, message.attempt_id)
        return line.send(message)

    def _fit(self, command: Message) -> Message | None:
        places = {path: self._sounds.path_of(path) for path in far_files.sounds_of(command)}
        if None in places.values():
            return None
        command = far_files.with_sounds(command, lambda path: str(places[path]))
        match command:
            case messages.Originate() | messages.TakeCall() if command.recording is not None:
                order = msgspec.structs.replace(
                    command.recording, path=self._over_there(command.recording.path)
                )
                command = msgspec.structs.replace(command, recording=order)
        if isinstance(command, messages.Originate) and command.not_after_s is not None:
            limit_s = self._clock.there_awake(command.not_after_s)
            command = msgspec.structs.replace(command, not_after_s=limit_s)
        return command

    async def _bring(self, command: Message) -> bool:
        try:
            for path in far_files.sounds_of(command):
                if self._sounds.path_of(path) is None:
                    await self._sounds.bring(path, self.link)
        except (OSError, ValueError) as error:
            log.warning("a sound could not be brought to %s: %s", self.name, error)
            return False
        return True

    def _undone(self, line_id: LineId, command: Message) -> None:
        """The call cannot leave: to the engine it has ended, and the record says why."""
        attempt_id = getattr(command, "attempt_id", "")
        if not isinstance(command, messages.Originate | messages.TakeCall):
            return
        self._in_hand.pop(line_id, None)
        refused = messages.Refused(
            command="originate",
            sentence=f"a sound could not be brought to {self.name}",
            attempt_id=attempt_id,
        )
        event, at = translate.refused_originate(line_id, refused, self._ear.clock.now())
        self._ear.tell(event, at, None)

    def _over_there(self, path: str) -> str:
        return (
            f"{self._far_recordings_dir}/{Path(path).relative_to(self._recordings_dir).as_posix()}"
        )

    def _at_home(self, path: str) -> str:
        """Where a recording will be once it has come home; that is what goes on the record."""
        name = path.removeprefix(f"{self._far_recordings_dir}/")
        return str(self._recordings_dir / name) if far_files.is_recording(name) else path

    def give_up(self) -> None:
        """It lends no lines any more: what they had in hand is over as far as is known."""
        for line_id in list(self._pids):
            self._lose(line_id)

    def close(self) -> None:
        """Leave; its lines go on."""
        for line in list(self._lines.values()):
            line.close()
        self._lines.clear()
        for task in list(self._tasks):
            task.cancel()

    async def shut(self, wait_s: float) -> None:
        """End its lines in order."""
        for line in self._lines.values():
            line.send(messages.Shutdown(drain=True))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while self._lines:
                    await asyncio.sleep(0.05)
