"""The part of PJSUA2 that the engines use; the wheel ships no types."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

PJSUA_INVALID_ID: int
PJSIP_TRANSPORT_UDP: int
PJSIP_TRANSPORT_TCP: int
PJSIP_TRANSPORT_TLS: int
PJSIP_TP_STATE_CONNECTED: int
PJSIP_TP_STATE_DISCONNECTED: int
PJSIP_EVENT_RX_MSG: int
PJSIP_EVENT_TSX_STATE: int
PJSIP_INV_STATE_CALLING: int
PJSIP_INV_STATE_EARLY: int
PJSIP_INV_STATE_CONNECTING: int
PJSIP_INV_STATE_CONFIRMED: int
PJSIP_INV_STATE_DISCONNECTED: int
PJMEDIA_TYPE_AUDIO: int
PJMEDIA_FRAME_TYPE_AUDIO: int
PJMEDIA_FRAME_TYPE_NONE: int
PJMEDIA_FORMAT_PCM: int
PJMEDIA_FILE_NO_LOOP: int
PJMEDIA_TONEGEN_LOOP: int
PJMEDIA_SRTP_DISABLED: int
PJMEDIA_SRTP_OPTIONAL: int
PJMEDIA_SRTP_MANDATORY: int
PJSUA_SIP_TIMER_INACTIVE: int
PJSUA_SIP_TIMER_OPTIONAL: int
PJSUA_SIP_TIMER_REQUIRED: int
PJSUA_CALL_MEDIA_ACTIVE: int
PJSUA_DTMF_METHOD_RFC2833: int
PJSUA_DTMF_METHOD_SIP_INFO: int
PJ_SSL_SOCK_PROTO_TLS1_2: int

class Error(Exception):
    status: int
    title: str
    reason: str
    srcFile: str
    srcLine: int

class _Vector(Generic[T]):
    def append(self, item: T) -> None: ...
    def push_back(self, item: T) -> None: ...
    def clear(self) -> None: ...
    def size(self) -> int: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T]: ...
    def __getitem__(self, index: int) -> T: ...

class ByteVector:
    this: int
    def capacity(self) -> int: ...
    def __init__(self, items: bytes | list[int] = ...) -> None: ...
    def append(self, item: int) -> None: ...
    def push_back(self, item: int) -> None: ...
    def assign(self, n: int, item: int) -> None: ...
    def resize(self, n: int) -> None: ...
    def reserve(self, n: int) -> None: ...
    def clear(self) -> None: ...
    def size(self) -> int: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[int]: ...
    def __getitem__(self, index: int) -> int: ...

class LogEntry:
    level: int
    msg: str
    threadId: int
    threadName: str

class LogWriter:
    def __init__(self) -> None: ...
    def write(self, entry: LogEntry) -> None: ...

class LogConfig:
    level: int
    consoleLevel: int
    msgLogging: int
    decor: int
    writer: LogWriter

class StringVector:
    def append(self, item: str, /) -> None: ...

class UaConfig:
    threadCnt: int
    mainThreadOnly: bool
    maxCalls: int
    userAgent: str
    nameserver: StringVector

class MediaConfig:
    clockRate: int
    sndClockRate: int
    audioFramePtime: int
    ecTailLen: int
    noVad: bool
    jbInit: int
    jbMinPre: int
    jbMaxPre: int
    jbMax: int
    sndAutoCloseTime: int
    quality: int
    threadCnt: int

class EpConfig:
    logConfig: LogConfig
    uaConfig: UaConfig
    medConfig: MediaConfig

class SockOpt:
    def __init__(self, level: int, name: int, value: int) -> None: ...

class SockOptParams:
    sockOpts: _Vector[SockOpt]

class TlsConfig:
    sockOptParams: SockOptParams
    CaListFile: str
    CaBuf: str
    certFile: str
    privKeyFile: str
    verifyServer: bool
    verifyClient: bool
    requireClientCert: bool
    proto: int
    msecTimeout: int

class TransportConfig:
    sockOptParams: SockOptParams
    port: int
    portRange: int
    boundAddress: str
    publicAddress: str
    tlsConfig: TlsConfig

class TransportInfo:
    id: int
    typeName: str
    localAddress: str
    localName: str
    info: str

class SslCertInfo:
    subjectCn: str

class TlsInfo:
    verifyStatus: int
    verifyMsgs: _Vector[str]
    remoteCertInfo: SslCertInfo
    def isEmpty(self) -> bool: ...

class OnTransportStateParam:
    type: str
    state: int
    lastError: int
    tlsInfo: TlsInfo

class OnRegStateParam:
    status: int
    code: int
    reason: str
    expiration: int

class SipRxData:
    info: str
    wholeMsg: str
    srcAddress: str

class TsxStateEventSrc:
    rdata: SipRxData

class TsxStateEvent:
    src: TsxStateEventSrc
    type: int

class SipEventBody:
    tsxState: TsxStateEvent

class SipEvent:
    type: int
    body: SipEventBody

class OnCallStateParam:
    e: SipEvent

class OnCallTsxStateParam:
    e: SipEvent

class OnCallMediaStateParam: ...

class OnIncomingCallParam:
    callId: int
    rdata: SipRxData

class AuthCredInfo:
    def __init__(
        self, scheme: str, realm: str, username: str, data_type: int, data: str
    ) -> None: ...

class AccountSipConfig:
    transportId: int
    authCreds: _Vector[AuthCredInfo]
    proxies: _Vector[str]

class AccountMediaConfig:
    transportConfig: TransportConfig
    srtpUse: int
    srtpSecureSignaling: int
    streamKaEnabled: bool

class AccountNatConfig:
    contactRewriteUse: int
    contactUseSrcPort: int
    viaRewriteUse: int
    sdpNatRewriteUse: int

class AccountCallConfig:
    timerUse: int

class AccountRegConfig:
    registrarUri: str
    registerOnAdd: bool
    timeoutSec: int
    retryIntervalSec: int
    firstRetryIntervalSec: int
    randomRetryIntervalSec: int
    delayBeforeRefreshSec: int
    unregWaitMsec: int
    dropCallsOnFail: bool
    disableRegOnModify: bool

class AccountConfig:
    idUri: str
    regConfig: AccountRegConfig
    sipConfig: AccountSipConfig
    mediaConfig: AccountMediaConfig
    natConfig: AccountNatConfig
    callConfig: AccountCallConfig
    def __init__(self) -> None: ...

class SendRequestParam:
    method: str
    txOption: SipTxOption

class Account:
    def __init__(self) -> None: ...
    def create(self, config: AccountConfig, make_default: bool = ...) -> None: ...
    def modify(self, config: AccountConfig) -> None: ...
    def shutdown(self) -> None: ...
    def getId(self) -> int: ...
    def sendRequest(self, prm: SendRequestParam) -> None: ...
    def setRegistration(self, renew: bool) -> None: ...
    def onRegState(self, prm: OnRegStateParam, /) -> None: ...
    def onIncomingCall(self, prm: OnIncomingCallParam, /) -> None: ...

class MediaFormatAudio:
    clockRate: int
    channelCount: int
    bitsPerSample: int
    frameTimeUsec: int
    type: int
    def init(
        self,
        formatId: int,
        clockRate: int,
        channelCount: int,
        frameTimeUsec: int,
        bitsPerSample: int,
        avgBps: int = ...,
        maxBps: int = ...,
    ) -> None: ...

class ConfPortInfo:
    portId: int
    name: str
    format: MediaFormatAudio
    listeners: _Vector[int]

class AudioMedia:
    thisown: bool
    def startTransmit(self, sink: AudioMedia) -> None: ...
    def stopTransmit(self, sink: AudioMedia) -> None: ...
    def getPortId(self) -> int: ...
    def getPortInfo(self) -> ConfPortInfo: ...
    def adjustRxLevel(self, level: float) -> None: ...
    def adjustTxLevel(self, level: float) -> None: ...
    def getRxLevel(self) -> int: ...
    def getTxLevel(self) -> int: ...

class MediaFrame:
    type: int
    buf: ByteVector
    size: int

class AudioMediaPort(AudioMedia):
    def __init__(self) -> None: ...
    def __disown__(self) -> object: ...
    def createPort(self, name: str, format: MediaFormatAudio) -> None: ...
    def onFrameRequested(self, frame: MediaFrame) -> None: ...
    def onFrameReceived(self, frame: MediaFrame) -> None: ...

class AudioMediaPlayer(AudioMedia):
    def __init__(self) -> None: ...
    def createPlayer(self, file_name: str, options: int = ...) -> None: ...
    def onEof2(self) -> None: ...

class ToneDesc:
    freq1: int
    freq2: int
    on_msec: int
    off_msec: int
    volume: int

class ToneDescVector(_Vector[ToneDesc]): ...

class ToneDigit:
    digit: str
    on_msec: int
    off_msec: int
    volume: int

class ToneDigitVector(_Vector[ToneDigit]): ...

class ToneGenerator(AudioMedia):
    def __init__(self) -> None: ...
    def createToneGenerator(self, clock_rate: int = ..., channel_count: int = ...) -> None: ...
    def play(self, tones: ToneDescVector, loop: bool = ...) -> None: ...
    def playDigits(self, digits: ToneDigitVector, loop: bool = ...) -> None: ...
    def stop(self) -> None: ...

class CallMediaInfo:
    index: int
    type: int
    status: int

class CallInfo:
    id: int
    state: int
    callIdString: str
    lastStatusCode: int
    lastReason: str
    media: _Vector[CallMediaInfo]

class SipHeader:
    hName: str
    hValue: str

class SipTxOption:
    headers: _Vector[SipHeader]
    localUri: str
    targetUri: str

class CallOpParam:
    statusCode: int
    reason: str
    txOption: SipTxOption
    def __init__(self, use_default_call_setting: bool = ...) -> None: ...

class MathStat:
    n: int
    last: int
    max: int
    mean: int

class RtcpStreamStat:
    pkt: int
    loss: int
    discard: int
    updateCount: int
    jitterUsec: MathStat

class RtcpStat:
    rxStat: RtcpStreamStat
    txStat: RtcpStreamStat
    rttUsec: MathStat

class StreamInfo:
    codecName: str
    remoteRtpAddress: str

class MediaTransportInfo:
    srcRtpName: str

class CallSendDtmfParam:
    method: int
    duration: int
    digits: str
    def __init__(self) -> None: ...

class OnDtmfDigitParam:
    method: int
    digit: str
    duration: int

class StreamStat:
    rtcp: RtcpStat

class Call:
    thisown: bool
    def __init__(self, account: Account, call_id: int = ...) -> None: ...
    def getId(self) -> int: ...
    def getInfo(self) -> CallInfo: ...
    def isActive(self) -> bool: ...
    def hasMedia(self) -> bool: ...
    def getAudioMedia(self, index: int) -> AudioMedia: ...
    def getStreamStat(self, index: int) -> StreamStat: ...
    def getStreamInfo(self, index: int) -> StreamInfo: ...
    def getMedTransportInfo(self, index: int) -> MediaTransportInfo: ...
    def sendDtmf(self, param: CallSendDtmfParam) -> None: ...
    def makeCall(self, uri: str, prm: CallOpParam) -> None: ...
    def answer(self, prm: CallOpParam) -> None: ...
    def hangup(self, prm: CallOpParam) -> None: ...
    def reinvite(self, prm: CallOpParam) -> None: ...
    def onCallState(self, prm: OnCallStateParam, /) -> None: ...
    def onCallTsxState(self, prm: OnCallTsxStateParam, /) -> None: ...
    def onCallMediaState(self, prm: OnCallMediaStateParam, /) -> None: ...
    def onDtmfDigit(self, prm: OnDtmfDigitParam, /) -> None: ...

class CodecInfo:
    codecId: str
    priority: int

class AudDevManager:
    def setNullDev(self) -> None: ...
    def setNoDev(self) -> AudioMedia: ...
    def getCaptureDevMedia(self) -> AudioMedia: ...
    def getPlaybackDevMedia(self) -> AudioMedia: ...

class Endpoint:
    def __init__(self) -> None: ...
    def libCreate(self) -> None: ...
    def libInit(self, config: EpConfig) -> None: ...
    def libStart(self) -> None: ...
    def libDestroy(self) -> None: ...
    def libHandleEvents(self, msec_timeout: int) -> int: ...
    def transportCreate(self, type: int, config: TransportConfig) -> int: ...
    def transportClose(self, id: int) -> None: ...
    def transportGetInfo(self, id: int) -> TransportInfo: ...
    def utilSslGetAvailableCiphers(self) -> _Vector[int]: ...
    def audDevManager(self) -> AudDevManager: ...
    def codecEnum2(self) -> _Vector[CodecInfo]: ...
    def codecSetPriority(self, codec_id: str, priority: int) -> None: ...
    def onTransportState(self, prm: OnTransportStateParam, /) -> None: ...
