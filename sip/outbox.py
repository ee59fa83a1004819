"""Numbered events that stay until they are acknowledged, in memory and in a journal."""

from __future__ import annotations

import logging
import os
from collections import deque
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from sip.errors import KnownError
from sip.messages import Ack, Message

log = logging.getLogger("sip.wire")
E = TypeVar("E", bound=Message)
LIMIT = 20_000
"""Events that memory keeps without an acknowledgement; the journal has them all."""


class _Line(msgspec.Struct):
    seq: int
    type: str = ""


class Outbox:
    """Gives events their numbers and keeps them until `ack`.

    With a journal (a JSON-lines file, one event or acknowledgement a line) numbers and unacked
    events survive the process. Raises KnownError if the journal cannot be written.
    """

    def __init__(self, journal: Path | None = None, limit: int = LIMIT) -> None:
        self.last_seq = 0
        self._lines: deque[tuple[int, bytes]] = deque(maxlen=limit)
        self._acked_seq = 0
        self._file: IO[bytes] | None = None
        if journal is not None:
            try:
                self._read_back(journal)
                self._file = journal.open("ab", buffering=0)
                journal.chmod(0o600)
            except OSError as error:
                raise KnownError(
                    f"The journal {journal} cannot be used ({error.strerror}); "
                    "check the folder and its rights."
                ) from error

    def _read_back(self, journal: Path) -> None:
        """Take over what an earlier process left, and shorten the file to it."""
        journal.parent.mkdir(parents=True, exist_ok=True)
        if not journal.exists():
            return
        for raw in journal.read_bytes().split(b"\n"):
            try:
                line = msgspec.json.decode(raw, type=_Line)
            except msgspec.DecodeError:
                if raw:
                    log.warning("a damaged line of the journal was skipped")
                continue
            if line.type == "ack":
                self._forget(line.seq)
            elif line.seq > self.last_seq:
                self._lines.append((line.seq, raw + b"\n"))
            self.last_seq = max(self.last_seq, line.seq)
        safe_seq = self._lines[0][0] - 1 if self._lines else self.last_seq
        kept = [msgspec.json.encode(Ack(seq=safe_seq)) + b"\n"]
        kept.extend(raw for _seq, raw in self._lines)
        fresh = journal.with_suffix(journal.suffix + ".new")
        fresh.write_bytes(b"".join(kept))
        os.replace(fresh, journal)

    def add(self, event: E) -> tuple[E, bytes]:
        """Number `event` and keep it; returns it with its number, and as a line."""
        self.last_seq += 1
        numbered = msgspec.structs.replace(event, seq=self.last_seq)
        line = msgspec.json.encode(numbered) + b"\n"
        self._lines.append((self.last_seq, line))
        self._write(line)
        return numbered, line

    def ack(self, seq: int) -> None:
        """Events up to `seq` are safe elsewhere."""
        seq = min(seq, self.last_seq)
        if seq > self._acked_seq:
            self._forget(seq)
            self._write(msgspec.json.encode(Ack(seq=seq)) + b"\n")

    def _forget(self, seq: int) -> None:
        self._acked_seq = max(self._acked_seq, seq)
        while self._lines and self._lines[0][0] <= seq:
            self._lines.popleft()

    def unacked(self) -> list[bytes]:
        """The lines that nobody has acknowledged, oldest first."""
        return [line for _seq, line in self._lines]

    def _write(self, line: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(line)
        except OSError as error:
            # A full disk must not end a call; the event still stays in memory.
            log.error("the journal cannot be written: %s", error.strerror)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
