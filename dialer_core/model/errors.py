"""The two kinds of error: what the world did, and what we did wrong."""

from __future__ import annotations


class KnownError(Exception):
    """Something the world did; carries one sentence that says what happened and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class IllegalTransition(Exception):
    """A move that the state's table does not allow; a bug, and nothing was changed."""
