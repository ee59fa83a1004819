"""The supervisor's hand on lists: a look, the import with progress and cancel, and its undoing."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from app.bridge import Bridge, Worker
from app.desk.import_view import ImportChoice, ImportLook, ImportOffer, ImportResult
from app.errors import as_known_error
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

_STEP = 0.005  # of the whole between two words of progress


class _Share(float):
    """How far an import is."""


class _Cancelled:
    """An import was given up."""


class _Undone(str):
    """What taking an import out did, as a sentence."""

    __slots__ = ()


class ImportDesk(QObject):
    """What the import's dialog needs; lives on the GUI thread, works on a thread of its own."""

    offered = Signal(object)  # ImportOffer
    looked = Signal(object)  # ImportLook
    progressed = Signal(float)
    done = Signal(object)  # ImportResult
    cancelled = Signal()
    undone = Signal(str)
    refused = Signal(str)  # a sentence: why it cannot be read, taken in or undone
    failed = Signal(object)  # a bug

    def __init__(self, profile: Profile, region: str = "GB") -> None:
        super().__init__()
        self._profile, self._region = profile, region
        self._stop = threading.Event()
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("import", self._bridge)
        self._worker.start()

    def stop(self) -> None:
        """Give up what is under way, leaving nothing of it, and end the thread."""
        self._stop.set()
        self._worker.stop(timeout_s=30.0)

    @Slot()
    def offer(self) -> None:
        """`offered` follows."""
        self._worker.do(self._offer)

    @Slot(object)
    def look(self, choice: ImportChoice) -> None:
        """`looked` follows, or `refused`."""
        self._worker.do(self._look, choice)

    @Slot(object)
    def take_in(self, choice: ImportChoice) -> None:
        """`progressed` and then `done`, `cancelled` or `refused` follow."""
        self._stop.clear()
        self._worker.do(self._take_in, choice)

    @Slot()
    def cancel(self) -> None:
        """Give the import up that is under way; `cancelled` follows, unless it was done already."""
        self._stop.set()

    @Slot(int)
    def undo(self, import_id: int) -> None:
        """`undone` or `refused` follows."""
        self._worker.do(self._undo, import_id)

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Show a file in the program that the system has for it."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    # --- on the worker's thread -------------------------------------------------------------

    def _offer(self) -> None:
        first = [name for name in profiles() if name in set(regions())]
        others = [code for code in regions() if code not in first]
        names = tuple(campaign_names(self._profile))
        self._bridge.post(ImportOffer(names, (*first, *others), self._region))

    def _look(self, choice: ImportChoice) -> None:
        found = look(_wanted(choice))
        self._bridge.post(
            ImportLook(
                choice, found.size, found.encoding, found.separator, found.has_header, found.sheet,
                found.sheets, found.header, found.kinds, found.rows, found.wrong, found.trouble,
            )
        )  # fmt: skip

    def _take_in(self, choice: ImportChoice) -> None:
        told = [0.0]

        def tell(share: float) -> bool:
            if share >= told[0] + _STEP:
                told[0] = share
                self._bridge.post(_Share(share))
            return not self._stop.is_set()

        try:
            report = import_list(self._profile, _wanted(choice), tell)
        except GivenUp:
            self._bridge.post(_Cancelled())
        else:
            self._bridge.post(_result(report))

    def _undo(self, import_id: int) -> None:
        found = undo_import(self._profile, import_id)
        words = [f"{found.removed:,} people were taken out again."]
        if found.kept:
            words.append(f"{found.kept:,} were called already: they stay on the record, closed.")
        if found.restored:
            words.append(f"{found.restored:,} known people are as they were before.")
        self._bridge.post(_Undone(" ".join(words)))

    # --- on the GUI thread ------------------------------------------------------------------

    @Slot(object)
    def _arrived(self, value: object) -> None:
        match value:
            case _Share():
                self.progressed.emit(float(value))
            case ImportOffer():
                self.offered.emit(value)
            case ImportLook():
                self.looked.emit(value)
            case ImportResult():
                self.done.emit(value)
            case _Cancelled():
                self.cancelled.emit()
            case _Undone():
                self.undone.emit(str(value))

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is not None:
            self.refused.emit(known.sentence)
        else:
            self.failed.emit(error)


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
