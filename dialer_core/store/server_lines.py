"""PCs that lend lines on a floor whose database server somebody else runs.

No PC has a role of its own there: each may read and change the whole database and is signed by
the same authority, so what a PC offers stands where all of them may look. PostgreSQL only.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, text

from dialer_core.model.errors import KnownError
from dialer_core.store import lending
from dialer_core.store.lending import Lent, LinesOffer
from dialer_core.store.owner import OneThread

OFFER_KEY: Final = "lines_offer:"  # and the PC's name
AGAIN_S: Final = 60.0  # a PC that lends says so again
TAKEN_S: Final = 200.0  # so long after its last word nobody else may have its name
STAYS_H: Final = 24  # one that was switched off for good is not looked for any longer

# By the server's clock throughout: that of a PC may be wrong.
_OFFER: Final = text(
    "INSERT INTO settings (key, value, changed_at) VALUES (:key, :value, clock_timestamp()) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at "
    "WHERE settings.value::jsonb->>'pc' = :pc OR (settings.value::jsonb->>'port')::int = 0 "
    "OR settings.changed_at < clock_timestamp() - make_interval(secs => :taken_s) "
    "RETURNING key"
)
_RENAMED: Final = text(
    "DELETE FROM settings WHERE left(key, :prefix) = :all AND key <> :key "
    "AND value::jsonb->>'pc' = :pc"
)
_IS_OURS: Final = text("SELECT to_regclass('joining.lenders') IS NULL")
_NAME: Final = "substring(key FROM :prefix + 1)"
_LATELY: Final = (
    "FROM settings WHERE left(key, :prefix) = :all "
    "AND changed_at > clock_timestamp() - make_interval(hours => :stays_h) ORDER BY key"
)
_OFFERS: Final = text(f"SELECT {_NAME} AS name, value {_LATELY}")
_LENT: Final = text(
    f"SELECT {_NAME} AS name, (value::jsonb->>'lines')::int AS lines, "
    f"(value::jsonb->>'port')::int > 0 AS is_offered, {lending.USED.format(name=_NAME)}, "
    f"{lending.IS_DIALLED} {_LATELY}"
)
_ALL: Final = {"all": OFFER_KEY, "prefix": len(OFFER_KEY)}
_ALL_LATELY: Final = {**_ALL, "stays_h": STAYS_H}


class ServerOffer(msgspec.Struct, frozen=True):
    """What a PC offers. `pc`: which one it is, whatever it is called; `role`: its certificate's
    name; `port` 0: nothing any more.
    """

    pc: str
    role: str
    addresses: tuple[str, ...]
    port: int
    lines: int


class ServerLines(OneThread):
    """As a PC of such a floor: what it offers, and what all of them do."""

    def offer(self, name: str, offer: ServerOffer) -> None:
        """Lines are to be had here, under no other name than this one.

        KnownError where another PC of that name lends some.
        """
        words = {
            "key": OFFER_KEY + name,
            "value": msgspec.json.encode(offer).decode(),
            "pc": offer.pc,
            "taken_s": TAKEN_S,
        }
        others = {**_ALL, "key": words["key"], "pc": offer.pc}
        with self._writing() as connection:
            if connection.execute(_OFFER, words).one_or_none() is None:
                raise KnownError(
                    f"Another PC that is called {name} lends its lines to this floor: give this "
                    "one another name (callfloor lines --name NAME)."
                )
            connection.execute(_RENAMED, others)

    def lent(self) -> dict[str, Lent]:
        """How each PC stands that has offered lines lately, by its name."""
        with self._reading() as connection:
            rows = connection.execute(_LENT, _ALL_LATELY)
            return {row.name: lending.standing(row) for row in rows}


def offers(connection: Connection) -> tuple[LinesOffer, ...]:
    """The PCs of lines by name; none where each PC has a role of its own (`store.lending`)."""
    if connection.dialect.name != "postgresql" or not connection.scalar(_IS_OURS):
        return ()
    found = (
        (row.name, msgspec.json.decode(row.value, type=ServerOffer))
        for row in connection.execute(_OFFERS, _ALL_LATELY)
    )
    return tuple(
        LinesOffer(name, one.role, one.addresses, one.port, one.lines)
        for name, one in found
        if one.port
    )
