"""The few leased records that the engine holds of each campaign's list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dialer_core.model.ids import ContactId, SessionId
from dialer_core.model.records import LeasedRecord

BITE = 8  # records of one question: who leases many at once keeps joins and seats waiting
ASK_AGAIN_S = 5.0  # after an answer that said: no more now
GIVE_UP_S = 30.0  # after a question that was never answered
LONGEST_S = 900.0  # in stock; after it a record is passed over no more
PASSED_OVER_S = 600.0  # in stock; who was passed over rests then, while the list has others
REST_S = 7200.0  # so that the next chance is at another hour
SWEEP_S = 10.0
KEPT_S = 30.0  # for the one seat that has promised the call; then the list says whose it is
PRIOR_SHARE, PRIOR_WEIGHT = 0.4, 10.0  # of answers, before anything is known
FADE = 0.996  # weight of what was learnt with each further ringing


class Stock:
    """Records in the order in which they go unless the pacer prefers others; when to ask for more.

    The order is that of the lease, promised call-backs first.
    """

    def __init__(self) -> None:
        self._records: list[LeasedRecord] = []
        self._since_s: dict[ContactId, float] = {}
        self._asked = 0
        self._is_filling = False  # more are missing than were asked for
        self.ask_at_s: float | None = None  # no question before that monotonic time
        self._answers, self._rings = PRIOR_SHARE * PRIOR_WEIGHT, PRIOR_WEIGHT
        self._chances: list[float] | None = None
        self._passed: set[ContactId] = set()  # others behind them were taken
        self._sweep_s = float("-inf")
        self._has_more = True  # the list, as far as it has said
        self._kept: dict[SessionId, list[LeasedRecord]] = {}  # promised by one who is at work

    def __len__(self) -> int:
        return len(self._records)

    @property
    def records(self) -> tuple[LeasedRecord, ...]:
        """The records, next one first."""
        return tuple(self._records)

    @property
    def is_asking(self) -> bool:
        """Nothing is left, and the list's answer is on its way."""
        return not self._records and self._asked > 0

    def wanted(self, target: int, now_s: float, *, refill_at: float = 0.5) -> int:
        """How many records to lease now (and remember that they were asked for).

        Asks when no more than the share `refill_at` of `target` is left, and then on, `BITE` at
        most each time, until all are there; never twice at the same time. Waits `ASK_AGAIN_S` after
        a list that had no more.
        """
        if self.ask_at_s is not None:
            if now_s < self.ask_at_s:
                return 0
            self.ask_at_s = None
        if not self._is_filling and len(self._records) > target * refill_at:
            return 0
        missing = max(target - len(self._records), 1)
        self._asked, self._is_filling = min(missing, BITE), missing > BITE
        self.ask_at_s = now_s + GIVE_UP_S
        return self._asked

    def add(self, records: Iterable[LeasedRecord], answered: int, now_s: float) -> None:
        """Take an answer of `answered` records in, `records` of them new to the engine."""
        for record in records:
            if record.for_session is not None:
                self._kept.setdefault(record.for_session, []).append(record)
            else:
                self._records.append(record)
            self._since_s[record.contact_id] = now_s
        self._records.sort(key=lambda record: not record.is_promised)
        self._chances = None
        is_all = answered < self._asked
        self._has_more = not is_all
        self._is_filling = self._is_filling and self._has_more
        self._asked = 0
        self.ask_at_s = now_s + ASK_AGAIN_S if is_all else None

    def ask_soon(self) -> None:
        """The list may have changed: the next chance to ask is now."""
        if self._asked == 0:
            self.ask_at_s = None

    def take(
        self, now_s: float, *, with_reserved: bool, prefer: Sequence[LeasedRecord] = ()
    ) -> LeasedRecord | None:
        """The next record; one that needs a held seat only if `with_reserved`.

        The first of `prefer` that is still here goes before the order, but never before a promised
        call-back or a record that has been here for `LONGEST_S`.
        """
        index = self._first(with_reserved=with_reserved)
        if index is None:
            return None
        first = self._records[index]
        if prefer and not first.is_promised and now_s - self._since_s[first.contact_id] < LONGEST_S:
            for record in prefer:
                is_allowed = with_reserved or not record.needs_seat
                if is_allowed and record.contact_id in self._since_s:
                    index = self._records.index(record)
                    break
            self._passed.update(
                before.contact_id for before in self._records[:index] if not before.is_promised
            )
        taken = self._records.pop(index)
        self._drop(taken)
        return taken

    def passed_over(self, now_s: float) -> tuple[LeasedRecord, ...]:
        """Hand out those who were passed over for long, to be returned for a rest.

        None while the list has no others: they are called after all. Never a promised call-back.
        """
        if not self._passed or now_s < self._sweep_s:
            return ()
        self._sweep_s = now_s + SWEEP_S
        if not self._has_more:
            return ()
        over = tuple(
            record
            for record in self._records
            if record.contact_id in self._passed
            and now_s - self._since_s[record.contact_id] >= PASSED_OVER_S
        )
        for record in over:
            self._records.remove(record)
            self._drop(record)
        return over

    def take_kept(self, sessions: Iterable[SessionId]) -> tuple[LeasedRecord, SessionId] | None:
        """The call that the first of these free seats has promised; nobody else is given it."""
        for session_id in sessions:
            own = self._kept.get(session_id)
            if own:
                record = own.pop(0)
                self._drop(record)
                return record, session_id
        return None

    def unclaimed(self, now_s: float) -> tuple[LeasedRecord, ...]:
        """Hand out promised calls whose owner has not come free for long, to be returned."""
        if not self._kept:
            return ()
        late = tuple(
            record
            for own in self._kept.values()
            for record in own
            if now_s - self._since_s[record.contact_id] >= KEPT_S
        )
        for record in late:
            assert record.for_session is not None
            self._kept[record.for_session].remove(record)
            self._drop(record)
        return late

    def _drop(self, record: LeasedRecord) -> None:
        del self._since_s[record.contact_id]
        self._passed.discard(record.contact_id)
        self._chances = None

    def clear(self) -> tuple[LeasedRecord, ...]:
        """Hand all records out, to be returned."""
        records = self.records + tuple(one for own in self._kept.values() for one in own)
        self._records.clear()
        self._kept.clear()
        self._since_s.clear()
        self._passed.clear()
        self._chances = None
        return records

    # --- chances ------------------------------------------------------------------------------

    def learn(self, *, is_answered: bool) -> None:
        """A ringing is over: the campaign's own share of answers, with fading."""
        self._answers = self._answers * FADE + is_answered
        self._rings = self._rings * FADE + 1.0
        self._chances = None

    @property
    def answer_share(self) -> float:
        """The share of the campaign's calls that anybody or anything answers."""
        return self._answers / self._rings

    def chances(self, count: int) -> Sequence[float]:
        """The chances of the next `count` records, in order; fewer where there are no more."""
        if self._chances is None:
            share = self.answer_share
            self._chances = [_chance(record.answer_chance, share) for record in self._records]
        return self._chances[: max(0, count)]

    def pick(self, indices: Iterable[int]) -> list[LeasedRecord]:
        """The records that stand at these places now; places that do not exist are passed over."""
        records = self._records
        return [records[n] for n in indices if isinstance(n, int) and 0 <= n < len(records)]

    def _first(self, *, with_reserved: bool) -> int | None:
        for index, record in enumerate(self._records):
            if with_reserved or not record.needs_seat:
                return index
        return None


def _chance(own: float | None, share: float) -> float:
    return own if own is not None and 0.0 <= own <= 1.0 else share
