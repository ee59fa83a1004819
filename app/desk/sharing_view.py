"""What the window "Share this floor" shows: values, no store and no network."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SharedSeat:
    """A PC that has joined; `agent`: who sits there, empty where nobody is logged in.

    `lines`: of a PC that may lend lines, how it stands in words; `is_missed`: the floor's dialler
    looks for its lines in vain.
    """

    name: str
    is_here: bool
    agent: str = ""
    address: str = ""
    lines: str = ""
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class ShareCode:
    """A join code in groups, its QR picture (PNG) and until when it opens the floor (UTC, s).

    `lends`: it is for a PC that is to run lines.
    """

    text: str = field(repr=False)
    picture: bytes = field(repr=False)
    until_utc_s: float
    life_s: float
    lends: bool = False


@dataclass(frozen=True, slots=True)
class ShareView:
    """How this floor is shared. `place`: address and port; `hint`: where seats do not get in."""

    is_shared: bool
    is_running: bool = False
    is_kept: bool = False
    name: str = ""
    place: str = ""
    fingerprint: str = ""
    hint: str = ""
    seats: tuple[SharedSeat, ...] = ()
    elsewhere: str = ""  # a sentence where the floor is on another PC or server
    how: str = ""  # and how other PCs come in there
    lent: str = ""  # a sentence on PCs that lend lines to a floor on a server
