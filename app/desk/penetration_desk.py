"""The figures of penetration: read, followed over days, written to a file."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.penetration_view import (
    EVERYBODY,
    DayPoint,
    DaysView,
    GroupRow,
    HourCell,
    PenetrationView,
    as_csv,
)
from app.errors import KnownError
from dialer_core.clock import Clock
from dialer_core.kpi.penetration import Penetration
from dialer_core.model.ids import CampaignId
from dialer_core.store import penetration, penetration_days
from dialer_core.store.address import Place
from dialer_core.store.campaigns import load_campaigns
from dialer_core.store.database import Database
from dialer_core.store.opening import open_database
from dialer_core.store.penetration import By

NO_CAMPAIGN: Final = "There is no campaign yet; take a list in first."


class PenetrationDesk(QObject):
    """What the window needs; lives on the GUI thread, works on a thread of its own."""

    shown = Signal(object)  # PenetrationView
    days_shown = Signal(object)  # DaysView
    saved = Signal(str)  # a sentence
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, path: Place, clock: Clock) -> None:
        super().__init__()
        self._path, self._clock = path, clock
        self._asking = Asking("penetration")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    @Slot()
    def stop(self) -> None:
        """End the thread."""
        self._asking.stop()

    @Slot(object, str)
    def show(self, campaign_id: int | None, by: str) -> None:
        """`shown` follows; without a campaign the first one's."""
        self._asking.ask(lambda: self._read(campaign_id, By(by)), self.shown.emit)

    @Slot(int, str, int)
    def show_days(self, campaign_id: int, by: str, row_id: int) -> None:
        """`days_shown` follows."""
        self._asking.ask(lambda: self._days(campaign_id, By(by), row_id), self.days_shown.emit)

    @Slot(str, object)
    def save(self, file: str, rows: tuple[GroupRow, ...]) -> None:
        """Write the table as CSV; `saved` follows."""
        self._asking.ask(lambda: _write(Path(file), rows), self.saved.emit)

    # --- on the thread ----------------------------------------------------------------------

    def _read(self, campaign_id: int | None, by: By) -> PenetrationView:
        now = self._clock.now()
        with _opened(self._path) as database, database.reading() as connection:
            campaigns = load_campaigns(connection)
            if not campaigns:
                raise KnownError(NO_CAMPAIGN)
            chosen = CampaignId(campaign_id or 0)
            settings = campaigns.get(chosen) or next(iter(campaigns.values()))
            own = settings.campaign.id
            if by is By.SEGMENT:
                groups = penetration.by_segment(connection, own, now)
            elif by is By.IMPORT:
                groups = penetration.by_import(connection, own)
            else:
                groups = penetration.by_list(connection, own)
            whole = penetration.of_campaign(connection, own, now)
            hours = penetration_days.answers_by_hour(connection, settings)
        rows = (
            _row(EVERYBODY, "Everybody", whole),
            *(_row(one.id, one.name, one.penetration) for one in groups),
        )
        names = tuple((int(key), one.campaign.name) for key, one in campaigns.items())
        cells = tuple(HourCell(one.weekday, one.hour, one.calls, one.share) for one in hours)
        return PenetrationView(names, int(own), by.value, rows, cells)

    def _days(self, campaign_id: int, by: By, row_id: int) -> DaysView:
        with _opened(self._path) as database, database.reading() as connection:
            settings = load_campaigns(connection).get(CampaignId(campaign_id))
            if settings is None:
                raise KnownError("There is no such campaign any more; choose another.")
            group = None if row_id == EVERYBODY else by
            found = penetration_days.by_day(connection, settings, group, row_id, self._clock.now())
        epoch = dt.date(1970, 1, 1)
        return DaysView(
            row_id,
            tuple(
                DayPoint(
                    (one.day - epoch).days,
                    (one.list_penetration, one.phone_penetration, one.saturation, one.closed),
                )
                for one in found
            ),
        )


def _row(row_id: int, name: str, found: Penetration) -> GroupRow:
    return GroupRow(
        row_id,
        name,
        int(found.list_penetration.denominator),
        tuple(figure.value for figure in found.figures),
        tuple(
            f"{int(figure.numerator):,} / {int(figure.denominator):,}" for figure in found.figures
        ),
    )


def _write(file: Path, rows: tuple[GroupRow, ...]) -> str:
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(as_csv(rows))
    except OSError as error:
        raise KnownError(
            f"{file.name} cannot be written ({error.strerror}); choose another folder."
        ) from error
    return f"Written to {file.name}."


@contextmanager
def _opened(path: Place) -> Iterator[Database]:
    database = open_database(path)
    try:
        yield database
    finally:
        database.close()
