"""Queries about many ids at once, which are put together once and not for each list of ids.

SQLAlchemy writes `column IN (…)` out anew for each list; all ids as one parameter leave the text as
it is, so that a statement can stand at a module's top.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

_IDS = "ids"


def among(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """True where the column is one of `these` ids, which are given when a statement is executed."""
    return _Among(column, bindparam(_IDS, type_=_Ids))


def these(ids: Iterable[int]) -> dict[str, Sequence[int]]:
    """The parameters of a statement with `among`."""
    return {_IDS: list(ids)}


class _Ids(TypeDecorator[Sequence[int]]):
    """An array where the database has those, else a JSON text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(BigInteger) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else orjson.dumps(value).decode()


class _Among(FunctionElement[Any]):
    # Not Boolean: where a database has none, "= 1" would follow, and no index be used.
    type = NullType()
    inherit_cache = True


@compiles(_Among)
def _in_a_json_list(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - compiled parts


@compiles(_Among, "postgresql")
def _in_an_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} = ANY ({ids})"
