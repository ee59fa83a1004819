"""Whether there is a screen to show windows on."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from app.errors import KnownError

NO_DISPLAY = "There is no display: log in to a desktop, or run the demo with --offscreen."


def require_display(environment: Mapping[str, str], platform: str = sys.platform) -> None:
    """Raise KnownError where Qt would find no screen and end the process by force."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if platform == "linux" and not any(environment.get(name) for name in names):
        raise KnownError(NO_DISPLAY)


def require_display_here() -> None:
    """The same for this process."""
    require_display(os.environ)
