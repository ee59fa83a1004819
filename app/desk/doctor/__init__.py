"""The line doctor: from figures of a call to plain words on what is wrong and what to do.

`symptoms` is a table of rules over `Facts`; `LineDoctor` lets a symptom last before it is told and
keeps it for a while once it has gone, so that advice neither flickers nor jumps. The same doctor
speaks to the agent ("your microphone") and to the supervisor ("Anna's microphone").
"""

from __future__ import annotations

from app.desk.doctor.facts import Advice, Facts, LegFacts, Severity
from app.desk.doctor.memory import MOST, LineDoctor
from app.desk.doctor.reports import facts_of_call
from app.desk.doctor.rules import RULES, symptoms

__all__ = [
    "MOST",
    "RULES",
    "Advice",
    "Facts",
    "LegFacts",
    "LineDoctor",
    "Severity",
    "facts_of_call",
    "symptoms",
]
