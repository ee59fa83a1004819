"""What the window "Other programs" shows: values, no store and no network."""

from __future__ import annotations

from dataclasses import dataclass, field

RIGHTS: tuple[tuple[str, str, str], ...] = (
    ("contacts", "People", "Add, change and close people; the do-not-call list"),
    ("results", "Results", "Read what became of calls, and live figures"),
    ("dial", "Dial", "Have an agent's seat dial a number"),
)
"""Value, word and sentence of each right."""

EVENTS: tuple[tuple[str, str], ...] = (
    ("outcome.chosen", "An outcome is chosen"),
    ("call_back.booked", "A call-back is booked"),
    ("do_not_call.added", "A number is not to be called"),
)
"""Value and word of what a program can be told."""


@dataclass(frozen=True, slots=True)
class HookView:
    """A program's webhook: where it goes and how it does, in words."""

    url: str = ""
    events: tuple[str, ...] = ()
    is_private: bool = False
    state: str = ""
    is_trouble: bool = False
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program that may ask; `last_use` in words."""

    name: str
    rights: tuple[str, ...]
    last_use: str
    hook: HookView = HookView()


@dataclass(frozen=True, slots=True)
class ApiView:
    """The API on this PC and who may ask. `elsewhere`: a sentence where it cannot be here."""

    is_on: bool
    is_running: bool = False
    address: str = ""
    is_open: bool = False  # to other PCs, with TLS
    port: int = 8710
    programs: tuple[ProgramView, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Secret:
    """What is shown once: a token, or the key of signatures."""

    program: str
    text: str = field(repr=False)
    is_token: bool = True


@dataclass(frozen=True, slots=True)
class HookWish:
    """What somebody wants a program to be told."""

    program: str
    url: str
    events: tuple[str, ...]
    is_private: bool
