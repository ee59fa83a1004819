"""Which gateway the next call takes: limits, health, and the order of preference."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.states import Outcome as O
from dialer_core.rules.gateways import GatewayLimits, Gateways, TokenBucket
from dialer_core.rules.trunk import BURST, TROUBLES

_attempts = (f"a{number}" for number in count())


def limits(
    name: str, channels: int | None = None, rate: float | None = None, burst: int = 1
) -> GatewayLimits:
    return GatewayLimits(name, channels, rate, burst)


def launch(gateways: Gateways, now_s: float = 0.0) -> str:
    """One call leaves by the gateway that is chosen."""
    name = gateways.choose(now_s)
    assert name is not None
    attempt = next(_attempts)
    gateways.launched(attempt, name, now_s)
    return attempt


def close(gateways: Gateways, attempt: str, outcome: O, now_s: float = 0.0) -> bool:
    status = {O.CONNECTED: 200, O.BUSY: 486, O.CARRIER_REJECT: 403}.get(outcome, 503)
    found = gateways.ended(attempt, outcome, status, rang=outcome is O.CONNECTED, now_s=now_s)
    gateways.gone(attempt)
    return found


def refuse(gateways: Gateways, now_s: float = 0.0, outcome: O = O.NETWORK_CONGESTION) -> str:
    """A call leaves and is refused; by which gateway."""
    attempt = launch(gateways, now_s)
    name = gateways.of(attempt)
    assert close(gateways, attempt, outcome, now_s)
    return name


class TestBucket:
    def test_calls_leave_evenly_and_a_rest_saves_no_more_than_the_burst(self) -> None:
        bucket = TokenBucket(4.0)
        assert bucket.left(100.0) == 1
        bucket.take(100.0)
        assert bucket.left(100.0) == 0
        assert bucket.next_s() == 100.25
        assert [bucket.left(100.24), bucket.left(100.25)] == [0, 1]
        assert bucket.left(1e9) == 1

    def test_a_burst_leaves_at_once(self) -> None:
        bucket = TokenBucket(2.0, burst=3)
        for left in (3, 2, 1):
            assert bucket.left(10.0) == left
            bucket.take(10.0)
        assert bucket.left(10.0) == 0
        assert bucket.next_s() == 10.5
        assert bucket.left(11.0) == 2

    def test_what_did_not_leave_is_given_back(self) -> None:
        bucket = TokenBucket(1.0)
        bucket.take(5.0)
        bucket.give_back()
        assert bucket.left(5.0) == 1

    @pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
    def test_a_rate_that_is_none_is_refused(self, rate: float) -> None:
        with pytest.raises(ValueError, match="rate"):
            TokenBucket(rate)

    @given(
        rate=st.floats(0.2, 40.0),
        burst=st.integers(1, 6),
        steps=st.lists(st.floats(0.0, 0.7), min_size=1, max_size=120),
    )
    def test_no_second_ever_sees_more_than_rate_and_burst(
        self, rate: float, burst: int, steps: list[float]
    ) -> None:
        bucket, now_s, left = TokenBucket(rate, burst), 50.0, []
        for step_s in steps:
            now_s += step_s
            while bucket.left(now_s):
                bucket.take(now_s)
                left.append(now_s)
        for start_s in left:
            within = sum(start_s <= one < start_s + 1.0 for one in left)
            assert within <= rate + burst + 1e-6
        assert bucket.left(now_s) == 0
        due_s = bucket.next_s()
        assert now_s < due_s <= now_s + 1.0 / rate + 1e-6
        assert bucket.left(due_s) == 1


class TestLimits:
    def test_without_gateways_there_is_no_limit(self) -> None:
        gateways = Gateways()
        for _ in range(500):
            launch(gateways)
        assert gateways.room(0.0) is None
        assert gateways.next_s(0.0) is None

    def test_the_first_is_filled_before_the_second_and_none_when_all_are_full(self) -> None:
        gateways = Gateways([limits("one", 2), limits("two", 1)])
        assert gateways.room(0.0) == 3
        calls = [launch(gateways) for _ in range(3)]
        assert [gateways.of(call) for call in calls] == ["one", "one", "two"]
        assert (gateways.choose(0.0), gateways.room(0.0)) == (None, 0)
        assert gateways.next_s(0.0) is None, "only the end of a call gives room"
        assert gateways.reason(0.0) == "Every channel of the trunk is in use."
        close(gateways, calls[1], O.BUSY)
        assert (gateways.choose(0.0), gateways.room(0.0)) == ("one", 1)

    def test_calls_a_second_go_to_the_next_gateway_and_then_wait(self) -> None:
        gateways = Gateways([limits("one", 9, 2.0), limits("two", 9, 1.0)])
        assert gateways.room(0.0) == 2
        assert [gateways.of(launch(gateways)) for _ in range(2)] == ["one", "two"]
        assert gateways.choose(0.0) is None
        assert gateways.next_s(0.0) == 0.5
        assert gateways.reason(0.0) == "The trunk takes no more calls in this second."
        assert gateways.choose(0.5) == "one"

    def test_what_never_left_frees_channel_and_second(self) -> None:
        gateways = Gateways([limits("one", 1, 1.0)])
        attempt = launch(gateways)
        gateways.withdrawn(attempt)
        assert gateways.choose(0.0) == "one"
        assert gateways.of(attempt) == ""

    def test_a_call_of_before_a_restart_has_its_channel(self) -> None:
        gateways = Gateways([limits("one", 1), limits("two", 1)])
        gateways.adopted("old", "one")
        gateways.adopted("old", "two")  # told again: nothing changes
        gateways.adopted("older", "a gateway that was taken out")
        assert gateways.choose(0.0) == "two"
        close(gateways, "old", O.CONNECTED)
        assert gateways.choose(0.0) == "one"

    def test_two_of_one_name_are_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="name"):
            Gateways([limits("one"), limits("one")])


class TestTrouble:
    def test_one_refusal_sends_the_next_calls_to_the_next_gateway(self) -> None:
        gateways = Gateways([limits("one"), limits("two")])
        assert refuse(gateways) == "one"
        assert [gateways.of(launch(gateways, 0.1)) for _ in range(4)] == ["two"] * 4
        assert gateways.trouble == ""

    def test_a_barred_number_does_not_and_a_burst_does(self) -> None:
        gateways = Gateways([limits("one"), limits("two")])
        for _ in range(BURST):
            assert refuse(gateways, 0.0, O.CARRIER_REJECT) == "one"
        assert gateways.choose(0.1) == "two"

    def test_one_call_tries_it_again_and_all_come_back_when_it_gets_through(self) -> None:
        gateways = Gateways([limits("one"), limits("two")])
        refuse(gateways)
        tries = launch(gateways, 1.0)
        assert gateways.of(tries) == "one"
        assert gateways.choose(1.0) == "two"
        gateways.got_through(tries)
        assert gateways.choose(1.1) == "one"

    def test_a_full_second_gateway_leaves_the_calls_to_the_first(self) -> None:
        gateways = Gateways([limits("one"), limits("two", 1)])
        refuse(gateways)
        assert [gateways.of(launch(gateways, 0.1)) for _ in range(2)] == ["two", "one"]

    def test_a_lasting_trouble_is_told_with_what_becomes_of_the_calls(self) -> None:
        gateways = Gateways([limits("main"), limits("spare")])
        for at_s in (0.0, 1.0, 3.0, 7.0):
            assert refuse(gateways, at_s) == "main"
        assert gateways.trouble == (
            "Calls go through spare instead: the trunk main is full or out of order (503): "
            "fewer lines, or ask your provider"
        )
        for _ in range(BURST):
            assert refuse(gateways, 7.1) == "spare"
        assert gateways.room(7.1) == 0
        assert gateways.choose(7.1) is None
        assert gateways.next_s(7.1) == pytest.approx(8.1), "spare is tried first: it is soonest"
        assert gateways.reason(7.1) == "The trunk spare refuses calls (503); next try in 1 s."
        refuse(gateways, 8.1)
        assert gateways.trouble.startswith("No new calls for now: the trunk main is full")
        gateways.got_through(launch(gateways, 15.0))
        assert not gateways.trouble.startswith("No new calls")

    @pytest.mark.parametrize("outcome", list(O))
    def test_what_the_trunk_has_failed_in_tells_nothing_of_a_person(self, outcome: O) -> None:
        gateways = Gateways()
        attempt = launch(gateways)
        found = gateways.ended(attempt, outcome, 503, rang=False, now_s=0.0)
        assert found is (outcome in TROUBLES)
        assert not gateways.ended(launch(gateways), outcome, 503, rang=True, now_s=0.0)
        assert not (found and outcome in (O.BUSY, O.NO_ANSWER, O.INVALID_NUMBER, O.LINE_LOST))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["launch", "through", "busy", "refuse", "withdraw", "wait"]),
            st.integers(0, 7),
        ),
        max_size=150,
    )
)
def test_whatever_happens_limits_are_kept_and_channels_come_back(
    moves: list[tuple[str, int]],
) -> None:
    gateways = Gateways([limits("one", 3, 5.0), limits("two", 2, 2.0, 2), limits("three", 4)])
    now_s, up = 0.0, dict[str, str]()
    for what, which in moves:
        room = gateways.room(now_s)
        assert room is not None
        assert (gateways.choose(now_s) is not None) is (room > 0)
        due_s = gateways.next_s(now_s)
        assert due_s is None or (room == 0 and due_s > now_s)
        if due_s is not None:
            assert gateways.room(due_s) != 0, "it has room when it says so"
        chosen = sorted(up)[which % len(up)] if up else None
        if what == "wait":
            now_s += which / 5
        elif what == "launch" and room:
            attempt = launch(gateways, now_s)
            up[attempt] = gateways.of(attempt)
        elif chosen is not None and what == "through":
            gateways.got_through(chosen)
        elif chosen is not None and what == "withdraw":
            gateways.withdrawn(chosen)
            del up[chosen]
        elif chosen is not None and what in ("busy", "refuse"):
            close(gateways, chosen, O.BUSY if what == "busy" else O.NETWORK_FAILURE, now_s)
            del up[chosen]
        names = list(up.values())
        assert names.count("one") <= 3
        assert names.count("two") <= 2
        assert names.count("three") <= 4
    for attempt in list(up):
        close(gateways, attempt, O.BUSY, now_s)
    later_s = now_s + 120.0
    while gateways.room(later_s) == 0:
        later_s += 60.0
    assert gateways.choose(later_s) is not None


def test_changed_gateways_keep_their_calls_and_what_is_known_of_them() -> None:
    gateways = Gateways([limits("one", 2), limits("two", 1)])
    attempt = launch(gateways)
    gateways.renew([limits("two", 3), limits("one", 1)])
    assert gateways.of(attempt) == "one"
    assert gateways.room(0.0) == 3, "the one channel of the first is in use"
    assert gateways.choose(0.0) == "two", "the order of preference is the new one"
    gateways.renew([limits("three")])
    assert gateways.of(attempt) == "one"
    gateways.gone(attempt)
    assert gateways.of(attempt) == ""
    for wrong in ([], [limits("a"), limits("a")]):
        with pytest.raises(ValueError, match="needed"):
            gateways.renew(wrong)


def test_a_changed_rate_begins_anew_and_an_unchanged_one_does_not() -> None:
    gateways = Gateways([limits("one", rate=1.0)])
    launch(gateways)
    gateways.renew([limits("one", 5, rate=1.0)])
    assert gateways.room(0.0) == 0
    gateways.renew([limits("one", 5, rate=2.0)])
    assert gateways.room(0.0) == 1
