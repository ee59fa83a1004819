"""The supervisor's hand on experiments: begun, looked at, ended."""

from __future__ import annotations

from contextlib import closing

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.experiment_view import ExperimentChoice, ExperimentsView
from app.desk.experiment_words import experiment_view
from dialer_core.clock import Clock
from dialer_core.lists.experiments import Kind, Metric, Variant
from dialer_core.store.address import Place
from dialer_core.store.campaigns import load_campaigns
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.opening import open_database


class ExperimentDesk(QObject):
    """What the window needs; lives on the GUI thread, works on a thread of its own."""

    listed = Signal(object)  # ExperimentsView
    begun = Signal(object, int)  # ExperimentsView, the new one's id
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, path: Place, clock: Clock, who: str) -> None:
        super().__init__()
        self._path, self._clock, self._who = path, clock, who
        self._asking = Asking("experiments")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    @Slot()
    def stop(self) -> None:
        """End the thread."""
        self._asking.stop()

    @Slot()
    def list(self) -> None:
        """`listed` follows."""
        self._asking.ask(self._view, self.listed.emit)

    @Slot(object)
    def begin(self, choice: ExperimentChoice) -> None:
        """`begun` follows, or `refused`."""
        self._asking.ask(lambda: self._begin(choice), lambda done: self.begun.emit(*done))

    @Slot(int)
    def end(self, experiment_id: int) -> None:
        """`listed` follows."""

        def work() -> ExperimentsView:
            with closing(ExperimentStore(self._path)) as store:
                store.end(experiment_id, "Ended by hand.", self._clock.now(), self._who)
            return self._view()

        self._asking.ask(work, self.listed.emit)

    # --- on the thread ----------------------------------------------------------------------

    def _view(self) -> ExperimentsView:
        database = open_database(self._path)
        try:
            with database.reading() as connection:
                names = {
                    int(key): one.campaign.name for key, one in load_campaigns(connection).items()
                }
        finally:
            database.close()
        with closing(ExperimentStore(self._path)) as store:
            found = store.all_results()
        now = self._clock.now().utc
        return ExperimentsView(
            tuple(names.items()),
            tuple(experiment_view(one, names, now) for one in found),
        )

    def _begin(self, choice: ExperimentChoice) -> tuple[ExperimentsView, int]:
        with closing(ExperimentStore(self._path)) as store:
            made = store.begin(
                choice.campaign_id,
                choice.name.strip(),
                Kind(choice.kind),
                [
                    Variant(one.name.strip(), one.value.strip(), one.weight)
                    for one in choice.variants
                ],
                self._clock.now(),
                metric=Metric(choice.metric),
                planned=choice.planned,
                who=self._who,
            )
        return self._view(), made
