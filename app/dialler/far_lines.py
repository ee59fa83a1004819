"""All lines of a floor: those on the dialler's own PC, and those that other PCs lend.

To the dialler they are alike. A PC of lines tells the floor where it listens (`store.lending`),
and is used from then on until it says otherwise or is removed.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from app.dialler import far_words as words
from app.dialler.far_arrivals import FloorRecord
from app.dialler.far_link import FarLink
from app.dialler.far_pc import FarPc
from app.dialler.line_bank import LineBank
from app.dialler.line_ear import Acknowledge, LineEar
from app.floor_place import may_borrow_lines
from app.profile import Profile
from app.seat_place import seat_place
from dialer_core.engine import events
from dialer_core.model import errors as core_errors
from dialer_core.model.ids import LineId
from dialer_core.store.lending import LinesOffer
from sip import messages

log = logging.getLogger("app.dialler.far_lines")

LOOK_S: Final = 2.0
FIRST_S: Final = 2.5  # so long a dialler that begins waits for the lines of other PCs
Offers = Callable[[], Awaitable[Sequence[LinesOffer]]]
Hosts = Callable[[], tuple[tuple[str, ...], bool]]
"""The trunk's servers, and whether they have to be looked up by their domains."""


class FarLines:
    """The PCs of lines. `offers()` asks the floor for them; `hosts` as for one PC.

    Belongs to the dialler's event loop.
    """

    def __init__(
        self,
        profile: Profile,
        epoch: int,
        ear: LineEar,
        offers: Offers,
        hosts: Hosts,
    ) -> None:
        self._profile = profile
        self._epoch = epoch
        self._ear = ear
        self._offers = offers
        self._hosts = hosts
        self._record = FloorRecord(profile, ear.clock)
        self._pcs: dict[str, FarPc] = {}  # by seat
        self._running: dict[str, asyncio.Task[None]] = {}
        self._context: ssl.SSLContext | None = None
        self._trouble = ""
        self.changed: Callable[[], None] = lambda: None

    @property
    def line_ids(self) -> frozenset[LineId]:
        """Lines that the engine may use."""
        return frozenset(one for pc in self._pcs.values() for one in pc.line_ids)

    @property
    def addresses(self) -> dict[LineId, str]:
        """Where each line is that may be used."""
        return {
            line_id: f"tls:{pc.link.offer.addresses[0]}:{pc.link.offer.port}"[:200]
            for pc in self._pcs.values()
            for line_id in pc.line_ids
        }

    @property
    def troubles(self) -> dict[str, str]:
        """A sentence for each PC of lines that is away, by its name."""
        found = {f"lines:{pc.name}": pc.trouble for pc in self._pcs.values() if pc.trouble}
        return found | ({"lines:": self._trouble} if self._trouble else {})

    async def open(self) -> None:
        """Hear what the lines of other PCs have in hand; one that is away is not waited for."""
        await self.look()
        waits = [asyncio.create_task(pc.wait_until_there()) for pc in self._pcs.values()]
        if waits:
            _there, away = await asyncio.wait(waits, timeout=FIRST_S)
            for one in away:
                one.cancel()

    async def run(self) -> None:
        """Follow who offers lines, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Go to PCs that offer lines now, leave those that do no longer."""
        offers = {one.seat: one for one in await self._offers()}
        for seat, pc in list(self._pcs.items()):
            if self._running[seat].done():  # a fault of ours: it is begun anew
                log.error("%s is gone to anew", seat, exc_info=self._running[seat].exception())
                await self._leave(seat)
                continue
            is_ending = seat not in offers and pc.is_leaving and pc.has_lines
            if offers.get(seat) != pc.link.offer and not is_ending:
                await self._leave(seat)
        for seat, offer in offers.items():
            if seat not in self._pcs:
                await self._go_to(seat, offer)

    async def _go_to(self, seat: str, offer: LinesOffer) -> None:
        try:
            if self._context is None:
                place = await asyncio.to_thread(seat_place, self._profile, words.DIALLER)
                self._context = words.dialler_side(place.files)
        except core_errors.KnownError as error:
            if not self._trouble:
                log.warning("the lines of other PCs cannot be used: %s", error.sentence)
            self._trouble = error.sentence
            return
        self._trouble = ""
        log.info("%s lends %d lines", seat, offer.lines)
        link = FarLink(offer, self._context)
        pc = FarPc(
            link, self._profile, self._epoch, self._ear, self._hosts, self._changed, self._record
        )
        self._pcs[seat] = pc
        self._running[seat] = asyncio.create_task(pc.run())

    async def _leave(self, seat: str) -> None:
        pc, task = self._pcs.pop(seat), self._running.pop(seat)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        pc.give_up()
        log.info("the lines on %s are used no more", seat)

    def _changed(self) -> None:
        self.changed()

    def send(self, line_id: LineId, message: messages.Message) -> bool:
        """Give a line a command; False where it is gone."""
        pc = self._pcs.get(line_id.partition("@")[2])
        return pc is not None and pc.send(line_id, message)

    async def close(self, *, shut_lines: bool, wait_s: float = 8.0) -> None:
        """Leave; with `shut_lines` the lines end too, in order."""
        if shut_lines:
            await asyncio.gather(*(pc.shut(wait_s) for pc in self._pcs.values()))
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._record.close()


class FloorLines:
    """The lines as the dialler speaks to them: `near` on this PC, `far` on others.

    `put` takes what the engine must know.
    """

    def __init__(
        self, near: LineBank, far: FarLines | None, put: Callable[[events.Event], None]
    ) -> None:
        self.near = near
        self.far = far
        self._put = put
        self._kept: frozenset[LineId] = frozenset()  # of the near ones
        self._told: frozenset[LineId] = frozenset()
        if far is not None:
            far.changed = self._tell_kept

    @property
    def epoch(self) -> int:
        return self.near.epoch

    @property
    def troubles(self) -> dict[str, str]:
        """What is wrong with the lines of other PCs."""
        return self.far.troubles if self.far is not None else {}

    @property
    def far_addresses(self) -> dict[LineId, str]:
        """Where the lines of other PCs are, for the record."""
        return self.far.addresses if self.far is not None else {}

    def keep(self, near_ids: frozenset[LineId]) -> None:
        """Only these of the near lines are used from now on."""
        self._kept = near_ids
        self._tell_kept()

    def _tell_kept(self) -> None:
        kept = self._kept | (self.far.line_ids if self.far is not None else frozenset())
        if kept != self._told:
            self._told = kept
            self._put(events.LinesKept(kept))

    async def run(self) -> None:
        """Follow who lends lines, until cancelled."""
        if self.far is None:
            await asyncio.Event().wait()
        else:
            await self.far.run()

    async def open(self, line_ids: list[LineId]) -> None:
        """Adopt the lines that live, start the others, and hear what they have to report."""
        self._kept = frozenset(line_ids)
        await asyncio.gather(
            self.near.open(line_ids), *([self.far.open()] if self.far is not None else [])
        )

    def send(self, line_id: LineId, message: messages.Message) -> bool:
        """Give a line a command; False where the line is gone."""
        if self.far is not None and "@" in line_id:
            return self.far.send(line_id, message)
        return self.near.send(line_id, message)

    def acknowledge(self, done: Acknowledge) -> None:
        """Its effects are on the record: the line may forget the event."""
        self.send(done.line_id, messages.Ack(seq=done.seq))

    async def close(self, *, shut_lines: bool) -> None:
        """Leave; with `shut_lines` the lines end too, in order."""
        await asyncio.gather(
            self.near.close(shut_lines=shut_lines),
            *([self.far.close(shut_lines=shut_lines)] if self.far is not None else []),
        )


def floor_lines(
    profile: Profile,
    near: LineBank,
    ear: LineEar,
    offers: Offers,
    hosts: Hosts,
    put: Callable[[events.Event], None],
) -> FloorLines:
    """The lines of this profile's floor; other PCs can lend some where they share its database."""
    if not may_borrow_lines(profile):
        return FloorLines(near, None, put)
    return FloorLines(near, FarLines(profile, near.epoch, ear, offers, hosts), put)
