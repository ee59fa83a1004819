"""What the backups' window shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackupRow:
    """One backup: when it was made, why and how large, in words; `path` names it."""

    path: str
    when: str
    why: str
    size: str


@dataclass(frozen=True, slots=True)
class BackupsView:
    """The floor's backups, newest first.

    `age`: how old the last good one is, in words; `trouble`: why there is no newer one, or a
    warning; `disk`: a warning about where they lie; `elsewhere`: why none are made here.
    """

    rows: tuple[BackupRow, ...] = ()
    folder: str = ""
    disk: str = ""
    age: str = ""
    trouble: str = ""
    is_shown: bool = False
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class RestoreDone:
    """What came of a restore, in sentences."""

    title: str
    sentences: tuple[str, ...]
