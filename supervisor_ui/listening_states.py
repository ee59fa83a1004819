"""A call that is listened to, and the line doctor's words, for pictures: fictitious."""

from __future__ import annotations

from app.desk.views import AdviceView, Listening, SeatAdviceView, SupervisedView
from supervisor_ui.gallery_states import NOW_UTC_S

_LOSS = AdviceView(
    "Many packets are lost on the way to Dai (8 %).",
    "Use a cable instead of Wi-Fi; see what else loads the network.",
    "warning",
)
ADVICE = (
    SeatAdviceView(
        107,
        "Jan de Wit",
        (
            AdviceView(
                "Jan's microphone is muted by the system.",
                "Unmute it in the system's sound settings, or with the switch on the headset.",
                "trouble",
            ),
        ),
    ),
    SeatAdviceView(103, "Dai Evans", (_LOSS,)),
)
"""What the line doctor says in the picture of a call that is listened to."""
LISTENED = SupervisedView(
    session_id=103,
    attempt_id="a-1",
    agent="Dai Evans",
    person="R. Patel",
    since_utc_s=NOW_UTC_S - 65,
    listening=Listening.WHISPER,
    advice=(_LOSS,),
)
