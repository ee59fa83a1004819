"""States of the window of segments for pictures and tests: a fictitious campaign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.segment_view import (
    Check,
    CountView,
    Field,
    Group,
    Match,
    Operator,
    PersonView,
    SavedSegment,
    SegmentOffer,
    fields,
)
from app.look.theme import Theme
from supervisor_ui.segment_dialog import SegmentDialog

TODAY = "2026-03-03"
FIELDS = fields(
    ((1, "uk consumers"), (2, "Web enquiries"), (3, "Conservatories 2024")),
    ((2, "enquiries.csv, 2026-03-01 09:12"), (1, "uk_consumers.csv, 2026-02-24 16:40")),
    ("GB",),
    ("Europe/London",),
    ("Contract", "Windows", "Last Purchase"),
)
NORTH = Group(
    Match.ALL,
    (
        Check(Field.STATUS, Operator.IN, ["fresh", "waiting"]),
        Check(Field.ATTEMPTS, Operator.LESS, 4),
        Group(
            Match.ANY,
            (
                Check(Field.TOWN, Operator.IN, ["Leeds", "York", "Hull"]),
                Check(Field.DETAIL, Operator.MORE, 6, "Windows"),
            ),
        ),
        Group(
            Match.NONE,
            (Check(Field.LAST_OUTCOME, Operator.IS, "REFUSED_NOT_INTERESTED"),),
        ),
    ),
)
UNREACHED = Group(
    Match.ALL,
    (
        Check(Field.LIST, Operator.IS, 2),
        Check(Field.LISTED, Operator.MORE, "2026-02-20"),
        Check(Field.LAST_ATTEMPT_H, Operator.BETWEEN, [24, 72]),
    ),
)
SEGMENTS = (
    SavedSegment(1, "North, many windows", NORTH, is_used=True),
    SavedSegment(2, "Fresh enquiries, not reached", UNREACHED),
    SavedSegment(3, "Priority people", Group(of=(Check(Field.PRIORITY, Operator.MORE, 0),))),
)
OFFER = SegmentOffer(((1, "Winter windows"), (2, "Conservatories")), 1, FIELDS, SEGMENTS)
PEOPLE = (
    PersonView("Amelia Jones", "Leeds", "uk consumers", "Never called", "never called"),
    PersonView("Siân O’Neill", "York", "uk consumers", "To be called again", "twice, no answer"),
    PersonView("Liam Patel", "Hull", "Web enquiries", "Never called", "never called"),
    PersonView("Zoë Brontë", "Leeds", "Conservatories 2024", "To be called again", "3 times, busy"),
    PersonView("Aoife Khan", "York", "uk consumers", "To be called again", "once, busy"),
)
COUNT = CountView(NORTH, 12_384, 100_000, 11_420, 13_412, is_sampled=True, people=PEOPLE)


def _dialog(theme: Theme, offer: SegmentOffer = OFFER) -> SegmentDialog:
    dialog = SegmentDialog(theme, TODAY)
    dialog.show_offer(offer)
    return dialog


def saved(theme: Theme) -> SegmentDialog:
    """A segment that is used, with its count from a sample."""
    dialog = _dialog(theme)
    dialog.show_count(replace(COUNT, condition=dialog.condition))
    return dialog


def empty(theme: Theme) -> SegmentDialog:
    """A campaign without any yet: everybody."""
    dialog = _dialog(theme, replace(OFFER, segments=()))
    dialog.show_count(
        CountView(dialog.condition, 2_000, 2_000, 2_000, 2_000, is_sampled=False, people=PEOPLE)
    )
    return dialog


def unfinished(theme: Theme) -> SegmentDialog:
    """Conditions that say nothing yet, with what they lack at their place."""
    dialog = _dialog(theme)
    group = Group(
        Match.ANY,
        (
            Check(Field.TOWN, Operator.IS, ""),
            Check(Field.ATTEMPTS, Operator.BETWEEN, [9, 3]),
            Check(Field.LISTED, Operator.BETWEEN, ["2026-02-01", "March"]),
        ),
    )
    dialog.show_offer(replace(OFFER, segments=(SavedSegment(4, "Half done", group),)))
    return dialog


def days(theme: Theme) -> SegmentDialog:
    """Days, hours and a list; counted exactly, nobody there."""
    dialog = _dialog(theme)
    dialog.names.setCurrentRow(1)
    dialog.show_count(CountView(dialog.condition, 0, 2_000, 0, 0, is_sampled=False))
    return dialog


def no_campaign(theme: Theme) -> SegmentDialog:
    """Before anything was taken in."""
    return _dialog(theme, SegmentOffer(()))


STATES: tuple[tuple[str, Callable[[Theme], SegmentDialog]], ...] = (
    ("segments-saved", saved),
    ("segments-empty", empty),
    ("segments-unfinished", unfinished),
    ("segments-days", days),
    ("segments-no-campaign", no_campaign),
)
"""Name and builder of each."""
