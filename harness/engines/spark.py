"""The engine for what outgrows one machine: Spark, on this machine or on a cluster.

A cluster's workers read the lists by their path: the folder for temporary files (TMPDIR) has to be
one that they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcs.harness.engines.engine import Columns, is_parquet
from mcs.harness.errors import CouldNotTell

if TYPE_CHECKING:
    # Spark need not be installed, and takes a while to import.
    from pyspark.sql import DataFrame, SparkSession

APPLICATION = "mcs diff"
LOCAL_PARTITIONS = 4
NOT_INSTALLED = (
    "Spark is not installed. Install Java 17 or later, and it with "
    "`pip install 'mock-commerce-services[spark]'`; or take --engine duckdb."
)
NOT_STARTED = (
    "Spark cannot be started as {master}: {reason}. It needs Java 17 or later (JAVA_HOME) and, for "
    "a cluster, a master that answers; or take --engine duckdb."
)
NOT_COMPARED = "the two sides cannot be compared: {reason}"


@contextmanager
def opened_spark(master: str) -> Iterator[Spark]:
    """The running session, or one of its own that ends with the block."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise CouldNotTell(NOT_INSTALLED) from None
    running = SparkSession.getActiveSession()
    session = running or _started(master)
    # Of its own in names and settings: a running session may have another time zone.
    own = session.newSession()
    own.conf.set("spark.sql.session.timeZone", "UTC")
    engine = Spark(own)
    try:
        yield engine
    finally:
        engine.forget()
        if not running:
            session.stop()


def _started(master: str) -> SparkSession:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName(APPLICATION)
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    if master.startswith("local"):
        # The default of 200 is for a cluster: here each partition only costs.
        settings["spark.sql.shuffle.partitions"] = str(LOCAL_PARTITIONS)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except _failures() as error:
        raise CouldNotTell(NOT_STARTED.format(master=master, reason=_reason(error))) from None


class Spark:
    """An engine on a session."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._kept: list[DataFrame] = []
        self._names: list[str] = []

    def load(self, name: str, path: Path, columns: Columns, query: str) -> None:
        """See Engine."""
        lines = f"lines_of_{name}"
        try:
            self._named(lines, self._list(path, columns))
        except _failures() as error:
            raise CouldNotTell(NOT_COMPARED.format(reason=_reason(error))) from None
        self.keep(name, query.format(lines=lines))

    def keep(self, name: str, query: str) -> None:
        """See Engine. The query runs when the table is first asked for."""
        from pyspark import StorageLevel

        rows = self._run(query).persist(StorageLevel.MEMORY_AND_DISK)
        self._kept.append(rows)
        self._named(name, rows)

    def view(self, name: str, query: str) -> None:
        """See Engine."""
        self._named(name, self._run(query))

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """See Engine."""
        try:
            yield from map(tuple, self._run(query).toLocalIterator())
        except _failures() as error:
            raise CouldNotTell(NOT_COMPARED.format(reason=_reason(error))) from None

    def seconds(self, text: str) -> str:
        """See Engine."""
        return f"(unix_micros(try_cast({text} as timestamp)) / 1000000.0D)"

    def digest(self, text: str) -> str:
        """See Engine."""
        return text

    def short_hash(self, *texts: str) -> str:
        """See Engine."""
        return f"xxhash64({', '.join(texts)})"

    def forget(self) -> None:
        """Gives back what is kept, and the names."""
        for rows in self._kept:
            rows.unpersist()
        for name in self._names:
            self._session.catalog.dropTempView(name)

    def _list(self, path: Path, columns: Columns) -> DataFrame:
        if is_parquet(path):
            rows = self._session.read.parquet(str(path))
            return rows.selectExpr(
                *(
                    f"cast({name if name in rows.columns else 'null'} as {kind}) as {name}"
                    for name, kind in columns.items()
                )
            )
        schema = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        # Spark takes a broken line for one of nulls, unless it is told to fail.
        return self._session.read.json(str(path), schema=schema, mode="FAILFAST")

    def _named(self, name: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(name)
        self._names.append(name)

    def _run(self, query: str) -> DataFrame:
        try:
            return self._session.sql(query)
        except _failures() as error:
            raise CouldNotTell(NOT_COMPARED.format(reason=_reason(error))) from None


def _failures() -> tuple[type[Exception], ...]:
    """What Spark raises."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JError


def _reason(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
