"""How likely a record's call is answered, learnt from the campaign's own calls; pure."""

from dialer_core.pacing.chances.calibration import Bin, Calibration, calibration
from dialer_core.pacing.chances.calls import (
    Calls,
    Floats,
    History,
    HistoryMaker,
    Ints,
    Last,
    PastCall,
    last_of,
)
from dialer_core.pacing.chances.model import AnswerModel, Prior, fit

__all__ = [
    "AnswerModel",
    "Bin",
    "Calibration",
    "Calls",
    "Floats",
    "History",
    "HistoryMaker",
    "Ints",
    "Last",
    "PastCall",
    "Prior",
    "calibration",
    "fit",
    "last_of",
]
