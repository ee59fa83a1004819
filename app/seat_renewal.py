"""A joined PC's certificate anew, where its address is no longer the one that was signed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.certificates import SeatFiles, keep_files, make_request
from app.errors import KnownError

if TYPE_CHECKING:
    from dialer_core.store.address import FloorAddress

ANSWER_S = 10.0
POLL_S = 0.1
_WHY = {
    "removed": "The supervisor has removed this PC from the floor: join it again with a new code.",
    "locked": "This PC's address changes too often to be signed: give it a fixed one, or wait.",
    "damaged": "The floor could not read what this PC sent: update Callfloor on both PCs.",
}


def renew(place: FloorAddress, files: SeatFiles, seat: str, addresses: Sequence[str]) -> None:
    """Have the floor sign a fresh key for these addresses, and keep both; blocks for a moment.

    Raises KnownError where the floor is out of reach, refuses or does not answer.
    """
    # Loads the database's library, which a start of a window does without.
    from dialer_core.store import renewing  # noqa: PLC0415  see above
    from dialer_core.store.floor_link import FloorLink  # noqa: PLC0415  see above

    request, key = make_request(seat)
    link = FloorLink(
        place.host, place.port, place.user, place.password, files.ca, place.server_name,
        place.database, files.certificate, files.key,
    )  # fmt: skip
    until = time.monotonic() + ANSWER_S
    with link.alone() as connection:
        while (answer := renewing.ask(connection, request, list(addresses)))["state"] == "waiting":
            if time.monotonic() > until:
                raise KnownError(
                    "The supervisor's PC does not sign this PC's new address: see that Callfloor "
                    "runs there."
                )
            time.sleep(POLL_S)
    if answer["state"] != "ready":
        why = _WHY.get(str(answer["state"])) or str(answer.get("sentence"))
        raise KnownError(why)
    certificate = str(answer["certificate"]).encode()
    keep_files(files.ca.parent, files.ca.read_bytes(), certificate, key)
