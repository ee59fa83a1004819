"""PJSIP's callbacks: each reads what it is given, hands values on, and lets no exception out.

They come on PJSIP's own threads or in the middle of its work: whoever is told only posts.
"""

from __future__ import annotations

import logging
from typing import Protocol

import pjsua2 as pj

from sip import sipmessage
from sip.door import Door
from sip.messages import Stamp
from sip.trunk_side import Registration, certificate_trouble

log = logging.getLogger("sip.endpoint")


class Told(Protocol):
    """Who is told; see `Endpoint`."""

    @property
    def door(self) -> Door: ...

    @property
    def is_watching(self) -> bool: ...

    def now(self) -> Stamp: ...

    def saw_response(self, text: str) -> None: ...

    def saw_registration(self, registration: Registration) -> None: ...

    def saw_transport_end(self, trouble: str = "") -> None: ...

    def take_incoming(
        self, account: pj.Account, call_id: int, text: str, source: str = ""
    ) -> None: ...


class LogReader(pj.LogWriter):
    """PJSIP's log: the only place where an answer that crossed our CANCEL can be seen."""

    def __init__(self, endpoint: Told) -> None:
        super().__init__()
        self._endpoint = endpoint

    def write(self, entry: pj.LogEntry) -> None:
        try:
            text = entry.msg
            if entry.level <= 2:
                level = logging.WARNING if entry.level == 1 else logging.INFO
                log.log(level, "pjsip: %s", sipmessage.redacted(text.strip()))
            elif entry.level == 3 or text.startswith(("TCP ", "TLS ")):
                self._endpoint.door.read(text, self._endpoint.now().mono_s)
            elif entry.level == 4 and " INVITE" in text and self._endpoint.is_watching:
                start = text.find("SIP/2.0 ")
                if start > 0 and " RX " in f" {text[:start]}":
                    self._endpoint.saw_response(text[start:])
        except Exception:
            log.exception("reading PJSIP's log failed")


class Account(pj.Account):
    """Takes incoming calls for the endpoint, and tells how a registration goes."""

    def __init__(self, endpoint: Told, gateway: str = "") -> None:
        super().__init__()
        self._endpoint = endpoint
        self._gateway = gateway

    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        try:
            # After a refusal the expiration holds no number.
            is_registered = prm.code // 100 == 2 and prm.expiration > 0
            self._endpoint.saw_registration(
                Registration(self._gateway, prm.code, prm.reason, is_registered)
            )
        except Exception:
            log.exception("a callback failed")

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        try:
            rdata = prm.rdata  # held by name: its parts dangle once it is collected
            self._endpoint.take_incoming(self, prm.callId, rdata.wholeMsg, rdata.srcAddress)
        except Exception:
            log.exception("an incoming call could not be taken")


class Library(pj.Endpoint):
    """The library's endpoint; tells of transports that break."""

    def __init__(self, endpoint: Told) -> None:
        super().__init__()
        self._endpoint = endpoint

    def onTransportState(self, prm: pj.OnTransportStateParam) -> None:
        try:
            if prm.state == pj.PJSIP_TP_STATE_DISCONNECTED:
                tls = prm.tlsInfo
                self._endpoint.saw_transport_end(
                    certificate_trouble(tls.remoteCertInfo.subjectCn, list(tls.verifyMsgs))
                    if not tls.isEmpty() and tls.verifyStatus
                    else ""
                )
        except Exception:
            log.exception("a callback failed")
