"""Who speaks with which signature in a rehearsal: agents, people and machines are told apart."""

from __future__ import annotations

from sip.signatures import PERSON_SIGNATURES, PHONE_SIGNATURES

AGENT_SIGNATURES = tuple(PHONE_SIGNATURES)
MACHINE_SIGNATURES = tuple(PERSON_SIGNATURES)[-20:]  # answering machines and their greetings
PEOPLE_SIGNATURES = tuple(PERSON_SIGNATURES)[:-20]
