"""States of the window of mix and order for pictures and tests: a fictitious campaign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.mix_view import ListOrder, MixForm, MixOffer, NextView, PreviewView, SourceView
from app.look.theme import Theme
from supervisor_ui.mix_dialog import MixDialog

ENQUIRIES = SourceView("Web enquiries", 2, people=1_240)
CONSUMERS = SourceView("uk consumers", 1, people=98_760)
OLD = SourceView("Conservatories 2024", 3, people=14_003)
NORTH = SourceView("North, many windows", None, 1, people=12_384, is_about=True)
FORM = MixForm(
    (
        replace(ENQUIRIES, weight=3, order=ListOrder.NEWEST),
        replace(NORTH, weight=2, order=ListOrder.BEST_HOUR),
        replace(CONSUMERS, weight=1, order=ListOrder.RANDOM),
        replace(OLD, weight=1, tier=1, order=ListOrder.LAST_CALLED),
    ),
    0.3,
)
CAMPAIGNS = ((1, "Winter windows"), (2, "Conservatories"))
OFFER = MixOffer(CAMPAIGNS, 1, FORM, (CONSUMERS, ENQUIRIES, OLD, NORTH))
_NAMES = (
    ("Amelia Jones", "Leeds"), ("Siân O’Neill", "York"), ("Liam Patel", "Hull"),
    ("Zoë Brontë", "Leeds"), ("Aoife Khan", "York"), ("Jack Lee", "Bath"),
    ("Maximiliane Featherstonehaugh", "Leeds"), ("Tom Ames", "Hull"),
)  # fmt: skip
_TURNS = (0, 1, 0, 2, 0, 1)


def _person(at: int, form: MixForm) -> NextView:
    name, town = _NAMES[at % len(_NAMES)]
    if at == 0:
        return NextView(name, town, "Promised calls", -2, False, "Promised for 3 Mar 10:00 by Anna")
    place = _TURNS[at % len(_TURNS)]
    is_fresh = at % 3 != 1
    why = "New" if is_fresh else "Due again: no answer, called twice, last 2 Mar 14:20"
    return NextView(name, town, form.sources[place].name, place, is_fresh, why)


def _dialog(theme: Theme, offer: MixOffer = OFFER) -> MixDialog:
    dialog = MixDialog(theme)
    dialog.show_offer(offer)
    return dialog


def mixed(theme: Theme) -> MixDialog:
    """Four sources in two turns, and who is next."""
    dialog = _dialog(theme)
    people = tuple(_person(at, FORM) for at in range(20))
    note = (
        "14 people before them may not be called now. This person was dialled as often as "
        "allowed (3 times a day); the next call may start tomorrow at 08:00."
    )
    dialog.show_preview(PreviewView(dialog.form, people, note))
    return dialog


def plain(theme: Theme) -> MixDialog:
    """A campaign whose mix nobody has set."""
    dialog = _dialog(theme, replace(OFFER, form=MixForm()))
    people = tuple(
        NextView(name, town, "uk consumers", -1, True, "New") for name, town in _NAMES[:6]
    )
    dialog.show_preview(PreviewView(dialog.form, people))
    return dialog


def wrong(theme: Theme) -> MixDialog:
    """A share that is none."""
    dialog = mixed(theme)
    dialog.share.setText("lots")
    dialog.share.textEdited.emit("lots")
    return dialog


def nobody(theme: Theme) -> MixDialog:
    """Nobody may be called now; one source is switched off."""
    dialog = _dialog(theme)
    dialog.lines[2].active.click()
    note = "Nobody may be called now. It is before the calling hours where the person is."
    dialog.show_preview(PreviewView(dialog.form, (), note))
    return dialog


def no_campaign(theme: Theme) -> MixDialog:
    """Before anything was taken in."""
    return _dialog(theme, MixOffer(()))


STATES: tuple[tuple[str, Callable[[Theme], MixDialog]], ...] = (
    ("mix-mixed", mixed),
    ("mix-plain", plain),
    ("mix-wrong", wrong),
    ("mix-nobody", nobody),
    ("mix-no-campaign", no_campaign),
)
"""Name and builder of each."""
