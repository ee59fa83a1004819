"""The dialler's process in the small: the real engine over the real store, without lines."""

from __future__ import annotations

from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.store.floor import FloorStore
from tests.store.floor_kit import FloorKit


class EngineOverStore:
    """Hands the engine what happens and the store what it wants kept; `speak` gets the rest."""

    kit: FloorKit
    store: FloorStore
    engine: Dialler
    cursor: int

    def tell(self, event: events.Event, cursor: int | None = None) -> None:
        """One event, and all that the store answers; `cursor`: the agent event that it was."""
        waiting: list[events.Event] = [event]
        while waiting:
            wanted = self.engine.handle(waiting.pop(0), self.kit.now)
            to_store = [c for c in wanted if isinstance(c, commands.StoreCommand)]
            if to_store or cursor is not None:
                waiting += self.store.apply(to_store, self.kit.now, cursor)
                cursor = None
            for command in wanted:
                if not isinstance(command, commands.StoreCommand):
                    self.speak(command)

    def hear_agents(self) -> None:
        """What the agents have done since the last time."""
        found, self.cursor = self.store.agent_events(self.cursor, self.kit.now)
        for event in found:
            self.tell(event, self.cursor)

    def speak(self, command: commands.LineCommand) -> None:
        """A command to a line."""
        raise AssertionError(f"nobody carries {command} out")
