"""How a PC of lines stands, in words."""

from __future__ import annotations

from collections.abc import Mapping

from dialer_core.store.lending import Lending, Lent


def lent_words(lent: Lent) -> str:
    """A few words for a list of seats."""
    lines = f"{lent.lines} line" if lent.lines == 1 else f"{lent.lines} lines"
    match lent.state:
        case Lending.USED:
            part = f"{lent.used} of " if lent.used < lent.lines else ""
            return f"Lends {part}{lines}"
        case Lending.AWAY:
            return f"{lines}, out of reach"
        case Lending.READY:
            return f"{lines}, used once the floor dials"
        case Lending.NONE:
            return "Lends no lines just now"


def lent_sentence(lent: Mapping[str, Lent]) -> str:
    """All PCs of lines; empty where there is none."""
    told = {name: lent_words(one) for name, one in lent.items()}
    parts = [f"{name} ({words[0].lower()}{words[1:]})" for name, words in told.items()]
    return f"PCs of lines: {', '.join(parts)}." if parts else ""
