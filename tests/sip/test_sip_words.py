"""SIP texts, timers, the record of a call, certificates: what needs no process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from app.certificates import ensure_authority, ensure_seat
from dialer_core.model.errors import KnownError
from sip import sipmessage
from sip.clock import ManualClock, Timers
from sip.leg import LegEnd, LegResponse
from sip.line.record import CallRecord
from sip.line.trunk_dial import customer_dial
from sip.messages import Gateway, Stamp
from tests.sip.floor import order

pytestmark = pytest.mark.qt
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
RESPONSE = (
    "SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP x\r\ni: abc@host\r\n"
    'Reason: SIP;cause=486, Q.850 ;cause=17;text="User busy"\r\n'
    "CSeq: 1 INVITE\r\nc: application/sdp\r\n\r\nCall-ID: in-the-body\r\n"
)


def test_headers_are_found_in_any_case_and_short_form() -> None:
    assert sipmessage.header(RESPONSE, "call-ID") == "abc@host"
    assert sipmessage.header(RESPONSE, "CSEQ") == "1 INVITE"
    assert sipmessage.header(RESPONSE, "X-Nothing") == ""
    assert sipmessage.has_sdp(RESPONSE)
    assert sipmessage.response_status(RESPONSE) == (486, "Busy Here")
    assert sipmessage.response_status("INVITE sip:a@b SIP/2.0") is None
    assert sipmessage.q850_cause(RESPONSE) == 17
    assert sipmessage.q850_cause("BYE sip:a SIP/2.0\r\nReason: SIP;cause=200\r\n\r\n") is None


def test_requests_name_their_method_and_number() -> None:
    text = "INVITE sip:+441614960100@127.0.0.1;user=phone SIP/2.0\r\n\r\n"
    assert sipmessage.request_method(text) == "INVITE"
    assert sipmessage.request_user(text) == "+441614960100"
    assert sipmessage.request_method(RESPONSE) == ""


def test_logs_show_no_number_and_no_address() -> None:
    shown = sipmessage.redacted("call to <sip:+441614960100@host> 1614960100 failed: 486")
    assert "96010" not in shown
    assert "host" not in shown
    assert shown.endswith("failed: 486")


def test_timers_fire_in_order_of_their_moment_and_once() -> None:
    clock = ManualClock()
    timers, fired = Timers(clock), list[str]()
    timers.after(2.0, lambda: fired.append("late"))
    early = timers.after(1.0, lambda: fired.append("early"))
    dropped = timers.after(1.5, lambda: fired.append("never"))
    dropped.cancel()
    assert timers.run_due() == 0
    clock.advance(5.0)
    timers.after(-1.0, lambda: timers.after(0.0, lambda: fired.append("next turn")))
    timers.run_due()
    assert fired == ["early", "late"]
    assert not early.is_pending
    timers.run_due()
    assert fired == ["early", "late", "next turn"]
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1.0)


def response(status: int, at_s: float, *, has_sdp: bool = False) -> LegResponse:
    return LegResponse(status, "", has_sdp, None, Stamp(at_s, at_s))


def test_only_the_first_18x_the_first_180_and_sound_are_news() -> None:
    record = CallRecord(order(Gateway(name="g", uri_template="sip:{number}@h"), "1"), Stamp(0, 0))
    assert record.note_progress(response(183, 1.0))
    assert not record.note_progress(response(183, 1.5))
    assert record.ring_since == Stamp(1.0, 1.0)
    assert record.note_progress(response(180, 2.0))
    assert record.ring_since == Stamp(2.0, 2.0)
    assert record.note_progress(response(183, 3.0, has_sdp=True))
    assert not record.note_progress(response(180, 4.0))


@pytest.mark.parametrize(
    ("status", "by", "ended_by"),
    [
        (486, "them", "person"),
        (603, "them", "person"),
        (404, "them", "network"),
        (503, "them", "network"),
        (408, "network", "network"),
    ],
)
def test_who_let_go_of_a_call_that_was_not_answered(status: int, by: str, ended_by: str) -> None:
    record = CallRecord(order(Gateway(name="g", uri_template="sip:{number}@h"), "1"), Stamp(0, 0))
    end = LegEnd(status, "why", 17, "them" if by == "them" else "network", Stamp(5, 5))
    ended = record.ended(end, Stamp(5, 5))
    assert (ended.status, ended.ended_by, ended.reason, ended.q850) == (status, ended_by, "why", 17)


def test_the_invite_carries_caller_and_attempt_and_shows_neither() -> None:
    gateway = Gateway(
        name="g", uri_template="sip:{number}@10.0.0.1:5080;transport=udp", send_attempt_id=True
    )
    dial = customer_dial(order(gateway, "+441614960100", attempt_id="a-9"))
    assert dial.uri == "sip:+441614960100@10.0.0.1:5080;transport=udp"
    assert dial.from_uri == "<sip:+441614960999@10.0.0.1>"
    assert ("X-Callfloor-Attempt", "a-9") in dial.headers
    assert "4961" not in repr(dial)


def test_a_seats_certificate_is_made_once_and_again_when_it_runs_out(tmp_path: Path) -> None:
    files = ensure_seat(tmp_path, "seat-1", ["10.1.2.3", "desk.local"], NOW)
    made = files.certificate.read_bytes()
    for path in (files.key, files.certificate, tmp_path / "ca.key"):
        assert path.stat().st_mode & 0o777 == 0o600
    certificate = x509.load_pem_x509_certificate(made)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(n) for n in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "10.1.2.3"}
    assert names.get_values_for_type(x509.DNSName) == ["desk.local"]
    assert ensure_seat(tmp_path, "seat-1", ["10.1.2.3"], NOW) == files
    assert files.certificate.read_bytes() == made
    ensure_seat(tmp_path, "seat-1", ["10.9.9.9"], NOW)
    with_new_address = files.certificate.read_bytes()
    assert with_new_address != made
    authority = files.ca.read_bytes()
    ensure_seat(tmp_path, "seat-1", ["10.9.9.9"], NOW + timedelta(days=390))
    assert files.certificate.read_bytes() != with_new_address
    assert files.ca.read_bytes() == authority


def test_a_new_authority_makes_new_seats(tmp_path: Path) -> None:
    files = ensure_seat(tmp_path, "seat-1", [], NOW)
    made = files.certificate.read_bytes()
    (tmp_path / "ca.key").write_bytes(b"damaged")
    ensure_seat(tmp_path, "seat-1", [], NOW)
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    again = files.certificate.read_bytes()
    assert again != made
    x509.load_pem_x509_certificate(again).verify_directly_issued_by(authority)


def test_a_folder_that_cannot_be_used_and_a_bad_name_are_known_errors(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(KnownError, match="kept"):
        ensure_authority(tmp_path / "file" / "tls", NOW)
    with pytest.raises(KnownError, match="name"):
        ensure_seat(tmp_path, "../evil", [], NOW)


def test_a_timer_that_fails_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    timers = Timers(clock)
    fired: list[str] = []

    def fail() -> None:
        raise ValueError("a bug")

    timers.after(1.0, fail)
    timers.after(1.0, lambda: fired.append("second"))
    clock.advance(1.0)
    assert timers.run_due() == 2
    assert fired == ["second"]
    assert "a timer failed" in caplog.text
