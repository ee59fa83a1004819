"""Machines listened to: one after the other in the order of chance, and what each of them was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app.desk import review_view as words
from app.desk.asking import Asking
from app.desk.loudspeaker import Loudspeaker
from app.desk.review_view import Greeting, ReviewView
from app.errors import KnownError
from dialer_core.clock import Clock
from dialer_core.model.ids import CampaignId
from dialer_core.store import budgets, machines_heard
from dialer_core.store.address import Place
from dialer_core.store.campaigns import CampaignSettings, load_campaigns
from dialer_core.store.machine_reviews import MachineReviews, Unheard
from dialer_core.store.opening import open_database

SAMPLE: Final = 25
NO_CAMPAIGN: Final = "There is no campaign yet; take a list in first."
NOT_HERE: Final = (
    "The recording of this call is not on this PC: listen where the dialler runs, or it is gone."
)


class ReviewDesk(QObject):
    """What the window needs; lives on the GUI thread, works on a thread of its own.

    `sampled(ReviewView)` with what is to be heard; `noted(ReviewView)` with newer figures alone;
    `playing(attempt)` and `silent()` while a greeting is heard. `seed()` gives the chance by which
    it is chosen what is listened to.
    """

    sampled = Signal(object)
    noted = Signal(object)
    playing = Signal(str)
    silent = Signal()
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(
        self,
        path: Place,
        clock: Clock,
        who: str,
        seed: Callable[[], int],
        speaker: Loudspeaker | None = None,
    ) -> None:
        super().__init__()
        self._path, self._clock, self._who, self._seed = path, clock, who, seed
        self._files: dict[str, Path] = {}
        self._speaker = speaker or Loudspeaker()
        self._speaker.setParent(self)
        self._speaker.ended.connect(self.silent)
        self._speaker.troubled.connect(self.refused)
        self._asking = Asking("machine reviews")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    @Slot()
    def stop(self) -> None:
        """Silence, and the end of the thread."""
        self._speaker.stop()
        self._asking.stop()

    @Slot(int)
    def show(self, campaign_id: int = 0) -> None:
        """`sampled` follows; for 0 of a campaign that judges its answers, where there is one."""
        self.be_silent()
        self._asking.ask(lambda: self._read(campaign_id), self._take_sample)

    @Slot(str)
    def play(self, attempt_id: str) -> None:
        """Have this greeting heard: `playing`, then `silent`, or `refused`."""
        file = self._files.get(attempt_id)
        if file is None or not file.is_file():
            self.refused.emit(NOT_HERE)
        elif self._speaker.play(file):
            self.playing.emit(attempt_id)

    @Slot()
    def be_silent(self) -> None:
        """Stop what is heard."""
        self._speaker.stop()
        self.silent.emit()

    @Slot(int, str, bool)
    def note(self, campaign_id: int, attempt_id: str, was_person: bool) -> None:
        """Say what the call was; `noted` follows."""
        self.be_silent()

        def work() -> ReviewView:
            with closing(MachineReviews(self._path)) as reviews:
                now = self._clock.now()
                reviews.note(attempt_id, was_person=was_person, who=self._who, now=now)
            return self._figures(campaign_id)

        self._asking.ask(work, self.noted.emit)

    # --- on the thread ----------------------------------------------------------------------

    def _read(self, campaign_id: int) -> tuple[ReviewView, list[Unheard]]:
        view = self._figures(campaign_id)
        with closing(MachineReviews(self._path)) as reviews:
            found = reviews.sample(view.campaign_id, SAMPLE, self._seed())
        greetings = tuple(Greeting(one.attempt_id, words.cause_words(one.cause)) for one in found)
        return replace(view, greetings=greetings), found

    def _figures(self, campaign_id: int) -> ReviewView:
        now = self._clock.now()
        with closing(open_database(self._path)) as database, database.reading() as connection:
            campaigns = load_campaigns(connection)
            if not campaigns:
                raise KnownError(NO_CAMPAIGN)
            settings = campaigns.get(CampaignId(campaign_id)) or _first(campaigns)
            heard = machines_heard.tally(connection, settings.campaign.id)
            budget = budgets.tightest(budgets.budgets(connection, settings, now))
        return ReviewView(
            campaigns=tuple((int(key), one.campaign.name) for key, one in campaigns.items()),
            campaign_id=settings.campaign.id,
            found=words.found_words(heard),
            law=words.law_words(settings.profile, heard),
            budget=words.budget_words(
                budget.counts, budget.rate.rate, budget.cap, budget.drops_left
            ),
        )

    # --- on the GUI thread ------------------------------------------------------------------

    def _take_sample(self, read: tuple[ReviewView, list[Unheard]]) -> None:
        view, sample = read
        self._files = {one.attempt_id: Path(one.path) for one in sample}
        self.sampled.emit(view)


def _first(campaigns: Mapping[CampaignId, CampaignSettings]) -> CampaignSettings:
    judging = (one for one in campaigns.values() if one.campaign.detection)
    return next(judging, next(iter(campaigns.values())))
