"""The few leased records that the engine holds of each campaign's list."""

from __future__ import annotations

from collections.abc import Iterable

from dialer_core.model.records import LeasedRecord

ASK_AGAIN_S = 5.0  # after an answer that said: no more now
GIVE_UP_S = 30.0  # after a question that was never answered


class Stock:
    """Records in the order of their lease, and when to ask for more."""

    def __init__(self) -> None:
        self._records: list[LeasedRecord] = []
        self._asked = 0
        self.ask_at_s: float | None = None  # no question before that monotonic time

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

    def wanted(self, target: int, now_s: float) -> int:
        """How many records to lease now (and remember that they were asked for).

        Asks when half of `target` is used up, never twice at the same time, and waits
        `ASK_AGAIN_S` after a list that had no more.
        """
        if self.ask_at_s is not None:
            if now_s < self.ask_at_s:
                return 0
            self.ask_at_s = None
        if len(self._records) * 2 > target:
            return 0
        self._asked = max(target - len(self._records), 1)
        self.ask_at_s = now_s + GIVE_UP_S
        return self._asked

    def add(self, records: Iterable[LeasedRecord], answered: int, now_s: float) -> None:
        """Take an answer of `answered` records in, `records` of them new to the engine."""
        self._records.extend(records)
        is_all = answered < self._asked
        self._asked = 0
        self.ask_at_s = now_s + ASK_AGAIN_S if is_all else None

    def ask_soon(self) -> None:
        """The list may have changed: the next chance to ask is now."""
        if self._asked == 0:
            self.ask_at_s = None

    def take(self, *, with_reserved: bool) -> LeasedRecord | None:
        """The next record; one that needs a held seat only if `with_reserved`."""
        for index, record in enumerate(self._records):
            if with_reserved or not record.reserved_only:
                return self._records.pop(index)
        return None

    def clear(self) -> tuple[LeasedRecord, ...]:
        """Hand all records out, to be returned."""
        records = self.records
        self._records.clear()
        return records
