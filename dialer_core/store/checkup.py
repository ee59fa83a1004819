"""What is looked at where something is wrong: our role, the version, what is complained of."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from dialer_core.store import postgres, sqlite
from dialer_core.store.address import FloorAddress
from dialer_core.store.owner import OneThread
from dialer_core.store.schema import SessionRow, SettingRow
from dialer_core.store.settings import LINE_TROUBLES, PHONE_TROUBLE, TRUNK_TROUBLE


@dataclass(frozen=True, slots=True)
class Complaints:
    """Sentences that stand on the record, and whether anybody is logged in that we may see."""

    trunk: str
    lines: tuple[str, ...]
    phones: tuple[str, ...]
    has_session: bool


class CheckupStore(OneThread):
    """Reads only; under a seat's role it sees what concerns that seat. Opening it is a test."""

    def version(self) -> str:
        """The migration at which the database stands."""
        place = self._database.place
        if not isinstance(place, FloorAddress):
            return sqlite.version_in(place) or ""
        with self._reading() as connection:
            return str(postgres.version_in(connection) or "")

    def complaints(self) -> Complaints:
        """What dialler and lines complain of."""
        with self._reading() as connection:
            wanted = SettingRow.key.in_([TRUNK_TROUBLE, LINE_TROUBLES])
            phones = SettingRow.key.startswith(PHONE_TROUBLE, autoescape=True)
            query = select(SettingRow.key, SettingRow.value).where(wanted | phones)
            told = {row.key: row.value for row in connection.execute(query)}
            is_open = select(func.count(SessionRow.id)).where(SessionRow.closed_at.is_(None))
            count = connection.scalar(is_open) or 0
        of_phones = tuple(text for key, text in told.items() if key.startswith(PHONE_TROUBLE))
        lines = tuple(told.get(LINE_TROUBLES, "").splitlines())
        return Complaints(told.get(TRUNK_TROUBLE, ""), lines, of_phones, count > 0)
