"""The line doctor's rules: each looks at the facts for one symptom and has the words for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.desk.doctor.facts import Advice, Facts, LegFacts, Severity

GRACE_S = 3.0  # packets and reports of a young call are still on their way
NO_PACKETS_S = 3.0
SILENT_DBFS = -70.0  # a live microphone has a noise of its own above this
QUIET_DBFS = -42.0  # the loudest of a voice stays below this: too quiet for a telephone
CLIP_DBFS = -0.5
LOUD_EAR_DBFS = -16.0
ECHO_DBFS = -36.0
LOSS, LOSS_LEFT = 0.05, 0.025  # told from the first on, taken back below the second
BAD_LOSS = 0.15
JITTER_MS, JITTER_LEFT_MS = 60.0, 40.0
DELAY_MS, DELAY_LEFT_MS = 400.0, 320.0  # there and back; ITU-T G.114: 150 ms one way is good


Words = tuple[str, str]  # what is wrong, what to do
Look = Callable[[Facts, bool], Words | None]
"""The words of a symptom, or None; told whether it is shown already."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One symptom. `after_s`: how long it lasts before it is told; `hides`: what it explains.

    `after_sound_s`: the same where the microphone has given sound in this call before; headsets
    that cut noise off send perfect silence while the agent listens.
    """

    code: str
    severity: Severity
    look: Look
    after_s: float = 0.0
    after_sound_s: float | None = None
    hides: tuple[str, ...] = ()
    is_exact: bool = False  # a fact and no measure: it has gone when it has gone


def _is_running(facts: Facts) -> bool:
    return facts.is_in_call and facts.call_age_s >= GRACE_S


def _percent(share: float) -> str:
    return f"{min(1.0, share) * 100:.0f} %"


def _above(value: float | None, limit: float, left: float, is_shown: bool) -> bool:
    return value is not None and value >= (left if is_shown else limit)


# --- the rules ------------------------------------------------------------------------------


def _no_sound(facts: Facts, _is_shown: bool) -> Words | None:
    if facts.has_sound:
        return None
    missing = f": {facts.sound.strip().rstrip('.')}" if facts.sound.strip() else ""
    return (
        f"{{Your}} phone has no sound{missing}.",
        "Plug the headset in, or choose another device.",
    )


def _muted_by_system(facts: Facts, _is_shown: bool) -> Words | None:
    if not facts.is_muted_by_system:
        return None
    return (
        "{Your} microphone is muted by the system.",
        "Unmute it in the system's sound settings, or with the switch on the headset.",
    )


def _no_packets(leg: LegFacts | None, facts: Facts) -> bool:
    if leg is None or leg.packets_in is None or not _is_running(facts):
        return False
    age_s = facts.call_age_s if leg.heard_age_s is None else leg.heard_age_s
    return age_s >= NO_PACKETS_S


def _person_unheard(facts: Facts, _is_shown: bool) -> Words | None:
    leg = facts.person
    if leg is None or not _no_packets(leg, facts):
        return None
    whence = leg.address or "the provider"
    if not leg.packets_in:
        return (
            f"No packets arrive from {whence}: a firewall?",
            "Let UDP from there through firewall and router, then call again.",
        )
    return (
        f"Packets from {whence} have stopped.",
        "If nothing is heard again, hang up and call once more; if it recurs, ask the provider.",
    )


def _seat_unheard(facts: Facts, _is_shown: bool) -> Words | None:
    leg = facts.seat
    if leg is None or not _no_packets(leg, facts):
        return None
    whence = leg.address or "the line"
    if not leg.packets_in:
        return (
            f"No packets arrive between {{your}} PC and {whence}: a firewall?",
            "Let Callfloor through the firewall of this PC and of the one with the lines.",
        )
    return (
        f"Packets between {{your}} PC and {whence} have stopped.",
        "Look at the network cable or the Wi-Fi of this PC.",
    )


def _microphone_silent(facts: Facts, _is_shown: bool) -> Words | None:
    level = facts.microphone_dbfs
    if level is None or facts.is_muted or not _is_running(facts) or level > SILENT_DBFS:
        return None
    return (
        "The person cannot hear {you}: {your} microphone gives no sound.",
        "Look at the switch on the headset, then choose the microphone under Headset and ringer.",
    )


def _microphone_quiet(facts: Facts, _is_shown: bool) -> Words | None:
    level = facts.microphone_dbfs
    if level is None or facts.is_muted or not _is_running(facts):
        return None
    if not SILENT_DBFS < level < QUIET_DBFS:
        return None
    return (
        "{Your} voice is very quiet.",
        "Move the microphone closer to the mouth, or turn it up in the sound settings.",
    )


def _person_silent(facts: Facts, _is_shown: bool) -> Words | None:
    leg = facts.person
    level = None if leg is None else leg.level_in_dbfs
    if level is None or level > SILENT_DBFS or not _is_running(facts):
        return None
    return (
        "Nothing but silence comes from the person, though the line is up.",
        "Ask whether they hear; they may be muted. If it recurs, tell the provider.",
    )


def _loss(
    share_of: Callable[[Facts], float | None], words: str, to_do: str, bad_words: str
) -> Look:
    def look(facts: Facts, is_shown: bool) -> Words | None:
        share = share_of(facts)
        if share is None or not _is_running(facts) or not _above(share, LOSS, LOSS_LEFT, is_shown):
            return None
        much = bad_words if share >= BAD_LOSS else "Many packets are lost"
        return f"{much} {words} ({_percent(share)}).", to_do

    return look


_LOST_BADLY = "So many packets are lost that words are missing"
_CABLE = "Use a cable instead of Wi-Fi; see what else loads the network."
_UPLINK = "See what else loads the internet connection (backups, video); then ask the provider."

_loss_to_you = _loss(
    lambda facts: facts.seat.loss_in if facts.seat else None,
    "on the way to {you}",
    _CABLE,
    _LOST_BADLY,
)
_loss_from_you = _loss(
    lambda facts: facts.seat.loss_out if facts.seat else None,
    "on the way from {you}",
    _CABLE,
    _LOST_BADLY,
)
_loss_from_person = _loss(
    lambda facts: facts.person.loss_in if facts.person else None,
    "on the way from the provider",
    _UPLINK,
    _LOST_BADLY,
)
_loss_to_person = _loss(
    lambda facts: facts.person.loss_out if facts.person else None,
    "on the way to the provider",
    _UPLINK,
    _LOST_BADLY,
)


def _jitter(facts: Facts, is_shown: bool) -> Words | None:
    for leg, where, to_do in (
        (facts.seat, "between {your} phone and the line", _CABLE),
        (facts.person, "between here and the provider", _UPLINK),
    ):
        if leg is not None and _above(leg.jitter_ms, JITTER_MS, JITTER_LEFT_MS, is_shown):
            return f"Packets arrive unevenly {where} ({leg.jitter_ms:.0f} ms).", to_do
    return None


def _delay(facts: Facts, is_shown: bool) -> Words | None:
    trips = [leg.round_trip_ms for leg in (facts.seat, facts.person) if leg is not None]
    known = [trip for trip in trips if trip is not None]
    whole = sum(known)
    if not known or not _above(whole, DELAY_MS, DELAY_LEFT_MS, is_shown):
        return None
    return (
        f"Words are long on their way: {whole / 1000:.1f} s there and back.",
        "Let the person finish before the next word; a cable and an idle network help.",
    )


def _clipping(facts: Facts, _is_shown: bool) -> Words | None:
    level = facts.microphone_dbfs
    if level is None or level < CLIP_DBFS or facts.is_muted:
        return None
    return (
        "{Your} voice is distorted: the microphone is too loud.",
        "Turn the microphone down in the sound settings, or move it away from the mouth.",
    )


def _echo(facts: Facts, _is_shown: bool) -> Words | None:
    ear, mouth = facts.heard_dbfs, facts.microphone_dbfs
    if ear is None or mouth is None or facts.is_muted or not _is_running(facts):
        return None
    if ear < LOUD_EAR_DBFS or not ECHO_DBFS <= mouth <= ear - 6.0:
        return None
    return (
        "The person may hear an echo: the microphone picks the loud ear up.",
        "Turn the headset down, or use a headset instead of loudspeakers.",
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "no_sound",
        "trouble",
        _no_sound,
        hides=("muted_by_system", "microphone_silent"),
        is_exact=True,
    ),
    Rule(
        "muted_by_system",
        "trouble",
        _muted_by_system,
        hides=("microphone_silent", "microphone_quiet", "clipping", "echo"),
        is_exact=True,
    ),
    Rule(
        "person_unheard",
        "trouble",
        _person_unheard,
        hides=("person_silent", "loss_from_person", "jitter", "delay"),
    ),
    Rule("seat_unheard", "trouble", _seat_unheard, hides=("loss_to_you", "jitter", "delay")),
    Rule(
        "microphone_silent",
        "trouble",
        _microphone_silent,
        6.0,
        after_sound_s=30.0,
        hides=("microphone_quiet",),
    ),
    Rule("loss_to_you", "warning", _loss_to_you, 2.0),
    Rule("loss_from_you", "warning", _loss_from_you, 2.0),
    Rule("loss_from_person", "warning", _loss_from_person, 2.0),
    Rule("loss_to_person", "warning", _loss_to_person, 2.0),
    Rule("clipping", "warning", _clipping, 3.0),
    Rule("jitter", "warning", _jitter, 4.0),
    Rule("delay", "warning", _delay, 4.0),
    Rule("microphone_quiet", "note", _microphone_quiet, 60.0),
    Rule("person_silent", "note", _person_silent, 15.0),
    Rule("echo", "note", _echo, 8.0),
)
"""The most important first: the order in which advice is given."""


def _address(words: str, name: str) -> str:
    """Speak to the agent, or of them by name."""
    yours = f"{name}'s" if name else "your"
    return (
        words.replace("{Your}", yours[0].upper() + yours[1:])
        .replace("{your}", yours)
        .replace("{you}", name or "you")
    )


def symptoms(facts: Facts, shown: frozenset[str] = frozenset()) -> list[Advice]:
    """All that these facts alone show, the most important first; causes hide what they explain.

    `shown`: codes that are told already, whose limits lie lower.
    """
    found: list[Advice] = []
    hidden: set[str] = set()
    for rule in RULES:
        words = rule.look(facts, rule.code in shown)
        if words is None:
            continue
        hidden.update(rule.hides)
        if rule.code not in hidden:
            sentence, to_do = (_address(part, facts.name) for part in words)
            found.append(Advice(rule.code, sentence, to_do, rule.severity))
    return found
