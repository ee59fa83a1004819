"""Whether the holder of the lease is certainly dead."""

from __future__ import annotations

import os
import subprocess
import sys

from app.dialler import holder


def test_this_process_lives() -> None:
    assert not holder.is_dead(holder.describe_self())


def test_a_process_that_has_ended_is_dead() -> None:
    child = subprocess.run(
        [sys.executable, "-c", "from app.dialler import holder; print(holder.describe_self())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert holder.is_dead(child.stdout.strip())


def test_a_number_that_another_process_has_by_now_is_dead() -> None:
    host, pid, _ = holder.describe_self().split(":")
    assert holder.is_dead(f"{host}:{pid}:1")


def test_who_cannot_be_asked_is_not_called_dead() -> None:
    assert not holder.is_dead(f"elsewhere:{os.getpid()}:1")
    assert not holder.is_dead("")
    assert not holder.is_dead("nonsense")
