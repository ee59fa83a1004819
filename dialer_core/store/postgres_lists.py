"""`id IN (…)` as one array instead of a parameter for each: hundreds of them cost milliseconds.

And one statement for any length is prepared once; a statement for each length never is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ARRAY, BinaryExpression, BindParameter, Engine, Integer
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import SQLCompiler

_Words: type[SQLCompiler] = PGDialect_psycopg.statement_compiler


class ListsAsArrays(_Words):  # type: ignore[valid-type, misc]  # the dialect's own, whose types are not told
    """SQLAlchemy's compiler for psycopg, but for lists of whole numbers."""

    def visit_in_op_binary(self, binary: BinaryExpression[Any], _operator: Any, **kw: Any) -> str:
        """`column = ANY (array)`."""
        array = self._array(binary.right)
        if array is None:
            return str(self._generate_generic_binary(binary, " IN ", **kw))
        return f"{binary.left._compiler_dispatch(self, **kw)} = ANY ({array})"

    def visit_not_in_op_binary(
        self, binary: BinaryExpression[Any], operator: Any, **kw: Any
    ) -> str:
        """`column <> ALL (array)`."""
        array = self._array(binary.right)
        if array is None:
            return str(super().visit_not_in_op_binary(binary, operator, **kw))
        return f"({binary.left._compiler_dispatch(self, **kw)} <> ALL ({array}))"

    def _array(self, bound: object) -> str | None:
        if not isinstance(bound, BindParameter) or not bound.expanding or bound.literal_execute:
            return None
        if type(bound.type) is not Integer:
            return None
        name: str = self._truncate_bindparam(bound)
        if self.binds.setdefault(name, bound) is not bound:
            return None
        self.binds[bound.key] = bound
        self.bind_names[bound] = name
        self._arrays = {*getattr(self, "_arrays", ()), name}
        return str(self.bindparam_string(name, bindparam_type=ARRAY(Integer())))

    @property
    def _bind_processors(self) -> Mapping[str, Callable[[Any], Any]]:
        """Any sequence goes as a list: psycopg takes a tuple for a row."""
        found = self.__dict__.get("_all_processors")
        if found is None:
            found = dict(super()._bind_processors)
            found.update(dict.fromkeys(getattr(self, "_arrays", ()), list))
            self.__dict__["_all_processors"] = found
        return found


def send_lists_as_arrays(engine: Engine) -> None:
    """From now on this engine's statements are said so."""
    engine.dialect.statement_compiler = ListsAsArrays
