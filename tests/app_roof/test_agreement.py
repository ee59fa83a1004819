"""The floor beside simulated ones: bad words here, the run itself among the floor's tests."""

from __future__ import annotations

import pytest

from app.errors import UsageError
from app.rehearsal.agreement import AgreementOptions, run_agreement


@pytest.mark.parametrize("days", [1, 0, -3, 501])
def test_one_simulated_floor_is_no_interval(days: int) -> None:
    with pytest.raises(UsageError, match="--days is 2 to 500"):
        run_agreement(AgreementOptions(days=days))
