"""What lines say beside their calls: quality, registrations, troubles; for the supervisor."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec

from dialer_core.clock import Clock
from dialer_core.model.ids import AttemptId, LineId
from dialer_core.store.listening import Quality
from sip import messages

log = logging.getLogger("app.dialler.asides")

TROUBLE_STAYS_S: Final = 300.0  # a line's trouble is told once; nothing takes it back
MOST_TROUBLES: Final = 5
REFRESH_S: Final = 30.0  # a call whose sound does not change is written again so often

# Edges between which a figure may move without being news; the doctor's limits are among them.
_LOSS: Final = (0.0, 0.025, 0.05, 0.1, 0.15, 0.3)
_JITTER_MS: Final = (40.0, 60.0, 100.0, 200.0)
_TRIP_MS: Final = (100.0, 200.0, 320.0, 400.0, 600.0, 1000.0)
_LEVEL_DBFS: Final = (-70.0, -42.0, -36.0, -16.0, -0.5)
_AGE_S: Final = (3.0, 6.0)
_Band = tuple[int | str | None, ...]


class Asides:
    """Keeps the latest, and hands over only what differs from what is on the record."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._registrations: dict[tuple[LineId, str], str] = {}
        self._troubles: dict[tuple[LineId, str], float] = {}  # since when, monotonic
        self._names: dict[str, str] = {}  # by host: what cannot be resolved
        self._told: tuple[str, ...] = ()
        self._new: dict[str, messages.CallQuality] = {}
        self._written: dict[str, tuple[tuple[_Band, ...], float]] = {}

    def hear(self, line_id: LineId, message: messages.Message) -> None:
        """Take in what a line says."""
        match message:
            case messages.LineStatus():  # another process, maybe: it says again what is wrong
                for known in (self._registrations, self._troubles):
                    for key in [key for key in known if key[0] == line_id]:
                        del known[key]
            case messages.RegistrationChanged():
                sentence = message.sentence or f"Not registered at {message.gateway}."
                if message.is_registered:
                    self._registrations.pop((line_id, message.gateway), None)
                else:
                    self._registrations[line_id, message.gateway] = sentence
            case messages.EngineTrouble():
                self._troubles[line_id, message.sentence] = self._clock.now().mono_s
            case messages.CallQuality():
                self._hear_quality(message)
            case messages.CallEnded():
                self._new.pop(message.attempt_id, None)
                self._written.pop(message.attempt_id, None)

    def set_names(self, sentences: dict[str, str]) -> None:
        """The gateways' names that cannot be resolved, by host."""
        self._names = dict(sentences)

    def take_troubles(self) -> tuple[str, ...] | None:
        """All sentences where they are others than last time, else None. The newest last."""
        now_s = self._clock.now().mono_s
        for key, since_s in list(self._troubles.items()):
            if now_s - since_s >= TROUBLE_STAYS_S:
                del self._troubles[key]
        of_lines = (f"{line_id}: {sentence}" for line_id, sentence in self._troubles)
        every = (*self._names.values(), *self._registrations.values(), *of_lines)
        found = tuple(dict.fromkeys(every))[:MOST_TROUBLES]
        if found == self._told:
            return None
        self._told = found
        return found

    def take_qualities(self) -> list[Quality]:
        """The calls whose sound has changed since it was last taken."""
        new, self._new = self._new, {}
        return [
            Quality(
                AttemptId(one.attempt_id),
                datetime.fromtimestamp(one.at.utc_s, UTC),
                tuple(msgspec.to_builtins(leg) for leg in one.legs),
            )
            for one in new.values()
        ]

    def _hear_quality(self, quality: messages.CallQuality) -> None:
        bands = tuple(_bands(leg) for leg in quality.legs)
        now_s = self._clock.now().mono_s
        written = self._written.get(quality.attempt_id)
        if written is not None and written[0] == bands and now_s - written[1] < REFRESH_S:
            return
        self._written[quality.attempt_id] = (bands, now_s)
        self._new[quality.attempt_id] = quality


def _bands(leg: messages.LegQuality) -> _Band:
    return (
        leg.side,
        _band(leg.loss_in, _LOSS),
        _band(leg.loss_out, _LOSS),
        _band(leg.jitter_ms, _JITTER_MS),
        _band(leg.round_trip_ms, _TRIP_MS),
        _band(leg.level_in_dbfs, _LEVEL_DBFS),
        _band(leg.level_out_dbfs, _LEVEL_DBFS),
        int(leg.packets_in > 0),
        _band(leg.heard_age_s, _AGE_S),
    )


def _band(value: float | None, edges: Iterable[float]) -> int | None:
    return None if value is None else sum(value > edge for edge in edges)
