"""The clocks of another PC, put right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.dialler.far_clock import FarClock
from app.dialler.far_words import Seen
from dialer_core.clock import Instant
from sip.messages import CallEnded, LineCall, LineStatus, Stamp

START = Instant(1000.0, datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
UTC_S = START.utc.timestamp()


def later(seconds: float) -> Instant:
    return Instant(START.mono_s + seconds, START.utc + timedelta(seconds=seconds))


def seen(mono_s: float, utc_s: float, awake_s: float = 0.0) -> Seen:
    return Seen(n=1, mono_s=mono_s, utc_s=utc_s, awake_s=awake_s, lines=(), sounds_dir="",
                recordings_dir="")  # fmt: skip


def looked(trip_s: float = 0.010, off_s: float = 0.0) -> FarClock:
    """A PC that was started 900 s later than this one; its UTC is `off_s` ahead."""
    clock = FarClock()
    half = trip_s / 2
    clock.saw(seen(100.0 + half, UTC_S + off_s + half, 500.0 + half), START, later(trip_s), 2000.0)
    return clock


def test_a_moment_there_is_told_by_the_clocks_here() -> None:
    status = LineStatus(
        epoch=1, last_seq=0,
        call=LineCall(attempt_id="a", stage="talking", invite_at=Stamp(101.0, UTC_S + 61.0)),
    )  # fmt: skip
    here = looked(off_s=60.0).here(status, later(2.0))
    assert isinstance(here, LineStatus)
    assert here.call is not None
    assert here.call.invite_at.mono_s == pytest.approx(1001.0)
    assert here.call.invite_at.utc_s == pytest.approx(UTC_S + 1.0)


def test_a_moment_before_that_pc_was_started_anew_keeps_its_utc() -> None:
    """From the journal: its monotonic seconds are those of a start that nobody remembers."""
    old = Stamp(86_400.0, UTC_S - 600.0)
    ended = CallEnded(
        seq=4, at=old, attempt_id="a", status=200, reason="", q850=None, ended_by="person",
        crossed=False, message_played=False, invite_at=old, progress_at=None, ringing_at=None,
        early_media_at=None, answered_at=old, bridged_at=None, message_at=None, session_id=None,
        sip_call_id="",
    )  # fmt: skip
    here = looked().here(ended, later(2.0))
    assert isinstance(here, CallEnded)
    assert here.at.utc_s == pytest.approx(UTC_S - 600.0)
    assert here.at.mono_s == pytest.approx(400.0)
    assert here.answered_at == here.at
    assert here.bridged_at is None


def test_the_quickest_look_of_late_is_believed() -> None:
    clock = looked(trip_s=0.002)
    clock.saw(seen(100.9, UTC_S + 0.9, 500.9), START, later(1.0), 2000.0)
    assert clock.best.mono_s == pytest.approx(-900.0)
    assert clock.best.error_s == pytest.approx(0.001)


def test_too_late_to_dial_is_rather_too_early_there() -> None:
    clock = looked(trip_s=0.2)
    assert clock.there_awake(2003.0) == pytest.approx(503.0 - 0.1)


def test_a_clock_that_is_off_is_known() -> None:
    assert looked(off_s=-45.0).utc_off_s == pytest.approx(-45.0)
