from __future__ import annotations

import pytest

from app.errors import KnownError, UsageError, as_known_error
from dialer_core.model.errors import KnownError as CoreError
from sip.errors import KnownError as SipError


def test_a_known_error_is_its_sentence_and_leaves_with_one() -> None:
    error = KnownError("The line is down: plug it in.")
    assert str(error) == error.sentence == "The line is down: plug it in."
    assert error.exit_status == 1


def test_a_usage_error_leaves_with_two() -> None:
    assert UsageError("There is no mode 'fast'.").exit_status == 2


def test_the_cores_net_catches_the_apps_errors() -> None:
    with pytest.raises(CoreError):
        raise KnownError("Full.")


@pytest.mark.parametrize("below", [CoreError("Full."), SipError("Full.")])
def test_known_errors_of_the_rooms_below_become_ours(below: Exception) -> None:
    known = as_known_error(below)
    assert known is not None
    assert (known.sentence, known.exit_status) == ("Full.", 1)
    assert known.__cause__ is below


def test_ours_stays_itself_and_a_bug_stays_a_bug() -> None:
    ours = UsageError("No.")
    assert as_known_error(ours) is ours
    assert as_known_error(ValueError("oops")) is None
    assert as_known_error(KeyboardInterrupt()) is None
