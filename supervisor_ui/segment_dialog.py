"""Segments: people of a campaign's lists by conditions, counted while they are built."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.desk.segment_view import (
    EVERYBODY,
    Condition,
    CountView,
    Group,
    SavedSegment,
    SegmentOffer,
    trouble,
)
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, Theme, set_tone
from app.look.widgets import KeyButton, Label, SectionTitle, hairline, row, text_area
from supervisor_ui.segment_builder import GroupBox
from supervisor_ui.segment_found import FoundPanel

SIZE = QSize(1080, 680)
SIDE_PX = 216
DEBOUNCE_MS = 250
UNSAVED = "Not saved yet. Save, or do that again to drop what you changed."
NO_CAMPAIGN = "There is no campaign yet; take a list in first."
NEW = "New segment"


class SegmentDialog(QDialog):
    """Shows a `SegmentOffer` and tells what is wanted; nothing is changed before Save.

    `count_requested(campaign, condition)` is answered with `show_count`;
    `save_requested(campaign, name, condition, id or None)` with `show_saved`,
    `remove_requested(campaign, id)` with `show_removed`, either with `show_trouble`.
    """

    campaign_chosen = Signal(object)
    count_requested = Signal(int, object)
    save_requested = Signal(int, str, object, object)
    remove_requested = Signal(int, int)

    def __init__(self, theme: Theme, today: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._today = theme, today
        self._offer = SegmentOffer(())
        self._open: SavedSegment | None = None
        self._saved: tuple[str, Condition] = ("", EVERYBODY)
        self._is_warned = False
        self._is_asked = False
        self.setWindowTitle("Segments")
        self.setFixedSize(SIZE)
        self.campaign = ChoiceBox(theme)
        self.names = QListWidget()
        self.new = KeyButton(theme, NEW, icon="plus", is_cap_first=True)
        self.name = QLineEdit()
        self.builder = GroupBox(theme, (), EVERYBODY, today)
        self.found = FoundPanel(theme)
        self.sentence = Label(theme, "Reading the campaign …", tone="muted", is_wrapped=True)
        self.remove = KeyButton(theme, "Remove", kind="danger", icon="trash")
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
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(16)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addLayout(self._side())
        columns.addLayout(self._middle(), 1)
        whole.addLayout(columns, 1)
        whole.addWidget(hairline(self._theme))
        self.sentence.setMinimumHeight(36)
        foot = row(self.sentence, self.remove, self.leave, self.save, spacing=8)
        foot.setStretch(0, 1)
        whole.addLayout(foot)

    def _side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(8)
        for widget in (self.campaign, self.names, self.new):
            widget.setFixedWidth(SIDE_PX)
        self.campaign.setFont(self._theme.font())
        self.campaign.setAccessibleName("Campaign")
        self.names.setFont(self._theme.font("body", MEDIUM))
        self.names.setAccessibleName("Saved segments")
        self.names.setIconSize(QSize(16, 16))
        self.names.setFrameShape(QFrame.Shape.NoFrame)
        self.names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.names.setStyleSheet(_names_sheet(self._theme))
        side.addWidget(self.campaign)
        side.addSpacing(8)
        side.addWidget(SectionTitle(self._theme, "Saved"))
        side.addWidget(self.names, 1)
        side.addWidget(self.new)
        return side

    def _middle(self) -> QVBoxLayout:
        middle = QVBoxLayout()
        middle.setSpacing(12)
        self.name.setFont(self._theme.font("body", MEDIUM))
        self.name.setPlaceholderText("Name of the segment")
        self.name.setAccessibleName("Name of the segment")
        self.name.setMaxLength(200)
        middle.addWidget(self.name)
        self._area = text_area()
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._put_builder(self.builder)
        middle.addWidget(self._area, 1)
        middle.addWidget(self.found)
        return middle

    def _put_builder(self, builder: GroupBox) -> None:
        holder = QWidget()
        holder.setProperty("role", "plain")
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 12, 0)
        box.addWidget(builder)
        box.addStretch(1)
        self.builder = builder
        self._area.setWidget(holder)
        builder.changed.connect(self._edited)
        builder.reshaped.connect(self._order_tabs)

    def _connect(self) -> None:
        self.campaign.activated.connect(self._choose_campaign)
        self.names.currentRowChanged.connect(self._choose)
        self.new.clicked.connect(self._begin)
        self.name.textEdited.connect(lambda _text: self._drawn())
        self.name.returnPressed.connect(self._ask_save)
        self._timer.timeout.connect(self._ask_count)
        self.remove.clicked.connect(self._ask_remove)
        self.leave.clicked.connect(self.reject)
        self.save.clicked.connect(self._ask_save)
        QShortcut(QKeySequence.StandardKey.Save, self, self._ask_save)

    def _order_tabs(self) -> None:
        chain: list[QWidget] = [self.campaign, self.names, self.new, self.name]
        chain += [*self.builder.in_order(), self.remove, self.leave, self.save]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # --- what a person does -----------------------------------------------------------------

    @property
    def condition(self) -> Group:
        """As it is built now."""
        return self.builder.condition()

    @property
    def _is_changed(self) -> bool:
        return (self.name.text().strip(), self.condition) != self._saved

    def _may_drop(self) -> bool:
        """Whether what is not saved may go; asked for a second time it may."""
        if not self._is_changed or self._is_warned:
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

    def _choose(self, at: int) -> None:
        wanted = self._offer.segments[at] if 0 <= at < len(self._offer.segments) else None
        if wanted is None or wanted is self._open:
            return
        if not self._may_drop():
            self._mark()
            return
        self._show(wanted)

    def _begin(self) -> None:
        if self._may_drop():
            self._show(None)
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _edited(self) -> None:
        sentence = trouble(self.condition)
        if sentence:
            self._timer.stop()
            self.found.show_unfinished()
        else:
            self.found.show_counting()
            self._timer.start()
        self._drawn()

    def _ask_count(self) -> None:
        if self._offer.campaign_id is not None:
            self.count_requested.emit(self._offer.campaign_id, self.condition)

    def _ask_save(self) -> None:
        if not self.save.isEnabled() or self._offer.campaign_id is None:
            return
        number = None if self._open is None else self._open.id
        self.save_requested.emit(
            self._offer.campaign_id, self.name.text().strip(), self.condition, number
        )

    def _ask_remove(self) -> None:
        """What many may have built goes only when asked a second time."""
        if self._open is None or self._offer.campaign_id is None:
            return
        if not self._is_asked:
            self._is_asked = True
            self.remove.set_label("Remove it now")
            self._say(f"“{self._open.name}” goes for good; its people stay on their lists.")
            return
        self.remove_requested.emit(self._offer.campaign_id, self._open.id)

    def reject(self) -> None:
        """Close; where something is not saved yet, only when asked a second time."""
        if self._may_drop():
            super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_offer(self, offer: SegmentOffer) -> None:
        """A campaign's segments; a new one is begun."""
        self._offer = offer
        self._fill(offer)
        self._enable(is_there=offer.campaign_id is not None)
        self._show(offer.segments[0] if offer.segments else None)
        if offer.campaign_id is None:
            self._say(NO_CAMPAIGN)

    def show_count(self, count: CountView) -> None:
        """How many it finds; an answer to an earlier question is passed over."""
        if count.condition == self.condition:
            self.found.show_count(count)

    def show_saved(self, offer: SegmentOffer, segment_id: int) -> None:
        """It is saved, and campaigns that call its people go by it."""
        self._offer = offer
        self._fill(offer)
        saved = next(one for one in offer.segments if one.id == segment_id)
        self._open, self._saved = saved, (saved.name, self._as_group(saved.condition))
        self._mark()
        self._drawn()
        used = " The dialler goes by it from now on." if saved.is_used else ""
        self._say(f"Saved.{used}", tone="ink")

    def show_removed(self, offer: SegmentOffer) -> None:
        """It is gone."""
        self._offer = offer
        self._fill(offer)
        self._show(offer.segments[0] if offer.segments else None)
        self._say("Removed.", tone="ink")

    def show_trouble(self, sentence: str) -> None:
        """Why something could not be done."""
        self._say(sentence, is_trouble=True)

    # --- drawing ----------------------------------------------------------------------------

    def _fill(self, offer: SegmentOffer) -> None:
        self.campaign.clear()
        for number, name in offer.campaigns:
            self.campaign.addItem(name, number)
        self.campaign.setCurrentIndex(self.campaign.findData(offer.campaign_id))
        self.names.blockSignals(True)
        self.names.clear()
        for one in offer.segments:
            item = QListWidgetItem(one.name)
            item.setToolTip(f"{one.name}\nThe mix takes people from it." if one.is_used else "")
            item.setIcon(self._theme.icon("phone-outgoing" if one.is_used else "funnel", "ink3"))
            self.names.addItem(item)
        self.names.blockSignals(False)

    def _show(self, segment: SavedSegment | None) -> None:
        self._open = segment
        name = "" if segment is None else segment.name
        condition = EVERYBODY if segment is None else self._as_group(segment.condition)
        self._saved = (name, condition)
        self.name.setText(name)
        self._put_builder(GroupBox(self._theme, self._offer.fields, condition, self._today))
        self._order_tabs()
        self._mark()
        self._say("")
        self._edited()

    @staticmethod
    def _as_group(condition: Condition) -> Group:
        return condition if isinstance(condition, Group) else Group(of=(condition,))

    def _mark(self) -> None:
        """The list's mark stands on what is open."""
        self.names.blockSignals(True)
        at = self._offer.segments.index(self._open) if self._open in self._offer.segments else -1
        self.names.setCurrentRow(at)
        if at < 0:
            self.names.clearSelection()
        self.names.blockSignals(False)

    def _drawn(self) -> None:
        """After each change: what can be done now."""
        self._is_warned = self._is_asked = False
        self.remove.set_label("Remove")
        if self._is_changed:
            self._say("")
        sentence = trouble(self.condition)
        why = sentence or ("" if self.name.text().strip() else "Give the segment a name.")
        if not why and not self._is_changed:
            why = "Nothing has changed."
        self.save.set_possible(not why and self._offer.campaign_id is not None, why)
        used = "The campaign calls its people; take it out of the mix first."
        is_used = self._open is not None and self._open.is_used
        self.remove.set_possible(self._open is not None and not is_used, used if is_used else "")
        self.remove.setVisible(self._open is not None)

    def _enable(self, *, is_there: bool) -> None:
        for widget in (self.names, self.new, self.name, self._area):
            widget.setEnabled(is_there)
        self.found.setVisible(is_there)
        self.save.set_possible(False)
        self.remove.setVisible(False)

    def _say(self, sentence: str, *, is_trouble: bool = False, tone: str = "muted") -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else tone)


def _names_sheet(theme: Theme) -> str:
    colour = theme.colours
    return (
        "QListWidget { background: transparent; outline: none; border: 2px solid transparent; }"
        f"QListWidget:focus {{ border: 2px solid {colour['focus']}; border-radius: 6px; }}"
        f"QListWidget::item {{ color: {colour['ink']}; padding: 8px 6px; border-radius: 6px; }}"
        f"QListWidget::item:hover {{ background: {colour['soft']}; }}"
        f"QListWidget::item:selected {{ background: {colour['line']}; color: {colour['ink']}; }}"
    )
