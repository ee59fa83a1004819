"""What the dialler does beside its calls: lines, registrations, phones, and who is silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete

from dialer_core.clock import Instant
from dialer_core.model.call_control import Listening
from dialer_core.model.ids import LineId, SessionId
from dialer_core.store import (
    feed_words,
    intents,
    lease,
    lending,
    lines,
    listening,
    outdated,
    server_lines,
    settings,
)
from dialer_core.store.address import Place
from dialer_core.store.database import Database
from dialer_core.store.owner import OneThread
from dialer_core.store.schema import SettingRow
from dialer_core.store.silence import SilentSeats


class FloorNotes(OneThread):
    """A part of the dialler's store; it writes under the lease's epoch."""

    def __init__(self, source: Place | Database) -> None:
        super().__init__(source)
        self._epoch = 0
        self._silent = SilentSeats()

    def outdated(self) -> str:
        """What to say where a newer program has brought the floor up to date; "" where none has."""
        with self._reading() as connection:
            return outdated.sentence(connection)

    def refuse_outdated(self) -> None:
        """The same as a KnownError, once there is nothing left to do on this floor."""
        with self._reading() as connection:
            outdated.refuse(connection)

    def close_silent(self, now: Instant) -> int:
        """Log out seats whose PC sleeps or is cut off, and that owe nothing; how many."""
        with self._reading() as connection:
            due = self._silent.due(connection, now)
        if not due:
            return 0
        with self._writing() as connection:
            lease.check(connection, self._epoch)
            self._silent.close(connection, due, now)
        return len(due)

    def phones(self) -> list[tuple[str, str]]:
        """Seat and SIP address of each open session's phone."""
        with self._reading() as connection:
            return lines.phones(connection)

    def lines_offers(self) -> tuple[lending.LinesOffer, ...]:
        """The PCs that lend their processors to this floor."""
        with self._reading() as connection:
            return lending.offers(connection) + server_lines.offers(connection)

    def set_line_troubles(self, sentences: Sequence[str], now: Instant) -> None:
        """What registrations and lines complain of, for the supervisor's window."""
        text = "\n".join(" ".join(one.split())[:500] for one in sentences)
        with self._writing() as connection:
            lease.check(connection, self._epoch)
            settings.write(connection, settings.LINE_TROUBLES, text, now)

    def set_phone_troubles(self, troubles: Mapping[str, str], now: Instant) -> None:
        """By seat: why its phone cannot be reached, for that seat's own window; no others stay."""
        told = {f"{settings.PHONE_TROUBLE}{seat}": text for seat, text in troubles.items()}
        with self._writing() as connection:
            lease.check(connection, self._epoch)
            old = SettingRow.key.startswith(settings.PHONE_TROUBLE, autoescape=True)
            connection.execute(delete(SettingRow).where(old))
            for key, text in told.items():
                settings.write(connection, key, text[:500], now)

    # --- supervisors ----------------------------------------------------------------------

    def want_supervise(
        self, attempt_id: str, how: Listening, session_id: int, now: Instant
    ) -> None:
        """A supervisor, whose phone is that of the session, wants to take part in a call."""
        with self._writing() as connection:
            intents.want_supervise(connection, attempt_id, how, session_id, now)

    # --- phones, lines, the trunk ---------------------------------------------------------

    def phone_address(self, session_id: SessionId | int) -> tuple[str, str]:
        """Where the session's phone is and the token with which it answers by itself.

        KnownError where the session is closed.
        """
        with self._reading() as connection:
            return lines.phone_address(connection, session_id)

    def lines(self) -> list[tuple[LineId, str, int]]:
        """The lines that a dialler has noted: id, address, the epoch under which."""
        with self._reading() as connection:
            return lines.read(connection)

    def note_line(self, line_id: LineId, address: str, now: Instant) -> None:
        """Remember where a line can be spoken to."""
        with self._writing() as connection:
            lease.check(connection, self._epoch)
            lines.note(connection, line_id, address, self._epoch, now)

    def forget_line(self, line_id: LineId) -> None:
        """A line is gone for good."""
        with self._writing() as connection:
            lease.check(connection, self._epoch)
            lines.forget(connection, line_id)

    def set_trunk_trouble(self, sentence: str, now: Instant) -> None:
        """What is wrong with the trunk, for the supervisor's window; empty: nothing."""
        with self._writing() as connection:
            lease.check(connection, self._epoch)
            settings.write(connection, settings.TRUNK_TROUBLE, sentence[:500], now)

    def note_qualities(self, qualities: Sequence[listening.Quality]) -> None:
        """How calls sound, where it has changed; LeaseLost where another dialler dials."""
        with self._writing() as connection:
            feed_words.concerns(connection)
            lease.check(connection, self._epoch)
            listening.note_qualities(connection, qualities)
