"""Who hears whom, as computed: rules that hold in every scene that can be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from sip.line.mixing import LEGS, Scene, wanted
from sip.messages import Arrangement, Listening

HOWS: tuple[Arrangement, ...] = get_args(Arrangement)
LISTENINGS: tuple[Listening | None, ...] = (None, *get_args(Listening))


def talks() -> Iterator[Scene]:
    """Every scene of a call that is up."""
    for how, third, rings_to, listening, has_notice, is_recorded in itertools.product(
        HOWS,
        ("", "ringing", "early", "up"),
        ("", "person", "agent"),
        LISTENINGS,
        *[(False, True)] * 2,
    ):
        scene = {
            "stage": "talk",
            "how": how,
            "third": third,
            "rings_to": rings_to,
            "listening": listening,
            "has_notice": has_notice,
            "is_recorded": is_recorded,
        }
        yield msgspec.convert(scene, Scene)


def heard_by(scene: Scene, leg: str) -> set[str]:
    return {str(source) for source, sink in wanted(scene) if sink == leg} - {"silence"}


def test_every_leg_always_sends_packets_and_is_drained() -> None:
    for scene in talks():
        pairs = wanted(scene)
        assert all(("silence", leg) in pairs and (leg, "drain") in pairs for leg in LEGS)


def test_nobody_hears_themselves() -> None:
    assert all(source != sink for scene in talks() for source, sink in wanted(scene))


def test_a_person_always_hears_something() -> None:
    assert all(heard_by(scene, "person") for scene in talks())


def test_a_person_on_hold_is_heard_by_nobody_and_hears_no_person() -> None:
    for scene in talks():
        if scene.how in ("hold", "consult"):
            assert {sink for source, sink in wanted(scene) if source == "person"} == {"drain"}
            assert heard_by(scene, "person") <= {"music", "ringing", "third"}
            if scene.third == "up":
                assert heard_by(scene, "person") == {"music"}


def test_a_whisper_is_heard_by_the_agent_alone_and_never_recorded() -> None:
    for scene in talks():
        heard_in = {sink for source, sink in wanted(scene) if source == "supervisor"}
        if scene.listening == "whisper":
            assert heard_in == {"agent", "drain"}
        elif scene.listening in (None, "listen"):
            assert heard_in == {"drain"}


def test_only_people_are_recorded_each_on_their_side() -> None:
    for scene in talks():
        assert heard_by(scene, "left") <= {"person"}
        assert heard_by(scene, "right") <= {"agent", "third", "supervisor"}
        if not scene.is_recorded or scene.how == "hold":
            assert not heard_by(scene, "left") | heard_by(scene, "right")


def test_music_is_for_those_who_wait_and_never_for_the_agent() -> None:
    for scene in talks():
        assert {sink for source, sink in wanted(scene) if source == "music"} <= {"person", "third"}


@pytest.mark.parametrize("has_sound", [False, True])
def test_early_ringing_is_the_networks_own_where_it_sends_any(has_sound: bool) -> None:
    scene = Scene(stage="early", has_early_ring=True, has_person_sound=has_sound)
    assert heard_by(scene, "agent") == {"person" if has_sound else "ringing"}
    assert heard_by(Scene(stage="early", has_person_sound=has_sound), "agent") == set()


def test_with_the_message_there_is_nothing_else() -> None:
    scene = Scene(stage="message", has_message=True, is_recorded=True, listening="barge")
    assert heard_by(scene, "person") == {"message"}
    assert heard_by(scene, "agent") == heard_by(scene, "left") == set()


def test_who_waits_in_a_queue_hears_its_music() -> None:
    assert heard_by(Scene(stage="waiting", is_queued=True), "person") == {"queue"}
    assert heard_by(Scene(stage="waiting"), "person") == set()
