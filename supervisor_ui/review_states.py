"""States of the window in which machines are listened to; fictitious."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.review_view import Greeting, ReviewView, cause_words
from app.look.theme import Theme
from supervisor_ui.review_dialog import ReviewDialog

_GREETINGS = tuple(
    Greeting(f"attempt-{n}", cause_words("beep" if n % 4 == 3 else "long_greeting"))
    for n in range(1, 26)
)
VIEW = ReviewView(
    campaigns=((1, "Spring renewals"), (2, "Conservatories")),
    campaign_id=1,
    greetings=_GREETINGS,
    found="Of 148 machines listened to, 7 were people: 4.7 %, with 95 % certainty "
    "between 2.3 % and 9.4 %.",
    law="The law counts every machine found as 0.15 of an abandoned call until 200 verdicts have "
    "been listened to.",
    budget="96 machines found so far count as 14.4 abandoned calls: the rate is 2.4 %, the cap 3 "
    "%; 3 drops are left.",
)
NOTHING = replace(
    VIEW,
    greetings=(),
    found="Nobody has listened to a machine of this campaign yet.",
    budget="Detection has found no machine in the time that the abandoned rate is taken over.",
)


def waiting(theme: Theme) -> ReviewDialog:
    """A sample whose first greeting was not heard yet."""
    dialog = ReviewDialog(theme)
    dialog.show_sample(VIEW)
    return dialog


def hearing(theme: Theme) -> ReviewDialog:
    """The first is heard just now."""
    dialog = waiting(theme)
    dialog.show_playing(_GREETINGS[0].attempt_id)
    return dialog


def empty(theme: Theme) -> ReviewDialog:
    """Nothing was kept."""
    dialog = ReviewDialog(theme)
    dialog.show_sample(NOTHING)
    return dialog


def through(theme: Theme) -> ReviewDialog:
    """All of the sample was heard."""
    dialog = ReviewDialog(theme)
    dialog.show_sample(replace(VIEW, greetings=_GREETINGS[:1]))
    dialog.show_playing(_GREETINGS[0].attempt_id)
    dialog.show_silent()
    dialog.says["machine"].click()
    dialog.show_noted(VIEW)
    return dialog


def refused(theme: Theme) -> ReviewDialog:
    """The recording is elsewhere."""
    dialog = waiting(theme)
    dialog.show_trouble(
        "The recording of this call is not on this PC: listen where the dialler runs, or it is "
        "gone."
    )
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], ReviewDialog]], ...] = (
    ("reviews", waiting),
    ("reviews-hearing", hearing),
    ("reviews-empty", empty),
    ("reviews-through", through),
    ("reviews-refused", refused),
)
