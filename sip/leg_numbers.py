"""What PJSIP counts of one leg's sound: packets, losses, jitter, round trip."""

from __future__ import annotations

import msgspec
import pjsua2 as pj


class LegNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of a leg's sound, from its start on. None where no RTCP report has told yet.

    `address`: where its packets come from, or should.
    """

    codec: str
    address: str
    packets_in: int
    packets_out: int
    lost_in: int
    lost_out: int | None
    jitter_ms: float | None
    round_trip_ms: float | None


def read_numbers(call: pj.Call) -> LegNumbers | None:
    """The counters of a call's stream, None where it has none (any more)."""
    try:
        # All held by name: their parts dangle once they are collected.
        stat, stream = call.getStreamStat(0), call.getStreamInfo(0)
        transport = call.getMedTransportInfo(0)
    except pj.Error:
        return None
    rtcp = stat.rtcp
    received, sent, trip = rtcp.rxStat, rtcp.txStat, rtcp.rttUsec
    jitter = received.jitterUsec
    return LegNumbers(
        codec=stream.codecName,
        address=transport.srcRtpName or stream.remoteRtpAddress,
        packets_in=received.pkt,
        packets_out=sent.pkt,
        lost_in=received.loss,
        lost_out=sent.loss if sent.updateCount else None,
        jitter_ms=jitter.last / 1000 if jitter.n else None,
        round_trip_ms=trip.last / 1000 if trip.n else None,
    )
