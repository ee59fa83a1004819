"""All shared widgets under one name."""

from __future__ import annotations

from app.look.button import KeyButton, KeyCap, Kind
from app.look.check import CheckLine
from app.look.clocks import Clock, CountdownRing, TimerLabel, span_in_words
from app.look.fields import ChoiceBox
from app.look.flow import FlowLayout
from app.look.labels import ElidedLabel, Label, Panel, SectionTitle, blend, hairline, row, text_area
from app.look.marks import NoticeBar, Sparkline, StateDot, paint_dot

__all__ = [
    "CheckLine",
    "ChoiceBox",
    "Clock",
    "CountdownRing",
    "ElidedLabel",
    "FlowLayout",
    "KeyButton",
    "KeyCap",
    "Kind",
    "Label",
    "NoticeBar",
    "Panel",
    "SectionTitle",
    "Sparkline",
    "StateDot",
    "TimerLabel",
    "blend",
    "hairline",
    "paint_dot",
    "row",
    "span_in_words",
    "text_area",
]
