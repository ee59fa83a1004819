"""The engine's side of the wire without an engine: epochs, numbers, journals, slow clients."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sip.address import parse_address
from sip.client import EngineClient
from sip.errors import KnownError
from sip.messages import (
    Ack,
    AnyEvent,
    Attach,
    EndCall,
    EngineTrouble,
    HangUp,
    Hello,
    LineStatus,
    Message,
    Refused,
    Stamp,
)
from sip.outbox import Outbox
from sip.peers import Inbox, LineSplitter, Listener
from sip.ring import Ring
from sip.wire import Wire, decode_command, encode

pytestmark = pytest.mark.qt
AT = Stamp(1.0, 2.0)


def trouble(sentence: str) -> EngineTrouble:
    return EngineTrouble(seq=0, at=AT, sentence=sentence)


class Peer:
    """A connection that keeps what is sent; `room` lines fit before it is full."""

    needs_token = False

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.lines: list[bytes] = []
        self.is_closed = False

    def send(self, line: bytes) -> bool:
        if len(self.lines) >= self.room:
            return False
        self.lines.append(line)
        return True

    def flush(self) -> bool:
        return not self.is_closed

    def close_after_flush(self) -> None:
        self.is_closed = True

    def close(self) -> None:
        self.is_closed = True

    def read(self) -> list[Message]:
        lines, self.lines = self.lines, []
        return [msgspec.json.decode(line, type=AnyEvent) for line in lines]


@pytest.fixture
def wire() -> Wire:
    def hello() -> Hello:
        return Hello(role="line", engine_id="l", pid=1, version="0", has_tls=True)

    made = Wire(hello, lambda: LineStatus(epoch=made.epoch, last_seq=made.last_seq), Outbox())
    return made


def say(wire: Wire, peer: Peer, *messages: Message) -> list[Message]:
    for message in messages:
        wire.inbox.put(peer, encode(message))
    return wire.receive()


def test_hello_snapshot_then_what_nobody_acknowledged(wire: Wire) -> None:
    for sentence in ("one", "two", "three"):
        wire.emit(trouble(sentence))
    peer = Peer()
    say(wire, peer, Attach(epoch=1))
    hello, status, *events = peer.read()
    assert isinstance(hello, Hello)
    assert status == LineStatus(epoch=1, last_seq=3)
    assert [e.sentence for e in events if isinstance(e, EngineTrouble)] == ["one", "two", "three"]
    assert say(wire, peer, Ack(seq=2)) == []
    other = Peer()
    say(wire, other, Attach(epoch=1))
    assert peer.is_closed
    assert [e.seq for e in other.read()[2:] if isinstance(e, EngineTrouble)] == [3]


def test_an_older_epoch_neither_attaches_nor_commands(wire: Wire) -> None:
    peer = Peer()
    say(wire, peer, Attach(epoch=5))
    peer.read()
    assert say(wire, peer, EndCall(epoch=4, attempt_id="a")) == []
    assert isinstance(peer.read()[0], Refused)
    assert say(wire, peer, EndCall(epoch=6, attempt_id="a")) == [EndCall(epoch=6, attempt_id="a")]
    late = Peer()
    assert say(wire, late, Attach(epoch=5)) == []
    assert late.is_closed
    assert not peer.is_closed
    assert wire.epoch == 6


def test_who_has_not_attached_commands_nothing(wire: Wire) -> None:
    peer = Peer()
    assert say(wire, peer, HangUp()) == []
    refused = peer.read()[0]
    assert isinstance(refused, Refused)
    assert refused.command == "hang_up"


def test_a_client_that_is_full_is_dropped_and_nothing_is_lost(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Peer(room=3)
    say(wire, slow, Attach())
    wire.emit(trouble("one"))
    assert wire.has_client
    wire.emit(trouble("two"))
    assert slow.is_closed
    assert "does not read" in caplog.text
    fresh = Peer()
    say(wire, fresh, Attach())
    assert [type(m) for m in fresh.read()] == [Hello, LineStatus, EngineTrouble, EngineTrouble]


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"null", b'"x"', b'{"type":"hello"}', b'{"type":"ack"}', b"\xff", b"[" * 5000],
)
def test_what_is_no_command_is_a_sentence(line: bytes) -> None:
    answer = decode_command(line)
    assert isinstance(answer, str)
    assert answer.endswith(".")


def test_numbers_and_unacknowledged_events_survive_in_the_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = tmp_path / "line.journal"
    first = Outbox(journal)
    for sentence in ("one", "two", "three"):
        first.add(trouble(sentence))
    first.ack(1)
    first.close()
    with journal.open("ab") as file:
        file.write(b'{"seq":4,"type":"trou')  # the process died in the middle of a line
    second = Outbox(journal)
    assert "damaged" in caplog.text
    assert second.last_seq == 3
    assert [msgspec.json.decode(line)["sentence"] for line in second.unacked()] == ["two", "three"]
    numbered, _line = second.add(trouble("four"))
    assert numbered.seq == 4
    second.ack(99)
    second.close()
    third = Outbox(journal)
    assert third.unacked() == []
    assert third.last_seq == 4
    assert len(journal.read_bytes().splitlines()) == 1
    third.close()


def test_a_journal_in_an_impossible_place_is_a_known_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(KnownError, match="journal"):
        Outbox(tmp_path / "file" / "journal")


def test_memory_keeps_the_newest_events_only() -> None:
    outbox = Outbox(limit=2)
    for sentence in ("one", "two", "three"):
        outbox.add(trouble(sentence))
    assert [msgspec.json.decode(line)["seq"] for line in outbox.unacked()] == [2, 3]


def test_lines_are_cut_wherever_the_stream_was() -> None:
    lines = LineSplitter()
    assert lines.feed(b"one\ntw") == [b"one"]
    assert lines.feed(b"o\n\n \nthree\n") == [b"two", b"three"]
    with pytest.raises(ValueError, match="no end"):
        lines.feed(b"x" * (1 << 21))


def test_a_full_inbox_slows_its_reader_down() -> None:
    inbox, peer = Inbox(limit=2), Peer()
    done = threading.Event()

    def flood() -> None:
        for _line in range(5):
            inbox.put(peer, b"x")
        done.set()

    reader = threading.Thread(target=flood)
    reader.start()
    taken = 0
    while taken < 5:
        taken += len(inbox.drain())
    assert done.wait(2.0)
    reader.join()


@pytest.fixture
def listening(wire: Wire, tmp_path: Path) -> Iterator[str]:
    address = str(tmp_path / "w.sock")
    wire.listen(address)
    yield address
    wire.close()


def test_the_socket_is_the_owners_alone_and_a_stale_one_is_replaced(
    wire: Wire, listening: str
) -> None:
    assert Path(listening).stat().st_mode & 0o777 == 0o600
    second = Inbox()
    with pytest.raises(KnownError, match="already"):
        Listener(listening, None, second, has_token=False)
    stale = Path(listening).with_name("stale.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(stale))
    Listener(str(stale), None, second, has_token=False).close()
    assert not stale.exists()
    wire.close()
    assert not Path(listening).exists()


def test_client_and_wire_speak_over_a_real_socket(wire: Wire, listening: str) -> None:
    got: list[Message] = []
    came, closed = threading.Event(), threading.Event()

    def take(message: Message) -> None:
        got.append(message)
        if isinstance(message, EngineTrouble):
            came.set()

    client = EngineClient(listening, take, epoch=3, on_closed=closed.set)
    while not wire.has_client:
        wire.receive()
    wire.emit(trouble("hello"))
    assert came.wait(2.0)
    assert [type(m) for m in got] == [Hello, LineStatus, EngineTrouble]
    client.close()
    assert closed.wait(2.0)
    assert not client.send(HangUp())
    while wire.has_client:
        wire.receive()


def test_a_client_without_engine_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="No engine answers"):
        EngineClient(str(tmp_path / "nobody.sock"), lambda _m: None)


@pytest.mark.parametrize(
    "text", ["", "unix:", "tcp:10.0.0.1:5", "tcp:127.0.0.1:", "tcp:127.0.0.1:x", "/" + "x" * 200]
)
def test_addresses_off_this_machine_are_refused(text: str) -> None:
    with pytest.raises(KnownError):
        parse_address(text)


def test_addresses_read_back_as_written() -> None:
    assert str(parse_address("tcp:127.0.0.1:99")) == "tcp:127.0.0.1:99"
    assert str(parse_address("/run/x.sock")) == "unix:/run/x.sock"


def test_a_ring_drops_the_oldest_and_fills_with_silence() -> None:
    ring = Ring(8)
    ring.put(b"112233")
    ring.put(b"4455")
    assert ring.take(2) == b"44"
    assert ring.take(4) == b"55\x00\x00"
    ring.put(b"abcd")
    assert ring.take_most(3) == b"ab"
    ring.clear()
    assert len(ring) == 0


def test_a_steady_ring_keeps_a_lump_in_hand() -> None:
    ring = Ring(100, is_steady=True)
    ring.put(b"aabbcc")
    assert ring.take(2) == bytes(2)
    ring.put(b"ddeeff")
    assert [ring.take(2) for _take in range(6)] == [b"aa", b"bb", b"cc", b"dd", b"ee", b"ff"]
    assert ring.take(2) == bytes(2)
    ring.put(b"gghhii")
    assert ring.take(2) == bytes(2)
