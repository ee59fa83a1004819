"""`column IN (…)` for lists of any length as one parameter: each of its own costs microseconds.

One statement for any length is also prepared once; a statement for each length hardly ever is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Dialect,
    Integer,
    LargeBinary,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import Boolean, String, TypeDecorator, TypeEngine

HASH_BYTES: Final = 32


class Numbers(TypeDecorator[Iterable[int]]):
    """Whole numbers: an array on a server, text in JSON for SQLite, which has no arrays."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(Integer()))

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> object:
        numbers = list(value or ())
        return str(numbers) if dialect.name == "sqlite" else numbers


class Hashes(TypeDecorator[Iterable[bytes]]):
    """Hashes of numbers: an array on a server, one behind the other for SQLite."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_file = dialect.name == "sqlite"
        return dialect.type_descriptor(LargeBinary() if is_file else ARRAY(LargeBinary()))

    def process_bind_param(self, value: Iterable[bytes] | None, dialect: Dialect) -> object:
        hashes = list(value or ())
        return b"".join(hashes) if dialect.name == "sqlite" else hashes


class OneOf(ColumnElement[bool]):
    """Whether a column's value is in the list that the statement is executed with."""

    __visit_name__ = "one_of"
    _traverse_internals = [  # noqa: RUF012  SQLAlchemy's way of telling what the element is made of
        ("column", InternalTraversal.dp_clauseelement),
        ("listed", InternalTraversal.dp_clauseelement),
    ]
    inherit_cache = True
    type = Boolean()
    _is_implicitly_boolean = True  # else SQLite is asked whether it "= 1", and takes no index

    def __init__(
        self,
        column: ColumnElement[Any] | InstrumentedAttribute[Any],
        listed: BindParameter[Any],
    ) -> None:
        self.column, self.listed = column.expression, listed


def among_numbers(
    column: ColumnElement[int] | InstrumentedAttribute[int], name: str
) -> ColumnElement[bool]:
    """`column` is one of the whole numbers of the parameter `name`."""
    return OneOf(column, bindparam(name, type_=Numbers()))


def among_hashes(
    column: ColumnElement[bytes] | InstrumentedAttribute[bytes], name: str
) -> ColumnElement[bool]:
    """`column` is one of the hashes of the parameter `name`."""
    return OneOf(column, bindparam(name, type_=Hashes()))


@compiles(OneOf)
def _any(element: OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    return (
        f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.listed, **kw)})"
    )


@compiles(OneOf, "sqlite")
def _in(element: OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    listed = compiler.process(element.listed, **kw)
    if isinstance(element.listed.type, Numbers):
        return f"{column} IN (SELECT value FROM json_each({listed}))"
    again = compiler.process(element.listed, **kw)
    return (
        f"{column} IN (WITH RECURSIVE cut(at) AS (SELECT 1 UNION ALL SELECT at + {HASH_BYTES}"
        f" FROM cut WHERE at + {HASH_BYTES} <= length({listed}))"
        f" SELECT substr({again}, at, {HASH_BYTES}) FROM cut)"
    )
