"""The first run's hand: each answer is kept at once, so that it can be left and resumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.first_run_view import Company, FirstRunView, FoundFloorView, Role, Step
from app.desk.trunk_form import GatewayForm
from app.desk.trunk_trial import Trial


class FirstRunWork(Protocol):
    """What is done on the thread; each raises KnownError where the world forbids it."""

    def look(self) -> FirstRunView:
        """How far it is."""
        ...

    def choose(self, role: Role) -> FirstRunView:
        """This PC is that."""
        ...

    def keep_company(self, company: Company) -> FirstRunView:
        """Who calls; makes the first campaign."""
        ...

    def try_trunk(self, form: GatewayForm) -> Trial:
        """Ask the provider; takes up to 16 s."""
        ...

    def keep_trunk(self, form: GatewayForm) -> FirstRunView:
        """Write the trunk down."""
        ...

    def pass_step(self, step: Step) -> FirstRunView:
        """This step is done or left out: on to the next."""
        ...

    def go_back(self, step: Step) -> FirstRunView:
        """Look at an earlier step again."""
        ...

    def floors(self) -> tuple[FoundFloorView, ...]:
        """The floors on this network; takes seconds."""
        ...

    def join(self, code: str, name: str, tell: Callable[[str], None]) -> FirstRunView:
        """Join a floor by its code."""
        ...


class FirstRunDesk(QObject):
    """What the first run's window needs; lives on the GUI thread, works on one of its own."""

    looked = Signal(object)  # FirstRunView
    tried = Signal(str, bool)  # what the provider answered, whether it is good
    found = Signal(object)  # tuple of FoundFloorView
    told = Signal(str)  # a word on the way
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, work: FirstRunWork) -> None:
        super().__init__()
        self._work = work
        self._asking = _asking(self, "first run")
        self._looking = _asking(self, "floors on this network")  # beside the rest: takes seconds

    def stop(self) -> None:
        """Finish what is under way."""
        self._asking.stop()
        self._looking.stop()

    @Slot()
    def look(self) -> None:
        """`looked` follows, here as after each of the next but two."""
        self._asking.ask(self._work.look, self.looked.emit)

    @Slot(object)
    def choose(self, role: Role) -> None:
        self._asking.ask(lambda: self._work.choose(role), self.looked.emit)

    @Slot(object)
    def keep_company(self, company: Company) -> None:
        self._asking.ask(lambda: self._work.keep_company(company), self.looked.emit)

    @Slot(object)
    def keep_trunk(self, form: GatewayForm) -> None:
        self._asking.ask(lambda: self._work.keep_trunk(form), self.looked.emit)

    @Slot(object)
    def pass_step(self, step: Step) -> None:
        self._asking.ask(lambda: self._work.pass_step(step), self.looked.emit)

    @Slot(object)
    def go_back(self, step: Step) -> None:
        self._asking.ask(lambda: self._work.go_back(step), self.looked.emit)

    @Slot(str, str)
    def join(self, code: str, name: str) -> None:
        """`told` on the way, then `looked` or `refused`."""
        self._asking.ask(
            lambda: self._work.join(
                code, name, lambda words: self._asking.tell(self.told.emit, words)
            ),
            self.looked.emit,
        )

    @Slot(object)
    def try_trunk(self, form: GatewayForm) -> None:
        """`tried` follows, or `refused`."""
        self._asking.ask(
            lambda: self._work.try_trunk(form),
            lambda trial: self.tried.emit(trial.sentence, trial.is_good),
        )

    @Slot()
    def find_floors(self) -> None:
        """`found` follows."""
        self._looking.ask(self._work.floors, self.found.emit)


def _asking(desk: FirstRunDesk, name: str) -> Asking:
    made = Asking(name)
    made.setParent(desk)
    made.refused.connect(desk.refused)
    made.failed.connect(desk.failed)
    return made
