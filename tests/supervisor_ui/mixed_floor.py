"""A profile with a campaign of two lists, as people leave it who have only taken lists in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from dialer_core.clock import ManualClock
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore
from tests.store.floor_kit import DISPOSITIONS

TOWNS = ("Leeds", "York", "Hull", "Bath")


class MixedFloor:
    """The database at `path`: "Windows" with the lists March (12) and April (4); `clock` at ten."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock()
        migrate(path)
        self.database = open_database(path)
        setup = SetupStore(self.database)
        now = self.clock.now()
        for registry in ("GB-TPS", "GB-CTPS"):
            setup.load_registry(registry, now.utc - timedelta(hours=1), [], now)
        self.campaign_id = setup.add_campaign(
            NewCampaign(
                name="Windows",
                client="Rosewood Windows",
                company_name="Rosewood",
                mode=Mode.PREVIEW,
                profile=profile("GB"),
                caller_id="+441614960999",
                dispositions=DISPOSITIONS,
            ),
            now,
        )
        for name, first, count in (("March", 1, 12), ("April", 40, 4)):
            people = [self._person(first + at) for at in range(count)]
            setup.add_list(self.campaign_id, name, people, now)
        setup.close()

    @staticmethod
    def _person(number: int) -> NewPerson:
        return NewPerson(
            name=f"Person {number}",
            numbers=[(f"+4416149600{number:02d}", "landline")],
            town=TOWNS[number % 4],
            details=[("Windows", str(number))],
            zones=["Europe/London"],
        )

    def close(self) -> None:
        self.database.close()
