"""One SIP call as an engine sees it: callbacks snapshot values, the owner's thread acts on them."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from typing import Literal, Protocol

import msgspec
import pjsua2 as pj

from sip import sipmessage
from sip.leg_numbers import LegNumbers, read_numbers
from sip.messages import Stamp
from sip.messages.trunk import Dtmf

log = logging.getLogger("sip.leg")
EndedBy = Literal["us", "them", "network"]
Headers = tuple[tuple[str, str], ...]


class LegResponse(msgspec.Struct, frozen=True):
    """A response to our INVITE: status, phrase, whether it carried SDP, Q.850 cause if any."""

    status: int
    reason: str
    has_sdp: bool
    q850: int | None
    at: Stamp


class LegEnd(msgspec.Struct, frozen=True):
    """How a leg ended. `status` is the final SIP status, 0 where none came from the other side."""

    status: int
    reason: str
    q850: int | None
    by: EndedBy
    at: Stamp


class Invite(msgspec.Struct, frozen=True):
    """An INVITE that came in; `header(name)` reads the message.

    `source`: the address and port that it came from. `is_seat`: it came in at the side that
    speaks to our own phones.
    """

    text: str
    at: Stamp
    source: str = ""
    is_seat: bool = False

    @property
    def number(self) -> str:
        """The user part that was asked for."""
        return sipmessage.request_user(self.text)

    def header(self, name: str) -> str:
        return sipmessage.header(self.text, name)


class LegListener(Protocol):
    """Who is told of a leg's life, on the owner's thread and outside of PJSIP's callbacks."""

    def leg_response(self, leg: Leg, response: LegResponse) -> None:
        """A provisional or final response to our INVITE (not for incoming legs)."""

    def leg_answered(self, leg: Leg, at: Stamp) -> None:
        """200 came (outgoing), or our 200 was acknowledged (incoming). Once."""

    def leg_media(self, leg: Leg) -> None:
        """Sound is active; comes again after a re-INVITE, and for early media."""

    def leg_ended(self, leg: Leg, end: LegEnd) -> None:
        """The leg is over and will be dropped. Once, and last."""


class SilentListener:
    """Listens to nothing; for legs that are on their way out."""

    def leg_response(self, leg: Leg, response: LegResponse) -> None: ...

    def leg_answered(self, leg: Leg, at: Stamp) -> None: ...

    def leg_media(self, leg: Leg) -> None: ...

    def leg_ended(self, leg: Leg, end: LegEnd) -> None: ...


class Owner(Protocol):
    """What a leg needs of its endpoint."""

    def post(self, action: Callable[[], None]) -> None: ...

    def now(self) -> Stamp: ...

    def drop(self, leg: Leg) -> None: ...


class _Call(pj.Call):
    """PJSIP's object of one call; its callbacks hand values to the leg, never an exception."""

    def __init__(self, leg: Leg, account: pj.Account, call_id: int) -> None:
        super().__init__(account, call_id)
        self._leg = weakref.ref(leg)

    def onCallTsxState(self, prm: pj.OnCallTsxStateParam) -> None:
        try:
            self._hear(prm.e)
        except Exception:
            log.exception("a callback failed")

    def _hear(self, event: pj.SipEvent) -> None:
        leg = self._leg()
        if leg is not None and event.type == pj.PJSIP_EVENT_TSX_STATE:
            tsx = event.body.tsxState
            if tsx.type == pj.PJSIP_EVENT_RX_MSG:
                leg.heard(tsx.src.rdata.wholeMsg)

    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        try:
            # A refusal is reported here first, and in onCallTsxState after the call is over.
            self._hear(prm.e)
            info = self.getInfo()
            leg = self._leg()
            if leg is not None:
                leg.state_changed(
                    info.state, info.callIdString, info.lastStatusCode, info.lastReason
                )
        except Exception:
            log.exception("a callback failed")

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:
        try:
            leg = self._leg()
            if leg is not None:
                leg.key_came(prm.digit)
        except Exception:
            log.exception("a callback failed")

    def onCallMediaState(self, _prm: pj.OnCallMediaStateParam) -> None:
        try:
            info = self.getInfo()  # held by name: its parts dangle once it is collected
            is_active = any(
                m.type == pj.PJMEDIA_TYPE_AUDIO and m.status == pj.PJSUA_CALL_MEDIA_ACTIVE
                for m in info.media
            )
            leg = self._leg()
            if leg is not None:
                leg.media_changed(is_active=is_active)
        except Exception:
            log.exception("a callback failed")


class Leg:
    """A call in the endpoint's registry. Public methods belong to the owner's thread.

    Only the leg holds PJSIP's own object, and lets it go in the moment the call is over: one that
    lived on would hang up whatever call takes its place in the library's table. `on_key(key)`
    is told of each key (0-9 * # A-D) that the far end presses.
    """

    def __init__(
        self, owner: Owner, account: pj.Account, serial: int, call_id: int = pj.PJSUA_INVALID_ID
    ) -> None:
        self._owner = owner
        self.serial = serial
        self.account = account
        self.codecs: tuple[str, ...] = ()  # of its gateway, in order; empty: the engine's own
        self.dtmf: Dtmf = "rfc4733"  # how its gateway wants digits
        self.listener: LegListener = SilentListener()
        self.on_key: Callable[[str], None] = lambda _key: None
        self.sip_call_id = ""
        self.is_answered = False
        self.is_media_active = False
        self.is_over = False
        self.is_ending = False
        self._final: LegResponse | None = None
        self._last_response = (0, False)
        self._their_end: tuple[str, int | None] | None = None
        self.is_incoming = call_id != pj.PJSUA_INVALID_ID
        self._call: _Call | None = _Call(self, account, call_id)
        if self.is_incoming:
            self.sip_call_id = self._call.getInfo().callIdString

    # --- told by PJSIP's callbacks: remember, post, return -----------------------------------

    def heard(self, text: str) -> None:
        """A message of this call has come in."""
        method = sipmessage.request_method(text)
        if method in ("BYE", "CANCEL"):
            self._their_end = (method, sipmessage.q850_cause(text))
        found = sipmessage.response_status(text)
        if found is None or not sipmessage.header(text, "cseq").endswith("INVITE"):
            return
        response = LegResponse(
            found[0],
            found[1],
            sipmessage.has_sdp(text),
            sipmessage.q850_cause(text),
            self._owner.now(),
        )
        self._note_response(response)
        if response.status // 100 == 2:
            self._mark_answered(response.at)

    def _note_response(self, response: LegResponse) -> None:
        key = (response.status, response.has_sdp)
        if self.is_answered or self._final is not None or key == self._last_response:
            return
        self._last_response = key
        if response.status >= 200:
            self._final = response
        self._owner.post(lambda: self.listener.leg_response(self, response))

    def _mark_answered(self, at: Stamp) -> None:
        if not self.is_answered:
            self.is_answered = True
            self._owner.post(lambda: self.listener.leg_answered(self, at))

    def state_changed(self, state: int, sip_call_id: str, status: int, reason: str) -> None:
        """The state of the INVITE session is another one."""
        self.sip_call_id = sip_call_id
        if state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._mark_answered(self._owner.now())
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED and not self.is_over:
            self.is_over = True
            end = self._end(status, reason)
            self._owner.post(lambda: self._finish(end))

    def _end(self, last_status: int, last_reason: str) -> LegEnd:
        now = self._owner.now()
        if self._their_end is not None and not self.is_ending:
            method, q850 = self._their_end
            status = 200 if method == "BYE" else 487
            return LegEnd(status, last_reason, q850, "them", now)
        if self.is_ending:
            status = 200 if self.is_answered else last_status
            return LegEnd(status, last_reason, None, "us", now)
        final = self._final
        if final is not None and final.status >= 300:
            return LegEnd(final.status, final.reason, final.q850, "them", now)
        return LegEnd(last_status, last_reason, None, "network", now)

    def media_changed(self, *, is_active: bool) -> None:
        """Sound has become active, or not; comes again after a re-INVITE."""
        self.is_media_active = is_active
        if is_active:
            self._owner.post(self._media)

    def key_came(self, key: str) -> None:
        """The far end has pressed a key (RFC 4733 or INFO)."""
        self._owner.post(lambda: self.on_key(key))

    # --- on the owner's thread ---------------------------------------------------------------

    def _media(self) -> None:
        if not self.is_over:
            self.listener.leg_media(self)

    def _finish(self, end: LegEnd) -> None:
        self.is_media_active = False
        self.let_go()
        try:
            self.listener.leg_ended(self, end)
        finally:
            self.listener = SilentListener()
            self._owner.drop(self)

    def let_go(self) -> None:
        """The call is over: have PJSIP's object destroyed here and now."""
        self.is_over = True
        self._call = None

    def has_place(self, call_id: int) -> bool:
        """Whether PJSIP's object of this call, over or not, has this place in its table."""
        return self._call is not None and self._call.getId() == call_id

    def disown(self) -> object:
        """The call is over and its place is another's already: returns its object, to be kept.

        Destroyed, it would cut the new call off from every callback: up, and silent for ever.
        """
        call, self._call = self._call, None
        if call is not None:
            call.thisown = False
        return call

    def invite(self, uri: str, from_uri: str, headers: Headers) -> None:
        """Send the INVITE. Raises pj.Error where it cannot even be tried."""
        if self._call is None:
            return
        param = _param(headers)
        if from_uri:
            param.txOption.localUri = from_uri
        self._call.makeCall(uri, param)
        self.sip_call_id = self._call.getInfo().callIdString

    def reply(self, status: int, reason: str = "", headers: Headers = ()) -> None:
        """Answer an incoming INVITE (180, 183, 200, 486 …). Does nothing once it is over."""
        call = self._call
        if call is None or self.is_over:
            return
        if status >= 300:
            self.is_ending = True
        param = _param(headers)
        param.statusCode = status
        if reason:
            param.reason = reason
        _try(lambda: call.answer(param))

    def end(self, status: int = 0) -> None:
        """Hang up: CANCEL, BYE or a refusal, as the state asks for. Safe to repeat."""
        call = self._call
        if call is None or self.is_over or self.is_ending:
            return
        self.is_ending = True
        param = _param(())
        if status:
            param.statusCode = status
        _try(lambda: call.hangup(param))

    def sound(self) -> pj.AudioMedia | None:
        """The leg's port in the conference bridge, None without active media."""
        if self._call is None or self.is_over or not self.is_media_active:
            return None
        try:
            return self._call.getAudioMedia(-1)
        except pj.Error:
            return None

    def press(self, keys: str, *, is_info: bool) -> bool:
        """Press keys towards the far end (INFO, else RFC 4733); False where it takes none."""
        call = self._call
        if call is None or self.is_over or not self.is_media_active:
            return False
        param = pj.CallSendDtmfParam()
        param.method = pj.PJSUA_DTMF_METHOD_SIP_INFO if is_info else pj.PJSUA_DTMF_METHOD_RFC2833
        param.digits = keys
        try:
            call.sendDtmf(param)
        except pj.Error as error:
            log.info("keys could not be sent: status %s", error.status)
            return False
        return True

    def levels(self) -> tuple[int, int]:
        """How loud the last frame from there and the last one to there were: 0 to 50."""
        sound = self.sound()
        if sound is None:
            return 0, 0
        try:
            return sound.getTxLevel(), sound.getRxLevel()
        except pj.Error:
            return 0, 0

    def numbers(self) -> LegNumbers | None:
        """The counters of its sound so far, None without a stream."""
        if self._call is None or self.is_over or not self.is_media_active:
            return None
        return read_numbers(self._call)

    def packets_heard(self) -> int | None:
        """RTP packets received so far, None without a stream."""
        if self._call is None or self.is_over or not self.is_media_active:
            return None
        try:
            stat = self._call.getStreamStat(0)  # held by name, as above
            return int(stat.rtcp.rxStat.pkt)
        except pj.Error:
            return None


def _param(headers: Headers) -> pj.CallOpParam:
    param = pj.CallOpParam(True)
    for name, value in headers:
        item = pj.SipHeader()
        item.hName, item.hValue = name, value
        param.txOption.headers.append(item)
    return param


def _try(action: Callable[[], None]) -> None:
    """The far end may have ended the call in this very moment: then there is nothing to do."""
    try:
        action()
    except pj.Error as error:
        log.info("a call was over already: status %s", error.status)
