"""A practice gateway: four channels of the telephone network, told by its client who is called.

PJSIP allows four calls in a process; it refuses a fifth INVITE with 486 by itself, before
anything here sees it (and notes so in the log). A trunk is therefore a row of gateways.
"""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import IO, Final

import msgspec

from sip.endpoint import LEG_LIMIT
from sip.engine import Engine
from sip.errors import KnownError
from sip.leg import Invite, Leg
from sip.messages import Behave, CarrierEnded, CarrierRecord, CarrierStatus, Message
from sip.rehearsal.call import PracticeCall
from sip.rehearsal.challenge import Doorkeeper
from sip.rehearsal.ear import Ear, challenge_leg

log = logging.getLogger("sip.rehearsal")

UNAUTHORIZED: Final = 401


class RecordFile:
    """The carrier's own log: one `CarrierRecord` as a JSON line a call, on disk when it returns.

    Raises KnownError if the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("ab", buffering=0)
            path.chmod(0o600)
        except OSError as error:
            raise KnownError(
                f"The practice carrier cannot write {path} ({error.strerror}); choose another file."
            ) from error

    def write(self, record: CarrierRecord) -> None:
        self._file.write(msgspec.json.encode(record) + b"\n")

    def close(self) -> None:
        self._file.close()


class Gateway:
    """The role of a gateway's engine.

    `doorkeeper`: lets in INVITEs with the right password only. `refuses_with`: every INVITE gets
    this status (a trunk that refuses); 401 then takes no password for an answer.
    """

    def __init__(
        self,
        engine: Engine,
        records: RecordFile,
        doorkeeper: Doorkeeper | None = None,
        refuses_with: int = 0,
    ) -> None:
        self._engine = engine
        self._records = records
        self._doorkeeper = doorkeeper
        self._refuses_with = refuses_with
        self._calls: dict[str, PracticeCall] = {}
        self._serial = 0
        self._is_closing = False
        self._ears = [Ear(f"ear {index}", engine.clock) for index in range(LEG_LIMIT)]
        for ear in self._ears:
            engine.endpoint.keep(ear)
        engine.endpoint.on_incoming = self._take

    # --- calls --------------------------------------------------------------------------------

    def _take(self, leg: Leg, invite: Invite) -> None:
        if leg.is_over:
            return
        if self._doorkeeper is not None and not self._doorkeeper.has_tried(invite.text):
            challenge_leg(leg, self._doorkeeper.challenge())
            return
        self._serial += 1
        call_ref = f"{self._engine.options.engine_id}-{self._serial}"
        call = PracticeCall(
            call_ref,
            leg,
            invite,
            self._engine.clock,
            self._engine.timers,
            self._lend_ear,
            self._ended,
        )
        self._calls[call_ref] = call
        status = self._status_at_once(invite)
        if status == UNAUTHORIZED:
            call.refuse_with_challenge((self._doorkeeper or Doorkeeper("", "")).challenge())
        elif status:
            call.refuse(status)
        else:
            self._engine.wire.tell(call.question())

    def _status_at_once(self, invite: Invite) -> int:
        """The status that refuses this INVITE before anybody is called, or 0."""
        if self._is_closing:
            return 503
        if self._refuses_with:
            return self._refuses_with
        if self._doorkeeper is not None and not self._doorkeeper.lets_in(invite.text):
            return UNAUTHORIZED
        return 0 if self._engine.wire.has_client else 480

    def _lend_ear(self) -> Ear | None:
        return next((ear for ear in self._ears if ear.is_free), None)

    def _ended(self, call: PracticeCall, record: CarrierRecord) -> None:
        self._calls.pop(call.call_ref, None)
        try:
            self._records.write(record)
        except OSError as error:
            self._engine.trouble(
                f"The practice carrier's log cannot be written ({error.strerror}); free some space."
            )
        self._engine.wire.tell(CarrierEnded(call_ref=call.call_ref, number=call.number))

    # --- the engine's role --------------------------------------------------------------------

    def handle(self, command: Message) -> None:
        if not isinstance(command, Behave):
            self._engine.wire.refuse(command, "A practice gateway does not know this command.")
            return
        call = self._calls.get(command.call_ref)
        wrong = call.behave(command) if call else "There is no such call here, or it is over."
        if wrong:
            self._engine.wire.refuse(command, wrong)

    def snapshot(self) -> Message:
        return CarrierStatus(
            address=self._engine.endpoint.trunk_address,
            busy_channels=len(self._calls),
            channels=LEG_LIMIT,
        )

    def is_busy(self) -> bool:
        return bool(self._calls)

    def stop(self) -> None:
        self._is_closing = True
        for call in list(self._calls.values()):
            call.fail()

    def close(self) -> None:
        self._engine.endpoint.poll(0)  # the last calls' ends may be posted only: their records
        for ear in self._ears:
            ear.take_back()
            self._engine.endpoint.release(ear)
        self._ears.clear()
        self._records.close()


class SilentGateway:
    """A trunk that is there and says nothing: it takes every datagram and answers none.

    Raises KnownError if the port is in use.
    """

    def __init__(self, engine: Engine, bind: str, port: int) -> None:
        self._engine = engine
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._sock.bind((bind, port))
        except OSError as error:
            self._sock.close()
            raise KnownError(
                f"SIP cannot listen on {bind} port {port} ({error.strerror}). "
                "Choose another port, or end what uses it."
            ) from error

    def handle(self, command: Message) -> None:
        self._engine.wire.refuse(command, "A silent gateway does nothing.")

    def snapshot(self) -> Message:
        host, port = self._sock.getsockname()[:2]
        return CarrierStatus(address=f"{host}:{port}", busy_channels=0, channels=0)

    def is_busy(self) -> bool:
        return False

    def stop(self) -> None: ...

    def close(self) -> None:
        self._sock.close()
