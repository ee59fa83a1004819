"""What the windows of a person's data and of retention show; plain values."""

from __future__ import annotations

from dataclasses import dataclass

KINDS: dict[str, tuple[str, str]] = {
    "recordings": ("Recordings", "the sound of calls, and the entries about it"),
    "files": ("Written files", "exports, lists and rejected rows that this program has written"),
    "notes": ("Notes of calls", "what agents wrote, and a call's traces in the network"),
    "people": ("People", "names and numbers of records that are closed"),
    "refusals": ("Refused numbers", "whom the rules did not let through, and why"),
    "lockouts": ("Rests", "after busy, no answer, a lost call: those that are over"),
    "wishes": ("Wishes of windows", "what agents and supervisors asked the dialler for"),
    "decisions": ("Decisions of the pacer", "how many lines it let ring, and why"),
}
AT_MOST = frozenset({"recordings"})


@dataclass(frozen=True, slots=True)
class PersonWish:
    """Who is looked for: a number as it was typed, or "#17" for a record."""

    who: str
    region: str = "GB"

    def __repr__(self) -> str:
        return f"PersonWish(region={self.region!r})"


@dataclass(frozen=True, slots=True, repr=False)
class PersonView:
    """What is stored about a person: facts to know them by, and how much of what there is."""

    wish: PersonWish
    name: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, int], ...]
    is_on_dnc: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """What was erased where; names nobody."""

    id: int
    at: str
    reason: str
    records: int
    tables: tuple[tuple[str, int], ...]
    files: tuple[tuple[str, str, str], ...]  # kind, name, fate
    stays: tuple[str, ...]
    shared_with: int
    log_entry: str
    is_finished: bool
    json: bytes = b""


@dataclass(frozen=True, slots=True)
class RetentionRow:
    """One kind: how long it is kept and why, and what a purge would take now."""

    kind: str
    days: tuple[int, ...]  # several, where campaigns have several rules
    why: str
    due: int
    since: str = ""  # the oldest of what is due, in words
    is_at_most: bool = False  # the rules' days are the most; else the least, or free
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class RetentionView:
    """All kinds, the last purge in words, and whether files wait to be erased."""

    rows: tuple[RetentionRow, ...]
    last: str
    waiting: str = ""
    stuck: tuple[str, ...] = ()
