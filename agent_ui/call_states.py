"""Calls in progress for the gallery and its tests; all people are fictitious."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt

from agent_ui.device_dialog import DeviceDialog
from agent_ui.gallery_states import NOW_UTC_S, states
from agent_ui.window import AgentWindow
from app.desk.views import (
    FOR_COLLEAGUES,
    AdviceView,
    AgentView,
    Arrangement,
    CallView,
    ColleagueView,
    ControlView,
    DevicesView,
    LevelsView,
    NumberAnswer,
    RecordingPolicy,
    RecordingState,
    SeatState,
    ThirdStage,
)

COLLEAGUES = (
    ColleagueView(2, "Ben Okafor", SeatState.TALKING),
    ColleagueView(3, "Chloë Rivers", SeatState.AVAILABLE),
    ColleagueView(4, "Dilys Parry", SeatState.PAUSED, FOR_COLLEAGUES),
    ColleagueView(5, "Emre Yıldız", SeatState.WRAP_UP),
    ColleagueView(6, "Farah Siddiqui", SeatState.PAUSED, "Lunch"),
    ColleagueView(7, "Maximiliane-Charlotte Freifrau von Hohenstein-Wartenberg", SeatState.RINGING),
)
HEADSET, BUILT_IN = "Jabra Evolve2 65", "Built-in Audio Analogue Stereo"
DEVICES = DevicesView(
    microphones=(HEADSET, BUILT_IN),
    speakers=(HEADSET, BUILT_IN, "HDMI / DisplayPort 3"),
    chosen_microphone=HEADSET,
    chosen_speaker=HEADSET,
    chosen_ringer=BUILT_IN,
    microphone=HEADSET,
    speaker=HEADSET,
    ringer=BUILT_IN,
)
UNPLUGGED = f"{HEADSET} was unplugged. Calls continue on {BUILT_IN}."

_BY_NAME = dict(states())


def _view(name: str) -> AgentView:
    view = _BY_NAME[name]
    assert isinstance(view, AgentView)
    return view


_TALKING = _view("talking")
_RECORDED = ControlView(
    since_utc_s=NOW_UTC_S - 192,
    recording=RecordingState.RECORDING,
    recording_policy=RecordingPolicy.ALL,
    recording_since_utc_s=NOW_UTC_S - 190,
)
_CONSULT = ControlView(
    arrangement=Arrangement.CONSULT,
    since_utc_s=NOW_UTC_S - 9,
    third=ThirdStage.UP,
    third_label="Chloë Rivers",
)
_RINGS = replace(_CONSULT, third=ThirdStage.RINGING)
_PAYMENT = replace(
    _RECORDED,
    recording=RecordingState.PAUSED,
    recording_since_utc_s=NOW_UTC_S - 48,
)
_LATE = replace(_PAYMENT, recording_since_utc_s=NOW_UTC_S - 151)
_HELD = replace(_RECORDED, arrangement=Arrangement.HOLD, since_utc_s=NOW_UTC_S - 24)
_BACK = ControlView(
    since_utc_s=NOW_UTC_S - 4,
    trouble="Chloë Rivers did not answer within 30 s; Siân Hughes is with you again.",
)
_DIALLABLE = replace(_view("paused"), can_dial_by_hand=True)
_QUIET = AdviceView(
    "Your microphone is very quiet.",
    "Move it closer to your mouth, or turn it up in the system's sound settings.",
)

Act = Callable[[AgentWindow], None]


def _nothing(_window: AgentWindow) -> None:
    pass


def _open_transfer(window: AgentWindow) -> None:
    window.desk.tools.open("transfer", by_hand=True)
    window.show_colleagues(COLLEAGUES)


def _choose_colleague(window: AgentWindow) -> None:
    _open_transfer(window)
    window.desk.tools.transfer.colleagues.choose(COLLEAGUES[1])


def _type_number(window: AgentWindow) -> None:
    _open_transfer(window)
    window.desk.tools.transfer.field.set_text("0161 496 0188")
    window.show_answer(NumberAnswer("0161 496 0188", can_dial=True))


def _refused_transfer(window: AgentWindow) -> None:
    _open_transfer(window)
    window.desk.tools.transfer.field.set_text("0161 496")
    window.show_answer(
        NumberAnswer("0161 496", "The number is too short: write it with its area code.")
    )


def _open_keypad(window: AgentWindow) -> None:
    window.desk.tools.open("keypad", by_hand=True)
    window.desk.tools.keypad.sent.setText("4711#")


def _open_dial(window: AgentWindow) -> None:
    window.desk.tools.open("dial", by_hand=True)
    window.desk.tools.dialling.show_number("+441614960199")
    window.show_answer(NumberAnswer("+441614960199", "0161 496 0199", can_dial=True))


def _refused_dial(window: AgentWindow) -> None:
    _open_dial(window)
    sentence = "This number is on the list of those who want no calls since 3 May. Do not call it."
    window.show_answer(NumberAnswer("+441614960199", sentence))


def _devices(window: AgentWindow, view: DevicesView, levels: LevelsView) -> DeviceDialog:
    dialog = DeviceDialog(window.theme, window)
    dialog.setWindowFlags(Qt.WindowType.Widget)
    dialog.setAutoFillBackground(True)
    dialog.show_view(view)
    dialog.show_levels(levels)
    dialog.show_keys(is_on=False, words="")
    dialog.move(max((window.width() - dialog.width()) // 2, 0), 96)
    dialog.show()
    dialog.raise_()
    return dialog


def _open_devices(window: AgentWindow) -> None:
    dialog = _devices(window, DEVICES, LevelsView(-18.0, -31.0))
    words = "Ctrl+Alt+A dials a preview, Ctrl+Alt+H hangs up, Ctrl+Alt+M mutes."
    dialog.show_keys(is_on=True, words=words)


def _lost_devices(window: AgentWindow) -> None:
    view = replace(
        DEVICES,
        microphones=(BUILT_IN,),
        speakers=(BUILT_IN,),
        microphone=BUILT_IN,
        speaker=BUILT_IN,
        is_in_call=True,
        notice=UNPLUGGED,
    )
    dialog = _devices(window, view, LevelsView(-1.5, -24.0))
    words = "Another program has taken Ctrl+Alt+M: choose another key in the settings file."
    dialog.show_keys(is_on=False, words=words, is_trouble=True)


def _echo_devices(window: AgentWindow) -> None:
    view = replace(DEVICES, chosen_microphone="", chosen_ringer="", is_echo_on=True)
    _devices(window, view, LevelsView(-9.0, -14.0))


def call_states() -> list[tuple[str, AgentView, Act]]:
    """Name, view, and what a hand did in the window then."""

    def call(control: ControlView) -> AgentView:
        return replace(_TALKING, control=control)

    return [
        ("call-on-demand", call(ControlView(recording_policy=RecordingPolicy.ON_DEMAND)), _nothing),
        ("call-recording", call(_RECORDED), _nothing),
        ("call-payment", call(_PAYMENT), _nothing),
        ("call-payment-late", call(_LATE), _nothing),
        ("call-hold", call(_HELD), _nothing),
        ("call-transfer", call(ControlView()), _open_transfer),
        ("call-transfer-colleague", call(_RECORDED), _choose_colleague),
        ("call-transfer-number", call(_RECORDED), _type_number),
        ("call-transfer-refused", call(ControlView()), _refused_transfer),
        ("call-consult-ringing", call(_RINGS), _nothing),
        ("call-consult", call(_CONSULT), _nothing),
        (
            "call-consult-recorded",
            call(
                replace(
                    _CONSULT,
                    third_label="0161 496 0188",
                    recording=RecordingState.RECORDING,
                    recording_since_utc_s=NOW_UTC_S - 190,
                    trouble="All three could not be joined: the line is busy with a change. "
                    "Try again.",
                )
            ),
            _nothing,
        ),
        (
            "call-conference",
            call(replace(_CONSULT, arrangement=Arrangement.CONFERENCE)),
            _nothing,
        ),
        ("call-blind-back", call(_BACK), _nothing),
        ("call-keypad", call(_RECORDED), _open_keypad),
        ("call-advice", replace(call(_RECORDED), advice=_QUIET), _nothing),
        (
            "call-unplugged",
            replace(
                call(_RECORDED),
                call=replace(_TALKING.call, sound=BUILT_IN),
                notices=(UNPLUGGED,),
            ),
            _nothing,
        ),
        ("devices", _DIALLABLE, _open_devices),
        ("devices-lost", call(_RECORDED), _lost_devices),
        ("devices-echo", _DIALLABLE, _echo_devices),
        (
            "call-asked-by-colleague",
            replace(
                call(replace(_CONSULT, third_label="Ben Okafor", is_third=True)),
                can_choose_outcome=False,
            ),
            _nothing,
        ),
        ("dial", _DIALLABLE, _open_dial),
        ("dial-refused", _DIALLABLE, _refused_dial),
        (
            "dial-idle",
            replace(
                _DIALLABLE, state=SeatState.AVAILABLE, reason="", call=CallView(has_sound=True)
            ),
            _nothing,
        ),
    ]
