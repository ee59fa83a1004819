"""States of the rules' window for pictures and tests."""

from __future__ import annotations

from collections.abc import Callable

from app.desk.rules_view import RulesForm, RulesView
from app.look.theme import Theme
from supervisor_ui.rules_dialog import RulesDialog

LAW = RulesForm(
    cap="3", target="2", connect="2", ring="15", a_day="3", week="08:00-21:00",
    saturday="09:00-21:00", sunday="none", holiday="none", recordings="180",
)  # fmt: skip
NOW = RulesForm(
    cap="2", target="1.5", connect="2", ring="18", a_day="2", in_30_days="6",
    week="10:00-13:00, 14:00-20:00", saturday="none", sunday="none", holiday="none",
    recordings="90",
)  # fmt: skip
OF_CLIENT = RulesForm(cap="2", target="1.5", recordings="90")
OF_CAMPAIGN = RulesForm(
    ring="18", a_day="2", in_30_days="6", week="10:00-13:00, 14:00-20:00", saturday="none"
)
VIEW = RulesView(
    campaigns=((1, "Winter windows"), (2, "Conservatories")),
    campaign_id=1,
    client="Rosewood Windows",
    rules="United Kingdom · GB@2026-11-21/t4/t7",
    law=LAW,
    now=NOW,
    of_client=OF_CLIENT,
    of_campaign=OF_CAMPAIGN,
    words=(
        ("Counted", "Abandoned calls over a calendar day at the office, per campaign; their share: "
         "of calls that a person answered, machines estimated, as Ofcom has it."),
        ("Nobody is free", "A message begins within 2 s: who called, a number to object at."),
        ("Rests", "Busy: 15 min; no answer: 2 h; machine, by the agent: 4 h; network congestion: "
         "10 min; refused by the network: 1 h; declined: 1 d; no such number: for good; fax or "
         "modem: for good; asked never to be called: for good; nobody was free: 3 d (a reserved "
         "agent may); machine, as detected: 1 d (a reserved agent may); not interested: 90 d"),
        ("Registers", "GB-TPS, 28 days at most; GB-CTPS, 28 days at most; your own list, at once"),
        ("Consent", "An agent may call who has not objected; proof is kept for 1826 days."),
        ("Caller's number", "Must be shown; never begins with 09, 118, 070"),
        ("Machines", "May be recognised"),
        ("Recording", "Recorded only where it is announced; records of calls for 730 days."),
        ("Trades", "Claims management: consent only; pensions: firms authorised by the FCA or "
         "trustees, and consent"),
    ),
)  # fmt: skip
LOOSER = "The share that may be lost is 3 % at most by the rules for United Kingdom."


def tighter(theme: Theme) -> RulesDialog:
    """A campaign and its client ask for more than the law."""
    dialog = RulesDialog(theme)
    dialog.show_view(VIEW)
    return dialog


def refused(theme: Theme) -> RulesDialog:
    """What was typed is looser than the law."""
    dialog = tighter(theme)
    dialog.fields["cap"].setText("4")
    dialog.show_trouble(LOOSER)
    return dialog


def words(theme: Theme) -> RulesDialog:
    """Everything else."""
    dialog = tighter(theme)
    dialog.all_words.click()
    return dialog


def empty(theme: Theme) -> RulesDialog:
    """No campaign yet."""
    dialog = RulesDialog(theme)
    dialog.show_view(None)
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], RulesDialog]], ...] = (
    ("rules", tighter),
    ("rules-refused", refused),
    ("rules-words", words),
    ("rules-empty", empty),
)
"""Name and builder of each."""
