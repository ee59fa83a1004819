"""A line and four parties around it, each with a sound of its own: who hears whom, and since when.

Sounds are pairs of tones, all different, so that a mixture still tells who is in it.
"""

from __future__ import annotations

import itertools
import os
import resource
import signal
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from sip.launch import start
from sip.messages import (
    AgentAddress,
    AgentBridged,
    Arrange,
    Arrangement,
    CallAnswered,
    CallArranged,
    CallEnded,
    ConnectAgent,
    DialThird,
    EndCall,
    Gateway,
    HangUp,
    LineCall,
    LineStatus,
    Message,
    Originate,
    RecordingOrder,
    Seat,
    ThirdChanged,
    ThirdStage,
)
from tests.sip.floor import Client, Floor, order
from tests.sip.party import RATE, RECORD, Addresses, pair

M = TypeVar("M", bound=Message)
Name = Literal["person", "agent", "third", "supervisor"]
NAMES: tuple[Name, ...] = ("person", "agent", "third", "supervisor")
TONES_HZ = {
    "person": (500, 1650),
    "agent": (600, 1750),
    "third": (700, 1850),
    "supervisor": (800, 1950),
    "music": (900, 2050),
    "notice": (1000, 2150),
    "message": (1100, 2250),
}
OURS = "+4416149601"
SESSIONS: dict[Name, int] = {"agent": 7, "third": 8, "supervisor": 9}
LEAST_LEVEL = 600.0  # of 3000: a tone that is there, also at the edge of a frame
LEAST_EXPLAINED = 0.93  # of a frame's power, by all tones together: one with a cut has less
_attempts = itertools.count(1)


class PartlyHeard(AssertionError):
    """Somebody was there for a part of the time only; `shares` of it by name."""

    def __init__(self, shares: dict[str, float]) -> None:
        super().__init__(f"heard for a part of the time only: {shares}")
        self.is_gap = min(shares.values()) > 0.7


class Heard:
    """What one ear heard: moments (monotonic seconds) and a row of tones for each 20 ms."""

    def __init__(self, at_s: npt.NDArray[np.float64], frames: npt.NDArray[np.float64]) -> None:
        self.at_s = at_s
        self._loud = np.sqrt((frames**2).mean(axis=1)) if len(frames) else np.zeros(0)
        moments_s = np.arange(frames.shape[1]) / RATE
        self._there: dict[str, npt.NDArray[np.bool_]] = {}
        explained = np.zeros(len(frames))
        for name, tones in TONES_HZ.items():
            waves = np.exp(-2j * np.pi * np.outer(moments_s, tones))
            levels = 2 * np.abs(frames @ waves) / frames.shape[1]
            self._there[name] = (levels > LEAST_LEVEL).all(axis=1)
            explained += (levels**2).sum(axis=1) / 2
        # Sound was left out or put in within these 20 ms, and sounds like a tone beside its own.
        self._is_torn = explained < LEAST_EXPLAINED * self._loud**2
        self._is_ours = np.any(list(self._there.values()), axis=0)

    def between(self, from_s: float, to_s: float) -> dict[str, float]:
        """The share of the 20 ms in which each sound was there, without those that never were."""
        span = (self.at_s >= from_s) & (self.at_s < to_s)
        assert span.any(), "nothing came in that time"
        assert (self._is_torn & self._is_ours)[span].mean() < 0.3, "sound with cuts"
        return {
            name: float(there[span].mean())
            for name, there in self._there.items()
            if (there & ~self._is_torn)[span].any()
        }

    def who(self, from_s: float, to_s: float) -> set[str]:
        """Who was heard all the time in this span; fails where somebody was heard in part."""
        shares = self.between(from_s, to_s)
        partly = {name: share for name, share in shares.items() if share < 0.9}
        if partly:
            raise PartlyHeard(partly)
        return set(shares)

    def is_silent(self, from_s: float, to_s: float) -> bool:
        """Whether there was nothing at all, not even noise."""
        span = (self.at_s >= from_s) & (self.at_s < to_s)
        assert span.any()
        return bool((self._loud[span] < 20).all())

    def last_s(self, name: str, from_s: float, to_s: float) -> float:
        """The moment after the last 20 ms in which this one was there."""
        span = (self.at_s >= from_s) & (self.at_s < to_s) & self._there[name]
        return float(self.at_s[span].max()) if span.any() else from_s

    def first_s(self, name: str, from_s: float) -> float:
        """The moment of the first 20 ms in which this one was there."""
        span = (self.at_s >= from_s) & self._there[name]
        assert span.any(), f"{name} was not heard"
        return float(self.at_s[span].min())

    def gap_ms(self, name: str, from_s: float, to_s: float) -> float:
        """The longest time without this one."""
        span = (self.at_s >= from_s) & (self.at_s < to_s) & self._there[name]
        edges = np.concatenate([[from_s], self.at_s[span], [to_s]])
        return float(1000 * np.diff(edges).max()) - 20


def frames_of(pcm16: bytes) -> npt.NDArray[np.float64]:
    """Rows of 20 ms."""
    whole = len(pcm16) - len(pcm16) % 320
    return np.frombuffer(pcm16[:whole], dtype="<i2").reshape(-1, 160).astype(np.float64)


def recorded(path: Path) -> tuple[Heard, Heard]:
    """Left and right of a recording; moments count from the file's beginning."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    left, right = (frames_of(both[:, side].tobytes()) for side in (0, 1))
    at_s = np.arange(len(left), dtype=np.float64) * 0.02
    return Heard(at_s, left), Heard(at_s, right)


class Stage:
    """A line and its parties; each test dials a new attempt on them."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        launched, address = floor.start("sip.line", "line")
        self._line_address = address
        self.line = floor.client(address)
        self.line_pid = launched.pid
        self.line_launched = launched
        self.pids: dict[Name, int] = {}
        self.clients: dict[Name, Client] = {}
        self.addresses: dict[Name, Addresses] = {}
        for name in NAMES:
            self._start_party(name)
        self.music_wav = self.wav("music", 5.0)
        self.message_wav = self.wav("message", 1.0)
        self.attempt_id = ""

    def _start_party(self, name: Name) -> None:
        address = str(self.floor.folder / f"{name}.sock")
        tones = [str(hz) for hz in TONES_HZ[name]]
        launched = start(
            "tests.sip.party",
            [address, name, str(self.floor.folder), *tones],
            self.floor.folder / f"{name}.log",
        )
        self.floor.adopt(launched, address)
        self.pids[name] = launched.pid
        self.clients[name] = self.floor.client(address)
        text = (self.floor.folder / f"{name}.json").read_bytes()
        self.addresses[name] = msgspec.json.decode(text, type=Addresses)

    def wav(self, name: str, seconds: float) -> str:
        path = self.floor.folder / f"{name}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(pair(*TONES_HZ[name], seconds))
        return str(path)

    def gateway(self, name: Name, **changes: object) -> Gateway:
        template = f"sip:{{number}}@{self.addresses[name].trunk};transport=udp"
        plain = Gateway(name=name, uri_template=template, codecs=("PCMA/8000",))
        return msgspec.structs.replace(plain, **changes)

    def seat(self, name: Name) -> Seat:
        uri = self.addresses[name].seat_uri
        return Seat(session_id=SESSIONS[name], uri=uri, token=f"token-of-{name}")

    def agent(self, name: Name = "agent") -> AgentAddress:
        seat = self.seat(name)
        return AgentAddress(session_id=seat.session_id, uri=seat.uri, token=seat.token)

    # --- a call -------------------------------------------------------------------------------

    def order(self, **changes: object) -> Originate:
        if self.attempt_id and not self._has_ended():
            self.end()  # what a failed test has left
        self.attempt_id = f"control-{next(_attempts)}"
        plain = order(
            self.gateway("person"),
            f"{OURS}00",
            attempt_id=self.attempt_id,
            message_wav=self.message_wav,
        )
        return msgspec.structs.replace(plain, **{"hold_wav": self.music_wav, **changes})

    def _has_ended(self) -> bool:
        return any(ended.attempt_id == self.attempt_id for ended in self.line.all(CallEnded))

    def talk(self, **changes: object) -> AgentBridged:
        self.line.send(self.order(**changes))
        self.wait(CallAnswered)
        self.line.send(ConnectAgent(epoch=1, attempt_id=self.attempt_id, agent=self.agent()))
        bridged = self.wait(AgentBridged)
        time.sleep(0.3)
        return bridged

    def wait(self, kind: type[M], timeout_s: float = 8.0, **wanted: object) -> M:
        """The newest message of this kind about the attempt whose fields are as `wanted`."""

        def fits(message: M) -> bool:
            if getattr(message, "attempt_id", "") != self.attempt_id:
                return False
            return all(getattr(message, key) == value for key, value in wanted.items())

        return self.line.wait(kind, timeout_s, fits)

    def wait_next(self, kind: type[M], after_seq: int, timeout_s: float = 8.0) -> M:
        """The first message of this kind after that number."""
        return self.line.wait(kind, timeout_s, lambda m: int(getattr(m, "seq", 0)) > after_seq)

    def arrange(self, how: Arrangement) -> CallArranged:
        """Ask for it, and wait until the bridge says so."""
        seq = self.last_seq()
        self.line.send(Arrange(epoch=1, attempt_id=self.attempt_id, how=how))
        arranged = self.wait_next(CallArranged, seq)
        assert arranged.how == how
        return arranged

    def last_seq(self) -> int:
        return max((int(getattr(m, "seq", 0)) for m in self.line.all(Message)), default=0)

    def dial_third(self, **changes: object) -> None:
        """Call the third party's number; `number` ends as the party is to behave."""
        plain = DialThird(
            epoch=1,
            attempt_id=self.attempt_id,
            third_ref="t-1",
            number=f"{OURS}00",
            gateway=self.gateway("third"),
        )
        self.line.send(msgspec.structs.replace(plain, **changes))

    def dial_colleague(self, **changes: object) -> None:
        self.dial_third(number="", gateway=None, seat=self.seat("third"), **changes)

    def third(self, stage: ThirdStage) -> ThirdChanged:
        return self.wait(ThirdChanged, stage=stage)

    def snapshot(self) -> LineCall:
        """The call as a dialler would find it that comes anew; this client stays attached."""
        again = self.floor.client(self._line_address)
        status = again.wait(LineStatus)
        call = status.call
        assert call is not None
        again.wait(Message, where=lambda m: getattr(m, "seq", 0) == status.last_seq)
        self.line = again
        return call

    def hang_up(self, name: Name) -> float:
        at_s = time.monotonic()
        self.clients[name].send(HangUp())
        return at_s

    def pause(self, name: Name, *, is_paused: bool) -> None:
        """Stop a party's process in its tracks, or let it go on."""
        os.kill(self.pids[name], signal.SIGSTOP if is_paused else signal.SIGCONT)

    def limit_file_size(self, n_bytes: int | None) -> None:
        """Let the line's files grow to this size only, as on a full disk; None takes it back."""
        hard = resource.prlimit(self.line_pid, resource.RLIMIT_FSIZE)[1]
        soft = hard if n_bytes is None else n_bytes
        resource.prlimit(self.line_pid, resource.RLIMIT_FSIZE, (soft, hard))

    def end(self) -> CallEnded:
        self.line.send(EndCall(epoch=1, attempt_id=self.attempt_id))
        return self.ended()

    def ended(self) -> CallEnded:
        return self.wait(CallEnded)

    def recording(self, **changes: object) -> RecordingOrder:
        path = self.floor.folder / f"{time.monotonic_ns()}.wav"
        plain = RecordingOrder(path=str(path), starts="bridged")
        return msgspec.structs.replace(plain, **changes)

    # --- who hears whom -----------------------------------------------------------------------

    def heard(self, name: Name) -> Heard:
        """All that this party has heard so far."""
        data = (self.floor.folder / f"{name}.heard").read_bytes()
        records = [RECORD.unpack_from(data, at) for at in range(0, len(data) - 327, RECORD.size)]
        at_s = np.array([moment for moment, _pcm16 in records], dtype=np.float64)
        return Heard(at_s, frames_of(b"".join(pcm16 for _moment, pcm16 in records)))

    def listen(self, seconds: float = 0.6, settle_s: float = 0.2) -> dict[str, set[str]]:
        """Who hears whom from `settle_s` after now on, for `seconds`; the parties in this call.

        A busy machine may leave out a moment of somebody's sound: then it is listened again.
        """
        time.sleep(settle_s)
        for _ in range(2):
            try:
                return self._listen(seconds)
            except PartlyHeard as error:
                if not error.is_gap:
                    raise
        return self._listen(seconds)

    def _listen(self, seconds: float) -> dict[str, set[str]]:
        from_s = time.monotonic()
        time.sleep(seconds)
        to_s = time.monotonic()
        time.sleep(0.1)
        found: dict[str, set[str]] = {}
        for name in NAMES:
            heard = self.heard(name)
            if ((heard.at_s >= from_s) & (heard.at_s < to_s)).sum() > 10:
                found[name] = heard.who(from_s, to_s)
        return found


def make_stage(folder: Path) -> Iterator[Stage]:
    """A stage that ends with the generator."""
    floor = Floor(folder)
    try:
        yield Stage(floor)
    finally:
        floor.close()
