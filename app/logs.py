"""What the program writes down about itself: by category, in UTC, bounded, and without numbers.

Each process writes one file per start, which only its owner may read. Rooms below log as usual
(`logging.getLogger(__name__)`); the logger's name decides the category. Every text passes the
redactor before it reaches the file, the console or the memory that a crash report shows.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import TextIO

from app.errors import KnownError, as_known_error
from app.redaction import redact

CATEGORIES = ("sip", "pacing", "campaign", "store", "ui", "app")
DEBUG_VARIABLE = "CALLFLOOR_DEBUG"
RING_LINES = 500

# The first prefix that fits decides; what none fits is "app".
_CATEGORY_OF_LOGGER = (
    ("sip", "sip"),
    ("dialer_core.pacing", "pacing"),
    ("dialer_core.store", "store"),
    ("dialer_core", "campaign"),
    ("sqlalchemy", "store"),
    ("alembic", "store"),
    ("agent_ui", "ui"),
    ("supervisor_ui", "ui"),
    ("app.desk", "ui"),
    ("qt", "ui"),
)


def category_of(logger_name: str) -> str:
    """The category that a logger's name belongs to."""
    for prefix, category in _CATEGORY_OF_LOGGER:
        if logger_name == prefix or logger_name.startswith(prefix + "."):
            return category
    return "app"


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much is kept: bytes in one file (and one before it), and files in the folder."""

    file_bytes: int = 5_000_000
    files: int = 200


class LogSession:
    """Logging of one process, from start to `close`; `path` is None where no file could be made."""

    def __init__(self, path: Path | None, handlers: list[logging.Handler], ring: _Ring) -> None:
        self.path = path
        self._ring = ring
        self._handlers = handlers
        self._before: list[tuple[logging.Logger, int]] = []

    def recent_lines(self) -> list[str]:
        """The last lines, redacted: what a crash report shows."""
        return list(self._ring.lines)

    def install(self, debug: Collection[str]) -> None:
        """Put the handlers on the root logger, and let the categories in `debug` say everything."""
        root = logging.getLogger()
        self._set_level(root, logging.INFO)
        for prefix, category in _CATEGORY_OF_LOGGER:
            if category in debug:
                self._set_level(logging.getLogger(prefix), logging.DEBUG)
        if "app" in debug:
            self._set_level(logging.getLogger("app"), logging.DEBUG)
        for handler in self._handlers:
            root.addHandler(handler)

    def close(self) -> None:
        """Take everything back, so that the next start (or test) begins afresh."""
        root = logging.getLogger()
        for handler in self._handlers:
            root.removeHandler(handler)
            handler.close()
        for logger, level in reversed(self._before):
            logger.setLevel(level)
        self._before.clear()

    def _set_level(self, logger: logging.Logger, level: int) -> None:
        self._before.append((logger, logger.level))
        logger.setLevel(level)


def start_logging(
    logs_dir: Path,
    program: str,
    now: datetime,
    *,
    debug: Collection[str] = (),
    limits: LogLimits | None = None,
    console: TextIO | None = None,
) -> LogSession:
    """Begin the log file of this start: `logs_dir/program-UTC-pid.log`.

    `now` (aware) names the file; `console` (standard error if None) gets warnings, short. Where
    no file can be made the program goes on with console and memory, and says so.
    """
    limits = LogLimits() if limits is None else limits
    ring = _Ring(RING_LINES)
    short = _Console(sys.stderr if console is None else console)
    handlers: list[logging.Handler] = [ring, short]
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    path: Path | None = logs_dir / f"{program}-{stamp}-{os.getpid()}.log"
    problem = None
    try:
        assert path is not None
        handlers.append(_OwnersFile(path, limits.file_bytes))
    except OSError as error:
        problem = f"No log can be written in {logs_dir} ({(error.strerror or 'unknown').lower()})."
        path = None
    session = LogSession(path, handlers, ring)
    session.install(debug)
    if problem is not None:
        logging.getLogger("app.logs").warning("%s", problem)
    else:
        _prune(logs_dir, limits.files, keep=path)
    return session


def install_excepthooks(session: LogSession, console: TextIO | None = None) -> Callable[[], None]:
    """Send errors that nobody caught to the log, and one sentence to the console.

    A known error is its own sentence; of anything else the sentence names the log file. With
    CALLFLOOR_DEBUG set the console shows the traceback too. Returns what undoes it.
    """
    before = (sys.excepthook, threading.excepthook)

    def report(
        _kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, KeyboardInterrupt | SystemExit):
            return
        report_error(error.with_traceback(trace), session, console)

    sys.excepthook = report
    threading.excepthook = lambda args: report(args.exc_type, args.exc_value, args.exc_traceback)

    def undo() -> None:
        sys.excepthook, threading.excepthook = before

    return undo


def report_error(
    error: BaseException, session: LogSession, console: TextIO | None = None
) -> KnownError | None:
    """Log an error that ends something and tell the console one sentence; returns it if known."""
    stream = sys.stderr if console is None else console
    logger = logging.getLogger("app.errors")
    known = as_known_error(error)
    if known is not None:
        logger.error("%s", known.sentence, extra={"quiet": True})
        sentence = known.sentence
    else:
        logger.critical("an error that nobody caught", exc_info=error, extra={"quiet": True})
        where = f"its details are in {session.path}" if session.path else "no log could be written"
        sentence = f"Callfloor met an error of its own ({type(error).__name__}); {where}."
    with contextlib.suppress(OSError, ValueError):
        if os.environ.get(DEBUG_VARIABLE):
            trace = logging.Formatter().formatException((type(error), error, error.__traceback__))
            print(redact(trace), file=stream)
        print(redact(sentence), file=stream)
    return known


class _LineFormatter(logging.Formatter):
    """`2026-03-03T10:00:00.123Z INFO sip sip.line: text`, redacted but for the head."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        millis = int(record.msecs)
        head = f"{stamp}.{millis:03d}Z {record.levelname} {category_of(record.name)} {record.name}"
        return f"{head}: {_redacted_body(record)}"


def _redacted_body(record: logging.LogRecord) -> str:
    try:
        body = record.getMessage()
    except (TypeError, ValueError) as error:
        body = f"{record.msg!r} (its arguments do not fit: {error})"
    if record.exc_info and record.exc_info[0] is not None:
        body += "\n" + logging.Formatter().formatException(record.exc_info)
    if record.stack_info:
        body += "\n" + record.stack_info
    return redact(body)


class _Ring(logging.Handler):
    """The last lines in memory."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=size)
        self.setFormatter(_LineFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class _Console(logging.StreamHandler[TextIO]):
    """Warnings and worse, one short line each, never a traceback."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setLevel(logging.WARNING)
        self.addFilter(lambda record: not getattr(record, "quiet", False))

    def format(self, record: logging.LogRecord) -> str:
        first = _redacted_body(record).splitlines() or [""]
        return f"{record.levelname.lower()}: {first[0]}"

    def handleError(self, record: logging.LogRecord) -> None:
        """A closed console is no reason to fail."""


class _OwnersFile(logging.handlers.RotatingFileHandler):
    """A file for its owner alone; when it is full it becomes `.1` and a new one begins."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._has_complained = False
        super().__init__(path, maxBytes=max_bytes, backupCount=1, encoding="utf-8")
        self.setFormatter(_LineFormatter())

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.baseFilename, flags, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:
        """The disk is full or gone: calls go on, and the console hears of it once."""
        del record
        if not self._has_complained:
            self._has_complained = True
            with contextlib.suppress(OSError, ValueError):
                print(f"warning: {self.baseFilename} cannot be written.", file=sys.stderr)  # noqa: T201  logging itself is what failed


def _prune(logs_dir: Path, files: int, keep: Path | None) -> None:
    """Remove the oldest log files until `files` are left; the one just begun always stays."""
    aged: list[tuple[float, Path]] = []
    for path in logs_dir.glob("*.log*"):
        with contextlib.suppress(OSError):
            aged.append((path.stat().st_mtime, path))
    aged.sort(reverse=True)
    for _age, path in aged[files:]:
        if path != keep:
            with contextlib.suppress(OSError):
                path.unlink()
