"""What the reconciliation needs of an engine, and which engines there are."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from mcs.contract.errors import UsageError
from mcs.harness.options import DUCKDB

SPARK_LOCAL = "spark-local"
SPARK_MASTERS = ("spark://", "yarn", "k8s://")
NO_ENGINE = (
    'unknown engine "{name}". Take duckdb, spark-local[4] for Spark with four threads of this '
    "machine, or the URL of a Spark master such as spark://host:7077."
)
PARQUET_MAGIC = b"PAR1"


class ColumnType(StrEnum):
    """The types of columns that lists have, as both engines write them."""

    TEXT = "string"
    NUMBER = "int"
    TRUTH = "boolean"


Columns = Mapping[str, ColumnType]


class Engine(Protocol):
    """Runs SQL of the subset that all engines share. Every method raises CouldNotTell."""

    def load(self, name: str, path: Path, columns: Columns, query: str) -> None:
        """Gives a name to what a query makes of a list's lines, which stand in it as `{lines}`.

        The list is NDJSON, or Parquet by its first bytes. JSON objects and lists are texts. A line
        that lacks a column has null there; one that is anything but these columns is an error, now
        or when it is read.
        """

    def keep(self, name: str, query: str) -> None:
        """Makes a table of a query's rows: it is run once, whatever is asked of it."""

    def view(self, name: str, query: str) -> None:
        """Gives a query a name: it is run each time anew."""

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """A query's rows, some at a time."""

    def seconds(self, text: str) -> str:
        """An expression: the Unix time that a text column says, in seconds, or null."""

    def digest(self, text: str) -> str:
        """An expression: what can stand for a column's text in a join, and is no larger."""

    def short_hash(self, *texts: str) -> str:
        """An expression: 64 bits that are the same for the same texts. Never null."""


def opened_engine(name: str, folder: Path, memory_limit: str) -> AbstractContextManager[Engine]:
    """The engine of this name. folder: for what does not fit in memory; memory_limit: DuckDB's.

    Raises UsageError for an unknown name or limit, CouldNotTell if the engine is not there.
    """
    # Imported here, since Spark need not be installed, and either takes its time.
    if name == DUCKDB:
        from mcs.harness.engines.duckdb import opened_duckdb

        return opened_duckdb(folder, memory_limit)
    if name.startswith((SPARK_LOCAL, *SPARK_MASTERS)):
        from mcs.harness.engines.spark import opened_spark

        return opened_spark(name.removeprefix("spark-") if is_local(name) else name)
    raise UsageError(NO_ENGINE.format(name=name))


def is_local(name: str) -> bool:
    """True for Spark within this process.

    >>> is_local("spark-local[4]"), is_local("spark://host:7077")
    (True, False)
    """
    return name.startswith(SPARK_LOCAL)


def is_parquet(path: Path) -> bool:
    """True if a file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
