"""What engines report, as the facts that the line doctor looks at."""

from __future__ import annotations

from app.desk.doctor.facts import Facts, LegFacts
from sip.messages import CallQuality, LegQuality


def facts_of_call(
    quality: CallQuality,
    *,
    name: str,
    answered_utc_s: float | None,
    is_muted: bool = False,
) -> Facts:
    """For the supervisor: what the line knows of both legs of a call.

    The agent's leg is turned round: what the line loses on the way in, the agent sent.
    """
    legs = {leg.side: leg for leg in quality.legs}
    agent, person = legs.get("agent"), legs.get("person")
    age_s = 0.0 if answered_utc_s is None else max(0.0, quality.at.utc_s - answered_utc_s)
    return Facts(
        name=name,
        is_in_call=answered_utc_s is not None,
        call_age_s=age_s,
        is_muted=is_muted,
        microphone_dbfs=None if agent is None else agent.level_in_dbfs,
        heard_dbfs=None if agent is None else agent.level_out_dbfs,
        seat=None if agent is None else _leg(agent, is_turned=True),
        person=None if person is None else _leg(person, is_turned=False),
    )


def _leg(leg: LegQuality, *, is_turned: bool) -> LegFacts:
    there, back = leg.loss_in, leg.loss_out
    return LegFacts(
        address=leg.address,
        loss_in=back if is_turned else there,
        loss_out=there if is_turned else back,
        jitter_ms=leg.jitter_ms,
        round_trip_ms=leg.round_trip_ms,
        level_in_dbfs=leg.level_in_dbfs,
        packets_in=leg.packets_in,
        heard_age_s=leg.heard_age_s,
    )
