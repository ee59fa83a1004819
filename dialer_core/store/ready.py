"""A long statement made ready once: its constants are not bound anew each time it is executed.

SQLAlchemy goes through all parameters of a statement at each execution. Of one with a hundred of
them, of which two change, that takes four times as long as SQLite needs for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.types import TypeEngine

_Process = Callable[[Any], Any]


class Ready:
    """A question for one column of whole numbers, in the words of one dialect.

    `changing`: a value for each parameter that is told anew at each execution; a list is none.
    """

    def __init__(
        self, statement: Select[int], dialect: Dialect, changing: Mapping[str, object]
    ) -> None:
        compiled = statement.compile(dialect=dialect)
        state = compiled.construct_expanded_state(dict(changing))
        self._statement: Final[str] = state.statement
        self._positions: Final = None if state.positiontup is None else tuple(state.positiontup)
        binds = compiled.binds
        processes: dict[str, _Process | None] = dict(state.processors)
        for name in state.parameters:
            if name not in processes and name in binds:
                processes[name] = _process(binds[name].type, dialect)
        self._values = {
            name: _through(processes.get(name), value) for name, value in state.parameters.items()
        }
        self._changing = {name: processes.get(name) for name in changing}

    def ask(self, connection: Connection, changing: Mapping[str, object]) -> list[int]:
        """The column's values."""
        values = self._values | {
            name: _through(process, changing[name]) for name, process in self._changing.items()
        }
        told: Any = values
        if self._positions is not None:
            told = tuple(values[name] for name in self._positions)
        found: list[int] = [row[0] for row in connection.exec_driver_sql(self._statement, told)]
        return found


def _process(kind: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _through(process: _Process | None, value: object) -> object:
    return value if process is None else process(value)
