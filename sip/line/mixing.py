"""Who hears whom on a line: one function says what is wanted, the bridge is brought to it.

Each leg always hears the bridge's silence, so that packets flow, and is always drained, so that
nobody hears the old sound of a jitter buffer when a hold ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from itertools import permutations
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from sip.bridge import join, listeners, part
from sip.messages import Arrangement, Listening

if TYPE_CHECKING:
    from pjsua2 import AudioMedia

log = logging.getLogger("sip.line")
Part = Literal[
    "person", "agent", "third", "supervisor",
    "silence", "drain", "ringing", "music", "queue", "notice", "message", "left", "right",
]  # fmt: skip
"""The legs, what the line itself sounds, and the two channels of the recording."""
Pair = tuple[Part, Part]
LEGS: Final[tuple[Part, ...]] = ("person", "agent", "third", "supervisor")
_SINKS: Final = ("drain", "left", "right")
_TALKING: Final[dict[Arrangement, tuple[Part, ...]]] = {
    "talk": ("person", "agent"),
    "hold": (),
    "consult": ("agent", "third"),
    "conference": ("person", "agent", "third"),
    "handed_over": ("person", "third"),
}


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What decides who hears whom.

    `stage`: early, before the person's answer; waiting, answered and nobody there; message, the
    person hears a recording of ours and nobody else; talk. `has_early_ring`: the agent of a
    preview call hears it ring. `third`: stage of that leg, `early` while it sends sound of its
    own; `rings_to`: who hears it ring. `is_queued`: who waits hears something meanwhile.
    `is_recorded`: the two channels are joined.
    """

    stage: Literal["early", "waiting", "message", "talk"]
    how: Arrangement = "talk"
    has_early_ring: bool = False
    has_person_sound: bool = False
    is_queued: bool = False
    has_message: bool = False
    third: Literal["", "ringing", "early", "up"] = ""
    rings_to: Literal["", "person", "agent"] = ""
    listening: Listening | None = None
    has_notice: bool = False
    is_recorded: bool = False


def wanted(scene: Scene) -> frozenset[Pair]:
    """All pairs (who is heard, who hears); parts that do not exist just now may be among them."""
    pairs: set[Pair] = set()
    for leg in LEGS:
        pairs |= {("silence", leg), (leg, "drain")}
    if scene.stage == "early":
        if scene.has_early_ring:
            pairs.add(("person" if scene.has_person_sound else "ringing", "agent"))
    elif scene.stage == "message":
        if scene.has_message:
            pairs.add(("message", "person"))
    elif scene.stage == "waiting":
        if scene.is_queued:
            pairs.add(("queue", "person"))
    else:
        pairs |= _talk(scene)
    return frozenset(pairs)


def _talk(scene: Scene) -> set[Pair]:
    together = _TALKING[scene.how]
    pairs: set[Pair] = set(permutations(together, 2))
    is_up = scene.third == "up"
    pairs |= _waiting(scene, together)
    pairs |= _supervisor(scene, together, is_up=is_up)
    if scene.has_notice and scene.how == "talk":
        pairs |= {("notice", "person"), ("notice", "agent")}
    if scene.is_recorded:
        for one in together:
            pairs.add((one, "left" if one == "person" else "right"))
        if together and scene.listening in ("barge", "take_over"):
            pairs.add(("supervisor", "right"))
    return pairs


def _waiting(scene: Scene, together: tuple[Part, ...]) -> set[Pair]:
    """Who does not talk hears something: the third party's phone ring, or music."""
    pairs: set[Pair] = set()
    rings_to = scene.rings_to if scene.third in ("ringing", "early") else ""
    if rings_to:
        pairs.add(("third" if scene.third == "early" else "ringing", rings_to))
    if "person" not in together and rings_to != "person":
        pairs.add(("music", "person"))
    if scene.third == "up" and "third" not in together:
        pairs.add(("music", "third"))
    return pairs


def _supervisor(scene: Scene, together: tuple[Part, ...], *, is_up: bool) -> set[Pair]:
    """A person on hold is heard by nobody, and so not by the supervisor either."""
    how = scene.listening
    if how is None:
        return set()
    heard = {"agent", *together}
    pairs: set[Pair] = {(leg, "supervisor") for leg in LEGS if leg in heard}
    if is_up:
        pairs.add(("third", "supervisor"))
    if how == "whisper":
        pairs.add(("supervisor", "agent"))
    elif how != "listen":
        pairs |= {("supervisor", leg) for leg in LEGS if leg in heard}
    return pairs


class Mixing:
    """Brings the bridge to what is wanted, and asks it whether it is there.

    `port(part)` gives a part's port, None where there is none just now; it is asked only for
    parts that are wanted or were.
    """

    def __init__(self, port: Callable[[Part], AudioMedia | None]) -> None:
        self._port = port
        self._wanted: frozenset[Pair] = frozenset()
        self._seen: set[Part] = set()

    def apply(self, want: frozenset[Pair]) -> frozenset[Pair]:
        """Part what is not wanted any more, join what is; returns the pairs whose ends exist."""
        ports = self._ports(want | self._wanted)
        for source, sink in self._wanted - want:
            part(ports.get(source), ports.get(sink))
        self._wanted = want
        return frozenset(p for p in want if join(ports.get(p[0]), ports.get(p[1])))

    def _ports(self, pairs: Iterable[Pair]) -> dict[Part, AudioMedia]:
        self._seen |= {name for pair in pairs for name in pair}
        found = {name: self._port(name) for name in self._seen}
        return {name: port for name, port in found.items() if port is not None}

    def settle(self) -> bool:
        """Whether the bridge agrees by now (it changes at its next tick); mends what does not."""
        ports = self._ports(self._wanted)
        # The bridge's silence and its drain are the two sides of one port: without this rule
        # each would be taken for the other.
        sources = [name for name in ports if name not in _SINKS]
        sinks = [name for name in ports if name in LEGS or name in _SINKS]
        is_settled = True
        for source in sources:
            heard_by = listeners(ports[source])
            for sink in sinks:
                is_wanted = (source, sink) in self._wanted
                if source == sink or (ports[sink].getPortId() in heard_by) == is_wanted:
                    continue
                is_settled = False
                (join if is_wanted else part)(ports[source], ports[sink])
        return is_settled
