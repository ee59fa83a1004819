"""Every row of the table of outcomes, from sipp's response through a real line to the record."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.dialler import translate
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.states import FormulaClass as F
from dialer_core.model.states import Mode
from dialer_core.model.states import Outcome as O
from dialer_core.rules.outcomes import counts_for_kpi, counts_for_law
from dialer_core.rules.trunk import TROUBLES
from sip.messages import CallEnded, CallProgress, EndCall, Gateway
from tests.engine.rig import Rig
from tests.ports import free_port
from tests.sip.line_kit import LineProcess, callee, first_words, order
from tests.sip.practice_kit import wait_for
from tests.sip.raw_callee import RawCallee

pytestmark = pytest.mark.sip

MIN_RING_S = 0.3
_PROVISIONAL = """<send><![CDATA[
      SIP/2.0 {status} Progress
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]SIPpTag01[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:callee@[local_ip]:[local_port];transport=[transport]>
      {body}
    ]]></send>"""
_SDP = """Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=peer 53655765 2353687637 IN IP4 [local_ip]
      s=-
      c=IN IP4 [local_ip]
      t=0 0
      m=audio 9 RTP/AVP 8
      a=sendrecv
"""
NOTHING = ""
RINGING = _PROVISIONAL.format(status=180, body="Content-Length: 0\n")
SOUND = _PROVISIONAL.format(status=183, body=_SDP)


class Table:
    """One line for all rows: it must be as good for the last as for the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.line = LineProcess(folder)
        self.message_wav = first_words(folder)
        self._numbers = itertools.count()

    def fresh_folder(self) -> Path:
        """One for each peer: the system may give the same port twice."""
        folder = self.folder / f"peer-{next(self._numbers)}"
        folder.mkdir()
        return folder

    def dial(self, address: str, **changes: object) -> str:
        attempt_id = f"row-{next(self._numbers)}"
        words = {"min_ring_s": MIN_RING_S, **changes, "attempt_id": attempt_id}
        self.line.send(order(address, self.message_wav, **words))
        return attempt_id

    def ended(self, attempt_id: str, timeout_s: float = 8.0) -> CallEnded:
        def found() -> list[CallEnded]:
            told = [one for one in self.line.said if isinstance(one, CallEnded)]
            return [one for one in told if one.attempt_id == attempt_id]

        assert wait_for(lambda: bool(found()), timeout_s), self.line.said
        (ended,) = found()
        assert ended.gateway == "peer"
        return ended

    def says_no(
        self, status: int, *, progress: str = NOTHING, ring_s: float = 0.0, **words: object
    ) -> CallEnded:
        """What the line tells of a call that sipp ended with `status`."""
        words = {"PHRASE": "No", "HEADER": "Server: peer", **words}
        words |= {"STATUS": status, "PROGRESS": progress, "RING_MS": round(1000 * ring_s)}
        with callee(self.fresh_folder(), "callee_says_no", **words) as sipp:
            ended = self.ended(self.dial(sipp.address))
            assert sipp.status() == 0, sipp.errors
        return ended


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    made = Table(tmp_path_factory.mktemp("t"))
    yield made
    made.line.close()


def booked(ended: CallEnded) -> c.CloseAttempt:
    """How the engine closes an attempt of which the line says this."""
    settings = {"min_ring_s": MIN_RING_S, "connect_limit_s": 2.0}
    rig = Rig(Mode.PROGRESSIVE, seats=1, settings=settings)
    call = rig.call()
    rig.send(e.CallEnded(rig.line(call), call.attempt_id, translate.facts_of(ended)))
    close = rig.all_of(c.CloseAttempt)[0]
    assert close.facts is not None
    assert close.facts.gateway == "peer"
    is_trunks = close.outcome in TROUBLES and close.facts.progress is None
    learnt = len(rig.dialler.campaign(rig.campaign.id).ring_log)
    assert learnt == (0 if is_trunks else 1), "the trunk's troubles teach nothing of people"
    return close


ROWS = [
    (486, O.BUSY),
    (600, O.BUSY),
    (480, O.TEMP_UNAVAILABLE),
    (408, O.CARRIER_TIMEOUT),
    (487, O.TEMP_UNAVAILABLE),
    (404, O.INVALID_NUMBER),
    (410, O.INVALID_NUMBER),
    (484, O.INVALID_FORMAT),
    (485, O.INVALID_NUMBER),
    (604, O.INVALID_NUMBER),
    (403, O.CARRIER_REJECT),
    (401, O.AUTH_FAIL),
    (407, O.AUTH_FAIL),
    (603, O.CALLEE_DECLINED_CALL),
    (607, O.UNWANTED),
    (608, O.UNWANTED),
    (503, O.NETWORK_CONGESTION),
    (500, O.NETWORK_FAILURE),
    (502, O.DESTINATION_FAULT),
    (504, O.NETWORK_FAILURE),
    (488, O.CODEC_MISMATCH),
    (606, O.CODEC_MISMATCH),
    (483, O.ROUTING_ERROR),
    *[
        (status, O.PROTOCOL_ERROR)
        for status in (481, 482, 491, 493, 405, 411, 412, 413, 414, 415, 505, 501)
    ],
    (301, O.REDIRECTED),
    (302, O.REDIRECTED),
]


class TestTable:
    @pytest.mark.parametrize(("status", "outcome"), ROWS, ids=[str(row[0]) for row in ROWS])
    def test_a_status_before_any_progress(self, table: Table, status: int, outcome: O) -> None:
        ended = table.says_no(status)
        assert (ended.status, ended.progress_at, ended.answered_at) == (status, None, None)
        close = booked(ended)
        assert (close.outcome, close.formula_class) == (outcome, F.UNANSWERED)

    @pytest.mark.parametrize(
        ("status", "ring_s", "outcome"),
        [
            (480, 0.5, O.NO_ANSWER),
            (480, 0.05, O.TEMP_UNAVAILABLE),
            (487, 0.5, O.NO_ANSWER),
            (408, 0.05, O.NO_ANSWER),
            (486, 0.5, O.BUSY),
            (603, 0.5, O.CALLEE_DECLINED_CALL),
            (503, 0.05, O.NETWORK_CONGESTION),
        ],
    )
    def test_a_status_after_ringing(
        self, table: Table, status: int, ring_s: float, outcome: O
    ) -> None:
        ended = table.says_no(status, progress=RINGING, ring_s=ring_s)
        assert ended.ringing_at is not None
        assert booked(ended).outcome is outcome

    @pytest.mark.parametrize(
        ("status", "cause", "outcome"),
        [
            (503, 17, O.BUSY),
            (480, 1, O.INVALID_NUMBER),
            (500, 28, O.INVALID_FORMAT),
            (404, 27, O.DESTINATION_FAULT),
            (486, 34, O.NETWORK_CONGESTION),
            (480, 38, O.NETWORK_FAILURE),
            (480, 21, O.CALLEE_DECLINED_CALL),
            (480, 58, O.CODEC_MISMATCH),
            (403, 21, O.CARRIER_REJECT),
            (486, 16, O.BUSY),  # normal clearing: it says nothing
            (404, 127, O.INVALID_NUMBER),
        ],
    )
    def test_the_cause_in_a_reason_header_goes_before_the_status(
        self, table: Table, status: int, cause: int, outcome: O
    ) -> None:
        reason = f'Reason: SIP;cause={status}, Q.850 ;cause={cause} ;text="told by the network"'
        ended = table.says_no(status, HEADER=reason)
        assert (ended.status, ended.q850) == (status, cause)
        assert booked(ended).outcome is outcome

    def test_a_block_by_analytics_is_told_by_its_phrase(self, table: Table) -> None:
        ended = table.says_no(603, PHRASE="Network Blocked")
        assert booked(ended).outcome is O.UNWANTED

    @pytest.mark.parametrize(
        ("status", "ring_s", "outcome"),
        [
            (404, 0.3, O.INVALID_NUMBER),
            (486, 0.3, O.BUSY),
            (480, 0.5, O.NO_ANSWER),
            (480, 0.05, O.TEMP_UNAVAILABLE),
            (503, 0.05, O.NETWORK_CONGESTION),
        ],
    )
    def test_sound_before_the_refusal_is_progress_and_no_answer(
        self, table: Table, status: int, ring_s: float, outcome: O
    ) -> None:
        ended = table.says_no(status, progress=SOUND, ring_s=ring_s)
        assert ended.early_media_at is not None
        assert (ended.answered_at, ended.ringing_at) == (None, None)
        close = booked(ended)
        assert (close.outcome, close.formula_class) == (outcome, F.UNANSWERED)

    def test_a_redirection_is_not_followed(self, table: Table) -> None:
        with callee(table.fresh_folder(), "callee_hangs_up", TALK_MS=50) as elsewhere:
            contact = f"Contact: <sip:x@{elsewhere.address}>"
            ended = table.says_no(302, HEADER=contact)
            assert "INVITE" not in elsewhere.messages
        assert ended.status == 302
        assert booked(ended).outcome is O.REDIRECTED


class TestTiming:
    def test_nobody_answers_within_the_longest_ring(self, table: Table) -> None:
        with callee(table.fresh_folder(), "callee_never_answers") as sipp:
            ended = table.ended(table.dial(sipp.address, max_ring_s=0.6))
            assert sipp.status() == 0, sipp.errors
        assert (ended.status, ended.ended_by) == (487, "line")
        assert ended.ringing_at is not None
        assert ended.cancelled_at is not None
        assert ended.cancelled_at.mono_s - ended.ringing_at.mono_s >= 0.6
        assert booked(ended).outcome is O.NO_ANSWER

    def test_the_minimum_ring_is_kept_and_then_it_was_no_answer(self, table: Table) -> None:
        with callee(table.fresh_folder(), "callee_never_answers") as sipp:
            attempt_id = table.dial(sipp.address, min_ring_s=1.0)
            assert wait_for(lambda: self._rings(table, attempt_id))
            table.line.send(EndCall(epoch=1, attempt_id=attempt_id))
            ended = table.ended(attempt_id)
            assert sipp.status() == 0, sipp.errors
        assert ended.ringing_at is not None
        assert ended.cancelled_at is not None
        assert ended.cancelled_at.mono_s - ended.ringing_at.mono_s >= 1.0
        assert booked(ended).outcome is O.NO_ANSWER

    def test_cancelled_before_the_minimum_ring_is_our_own_doing(self, table: Table) -> None:
        with callee(table.fresh_folder(), "callee_never_answers") as sipp:
            attempt_id = table.dial(sipp.address)
            assert wait_for(lambda: self._rings(table, attempt_id))
            table.line.send(EndCall(epoch=1, attempt_id=attempt_id, now=True))
            ended = table.ended(attempt_id)
            assert sipp.status() == 0, sipp.errors
        assert booked(ended).outcome is O.DIALLER_CANCELLED

    def test_a_200_that_crosses_our_cancel_is_an_abandoned_call(self, table: Table) -> None:
        with callee(table.fresh_folder(), "callee_crosses") as sipp:
            attempt_id = table.dial(sipp.address)
            assert wait_for(lambda: self._rings(table, attempt_id))
            table.line.send(EndCall(epoch=1, attempt_id=attempt_id, now=True))
            ended = table.ended(attempt_id)
            assert sipp.status() == 0, sipp.errors
        assert ended.crossed
        close = booked(ended)
        assert (close.outcome, close.formula_class) == (O.ABANDONED, F.AOBS)

    def test_answered_and_nobody_there_is_abandoned(self, table: Table) -> None:
        with callee(table.fresh_folder(), "callee_hears_out") as sipp:
            ended = table.ended(table.dial(sipp.address))
            assert sipp.status() == 0, sipp.errors
        assert (ended.status, ended.message_played) == (200, True)
        close = booked(ended)
        assert (close.outcome, close.formula_class) == (O.ABANDONED, F.AOBS)

    def test_who_hangs_up_at_once_was_not_abandoned(self, table: Table) -> None:
        with callee(table.fresh_folder(), "callee_hangs_up", TALK_MS=100) as sipp:
            ended = table.ended(table.dial(sipp.address, connect_limit_s=2.0))
            assert sipp.status() == 0, sipp.errors
        close = booked(ended)
        assert (close.outcome, close.formula_class) == (O.SHORT_HANGUP, F.SHORT_HANGUP)

    @pytest.mark.parametrize(
        ("is_trying", "outcome", "status"),
        [(True, O.NO_PROGRESS, 487), (False, O.CARRIER_TIMEOUT, 408)],
    )
    def test_twelve_seconds_without_progress_are_the_carriers_fault(
        self, table: Table, is_trying: bool, outcome: O, status: int
    ) -> None:
        peer = RawCallee(is_mute=not is_trying, is_trying=is_trying)
        try:
            began_s = time.monotonic()
            ended = table.ended(table.dial(f"127.0.0.1:{peer.port}"), timeout_s=20.0)
            took_s = time.monotonic() - began_s
        finally:
            peer.close()
        assert 12.0 <= took_s < 17.0
        assert (ended.status, ended.progress_at) == (status, None)
        found = booked(ended).outcome
        assert found is outcome
        assert not counts_for_kpi(found)
        assert not counts_for_law(found, had_progress=False)

    def test_a_gateway_that_cannot_be_reached_is_the_trunks_trouble(self, table: Table) -> None:
        nowhere = f"127.0.0.1:{free_port()}"
        gateway = Gateway(name="peer", uri_template=f"sip:{{number}}@{nowhere};transport=tcp")
        ended = table.ended(table.dial(nowhere, gateway=gateway))
        assert (ended.answered_at, ended.progress_at) == (None, None)
        assert booked(ended).outcome in TROUBLES

    @staticmethod
    def _rings(table: Table, attempt_id: str) -> bool:
        told = [one for one in table.line.said if isinstance(one, CallProgress)]
        return any(one.attempt_id == attempt_id for one in told)
