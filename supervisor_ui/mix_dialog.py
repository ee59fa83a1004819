"""Mix and order: from which lists and segments a campaign calls, how much, in which order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.desk.mix_view import (
    MixForm,
    MixOffer,
    PreviewView,
    SourceView,
    ratio_words,
    shares,
    trouble,
)
from app.look.fields import ChoiceBox
from app.look.theme import Theme, set_tone
from app.look.widgets import CheckLine, KeyButton, Label, SectionTitle, hairline, row, text_area
from supervisor_ui.mix_picture import MixBar
from supervisor_ui.mix_preview import NextPeople
from supervisor_ui.mix_rows import KEY_PX, ORDER_PX, SHARE_PX, TIER_PX, WEIGHT_PX, SourceLine

SIZE = QSize(1160, 680)
SIDE_PX = 372
DEBOUNCE_MS = 250
UNSAVED = "Not saved yet. Save, or do that again to drop what you changed."
NO_CAMPAIGN = "There is no campaign yet; take a list in first."
NO_SOURCES = "No list or segment is chosen: all lists of the campaign are called, by priority."
ALL_OFF = "All are switched off: all lists of the campaign are called, by priority."
NO_SHARE = "Give the share of people who were tried before as a number from 0 to 100."


class MixDialog(QDialog):
    """Shows a `MixOffer` and tells what is wanted; nothing is changed before Save.

    `preview_requested(campaign, form)` is answered with `show_preview`;
    `save_requested(campaign, form)` with `show_saved` or `show_trouble`.
    """

    campaign_chosen = Signal(object)
    preview_requested = Signal(int, object)
    save_requested = Signal(int, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._offer = MixOffer(())
        self._saved = MixForm()
        self._is_warned = False
        self.lines: list[SourceLine] = []
        self.setWindowTitle("Mix and order")
        self.setFixedSize(SIZE)
        self.campaign, self.add = ChoiceBox(theme), ChoiceBox(theme)
        self.bar = MixBar(theme)
        self.due_first = CheckLine(theme, "Who is due goes first", is_one_of=True)
        self.by_share = CheckLine(theme, "By share", is_one_of=True)
        self.share = QLineEdit("30")
        self.ratio = Label(theme, "", tone="muted", is_wrapped=True)
        self.people = NextPeople(theme)
        self.nothing = Label(theme, NO_SOURCES, tone="muted", is_wrapped=True)
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
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(16)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        columns.addLayout(self._left(), 1)
        self.people.setFixedWidth(SIDE_PX)
        columns.addWidget(self.people)
        whole.addLayout(columns, 1)
        whole.addWidget(hairline(self._theme))
        self.sentence.setMinimumHeight(36)
        foot = row(self.sentence, self.leave, self.save, spacing=8)
        foot.setStretch(0, 1)
        whole.addLayout(foot)

    def _left(self) -> QVBoxLayout:
        theme = self._theme
        left = QVBoxLayout()
        left.setSpacing(10)
        for box, name in ((self.campaign, "Campaign"), (self.add, "Add a list or segment")):
            box.setFont(theme.font())
            box.setAccessibleName(name)
            box.setFixedWidth(260)
        left.addLayout(row(self.campaign, self.add, spacing=8, stretch_at=1))
        left.addWidget(self.bar)
        left.addLayout(self._headings())
        self._area = text_area()
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = QWidget()
        holder.setProperty("role", "plain")
        self._rows = QVBoxLayout(holder)
        self._rows.setContentsMargins(0, 0, 12, 0)
        self._rows.setSpacing(10)
        self._rows.addWidget(self.nothing)
        self._rows.addStretch(1)
        self._area.setWidget(holder)
        left.addWidget(self._area, 1)
        left.addWidget(hairline(theme))
        left.addWidget(SectionTitle(theme, "People who were tried before, and new ones"))
        group = QButtonGroup(self)
        for one in (self.due_first, self.by_share):
            group.addButton(one)
        self.by_share.setFixedWidth(104)
        self.share.setFont(theme.font())
        self.share.setFixedWidth(64)
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.share.setAccessibleName("Share of people who were tried before, per cent")
        self._percent = Label(theme, "% tried before", tone="muted")
        line = row(
            self.due_first, 12, self.by_share, self.share, self._percent, spacing=8, stretch_at=5
        )
        left.addLayout(line)
        left.addWidget(self.ratio)
        return left

    def _headings(self) -> QHBoxLayout:
        theme = self._theme
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 12, 0)
        line.setSpacing(8)
        line.addSpacing(28 + 8 + 10)
        line.addWidget(SectionTitle(theme, "List or segment"), 1)
        for words, width in (
            ("Weight", WEIGHT_PX),
            ("Share", SHARE_PX),
            ("Turn", TIER_PX),
            ("Order", ORDER_PX),
            ("", KEY_PX),
        ):
            title = SectionTitle(theme, words)
            title.setFixedWidth(width)
            line.addWidget(title)
        return line

    def _connect(self) -> None:
        self.campaign.activated.connect(self._choose_campaign)
        self.add.activated.connect(self._add)
        self.due_first.clicked.connect(self._edited)
        self.by_share.clicked.connect(self._choose_share)
        self.share.textEdited.connect(self._type_share)
        self.share.returnPressed.connect(self._ask_save)
        self._timer.timeout.connect(self._ask_preview)
        self.leave.clicked.connect(self.reject)
        self.save.clicked.connect(self._ask_save)
        QShortcut(QKeySequence.StandardKey.Save, self, self._ask_save)

    def _order_tabs(self) -> None:
        chain: list[QWidget] = [self.campaign, self.add]
        for line in self.lines:
            chain += line.in_order()
        chain += [self.due_first, self.by_share, self.share, self.people.table]
        for before, after in pairwise([*chain, self.leave, self.save]):
            QWidget.setTabOrder(before, after)

    # --- what a person does -----------------------------------------------------------------

    @property
    def form(self) -> MixForm:
        """The mix as it is filled in now; a share that is no number is below 0."""
        share = None
        if self.by_share.isChecked():
            try:
                share = float(self.share.text().strip().replace(",", ".")) / 100
            except ValueError:
                share = -1.0
        return MixForm(tuple(line.source() for line in self.lines), share)

    def _may_drop(self) -> bool:
        if self.form == self._saved or self._is_warned:
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

    def _add(self, at: int) -> None:
        found = self._free()
        if not 1 <= at <= len(found):
            return
        line = self._append(found[at - 1])
        self._reshaped()
        line.weight.setFocus(Qt.FocusReason.OtherFocusReason)
        line.weight.selectAll()

    def _choose_share(self) -> None:
        self.share.setFocus(Qt.FocusReason.OtherFocusReason)
        self.share.selectAll()
        self._edited()

    def _type_share(self) -> None:
        self.by_share.setChecked(True)
        self._edited()

    def _edited(self) -> None:
        self._is_warned = False
        form = self.form
        why = self._why_not(form)
        self.bar.show_form(form)
        for line, share in zip(self.lines, shares(form), strict=True):
            line.show_share(share)
        is_share = form.retry_share is not None and 0 <= form.retry_share <= 1
        self.ratio.setText(ratio_words(form.retry_share) if is_share or not why else "")
        if form.retry_share is None:
            self.ratio.setText(ratio_words(None))
        nothing = why or ("Nothing has changed." if form == self._saved else "")
        self.save.set_possible(not nothing and self._offer.campaign_id is not None, nothing)
        if why:
            self._timer.stop()
            self._say(why, is_trouble=True)
            self.people.show_stopped("")
            return
        is_off = bool(form.sources) and not any(one.is_active for one in form.sources)
        self._say(ALL_OFF if is_off else "")
        self.people.show_looking()
        self._timer.start()

    @staticmethod
    def _why_not(form: MixForm) -> str:
        if form.retry_share is not None and not 0 <= form.retry_share <= 1:
            return NO_SHARE
        return trouble(form)

    def _ask_preview(self) -> None:
        if self._offer.campaign_id is not None:
            self.preview_requested.emit(self._offer.campaign_id, self.form)

    def _ask_save(self) -> None:
        if self.save.isEnabled() and self._offer.campaign_id is not None:
            self.save_requested.emit(self._offer.campaign_id, self.form)

    def reject(self) -> None:
        """Close; where something is not saved yet, only when asked a second time."""
        if self._may_drop():
            super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_offer(self, offer: MixOffer) -> None:
        """A campaign's mix as it is saved."""
        self._offer = offer
        self.campaign.clear()
        for number, name in offer.campaigns:
            self.campaign.addItem(name, number)
        self.campaign.setCurrentIndex(self.campaign.findData(offer.campaign_id))
        for line in list(self.lines):
            self._take_out(line)
        for source in offer.form.sources:
            self._append(source)
        share = offer.form.retry_share
        (self.due_first if share is None else self.by_share).setChecked(True)
        if share is not None:
            self.share.setText(f"{share * 100:g}")
        self._enable(is_there=offer.campaign_id is not None)
        self._saved = self.form
        self._reshaped()
        if offer.campaign_id is None:
            self._timer.stop()
            self._say(NO_CAMPAIGN)

    def show_preview(self, view: PreviewView) -> None:
        """The next people; an answer to an earlier question is passed over."""
        if view.form == self.form:
            self.people.show_preview(view)

    def show_saved(self, offer: MixOffer) -> None:
        """It is saved, and the dialler goes by it."""
        self.show_offer(offer)
        self._say("Saved. The dialler goes by it from the next call on.", tone="ink")

    def show_trouble(self, sentence: str) -> None:
        """Why something could not be done."""
        self._say(sentence, is_trouble=True)

    # --- drawing ----------------------------------------------------------------------------

    def _free(self) -> list[SourceView]:
        """What is not in the mix yet."""
        taken = {line.source().key for line in self.lines}
        return [one for one in self._offer.sources if one.key not in taken]

    def _append(self, source: SourceView) -> SourceLine:
        line = SourceLine(self._theme, source, len(self.lines))
        line.changed.connect(self._edited)
        line.removed.connect(self._remover(line))
        self.lines.append(line)
        self._rows.insertWidget(self._rows.count() - 1, line)
        return line

    def _remover(self, line: SourceLine) -> Callable[[], None]:
        def remove() -> None:
            at = self.lines.index(line)
            self._take_out(line)
            # Colours go by the place: the lines after it are made anew.
            rest = [one.source() for one in self.lines[at:]]
            for one in self.lines[at:]:
                self._take_out(one)
            for source in rest:
                self._append(source)
            self._reshaped()
            following = self.lines[min(at, len(self.lines) - 1)].weight if self.lines else self.add
            following.setFocus(Qt.FocusReason.OtherFocusReason)

        return remove

    def _take_out(self, line: SourceLine) -> None:
        self.lines.remove(line)
        self._rows.removeWidget(line)
        line.hide()
        line.deleteLater()

    def _reshaped(self) -> None:
        self.nothing.setVisible(not self.lines)
        self.add.clear()
        free = self._free()
        self.add.addItem("Add a list or segment …" if free else "All are in the mix")
        for one in free:
            kind = "List" if one.list_id is not None else "Segment"
            self.add.addItem(f"{kind}: {one.name}")
        self.add.setEnabled(bool(free))
        self._order_tabs()
        self._edited()

    def _enable(self, *, is_there: bool) -> None:
        for widget in (self._area, self.add, self.due_first, self.by_share, self.share):
            widget.setEnabled(is_there)
        self.save.set_possible(False)

    def _say(self, sentence: str, *, is_trouble: bool = False, tone: str = "muted") -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else tone)
