"""Where each word about a call in progress goes."""

from __future__ import annotations

from typing import assert_never

from dialer_core.clock import Instant
from dialer_core.engine import (
    arranging,
    by_hand,
    endings,
    hearing,
    incoming,
    recording,
    supervising,
    thirds,
    wishes,
)
from dialer_core.engine.control_events import (
    Arranged,
    CallerFound,
    CallerUnknown,
    CallOffered,
    CallWanted,
    ControlEvent,
    KeyHeard,
    ManualDialWanted,
    NumberCleared,
    NumberRefused,
    OfferOver,
    RecordingMoved,
    SuperviseMoved,
    SuperviseWanted,
    ThirdCleared,
    ThirdMoved,
    ThirdRefused,
    ToneHeardOnLine,
    VerdictHeard,
    WishRefused,
)
from dialer_core.engine.floor import Floor


def take_in(floor: Floor, event: ControlEvent, now: Instant) -> None:
    """One event, to the module that knows what it means."""
    match event:
        case CallWanted():
            wishes.wanted(floor, event, now)
        case WishRefused():
            wishes.refused(floor, event, now)
        case Arranged():
            arranging.arranged(floor, event, now)
        case ThirdMoved():
            thirds.moved(floor, event, now)
        case ThirdCleared():
            thirds.cleared(floor, event, now)
        case ThirdRefused():
            thirds.refused(floor, event, now)
        case RecordingMoved():
            recording.moved(floor, event, now)
        case SuperviseWanted():
            supervising.wanted(floor, event, now)
        case SuperviseMoved():
            supervising.moved(floor, event, now)
        case KeyHeard():
            hearing.key(floor, event, now)
        case VerdictHeard():
            hearing.verdict(floor, event, now)
        case ToneHeardOnLine():
            hearing.tone(floor, event)
        case ManualDialWanted():
            by_hand.wanted(floor, event)
        case NumberCleared():
            by_hand.cleared(floor, event, now)
        case NumberRefused():
            by_hand.refused(floor, event)
        case CallOffered():
            incoming.offered(floor, event)
        case CallerFound():
            lost = incoming.found(floor, event)
            if lost is not None:
                endings.close_lost(floor, lost, now)
        case OfferOver():
            incoming.over(floor, event)
        case CallerUnknown():
            incoming.unknown(floor, event)
        case _:
            assert_never(event)
