"""Recycling: after each outcome how long to wait, how often to try, which number is next."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desk.recycling_view import DayView, Recycle, RecyclingOffer
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, Theme, set_tone
from app.look.widgets import (
    ElidedLabel,
    KeyButton,
    Label,
    Panel,
    SectionTitle,
    hairline,
    row,
    text_area,
)
from supervisor_ui.recycling_picture import DayPicture
from supervisor_ui.recycling_rows import (
    MOST_PX,
    NUMBER_PX,
    UNIT_PX,
    WAIT_PX,
    WORDS_PX,
    LimitsLine,
    RuleLine,
)

SIZE = QSize(1080, 690)
DEBOUNCE_MS = 150
UNSAVED = "Not saved yet. Save, or do that again to drop what you changed."
NO_CAMPAIGN = "There is no campaign yet; take a list in first."
NO_MINUTES = "Give the time for a promised call as a number of minutes, up to a week."
WEEK_MIN = 7 * 24 * 60


class RecyclingDialog(QDialog):
    """Shows a `RecyclingOffer` and tells what is wanted; nothing is changed before Save.

    `picture_requested(campaign, rules, outcome)` is answered with `show_day`;
    `save_requested(campaign, rules, hand_over_s)` with `show_saved` or `show_trouble`. The rules
    are those that differ from the usual, by outcome.
    """

    campaign_chosen = Signal(object)
    picture_requested = Signal(int, object, str)
    save_requested = Signal(int, object, float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._offer = RecyclingOffer(())
        self._saved: tuple[dict[str, Recycle], float | None] = ({}, None)
        self._outcome = ""
        self._is_warned = False
        self.lines: list[RuleLine] = []
        self.setWindowTitle("Recycling")
        self.setFixedSize(SIZE)
        self.campaign = ChoiceBox(theme)
        self.limits = LimitsLine(theme)
        self.minutes = QLineEdit()
        self.title = ElidedLabel(theme, "", weight=MEDIUM)
        self.then = ElidedLabel(theme, "", tone="muted")
        self.day = DayPicture(theme)
        self.panel = Panel(theme, "A person's possible day")
        self.sentence = Label(theme, "Reading the campaign …", tone="muted", is_wrapped=True)
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.save = KeyButton(theme, "Save", kind="primary")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._lay_out()
        self._connect()
        self._enable(is_there=False)

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(12)
        self.campaign.setFont(theme.font())
        self.campaign.setFixedWidth(260)
        self.campaign.setAccessibleName("Campaign")
        head = row(self.campaign, self.limits, spacing=16)
        head.setStretch(1, 1)
        whole.addLayout(head)
        whole.addLayout(self._headings())
        self._area = text_area()
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._put_rows()
        whole.addWidget(self._area, 1)
        self.panel.body.setContentsMargins(16, 10, 16, 4)
        self.panel.body.setSpacing(0)
        top = row(self.title, self.then, spacing=12)
        top.setStretch(0, 1)
        self.panel.body.addLayout(top)
        self.panel.body.addWidget(self.day)
        whole.addWidget(self.panel)
        whole.addLayout(self._promises())
        whole.addWidget(hairline(theme))
        self.sentence.setMinimumHeight(36)
        foot = row(self.sentence, self.leave, self.save, spacing=8)
        foot.setStretch(0, 1)
        whole.addLayout(foot)

    def _headings(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(8, 0, 12, 0)
        line.setSpacing(8)
        for words, width in (
            ("After", WORDS_PX),
            ("Wait", WAIT_PX + 8 + UNIT_PX),
            ("Tries", MOST_PX),
            ("Number next", NUMBER_PX),
        ):
            title = SectionTitle(self._theme, words)
            title.setFixedWidth(width)
            line.addWidget(title)
        line.addSpacing(8)
        line.addWidget(SectionTitle(self._theme, "The rules here"), 1)
        return line

    def _promises(self) -> QHBoxLayout:
        theme = self._theme
        self.minutes.setFont(theme.font())
        self.minutes.setFixedWidth(64)
        self.minutes.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.minutes.setAccessibleName("Minutes after which a promised call is anybody's")
        return row(
            Label(theme, "A promised call whose agent is away is anybody’s after"),
            self.minutes,
            Label(theme, "minutes", tone="muted"),
            spacing=8,
            stretch_at=3,
        )

    def _put_rows(self) -> None:
        """Lines of people first, those of the network under a heading of their own."""
        holder = QWidget()
        holder.setProperty("role", "plain")
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 12, 0)
        box.setSpacing(0)
        self.lines = []
        for view in self._offer.rules:
            if not view.is_of_people and (not self.lines or self.lines[-1].view.is_of_people):
                box.addSpacing(12)
                title = SectionTitle(self._theme, "Faults, which are nobody’s doing")
                title.setContentsMargins(8, 0, 0, 4)
                box.addWidget(title)
            line = RuleLine(self._theme, view)
            line.changed.connect(self._edited)
            line.looked_at.connect(self._looker(view.outcome))
            box.addWidget(line)
            self.lines.append(line)
        box.addStretch(1)
        self._area.setWidget(holder)

    def _connect(self) -> None:
        self.campaign.activated.connect(self._choose_campaign)
        self.minutes.textEdited.connect(self._edited)
        self.minutes.returnPressed.connect(self._ask_save)
        self._timer.timeout.connect(self._ask_picture)
        self.leave.clicked.connect(self.reject)
        self.save.clicked.connect(self._ask_save)
        QShortcut(QKeySequence.StandardKey.Save, self, self._ask_save)

    def _order_tabs(self) -> None:
        chain: list[QWidget] = [self.campaign]
        for line in self.lines:
            chain += line.in_order()
        for before, after in pairwise([*chain, self.minutes, self.leave, self.save]):
            QWidget.setTabOrder(before, after)

    # --- what a person does -----------------------------------------------------------------

    @property
    def own(self) -> dict[str, Recycle]:
        """The rules that differ from the usual, by outcome."""
        found = {line.view.outcome: line.rule() for line in self.lines}
        usual = {line.view.outcome: line.view.usual for line in self.lines}
        return {outcome: rule for outcome, rule in found.items() if rule != usual[outcome]}

    @property
    def hand_over_s(self) -> float | None:
        """As it is filled in; None where that is no number of minutes."""
        try:
            minutes = float(self.minutes.text().strip().replace(",", "."))
        except ValueError:
            return None
        return minutes * 60 if 0 <= minutes <= WEEK_MIN else None

    def _looker(self, outcome: str) -> Callable[[], None]:
        return lambda: self._look_at(outcome)

    def _look_at(self, outcome: str) -> None:
        if outcome == self._outcome:
            return
        self._outcome = outcome
        for line in self.lines:
            line.set_marked(line.view.outcome == outcome)
        self._timer.start()

    def _ask_picture(self) -> None:
        if self._offer.campaign_id is not None and self._outcome and not self._why_not():
            self.picture_requested.emit(self._offer.campaign_id, self.own, self._outcome)

    def _may_drop(self) -> bool:
        if (self.own, self.hand_over_s) == self._saved or self._is_warned:
            return True
        self._say(UNSAVED, is_trouble=True)
        self._is_warned = True
        return False

    def _choose_campaign(self) -> None:
        wanted = self.campaign.currentData()
        if wanted == self._offer.campaign_id:
            return
        if not self._may_drop():
            self.campaign.setCurrentIndex(self.campaign.findData(self._offer.campaign_id))
            return
        self._enable(is_there=False)
        self._say("Reading the campaign …")
        self.campaign_chosen.emit(wanted)

    def _why_not(self) -> str:
        for line in self.lines:
            if line.problem():
                return line.problem()
        return "" if self.hand_over_s is not None else NO_MINUTES

    def _edited(self) -> None:
        self._is_warned = False
        why = self._why_not()
        is_same = (self.own, self.hand_over_s) == self._saved
        nothing = why or ("Nothing has changed." if is_same else "")
        self.save.set_possible(not nothing and self._offer.campaign_id is not None, nothing)
        self._say(why, is_trouble=bool(why))
        if why:
            self._timer.stop()
        else:
            self._timer.start()

    def _ask_save(self) -> None:
        hand_over_s = self.hand_over_s
        if self.save.isEnabled() and self._offer.campaign_id is not None:
            self.save_requested.emit(self._offer.campaign_id, self.own, hand_over_s)

    def reject(self) -> None:
        """Close; where something is not saved yet, only when asked a second time."""
        if self._may_drop():
            super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_offer(self, offer: RecyclingOffer) -> None:
        """A campaign's rules as they are saved."""
        self._offer = offer
        self.campaign.clear()
        for number, name in offer.campaigns:
            self.campaign.addItem(name, number)
        self.campaign.setCurrentIndex(self.campaign.findData(offer.campaign_id))
        self.limits.show_limits(offer.rules_name, offer.limits)
        self.minutes.setText(f"{offer.hand_over_s / 60:g}")
        self._put_rows()
        self._enable(is_there=offer.campaign_id is not None)
        self._saved = (self.own, self.hand_over_s)
        self._order_tabs()
        outcome = self._outcome or next((one.outcome for one in offer.rules), "")
        self._outcome = ""
        self._look_at(outcome)
        self._edited()
        if offer.campaign_id is None:
            self._say(NO_CAMPAIGN)

    def show_day(self, view: DayView) -> None:
        """The possible day after the outcome that is looked at."""
        if view.outcome != self._outcome:
            return
        words = next(one.words for one in self._offer.rules if one.outcome == view.outcome)
        self.title.setText(f"A new person on {view.day}, if every call ends: {words.lower()}")
        self.then.setText(view.then)
        self.day.show_day(view)

    def show_saved(self, offer: RecyclingOffer) -> None:
        """It is saved, and the next outcomes go by it."""
        self.show_offer(offer)
        self._say("Saved. The next calls that end go by it.", tone="ink")

    def show_trouble(self, sentence: str) -> None:
        """Why something could not be done."""
        self._say(sentence, is_trouble=True)

    # --- drawing ----------------------------------------------------------------------------

    def _enable(self, *, is_there: bool) -> None:
        for widget in (self._area, self.minutes):
            widget.setEnabled(is_there)
        self.panel.setVisible(is_there)
        self.save.set_possible(False)

    def _say(self, sentence: str, *, is_trouble: bool = False, tone: str = "muted") -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else tone)
