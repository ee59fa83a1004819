"""The two kinds of error: what the world did, and what we did wrong."""

from __future__ import annotations


class KnownError(Exception):
    """Something the world did; carries one sentence that says what happened and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class StoreTrouble(KnownError):
    """The floor's database cannot be used just now: nothing was written, and later it may be."""


class NotAllowed(StoreTrouble):
    """The floor's database is there and refuses: what was asked for is not ours to do."""


class DiskFull(StoreTrouble):
    """The disk of the floor's database is full: it is there and may be read, nothing written."""


class FateUnknown(KnownError):
    """The database went away in the middle of a commit, and nobody can say what became of it."""


class IllegalTransition(Exception):
    """A move that the state's table does not allow; a bug, and nothing was changed."""
