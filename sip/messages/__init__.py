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
from sip.messages.control import (
    Arrange,
    Arrangement,
    CallArranged,
    CallQuality,
    DialThird,
    DropThird,
    EndSupervise,
    KeyPressed,
    LegQuality,
    Listening,
    RecordingChanged,
    RecordingState,
    Seat,
    SendDigits,
    SetRecording,
    Side,
    Supervise,
    SuperviseChanged,
    ThirdChanged,
    ThirdStage,
)
from sip.messages.hearing import DetectionOrder, Tone, ToneHeard, Verdict, VerdictReached
from sip.messages.inbound import (
    AcceptCalls,
    CallOffered,
    KeyMeaning,
    KeyMenu,
    OfferEnded,
    RefuseCall,
    TakeCall,
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
    LineCall,
    LineStatus,
    MessageStarted,
    Originate,
    PlayMessage,
)
from sip.messages.phone import (
    AskDevices,
    AskLevels,
    ChooseDevices,
    CloseSession,
    Devices,
    EchoTest,
    HangUp,
    Levels,
    MuteChanged,
    OpenSession,
    PhoneCall,
    PhoneConnected,
    PhoneEnded,
    PhoneQuality,
    PhoneRang,
    PhoneStatus,
    RingAlert,
    SetMute,
    SoundChanged,
    SoundCheck,
    SoundDevice,
    SoundHeard,
)
from sip.messages.recording import RecordingOrder
from sip.messages.trunk import Gateway, Register, RegistrationChanged, Unregister

__all__ = [
    "AcceptCalls",
    "Ack",
    "AgentAddress",
    "AgentBridged",
    "AgentLeg",
    "AgentUnreachable",
    "AnyCommand",
    "AnyEvent",
    "Arrange",
    "Arrangement",
    "AskDevices",
    "AskLevels",
    "Attach",
    "Behave",
    "CallAnswered",
    "CallArranged",
    "CallEnded",
    "CallOffered",
    "CallProgress",
    "CallQuality",
    "CarrierCall",
    "CarrierEnded",
    "CarrierRecord",
    "CarrierStatus",
    "ChooseDevices",
    "CloseSession",
    "ConnectAgent",
    "DetectionOrder",
    "Devices",
    "DialThird",
    "DropThird",
    "EchoTest",
    "EndCall",
    "EndSupervise",
    "EngineTrouble",
    "Gateway",
    "HangUp",
    "Hello",
    "KeyMeaning",
    "KeyMenu",
    "KeyPressed",
    "LegQuality",
    "Levels",
    "LineCall",
    "LineStatus",
    "Listening",
    "Message",
    "MessageStarted",
    "MuteChanged",
    "OfferEnded",
    "OpenSession",
    "Originate",
    "PhoneCall",
    "PhoneConnected",
    "PhoneEnded",
    "PhoneQuality",
    "PhoneRang",
    "PhoneRecord",
    "PhoneStatus",
    "PlayMessage",
    "RecordingChanged",
    "RecordingOrder",
    "RecordingState",
    "RefuseCall",
    "Refused",
    "Register",
    "RegistrationChanged",
    "RingAlert",
    "Seat",
    "SendDigits",
    "SetMute",
    "SetRecording",
    "Shutdown",
    "Side",
    "SoundChanged",
    "SoundCheck",
    "SoundDevice",
    "SoundHeard",
    "Sounds",
    "Stamp",
    "Supervise",
    "SuperviseChanged",
    "TakeCall",
    "ThirdChanged",
    "ThirdStage",
    "Tone",
    "ToneHeard",
    "Unregister",
    "Verdict",
    "VerdictReached",
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
    | Register
    | Unregister
    | Arrange
    | DialThird
    | DropThird
    | SendDigits
    | SetRecording
    | Supervise
    | EndSupervise
    | AcceptCalls
    | TakeCall
    | RefuseCall
    | ChooseDevices
    | AskDevices
    | AskLevels
    | EchoTest
    | SoundCheck
    | RingAlert
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
    | RegistrationChanged
    | CallArranged
    | ThirdChanged
    | KeyPressed
    | RecordingChanged
    | SuperviseChanged
    | CallQuality
    | ToneHeard
    | VerdictReached
    | CallOffered
    | OfferEnded
    | Devices
    | Levels
    | PhoneQuality
)
