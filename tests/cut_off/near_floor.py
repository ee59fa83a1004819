"""Run on the supervisor's PC: a campaign on the shared floor, its public, its dialler.

JSON lines out: when it is ready, what the public heard, what stands on the record; words in.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.floor_place import floor_place
from app.profile import Profile, open_profile
from app.rehearsal.carrier import RehearsalCarrier
from app.trunk import Trunk, write_trunk
from dialer_core.store.address import Place
from dialer_core.store.opening import open_database
from tests import office_kit

AGENTS = ("Anna", "Ben")


def main(home: str, talk_s: str, people: str) -> None:
    profile = open_profile(Path(home))
    place = floor_place(profile)
    logs = profile.root / "practice"
    logs.mkdir()
    carrier = RehearsalCarrier(profile, office_kit.Patient(float(talk_s)), 1, logs)
    carrier.start()
    write_trunk(
        profile.root / "trunk.toml", Trunk(gateways=carrier.places, lines=min(2, int(people)))
    )
    office_kit.set_up(place, int(people), AGENTS)
    try:
        with office_kit.dialler(home):
            office_kit.tell({"ready": True})
            for line in sys.stdin:
                if line.strip() == "heard":
                    heard = _patiently(lambda: office_kit.heard(logs), int(people))
                    office_kit.tell({"heard": heard})
                elif line.strip() == "record":
                    office_kit.tell({"record": _patiently(lambda: _record(place), int(people))})
    finally:
        carrier.stop()
        sys.stderr.write(_troubles(profile))


def _patiently(found: Callable[[], list[Any]], count: int) -> list[Any]:
    """What is found, as soon as it is that many; else what there is after a while."""
    until = time.monotonic() + 30
    while len(found()) < count and time.monotonic() < until:
        time.sleep(0.1)
    return found()


def _record(place: Place) -> list[Any]:
    """Code, note, agent and how often the dialler was told, of each call that has an outcome."""
    database = open_database(place)
    try:
        with database.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT a.disposition_code, a.note, g.name, (SELECT count(*) FROM agent_events e"
                " WHERE e.attempt_id = a.id AND e.kind = 'outcome') FROM attempts a"
                " JOIN agents g ON g.id = a.agent_id WHERE a.disposed_at IS NOT NULL"
            ).all()
            return [list(row) for row in rows]
    finally:
        database.close()


def _troubles(profile: Profile) -> str:
    return "\n".join(str(file) for file in profile.logs_dir.glob("*"))


if __name__ == "__main__":
    main(*sys.argv[1:])
