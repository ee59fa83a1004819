"""A person's possible day: the office wants, the law decides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer_core.lists.recycling import NextNumber, Recycle, Recycling
from dialer_core.lists.recycling_day import possible_day
from dialer_core.model.states import Outcome
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import profile

LONDON = ZoneInfo("Europe/London")
TUESDAY = date(2026, 3, 3)


def at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_the_laws_number_of_calls_ends_the_day() -> None:
    found = possible_day(Recycling(), Outcome.NO_ANSWER, profile("GB"), LONDON, TUESDAY)
    assert [one.replace(second=0) for one in found.tries] == [at(8), at(10), at(12, 1)]
    assert [one.code for one in found.moved] == [RefusalCode.ATTEMPT_LIMIT]
    assert found.next_at == at(8, day=4)
    assert found.spans == ((at(8), at(21)),)


def test_the_laws_rest_wins_over_a_shorter_wait() -> None:
    own = Recycling({Outcome.NO_ANSWER: Recycle(600.0, 8, NextNumber.SAME)})
    found = possible_day(own, Outcome.NO_ANSWER, profile("GB"), LONDON, TUESDAY)
    gaps = [after - before for before, after in zip(found.tries, found.tries[1:], strict=False)]
    assert all(gap >= timedelta(hours=2) for gap in gaps)
    assert found.moved[0].code is RefusalCode.LOCKED_OUT


def test_a_longer_wait_is_kept_and_the_last_try_ends_it() -> None:
    own = Recycling({Outcome.BUSY: Recycle(6 * 3600.0, 2, NextNumber.SAME)})
    found = possible_day(own, Outcome.BUSY, profile("GB"), LONDON, TUESDAY)
    assert [one.replace(second=0) for one in found.tries] == [at(8), at(14)]
    assert found.is_done
    assert found.next_at is None
    assert found.moved == ()


def test_a_number_that_is_retired_is_never_called_again() -> None:
    found = possible_day(Recycling(), Outcome.WRONG_NUMBER, profile("GB"), LONDON, TUESDAY)
    assert len(found.tries) == 1
    assert found.next_at is None
    assert not found.is_done


def test_the_break_at_noon_is_kept() -> None:
    own = Recycling({Outcome.BUSY: Recycle(3.25 * 3600, 9, NextNumber.SAME)})
    paris = ZoneInfo("Europe/Paris")
    found = possible_day(own, Outcome.BUSY, profile("FR"), paris, TUESDAY)
    assert [one.astimezone(paris).hour for one in found.tries] == [10, 14]
    assert found.moved[0].code is RefusalCode.OUT_OF_HOURS
    assert len(found.spans) == 2


@pytest.mark.parametrize("name", ["GB", "US", "IT", "PL", "DE", "FR", "STRICT"])
@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.BUSY, Outcome.LINE_LOST])
def test_no_wish_of_the_office_gets_past_a_limit(name: str, outcome: Outcome) -> None:
    rules = profile(name)
    own = Recycling({outcome: Recycle(60.0, None, NextNumber.SAME)})
    found = possible_day(own, outcome, rules, LONDON, TUESDAY)
    assert 1 <= len(found.tries) <= min(limit.count for limit in rules.attempt_limits)
    for moment in found.tries:
        assert any(start <= moment < end for start, end in found.spans)


def test_a_sunday_without_hours_has_no_tries() -> None:
    found = possible_day(Recycling(), Outcome.BUSY, profile("GB"), LONDON, date(2026, 3, 1))
    assert found.tries == ()
    assert found.spans == ()
    assert found.next_at == at(8, day=2)
