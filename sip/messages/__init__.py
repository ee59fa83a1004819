"""What engine processes and their clients say to each other: typed JSON lines, one message a line.

A client sends commands, an engine sends a `Hello`, then a snapshot, then numbered events. Each
event stays with the engine (and in its journal) until it is acknowledged, so that a client that
was away misses nothing. Every moment stands on two clocks: monotonic seconds of this machine
(`at_mono_s`, comparable between the processes of one PC) and UTC seconds since the epoch.
"""

from __future__ import annotations

from sip.messages.base import (
    Ack,
    Attach,
    EngineTrouble,
    Hello,
    Message,
    Refused,
    Shutdown,
    Stamp,
)
from sip.messages.carrier import (
    Behave,
    CarrierCall,
    CarrierEnded,
    CarrierRecord,
    CarrierStatus,
    PhoneRecord,
    Sounds,
)
from sip.messages.line import (
    AgentAddress,
    AgentBridged,
    AgentLeg,
    AgentUnreachable,
    CallAnswered,
    CallEnded,
    CallProgress,
    ConnectAgent,
    EndCall,
    Gateway,
    LineCall,
    LineStatus,
    MessageStarted,
    Originate,
    PlayMessage,
)
from sip.messages.phone import (
    CloseSession,
    HangUp,
    MuteChanged,
    OpenSession,
    PhoneCall,
    PhoneConnected,
    PhoneEnded,
    PhoneRang,
    PhoneStatus,
    SetMute,
    SoundChanged,
    SoundHeard,
)

__all__ = [
    "Ack",
    "AgentAddress",
    "AgentBridged",
    "AgentLeg",
    "AgentUnreachable",
    "AnyCommand",
    "AnyEvent",
    "Attach",
    "Behave",
    "CallAnswered",
    "CallEnded",
    "CallProgress",
    "CarrierCall",
    "CarrierEnded",
    "CarrierRecord",
    "CarrierStatus",
    "CloseSession",
    "ConnectAgent",
    "EndCall",
    "EngineTrouble",
    "Gateway",
    "HangUp",
    "Hello",
    "LineCall",
    "LineStatus",
    "Message",
    "MessageStarted",
    "MuteChanged",
    "OpenSession",
    "Originate",
    "PhoneCall",
    "PhoneConnected",
    "PhoneEnded",
    "PhoneRang",
    "PhoneRecord",
    "PhoneStatus",
    "PlayMessage",
    "Refused",
    "SetMute",
    "Shutdown",
    "SoundChanged",
    "SoundHeard",
    "Sounds",
    "Stamp",
]

AnyCommand = (
    Attach
    | Ack
    | Shutdown
    | Originate
    | ConnectAgent
    | PlayMessage
    | EndCall
    | OpenSession
    | CloseSession
    | SetMute
    | HangUp
    | Behave
)

AnyEvent = (
    Hello
    | Refused
    | EngineTrouble
    | LineStatus
    | CallProgress
    | CallAnswered
    | AgentBridged
    | AgentUnreachable
    | MessageStarted
    | CallEnded
    | PhoneStatus
    | PhoneRang
    | PhoneConnected
    | PhoneEnded
    | MuteChanged
    | SoundHeard
    | SoundChanged
    | CarrierCall
    | CarrierStatus
    | CarrierEnded
)
