"""A message with keys, by hand-driven time: repeats, choices, and a wish that always counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.clock import ManualClock, Timers
from sip.line.menu import KeyedMessage, meaning_of
from sip.messages import KeyMeaning, KeyMenu

MENU = KeyMenu(agent="1", later="2", never="9", repeats=2, pause_s=4.0)
LENGTH_S = 10.0


class Person:
    """Hears the message, has a telephone's keys, and a clock that is moved by hand."""

    def __init__(
        self, menu: KeyMenu | None = MENU, *, is_looped: bool = False, is_deaf: bool = False
    ) -> None:
        self.clock = ManualClock()
        self.timers = Timers(self.clock)
        self.played: list[str] = []
        self.keys: list[tuple[str, KeyMeaning]] = []
        self.over: list[KeyMeaning] = []
        self.is_deaf = is_deaf
        self._end: Callable[[], None] | None = None
        self.message = KeyedMessage(
            "message.wav",
            menu,
            self,
            self.timers,
            lambda key, meaning: self.keys.append((key, meaning)),
            self.over.append,
            is_looped=is_looped,
        )

    def play(self, wav: str, on_end: Callable[[], None], *, is_looped: bool) -> bool:
        if self.is_deaf:
            return False
        self.played.append(wav)
        self._end = None if is_looped else on_end
        return True

    def hush(self) -> None:
        self._end = None

    @property
    def hears_something(self) -> bool:
        return self._end is not None

    def hear_out(self) -> None:
        end, self._end = self._end, None
        assert end is not None, "nothing plays"
        end()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.timers.run_due()


def test_nobody_presses_a_key_and_it_is_repeated_twice() -> None:
    person = Person()
    assert person.message.start()
    for _ in range(2):
        person.hear_out()
        person.wait(3.9)
        assert not person.hears_something
        person.wait(0.2)
        assert person.hears_something
    person.hear_out()
    person.wait(3.9)
    assert person.over == []
    person.wait(0.2)
    assert person.played == ["message.wav"] * 3
    assert person.over == [""]


@pytest.mark.parametrize(("key", "meaning"), [("1", "agent"), ("2", "later"), ("9", "never")])
def test_a_key_counts_in_the_first_word(key: str, meaning: KeyMeaning) -> None:
    person = Person()
    person.message.start()
    person.message.key(key)
    assert person.keys == [(key, meaning)]
    assert person.over == [meaning]
    assert not person.hears_something
    person.wait(60.0)
    assert person.played == ["message.wav"]


def test_a_key_counts_in_the_pause_and_in_a_repeat() -> None:
    for seconds in (1.0, 5.0):
        person = Person()
        person.message.start()
        person.hear_out()
        person.wait(seconds)
        person.message.key("1")
        assert person.over == ["agent"]


def test_a_key_that_is_not_offered_repeats_at_once_in_the_pause_only() -> None:
    person = Person()
    person.message.start()
    person.message.key("5")
    assert person.played == ["message.wav"]
    person.hear_out()
    person.message.key("5")
    assert person.played == ["message.wav"] * 2
    assert person.keys == [("5", ""), ("5", "")]
    assert person.over == []


def test_a_wish_is_told_at_once_and_confirmed_in_words() -> None:
    person = Person(KeyMenu(later="2", never="9", later_wav="later.wav", never_wav="never.wav"))
    person.message.start()
    person.message.key("2")
    assert person.keys == [("2", "later")]
    assert person.played[-1] == "later.wav"
    assert person.over == []
    person.hear_out()
    assert person.over == ["later"]


def test_never_again_counts_after_another_choice_and_not_the_other_way_round() -> None:
    person = Person(KeyMenu(later="2", never="9", later_wav="later.wav", never_wav="never.wav"))
    person.message.start()
    person.message.key("2")
    person.message.key("9")
    assert person.played[-1] == "never.wav"
    person.message.key("2")
    assert person.keys == [("2", "later"), ("9", "never"), ("2", "")]
    person.hear_out()
    assert person.over == ["never"]


def test_a_queue_plays_on_and_takes_wishes() -> None:
    person = Person(is_looped=True)
    person.message.start()
    person.wait(600.0)
    person.message.key("1")
    assert person.over == []
    assert person.keys == [("1", "")]
    person.message.key("9")
    assert person.over == ["never"]


def test_a_message_without_keys_is_heard_once() -> None:
    person = Person(None)
    person.message.start()
    person.message.key("1")
    assert person.keys == [("1", "")]
    person.hear_out()
    assert person.over == [""]
    assert person.played == ["message.wav"]


def test_a_message_that_cannot_be_heard_is_over_without_a_choice() -> None:
    person = Person(is_deaf=True)
    assert not person.message.start()
    person.message.key("1")
    assert (person.keys, person.over, person.message.is_over) == ([], [], True)


def test_a_confirmation_that_cannot_be_heard_does_not_hold_the_wish_up() -> None:
    person = Person(KeyMenu(never="9", never_wav="never.wav"))
    person.message.start()
    person.is_deaf = True
    person.message.key("9")
    assert person.over == ["never"]


def test_a_call_that_goes_another_way_hears_no_more() -> None:
    person = Person()
    person.message.start()
    person.hear_out()
    person.message.stop()
    person.wait(60.0)
    person.message.key("1")
    assert (person.played, person.over, person.keys) == (["message.wav"], [], [])


def test_a_key_that_stands_for_nothing_means_nothing() -> None:
    assert meaning_of(KeyMenu(), "") == ""
    assert meaning_of(KeyMenu(agent="1"), "9") == ""
    assert meaning_of(KeyMenu(agent="1", never="1"), "1") == "never"


steps = st.lists(
    st.one_of(st.sampled_from("0123456789*#"), st.floats(0.0, 12.0), st.just("heard")), max_size=40
)


@given(
    steps=steps,
    menu=st.builds(
        KeyMenu,
        agent=st.sampled_from(["", "1"]),
        later=st.sampled_from(["", "2"]),
        never=st.sampled_from(["", "9"]),
        repeats=st.integers(-1, 3),
        pause_s=st.floats(-1.0, 8.0),
        later_wav=st.sampled_from(["", "l.wav"]),
        never_wav=st.sampled_from(["", "n.wav"]),
    ),
)
def test_whatever_is_pressed_it_ends_once_and_a_wish_is_never_lost(
    steps: list[str | float], menu: KeyMenu
) -> None:
    person = Person(menu)
    person.message.start()
    for step in steps:
        was_over = person.message.is_over
        if isinstance(step, float):
            person.wait(step)
        elif step == "heard":
            if person.hears_something:
                person.hear_out()
        else:
            told = len(person.keys)
            person.message.key(step)
            assert len(person.keys) == told + (not was_over)
    for _ in range(12):
        if person.hears_something:
            person.hear_out()
        person.wait(9.0)
    assert len(person.over) == 1
    assert person.played.count("message.wav") <= 1 + max(0, menu.repeats)
    meanings = [meaning for _, meaning in person.keys if meaning]
    assert person.over[0] == ("never" if "never" in meanings else meanings[0] if meanings else "")
