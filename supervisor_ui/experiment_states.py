"""States of the window of experiments; invented figures."""

from __future__ import annotations

from collections.abc import Callable

from app.desk.experiment_view import ArmView, ExperimentsView, ExperimentView
from app.look.theme import Theme
from supervisor_ui.experiment_dialog import ExperimentDialog

CAMPAIGNS = ((1, "Winter windows"), (2, "Conservatories"))
RUNNING = ExperimentView(
    3, "A warmer opening", "Winter windows", "Script", "The agent's outcome is a success", True,
    "Since 23 Feb 2026", "No difference yet that is more than chance.",
    "About 2,100 more people, if the rates stay as they are.",
    (
        ArmView("As it is", "Good morning …", 1_204, 97, 97 / 1204),
        ArmView("Warm", "Lovely to hear you …", 1_187, 124, 124 / 1187, (0.0239, -0.0121, 0.0599)),
        ArmView("Short", "A minute?", 1_199, 88, 88 / 1199, (-0.0072, -0.0395, 0.0251)),
    ),
    20_000,
)  # fmt: skip
WON = ExperimentView(
    2, "Evening hours", "Winter windows", "Hours of the day",
    "The person speaks with an agent", False, "From 2 Feb 2026, for 11 days",
    "Variant 2 is better than the first: 33.9% against 21.2%, a difference of 5.1% to 20.3%.", "",
    (
        ArmView("Morning", "09:00-12:00", 650, 138, 138 / 650),
        ArmView("Evening", "17:00-20:00", 632, 214, 214 / 632, (0.127, 0.051, 0.203), True),
    ),
    20_000,
)  # fmt: skip
EARLY = ExperimentView(
    4, "Eight seconds or fifteen", "Conservatories", "Preview seconds",
    "The person speaks with an agent", True, "Since 3 Mar 2026",
    "Too early: 100 first calls of each variant, and 10 successes over all, are needed before "
    "anything can be said.", "At most 20,000 more people, as planned.",
    (ArmView("Eight", "8", 0, 0, None), ArmView("Fifteen", "15", 0, 0, None)),
    20_000,
)  # fmt: skip
VIEW = ExperimentsView(CAMPAIGNS, (EARLY, RUNNING, WON))


def _listed(theme: Theme, shown: int) -> ExperimentDialog:
    dialog = ExperimentDialog(theme)
    dialog.show_view(VIEW)
    dialog.table.choose(shown)
    return dialog


def empty(theme: Theme) -> ExperimentDialog:
    """None was ever begun."""
    dialog = ExperimentDialog(theme)
    dialog.show_view(ExperimentsView(CAMPAIGNS, ()))
    return dialog


def running(theme: Theme) -> ExperimentDialog:
    """Three variants, no difference yet."""
    return _listed(theme, 3)


def won(theme: Theme) -> ExperimentDialog:
    """One that has its answer."""
    return _listed(theme, 2)


def early(theme: Theme) -> ExperimentDialog:
    """Nobody was called yet."""
    return _listed(theme, 4)


def form(theme: Theme) -> ExperimentDialog:
    """Setting one up."""
    dialog = _listed(theme, 3)
    dialog.add.click()
    dialog.form.name.setText("Which number to show")
    dialog.form.kind.setCurrentIndex(2)
    for at, (name, value) in enumerate(
        (("As it is", "+441614960900"), ("The new one", "+442079460900"))
    ):
        dialog.form.names[at].setText(name)
        dialog.form.values[at].setText(value)
    return dialog


def refused(theme: Theme) -> ExperimentDialog:
    """A variant that the law does not allow."""
    dialog = form(theme)
    dialog.show_trouble("The experiment 'Numbers' tries that already; end it.")
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], ExperimentDialog]], ...] = (
    ("experiments-empty", empty),
    ("experiments-running", running),
    ("experiments-won", won),
    ("experiments-early", early),
    ("experiments-form", form),
    ("experiments-refused", refused),
)
