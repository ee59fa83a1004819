"""What the import window's thread does: the same as the command, in the window's values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.desk.import_view import ImportChoice, ImportLook, ImportOffer, ImportResult
from app.lists.importing import (
    GivenUp,
    ImportReport,
    Wanted,
    campaign_names,
    import_list,
    undo_import,
)
from app.lists.looking import look
from app.profile import Profile
from dialer_core.lists.numbers import regions
from dialer_core.lists.sieve import Duplicates
from dialer_core.rules.profiles import profiles


class DeskWork:
    """The `ImportWork` of a profile; `region`: ISO country that is offered first."""

    def __init__(self, profile: Profile, region: str = "GB") -> None:
        self._profile, self._region = profile, region

    def offer(self) -> ImportOffer:
        """Campaigns, and countries: those with rules of their own first."""
        known = regions()
        first = [name for name in profiles() if name in known]
        others = [code for code in known if code not in first]
        return ImportOffer(tuple(campaign_names(self._profile)), (*first, *others), self._region)

    def look(self, choice: ImportChoice) -> ImportLook:
        """What is found of a list."""
        found = look(_wanted(choice))
        return ImportLook(
            choice, found.size, found.encoding, found.separator, found.has_header, found.sheet,
            found.sheets, found.header, found.kinds, found.rows, found.wrong, found.trouble,
        )  # fmt: skip

    def take_in(self, choice: ImportChoice, tell: Callable[[float], bool]) -> ImportResult | None:
        """Take it in; None where it was given up."""
        try:
            return _result(import_list(self._profile, _wanted(choice), tell))
        except GivenUp:
            return None

    def undo(self, import_id: int) -> str:
        """Take an import out again."""
        found = undo_import(self._profile, import_id)
        words = [f"{found.removed:,} people were taken out again."]
        if found.kept:
            words.append(f"{found.kept:,} were called already: they stay on the record, closed.")
        if found.restored:
            words.append(f"{found.restored:,} known people are as they were before.")
        return " ".join(words)


def _wanted(choice: ImportChoice) -> Wanted:
    file = Path(choice.file)
    return Wanted(
        file=file,
        list_name=choice.list_name or file.stem,
        campaign=choice.campaign or file.stem,
        region=choice.region,
        mapping=tuple(f"{kind}={column}" for column, kind in choice.kinds),
        duplicates=Duplicates(choice.duplicates),
        encoding=choice.encoding,
        separator=choice.separator,
        has_header=choice.has_header,
        sheet=choice.sheet,
    )


def _result(report: ImportReport) -> ImportResult:
    return ImportResult(
        import_id=report.import_id or 0,
        file=report.file,
        campaign=report.campaign,
        list_name=report.list,
        rows=report.rows,
        taken=report.taken,
        updated=report.updated,
        known=report.known_elsewhere,
        twice=report.duplicate_rows,
        invalid=report.invalid_rows,
        on_dnc=report.contacts_on_dnc,
        reasons=tuple(report.reasons.items()),
        rejected_file=report.rejected_file or "",
        seconds=report.seconds,
    )
