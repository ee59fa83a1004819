"""The agent's window in every state, for the gallery and its tests; all people are fictitious."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.desk.views import (
    AgentView,
    CallView,
    Detail,
    HistoryRow,
    LoginView,
    Mode,
    OutcomeView,
    ParkedView,
    RecordView,
    ScriptPage,
    ScriptView,
    SeatState,
    TodayView,
)

NOW_UTC_S = 1_780_664_703.0  # 5 June 2026, 14:05:03 in Leeds

_OUTCOMES = (
    OutcomeView("SUCCESS", "Renewed", "1"),
    OutcomeView("CALL_BACK", "Call back…", "2"),
    OutcomeView("REFUSED_NOT_INTERESTED", "Not interested", "3"),
    OutcomeView("NOT_AT_HOME", "Not at home", "4"),
    OutcomeView("WRONG_NUMBER", "Wrong number", "5"),
    OutcomeView("ANSWER_MACHINE_AGENT", "Machine", "6"),
    OutcomeView("LANGUAGE", "Language", "7"),
    OutcomeView("DNC_REQUEST", "Never again", "9", is_danger=True),
)
_RECORD = RecordView(
    contact_id=4711,
    attempt_id="",
    name="Siân Hughes",
    number="0161 496 0123",
    number_label="mobile 2 of 2",
    place="Leeds · 14:05 there · callable until 20:00",
    details=(
        Detail("Contract ends", "12 December", is_strong=True),
        Detail("Tariff", "Home 300"),
        Detail("Customer since", "2019"),
        Detail("Promise", "call back after 14:00", is_due=True),
    ),
    history=(
        HistoryRow("9 May", "Call back agreed", "Chloë"),
        HistoryRow("3 May", "No answer", "Ben"),
    ),
    last_note="Prefers evenings. Asked about the price for two lines.",
)
_CALLED = replace(_RECORD, attempt_id="a-4711")
_SCRIPT = ScriptView(
    pages=(
        ScriptPage(
            "Good afternoon, this is Anna from Northern Light. May I speak to Siân Hughes, please?",
            "Greeting",
            "If she asks why: her contract ends on 12 December and there is a better tariff "
            "for two lines.",
        ),
        ScriptPage(
            "Your contract ends on 12 December. May I take three minutes to show you what would "
            "be better for two lines?",
            "Reason",
        ),
        ScriptPage(
            "With Home Duo both lines together cost four pounds less a month than one does today.",
            "Offer",
            "Wait. Let her ask.",
        ),
        ScriptPage("Shall I send it by letter or by e-mail, Siân Hughes?", "Close"),
    ),
    name="Siân Hughes",
    objections=(
        ("Too expensive", "With two lines it is four pounds less a month than today."),
        ("No time now", "It takes three minutes. When may I call you again?"),
        ("Has another provider", "When does that contract end? We could begin the day after."),
        (
            "Where did you get my number?",
            "You gave it to us with your contract in 2019. I can take it off the list at once.",
        ),
    ),
)
_ROHAN = tuple(
    replace(page, text=page.text.replace("Siân Hughes", "Rohan Patel"), hint="")
    for page in _SCRIPT.pages
)
_QUIET = CallView(has_sound=True, sound="Jabra Evolve2")
_UP = replace(_QUIET, is_up=True, is_connected=True, since_utc_s=NOW_UTC_S - 192)
_BASE = AgentView(
    agent_name="Anna K.",
    campaign_name="Spring renewals",
    mode=Mode.PREVIEW,
    state=SeatState.AVAILABLE,
    since_utc_s=NOW_UTC_S - 21,
    skips_used=1,
    outcomes=_OUTCOMES,
    call=_QUIET,
    today=TodayView(contacts=41, successes=6, mean_wait_s=27.0),
)
_PREVIEW = replace(
    _BASE,
    state=SeatState.PREVIEW,
    since_utc_s=NOW_UTC_S - 3,
    until_utc_s=NOW_UTC_S + 9.4,
    countdown_s=12.0,
    record=_RECORD,
    script=_SCRIPT,
)
_RINGING = replace(
    _PREVIEW,
    state=SeatState.RINGING,
    until_utc_s=None,
    record=_CALLED,
    call=replace(_QUIET, is_up=True),
)
_TALKING = replace(
    _RINGING,
    state=SeatState.TALKING,
    since_utc_s=NOW_UTC_S - 192,
    call=_UP,
    mode=Mode.PREDICTIVE,
    can_choose_outcome=True,
)
_WRAP_UP = replace(
    _TALKING,
    state=SeatState.WRAP_UP,
    since_utc_s=NOW_UTC_S - 22,
    until_utc_s=NOW_UTC_S + 38,
    wrap_up_s=60.0,
    can_choose_outcome=True,
    call=_QUIET,
    note="Wants the offer by letter.",
)
_LATE = replace(_WRAP_UP, since_utc_s=NOW_UTC_S - 74, until_utc_s=NOW_UTC_S - 14)

_LONG_RECORD = RecordView(
    contact_id=4712,
    attempt_id="a-4712",
    name="Maximiliane-Charlotte Freifrau von Hohenstein-Wartenberg zu Rabeneck",
    number="+44 161 496 0199",
    number_label="Geschäftsnummer der Hauptverwaltung, 3 von 4",
    place="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch · 14:05 there · "
    "callable until 20:00",
    details=(
        Detail("Vertragsverlängerungsdatum", "12. Dezember, danach monatlich kündbar", True),
        Detail("Rechtsschutzversicherungsgesellschaft", "Nordlicht Allgemeine"),
        Detail("Address", "Flat 12, The Old Grammar School, Saint Bartholomew's Road, Leeds"),
        *(Detail(f"Field {number}", "a value of usual length") for number in range(1, 9)),
        Detail("Promise", "call back after 14:00, and only on the mobile, please", is_due=True),
    ),
    history=tuple(
        HistoryRow(f"{day} May", "Call back agreed with the whole family", "Maximilian")
        for day in range(19, 11, -1)
    ),
    last_note="Prefers evenings. Asked about the price for two lines, the notice period, and "
    "whether the old telephone can stay. Her son helps her with the contract and wants to "
    "read it first; his name is on the second line.",
)
_LONG_TEXT = "\n".join(
    (
        "Good afternoon, this is Anna from Northern Light & Partners. May I speak to "
        "Mrs von Hohenstein-Wartenberg, please?",
        "I am calling because your contract ends on 12 December. Before I go on: this call "
        "takes about three minutes; is now a good moment?",
        "You have two lines today. With the new tariff both together cost four pounds less "
        "a month, the speed stays the same, and you can leave every month.",
        "May I send you the offer by letter or by e-mail, so that you can read it at rest?",
        "Thank you. I will now read the most important terms to you; please say if anything "
        "is not clear.",
        "The contract begins on 13 December. It has no minimum term. The price holds for "
        "two years. You may withdraw within fourteen days without giving a reason.",
        "Is there anything else I can do for you?",
    )
)
_LONG_SCRIPT = ScriptView(
    pages=(
        ScriptPage(
            _LONG_TEXT,
            "Begrüßung, Anlass und Vertragsbedingungen",
            "If she hesitates: offer to call again after her son has read the letter.",
        ),
        ScriptPage("Goodbye.", "Verabschiedung und Zusammenfassung der Vereinbarungen"),
    ),
    name="Mrs von Hohenstein-Wartenberg",
    objections=(
        *_SCRIPT.objections,
        ("Ich möchte zuerst mit meiner Familie darüber sprechen", "Of course. Until when?"),
        ("Datenschutzgrundverordnung", "You can have your data deleted; I note it at once."),
    ),
)
_LONG = replace(
    _WRAP_UP,
    parked=(ParkedView("Maximiliane-Charlotte Freifrau von Hohenstein-Wartenberg", True),) * 2,
    agent_name="Maximiliane Charlotte Müller-Lüdenscheidt",
    campaign_name="Vertragsverlängerungen Frühjahr Nordwestdeutschland, zweite Welle",
    record=_LONG_RECORD,
    script=_LONG_SCRIPT,
    note=_LONG_RECORD.last_note * 2,
    outcomes=(
        OutcomeView("SUCCESS", "Vertrag verlängert", "1"),
        OutcomeView("CALL_BACK", "Rückruf vereinbart…", "2"),
        OutcomeView("REFUSED_NOT_INTERESTED", "Kein Interesse mehr vorhanden", "3"),
        OutcomeView("NOT_AT_HOME", "Nicht zu Hause", "4"),
        OutcomeView("WRONG_NUMBER", "Falsche Rufnummer", "5"),
        OutcomeView("ANSWER_MACHINE_AGENT", "Anrufbeantworter", "6"),
        OutcomeView("LANGUAGE", "Verständigungsschwierigkeiten", "7"),
        OutcomeView("COMPLAINT", "Beschwerde", "8"),
        OutcomeView("DNC_REQUEST", "Nie wieder anrufen", "9", is_danger=True),
    ),
    notices=(
        "Jabra Evolve2 75 was unplugged. The call goes on with Built-in Audio Analog Stereo and "
        "USB Conference Camera.",
        "The database was away for 12 s. Nothing was lost.",
    ),
)

_ANNOUNCED: dict[str, Any] = {
    "is_pause_due": True,
    "pause_reason": "Lunch",
    "pause_due_utc_s": NOW_UTC_S + 1497,
}
_HELD: dict[str, Any] = _ANNOUNCED | {"pause_due_utc_s": NOW_UTC_S - 4}
_OTHER = replace(
    _CALLED,
    contact_id=4713,
    attempt_id="a-4713",
    name="Rohan Patel",
    number="0161 496 0188",
    number_label="mobile 1 of 1",
    place="Salford · 14:05 there · callable until 20:00",
    details=(Detail("Contract ends", "3 October", is_strong=True), Detail("Tariff", "Home 100")),
    history=(),
    last_note="",
)
_PARKED = replace(
    _TALKING,
    since_utc_s=NOW_UTC_S - 8,
    call=replace(_UP, since_utc_s=NOW_UTC_S - 8),
    record=_OTHER,
    script=replace(_SCRIPT, name="Rohan Patel", pages=_ROHAN),
    parked=(ParkedView("Siân Hughes", has_note=True),),
)
_PARKED_WRAP = replace(
    _WRAP_UP, record=_OTHER, script=replace(_SCRIPT, name="Rohan Patel", pages=_ROHAN), note=""
)

State = tuple[str, AgentView | LoginView]


_LOGINS: list[State] = [
    ("login", LoginView(agents=("Anna K.", "Ben O.", "Chloë R."), seat_name="Seat 3")),
    ("login-nobody", LoginView(seat_name="Seat 3")),
    (
        "login-busy",
        LoginView(("Anna K.",), "Seat 3", is_busy=True, progress="Starting the phone …"),
    ),
    (
        "login-error",
        LoginView(
            ("Anna K.",),
            "Seat 3",
            error="The password is not right. Try again, or ask the supervisor for a new one.",
        ),
    ),
    (
        "login-waiting",
        LoginView(
            seat_name="Seat 3",
            error="The floor's database callfloor on 192.168.1.10:54170 cannot be reached; see "
            "that the supervisor's computer is on, that both are on the same network and that no "
            "firewall closes the port.",
        ),
    ),
]


def states() -> list[State]:
    """Every state with its name, in the order of a working day."""
    return [
        *_LOGINS,
        (
            "paused",
            replace(_BASE, state=SeatState.PAUSED, reason="Lunch", since_utc_s=NOW_UTC_S - 730),
        ),
        ("available", _BASE),
        ("preview", _PREVIEW),
        ("preview-no-skips", replace(_PREVIEW, skips_used=5)),
        ("ringing", _RINGING),
        ("connecting", replace(_BASE, state=SeatState.CONNECTING, mode=Mode.PREDICTIVE)),
        ("talking", _TALKING),
        ("talking-muted", replace(_TALKING, call=replace(_UP, is_muted=True))),
        ("talking-pause-due", replace(_TALKING, is_pause_due=True, pause_reason="Lunch")),
        ("talking-pause-announced", replace(_TALKING, **_ANNOUNCED)),
        ("available-break-held", replace(_BASE, **_HELD)),
        ("available-relief", replace(_BASE, is_relief=True)),
        ("talking-parked", _PARKED),
        ("wrap-up-parked", replace(_PARKED_WRAP, parked=_PARKED.parked)),
        ("wrap-up-back", replace(_WRAP_UP, is_back=True)),
        ("wrap-up", _WRAP_UP),
        ("wrap-up-late", _LATE),
        ("wrap-up-saved", replace(_WRAP_UP, can_choose_outcome=False)),
        (
            "no-sound",
            replace(
                _BASE,
                call=CallView(has_sound=False, sound="No sound device"),
                notices=("No headset was found. Plug one in; calls are silent until then.",),
            ),
        ),
        ("no-script", replace(_TALKING, script=None)),
        (
            "bare-record",
            replace(
                _TALKING,
                script=ScriptView((ScriptPage(_SCRIPT.pages[0].text),)),
                record=replace(_CALLED, name="", place="", details=(), history=(), last_note=""),
            ),
        ),
        ("long", _LONG),
        ("logged-out", replace(_BASE, state=SeatState.LOGGED_OUT, reason="The day is over.")),
    ]
