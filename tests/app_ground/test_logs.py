from __future__ import annotations

import io
import logging
import logging.handlers
import os
import re
import stat
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.errors import KnownError
from app.logs import (
    CATEGORIES,
    LogLimits,
    LogSession,
    category_of,
    install_excepthooks,
    report_error,
    start_logging,
)

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def console() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def session(
    tmp_path: Path, console: io.StringIO, caplog: pytest.LogCaptureFixture
) -> Iterator[LogSession]:
    started = start_logging(tmp_path, "supervisor", NOON, console=console)
    yield started
    started.close()


def written(session: LogSession) -> str:
    assert session.path is not None
    return session.path.read_text(encoding="utf-8")


def test_a_line_has_time_in_utc_level_category_and_origin(session: LogSession) -> None:
    logging.getLogger("sip.line").info("answered after %d ms", 12)
    line = written(session)
    pattern = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO sip sip\.line: answered after 12 ms\n"
    assert re.fullmatch(pattern, line)


def test_the_file_is_named_after_the_start_in_utc_and_is_its_owners_alone(tmp_path: Path) -> None:
    in_delhi = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    started = start_logging(tmp_path, "agent", in_delhi, console=io.StringIO())
    started.close()
    assert started.path is not None
    assert started.path.name == f"agent-20260303T120000Z-{os.getpid()}.log"
    if os.name == "posix":
        assert stat.S_IMODE(started.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("logger", "category"),
    [
        ("sip", "sip"),
        ("sip.rehearsal.person", "sip"),
        ("sipper", "app"),
        ("dialer_core.pacing.pacer", "pacing"),
        ("dialer_core.store", "store"),
        ("dialer_core.engine", "campaign"),
        ("sqlalchemy.engine", "store"),
        ("agent_ui.window", "ui"),
        ("supervisor_ui", "ui"),
        ("app.dialler", "app"),
        ("root", "app"),
    ],
)
def test_the_loggers_name_decides_the_category(logger: str, category: str) -> None:
    assert category_of(logger) == category
    assert category in CATEGORIES


def test_no_number_and_no_password_reaches_file_memory_or_console(
    session: LogSession, console: io.StringIO
) -> None:
    log = logging.getLogger("sip.line")
    log.warning("dialling %s with password=%s", "+44 161 496 0123", "swordfish")
    try:
        raise ValueError("no such number: 07700 900123, token='swordfish'")
    except ValueError:
        log.exception("failed")
    shown = written(session) + "\n".join(session.recent_lines()) + console.getvalue()
    assert shown.count("[number]") >= 6
    for leaked in ("0123", "900", "swordfish"):
        assert leaked not in re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z|line \d+", "", shown)


def test_the_console_is_short_and_hears_only_of_trouble(
    session: LogSession, console: io.StringIO
) -> None:
    log = logging.getLogger("app.dialler")
    log.info("started")
    log.warning("trunk is slow")
    try:
        raise ValueError("deep")
    except ValueError:
        log.exception("lost\nmore")
    assert console.getvalue() == "warning: trunk is slow\nerror: lost\n"
    assert "Traceback" in written(session)


def test_details_are_written_only_for_the_categories_that_were_asked_for(tmp_path: Path) -> None:
    started = start_logging(tmp_path, "d", NOON, debug=("pacing",), console=io.StringIO())
    before = logging.getLogger("sip").level
    logging.getLogger("dialer_core.pacing.pacer").debug("why")
    logging.getLogger("sip.line").debug("packet")
    text = written(started)
    started.close()
    assert "why" in text
    assert "packet" not in text
    assert logging.getLogger("dialer_core.pacing").level == logging.NOTSET
    assert logging.getLogger("sip").level == before


def test_a_file_is_bounded_in_size(tmp_path: Path) -> None:
    limits = LogLimits(file_bytes=2_000)
    started = start_logging(tmp_path, "d", NOON, limits=limits, console=io.StringIO())
    for number in range(200):
        logging.getLogger("app").info("line %d of a long day", number)
    started.close()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    assert all(file.stat().st_size <= 2_000 for file in files)
    assert "line 199" in files[0].read_text()
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_old_files_go_and_other_files_stay(tmp_path: Path) -> None:
    for age in range(10):
        old = tmp_path / f"agent-2026010{age}T000000Z-1.log"
        old.touch()
        os.utime(old, (1_000_000 + age, 1_000_000 + age))
    (tmp_path / "notes.txt").touch()
    started = start_logging(tmp_path, "d", NOON, limits=LogLimits(files=4), console=io.StringIO())
    started.close()
    assert started.path is not None
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {
        started.path.name,
        "notes.txt",
        *(f"agent-2026010{age}T000000Z-1.log" for age in (7, 8, 9)),
    }


def test_memory_keeps_the_last_lines_only(session: LogSession) -> None:
    for number in range(600):
        logging.getLogger("app").info("line %d", number)
    lines = session.recent_lines()
    assert len(lines) == 500
    assert lines[-1].endswith("line 599")


def test_without_a_place_for_the_file_the_program_goes_on_and_says_so(
    tmp_path: Path, console: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    started = start_logging(tmp_path / "absent", "d", NOON, console=console)
    started.close()
    assert started.path is None
    assert "No log can be written" in console.getvalue()
    assert started.recent_lines()


def test_a_full_disk_is_told_once_and_stops_nothing(
    session: LogSession, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: object, _record: logging.LogRecord) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logging.handlers.RotatingFileHandler, "shouldRollover", full)
    logging.getLogger("app").info("one")
    logging.getLogger("app").info("two")
    told = capsys.readouterr().err
    assert told.count("cannot be written") == 1
    assert "Traceback" not in told
    assert session.recent_lines()[-1].endswith("two")


def test_arguments_that_do_not_fit_are_written_not_raised(session: LogSession) -> None:
    record = logging.makeLogRecord({"name": "app", "msg": "%d calls", "args": ("many",)})
    # Not through the logger: pytest's own handler raises.
    for handler in logging.getLogger().handlers:
        if type(handler).__module__ == "app.logs":
            handler.handle(record)
    assert "its arguments do not fit" in written(session)


def test_a_known_error_is_one_sentence(session: LogSession, console: io.StringIO) -> None:
    known = report_error(KnownError("The line is down: plug it in."), session, console)
    assert known is not None
    assert console.getvalue() == "The line is down: plug it in.\n"


def test_a_bug_is_one_sentence_that_names_the_log(
    session: LogSession, console: io.StringIO
) -> None:
    undo = install_excepthooks(session, console)
    try:
        sys.excepthook(ZeroDivisionError, ZeroDivisionError("by 07700 900123"), None)
    finally:
        undo()
    told = console.getvalue()
    assert told.count("\n") == 1
    assert str(session.path) in told
    assert "Traceback" not in told
    assert "ZeroDivisionError: by [number]" in written(session)


def test_a_bug_in_a_thread_is_told_too(session: LogSession, console: io.StringIO) -> None:
    undo = install_excepthooks(session, console)
    try:
        thread = threading.Thread(target=lambda: [].pop())
        thread.start()
        thread.join()
    finally:
        undo()
    assert "IndexError" in console.getvalue()
    assert "Traceback" in written(session)


def test_the_developer_may_see_the_traceback(
    session: LogSession, console: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLFLOOR_DEBUG", "1")
    try:
        raise ValueError("deep")
    except ValueError as error:
        report_error(error, session, console)
    assert "Traceback" in console.getvalue()


def test_an_interrupted_program_has_no_bug_to_tell(
    session: LogSession, console: io.StringIO
) -> None:
    undo = install_excepthooks(session, console)
    try:
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    finally:
        undo()
    assert console.getvalue() == ""
