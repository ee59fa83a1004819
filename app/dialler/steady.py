"""What keeps the dialler's own program from getting in the way of its answers."""

from __future__ import annotations

import gc
import sys
from typing import Final

# Threads beside the store's (answer chances, the log, stocks read ahead) wait so long at most
# before they give way: by Python's own 5 ms a lease of 14 statements lost up to 70.
GIVE_WAY_S: Final = 0.0001


def be_steady() -> None:
    """Once all is loaded: what is there stays, and is not looked through for garbage again.

    A full look takes some 80 ms of a dialler's time on a long list, in the middle of anything.
    """
    sys.setswitchinterval(GIVE_WAY_S)
    gc.collect()
    gc.freeze()
