"""Errors that the world makes: one sentence for the person at the desk, and an exit status."""

from __future__ import annotations

from dialer_core.model import errors as core_errors

EXIT_KNOWN = 1
EXIT_USAGE = 2


class KnownError(core_errors.KnownError):
    """Something the world did; `sentence` says what happened and what to do about it.

    It is also one of the core's, so that `except KnownError` of the core catches both.
    """

    exit_status = EXIT_KNOWN


class UsageError(KnownError):
    """The command line asks for something that does not exist; leaves with status 2."""

    exit_status = EXIT_USAGE


def as_known_error(error: BaseException) -> KnownError | None:
    """The same error as one of ours if a room below calls it known, else None: then it is a bug.

    `sip` and `dialer_core` know nothing of `app` and have known errors of their own. What they
    share is the attribute `sentence`.
    """
    if isinstance(error, KnownError):
        return error
    sentence = getattr(error, "sentence", None)
    if not isinstance(error, Exception) or not isinstance(sentence, str) or not sentence:
        return None
    status = getattr(error, "exit_status", EXIT_KNOWN)
    known = UsageError(sentence) if status == EXIT_USAGE else KnownError(sentence)
    known.__cause__ = error
    return known
