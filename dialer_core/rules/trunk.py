"""When a gateway of the trunk is in trouble, and when it is worth trying again. Pure.

A refusal that speaks of the gateway, and not of a person, sends the next calls to another one for
a pause that doubles each time. After a run of them the calls that are up are taken for all that
the gateway carries: a call that ends is replaced, one more tries after each pause, and once that
one gets through, more and more try at once, until the gateway is well again. A gateway that says
busy or unknown of everybody, each time at once, is in trouble as well: no list is like that.
"""

from __future__ import annotations

import math

from dialer_core.model.states import Outcome

TROUBLES = {
    Outcome.AUTH_FAIL: "does not accept our name and password{status}: check them with your "
    "provider",
    Outcome.CARRIER_REJECT: "refuses our calls{status}: ask your provider about balance and "
    "caller's number",
    Outcome.CARRIER_TIMEOUT: "does not answer{status}: check its address and your network",
    Outcome.NO_PROGRESS: "takes our calls and nothing comes of them: ask your provider",
    Outcome.CODEC_MISMATCH: "takes none of our kinds of sound{status}: ask your provider which it "
    "takes",
    Outcome.NETWORK_CONGESTION: "is full or out of order{status}: fewer lines, or ask your "
    "provider",
    Outcome.NETWORK_FAILURE: "reports a fault of its own{status}: ask your provider",
}
"""What may be the gateway's own trouble, where nothing came back from beyond it."""
AT_ONCE = frozenset(
    {
        Outcome.AUTH_FAIL,
        Outcome.CARRIER_TIMEOUT,
        Outcome.NETWORK_CONGESTION,
        Outcome.NETWORK_FAILURE,
    }
)
"""One of these sends the next call elsewhere; of the others, which one number may bring about
(a barred one, a far one), it takes a run."""
TURNED_AWAY = "turns every call away at once{status}: ask your provider how many calls you may have"
AWAY_S = 0.5  # nobody's telephone is found busy, and no number unknown, so soon every time
AWAY_RUN = 8  # such refusals in a row
BURST = 3  # calls in a row without one that got through
BURST_S = 60.0  # refusals further apart than this are no run
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
ENOUGH = 16  # so many have got through beyond what the gateway carried: it is well again
_CANCELLED = 487


def is_trunk_trouble(outcome: Outcome, *, rang: bool) -> bool:
    """Whether a call failed for the trunk's sake; `rang`: something came back from beyond it."""
    return not rang and outcome in TROUBLES


class TrunkWatch:
    """What the floor's calls have told of one gateway. Times in seconds on one monotonic scale."""

    def __init__(self, name: str = "") -> None:
        self._name = name if name and name != "trunk" else ""
        self._status = 0
        self._trouble = Outcome.NETWORK_CONGESTION
        self._refused = 0  # in a row
        self._last_s = -math.inf  # the latest of them
        self._away = 0  # turned away at once, in a row
        self._on_way: dict[str, float] = {}  # launched then, and nothing heard of yet
        self._up: set[str] = set()  # got through, and not over
        self._carries: int | None = None  # calls at once; None: no trouble
        self._step = 1  # so many more may try at once
        self._pauses = 0  # without one that got through beyond what the gateway carries
        self._resume_s = -math.inf

    # --- what happens -----------------------------------------------------------------------

    def launched(self, attempt: str, now_s: float) -> None:
        """A call is on its way."""
        self._on_way[attempt] = now_s

    def got_through(self, attempt: str) -> None:
        """It rings, or somebody has answered: the gateway has taken it."""
        self._away = 0
        self._passed_on(attempt)

    def _passed_on(self, attempt: str) -> None:
        self._on_way.pop(attempt, None)
        self._up.add(attempt)
        self._refused = 0
        if self._carries is None:
            self._end_pause()
        elif len(self._up) > self._carries:
            self._carries = len(self._up)
            self._end_pause()
            self._step += 1
            if self._step >= ENOUGH:
                self._carries = None

    def gone(self, attempt: str) -> None:
        """The call is over, or never left."""
        self._on_way.pop(attempt, None)
        self._up.discard(attempt)

    def ended(
        self, attempt: str, outcome: Outcome, status: int, *, rang: bool, now_s: float
    ) -> None:
        """A call is over with a final SIP status; `rang`: something came back from beyond."""
        if attempt not in self._up:
            if is_trunk_trouble(outcome, rang=rang):
                self._refuse(outcome, status, now_s)
            elif rang:
                self.got_through(attempt)
            elif status >= 400 and status != _CANCELLED:
                if self._turns_away(attempt, now_s):
                    self._refused, self._last_s = max(self._refused, BURST), now_s
                    self._refuse(outcome, status, now_s)
                else:
                    self._passed_on(attempt)
        self.gone(attempt)

    def _turns_away(self, attempt: str, now_s: float) -> bool:
        """Whether this is one more of so many refusals at once that no person can be meant."""
        launched_s = self._on_way.get(attempt, -math.inf)
        self._away = self._away + 1 if now_s - launched_s < AWAY_S else 0
        return self._away >= AWAY_RUN

    def _refuse(self, outcome: Outcome, status: int, now_s: float) -> None:
        if self._carries is None and now_s - self._last_s > BURST_S:
            self._refused = self._pauses = 0
        self._refused, self._last_s = self._refused + 1, now_s
        self._trouble, self._status = outcome, status
        is_run = self._carries is not None or self._refused >= BURST
        if is_run:
            self._carries = len(self._up)
            self._step = 1
        if (is_run or outcome in AT_ONCE) and now_s >= self._resume_s:  # else this one's, too
            pause_s = min(FIRST_PAUSE_S * 2.0 ** min(self._pauses, 30), LONGEST_PAUSE_S)
            self._pauses += 1
            self._resume_s = now_s + pause_s

    def _end_pause(self) -> None:
        self._pauses, self._resume_s = 0, -math.inf

    # --- what follows -----------------------------------------------------------------------

    def room(self, now_s: float) -> int | None:
        """How many calls may be launched now; None: the gateway has not been found short."""
        if self._carries is None:
            return None
        tries = self._step if now_s >= self._resume_s else 0
        return max(0, self._carries + tries - len(self._up) - len(self._on_way))

    def is_shunned(self, now_s: float) -> bool:
        """Whether another gateway is better: it has just refused, or one call is trying it."""
        return self._pauses > 0 and (now_s < self._resume_s or bool(self._on_way))

    def next_try_s(self, now_s: float) -> float | None:
        """When the pause is over in which nothing more may leave; None where there is none."""
        is_pause = self._carries is not None and now_s < self._resume_s
        return self._resume_s if is_pause else None

    def reason(self, now_s: float) -> str:
        """Why nothing may be launched now, in a sentence."""
        left_s = self._resume_s - now_s
        name, status = self._called, self._in_brackets
        if left_s > 0.0:
            return f"The {name} refuses calls{status}; next try in {left_s:.0f} s."
        return f"The {name} refused calls{status}; it is being tried."

    @property
    def trouble(self) -> str:
        """What is wrong, for a notice; empty while calls get through."""
        if self._carries is None or self._refused <= BURST:
            return ""
        words = TROUBLES.get(self._trouble, TURNED_AWAY)
        return f"the {self._called} {words.format(status=self._in_brackets)}"

    @property
    def _called(self) -> str:
        return f"trunk {self._name}" if self._name else "trunk"

    @property
    def _in_brackets(self) -> str:
        return f" ({self._status})" if self._status >= 400 and self._status != _CANCELLED else ""
