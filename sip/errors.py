"""The error of the outside world in the telephony room (the core has its own alike)."""

from __future__ import annotations


class KnownError(Exception):
    """Something outside went wrong; carries one sentence that says what happened and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
