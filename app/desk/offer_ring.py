"""The ring for a person who is offered while nobody looks at the window."""

from __future__ import annotations

from collections.abc import Callable

from sip import messages


class OfferRing:
    """Rings on the ringer until the window is looked at or the offer is over; once an offer.

    `is_wanted`: a person sits here and has it switched on.
    """

    def __init__(self, send: Callable[[messages.Message], bool]) -> None:
        self._send = send
        self._contact_id: int | None = None
        self._is_looked_at = False
        self._is_ringing = False
        self.is_wanted = False

    def offered(self, contact_id: int | None) -> None:
        """This person is on the screen for the agent to dial; None: nobody."""
        if contact_id != self._contact_id:
            self._contact_id = contact_id
            self._ring(is_on=contact_id is not None and not self._is_looked_at)

    def looked_at(self, is_it: bool) -> None:
        """Whether the window is the one that is worked in; who has looked is not called again."""
        self._is_looked_at = is_it
        if is_it:
            self._ring(is_on=False)

    def phone_came(self) -> None:
        """Another phone, which does not ring yet."""
        was_ringing, self._is_ringing = self._is_ringing, False
        self._ring(is_on=was_ringing)

    def want(self, is_wanted: bool) -> None:
        """Switch it on or off; it falls silent at once."""
        self.is_wanted = is_wanted
        if not is_wanted:
            self._ring(is_on=False)

    def _ring(self, *, is_on: bool) -> None:
        is_on = is_on and self.is_wanted
        if is_on != self._is_ringing:
            self._is_ringing = is_on
            self._send(messages.RingAlert(is_on=is_on))
