"""A phone for the sound check of the first run: devices, levels, echo, and nobody to call."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.desk.phone_side import Keep, PhoneSide
from app.desk.phone_view import DeviceChoice
from app.desk.seat_phone import MakePhone, SeatPhone
from app.errors import as_known_error
from dialer_core.clock import Clock
from sip import messages


class FirstSound(QObject):
    """Lives on the GUI thread; `side` is what the sound's page is joined to."""

    troubled = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(
        self,
        make_phone: MakePhone,
        clock: Clock,
        choice: DeviceChoice | None = None,
        keep: Keep | None = None,
    ) -> None:
        super().__init__()
        self._bridge = Bridge(self)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("sound check", self._bridge)
        self._phone = SeatPhone(make_phone, self._worker, clock)
        self._phone.spoke.connect(self._hear)
        self.side = PhoneSide(lambda message: self._phone.send(message), choice, keep)
        self._is_started = False

    def start(self) -> None:
        """Have the phone there soon; again is as good as once."""
        if not self._is_started:
            self._is_started = True
            self._worker.start()
            self._worker.do(self._phone.open)

    def stop(self) -> None:
        """The phone ends with the check."""
        if self._is_started:
            self._worker.stop(timeout_s=10.0)
            self._phone.close(end_phone=True)

    @Slot(object)
    def _hear(self, message: messages.Message) -> None:
        match message:
            case messages.PhoneStatus():
                self.side.phone_came(is_in_call=message.call is not None)
            case messages.Devices() | messages.Levels():
                self.side.hear(message)
            case messages.Refused() | messages.EngineTrouble():
                self.troubled.emit(message.sentence)

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is None:
            self.failed.emit(error)
        else:
            self.troubled.emit(known.sentence)
