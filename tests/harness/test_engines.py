"""One definition, two engines: what one says of two lists, the other says as well."""

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from click.testing import CliRunner

from mcs.contract.canonical import Item
from mcs.contract.errors import UsageError
from mcs.harness import sifting
from mcs.harness.cli import diff as diff_command
from mcs.harness.diff import Options, diff
from mcs.harness.engines.engine import Engine, opened_engine
from mcs.harness.errors import CouldNotTell
from mcs.harness.reconcile import Lists, Reconciliation
from mcs.harness.sifting import RECEIVED, REFUSED, SENT
from tests.harness.lists import Listed, held
from tests.harness.sides import PRICES, PRODUCTS, price

OPTIONS = Options(
    late_after_s=30.0,
    since=datetime(2026, 11, 22, 10, 0, 5, tzinfo=UTC),
    until=datetime(2026, 11, 22, 10, 0, 55, tzinfo=UTC),
    resends=True,
)
SPARK_WITHOUT = "Spark's test needs the extra `spark` and Java 17"
Opened = Callable[[], AbstractContextManager[Engine]]


@pytest.fixture(scope="module")
def spark() -> Iterator[Opened]:
    """Spark in this process: one session with several partitions, for all tests."""
    if shutil.which("java") is None:
        pytest.skip(f"{SPARK_WITHOUT}: there is no java")
    session_module = pytest.importorskip("pyspark.sql", reason=SPARK_WITHOUT)
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.log.level": "OFF",
        # To compile queries takes longer than to run them on so few rows.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = session_module.SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    from mcs.harness.engines.spark import Spark

    yield lambda: nullcontext(Spark(session))
    session.stop()


@pytest.fixture
def embedded(tmp_path: Path) -> Opened:
    return lambda: opened_engine("duckdb", tmp_path, "200MB")


def lines(seed: int, count: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Lists of both sides with all that a line may say, and much that goes wrong."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    sent, received, refused = [], [], []
    for number in range(count):
        line = _line(chance, count)
        second = f"2026-11-22T10:00:{number % 60:02}"
        if chance.random() < 0.8:
            status = chance.choice([200, 200, 200, 2, 1, 400])
            sent.append(line | {"status": status, "errors": "why", "locator": str(number)})
        if chance.random() < 0.8:
            at = chance.choice([f"{second}.{number:06}+00:00", f"{second}Z", f"{second}+00:30"])
            counts = chance.choice([{}, {"repeats": 0, "resends": 2}, {"repeats": 1}])
            received.append(line | {"received_at": at, "index": number, "versions": 3} | counts)
        if chance.random() < 0.1:
            why = [{"pointer": "/a", "code": "b", "message": 'c "d"'}]
            refused.append(line | {"errors": why, "received_at": second, "index": number})
    return sent, received, refused


def mostly_in_order(seed: int, count: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Lists that agree on most identities, on some twice, and some lines of which all may be."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    sent, received, refused = lines(seed, count // 4)
    for number in range(count):
        line = _line(chance, 10**9) | {"key": f"{number:040x}"}
        at = f"2026-11-22T10:01:{number % 60:02}.{number:06}Z"
        counts = {"received_at": at, "repeats": 0, "resends": number % 2}
        sent.append(line | {"status": 200, "errors": "", "locator": str(number)})
        received.append(line | {"index": number, "versions": 1} | counts)
    return sent, received, refused


def _line(chance: random.Random, count: int) -> dict[str, Any]:
    key = f"{chance.randrange(count):040x}" if chance.random() < 0.98 else None
    second = chance.randrange(60)
    return {
        "feed": chance.choice(["prices", "products"]),
        "key": key,
        "identity": chance.choice([{"sku": key}, {"sku": key}, {}, None]),
        "hash": f"{chance.randrange(3):040x}",
        "deleted": chance.random() < 0.2,
        "modified_at": chance.choice([f"2026-11-22 10:00:{second:02}", None, "never"]),
        "request_id": f"r-{chance.randrange(9)}",
    }


def written(folder: Path, *given: list[Any]) -> Lists:
    paths = [folder / f"{name}.ndjson" for name in ("sent", "received", "rejected")]
    for path, rows in zip(paths, given, strict=True):
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return Lists(*paths)


def as_parquet(lists: Lists) -> Lists:
    """The same lists as Parquet files."""
    paths = []
    for path, columns in (
        (lists.sent, SENT),
        (lists.received, RECEIVED),
        (lists.rejected, REFUSED),
    ):
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        rows = f"read_json('{path}', format = 'newline_delimited', columns = {{{types}}})"
        paths.append(path.with_suffix(".parquet"))
        with duckdb.connect() as engine:
            engine.execute(f"copy (from {rows}) to '{paths[-1]}'")
    return Lists(*paths)


def verdict(opened: Opened, lists: Lists, options: Options = OPTIONS) -> Any:
    """All that a reconciliation says."""
    with opened() as engine:
        found = Reconciliation(engine, lists, options)
        disagreements = sorted(found.disagreements(), key=lambda one: (one.feed, one.key))
        return found.counts(), found.latencies(), disagreements, found.kinds()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")
def test_spark_and_duckdb_say_the_same(tmp_path: Path, embedded: Opened, spark: Opened) -> None:
    lists = written(tmp_path, *lines(seed=1, count=400))

    expected = verdict(embedded, lists)

    assert verdict(spark, lists) == expected
    assert len(expected[2]) > 100


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")
def test_spark_reads_parquet_as_duckdb_does(
    tmp_path: Path, embedded: Opened, spark: Opened
) -> None:
    lists = as_parquet(written(tmp_path, *mostly_in_order(seed=2, count=150)))

    assert verdict(spark, lists, Options()) == verdict(embedded, lists, Options())


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")
def test_a_whole_diff_runs_on_spark(spark: Opened) -> None:
    sides = [[price("A"), price("B", 1)], [price("B", 2), price("C")]]
    sent, received = (Listed(held(PRICES, item) for item in items) for items in sides)

    result = diff(sent, received, Options(engine="spark-local[2]"))

    assert [one.kind.value for one in result.discrepancies] == ["missing", "unexpected", "changed"]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")
def test_a_line_that_is_none_is_told_by_spark(tmp_path: Path, spark: Opened) -> None:
    lists = written(tmp_path, [], [], [])
    lists.sent.write_bytes(b'{"feed": "prices", "status": "many"}\n')

    with pytest.raises(CouldNotTell, match="cannot be compared"):
        verdict(spark, lists)


@pytest.mark.parametrize("line", [b"[1]\n", b'{"feed": "prices"', b'{"status": "many"}\n'])
def test_a_line_that_is_none_is_told(tmp_path: Path, embedded: Opened, line: bytes) -> None:
    lists = written(tmp_path, [], [], [])
    lists.sent.write_bytes(line)

    with pytest.raises(CouldNotTell, match="cannot be compared"):
        verdict(embedded, lists)


def test_parquet_lists_say_what_lines_say(tmp_path: Path, embedded: Opened) -> None:
    lists = written(tmp_path, *lines(seed=3, count=300))

    assert verdict(embedded, as_parquet(lists)) == verdict(embedded, lists)


@pytest.mark.parametrize("options", [Options(), replace(OPTIONS, resends=False), OPTIONS])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_sifted_out_is_what_is_in_order(
    tmp_path: Path,
    embedded: Opened,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    options: Options,
) -> None:
    lists = written(tmp_path, *mostly_in_order(seed, 300))
    monkeypatch.setattr(sifting, "MOST_SUSPECTS", -1.0)
    all_judged = verdict(embedded, lists, options)
    monkeypatch.setattr(sifting, "MOST_SUSPECTS", 1.0)

    assert verdict(embedded, lists, options) == all_judged
    assert len(all_judged[2]) > 10


def test_identities_that_both_sides_hold_twice_are_told_once(
    tmp_path: Path, embedded: Opened
) -> None:
    sent, received, refused = mostly_in_order(5, 100)
    once = verdict(embedded, written(tmp_path, sent, received, refused), Options())
    twice = verdict(embedded, written(tmp_path, sent * 2, received * 2, refused), Options())

    assert twice == once


def test_a_parquet_list_may_lack_columns(tmp_path: Path, embedded: Opened) -> None:
    lists = written(tmp_path, *lines(seed=4, count=50))
    few = tmp_path / "few.parquet"
    with duckdb.connect() as engine:
        engine.execute(f"copy (select 'prices' as feed, 'x' as key, 'y' as hash) to '{few}'")

    counts, *_ = verdict(embedded, Lists(few, few, lists.rejected), Options())

    assert (counts["prices"].sent, counts["prices"].in_sync) == (0, 1)


def test_too_little_memory_is_told_with_the_remedy() -> None:
    with pytest.raises(CouldNotTell, match=r"memory limit of 2MB is too little.* --memory-limit"):
        diff(Listed([]), Listed([held(PRICES, price("A"))]), Options(memory_limit="2MB"))


def test_spark_that_is_not_installed_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    with pytest.raises(CouldNotTell, match=r"Spark is not installed.*--engine duckdb"):
        diff(Listed([]), Listed([]), Options(engine="spark-local[2]"))


@pytest.mark.parametrize("engine", ["oracle", "", "spark"])
def test_an_unknown_engine_is_wrong_usage(engine: str) -> None:
    with pytest.raises(UsageError, match="Take duckdb, spark-local"):
        diff(Listed([]), Listed([]), Options(engine=engine))


def test_a_memory_limit_that_is_none_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r'memory limit "much".* Give one such as 2GB'):
        diff(Listed([]), Listed([]), Options(memory_limit="much"))


def product(sku: str) -> Item:
    return {"sku": sku, "storeViewCode": "default", "deleted": False}


def test_a_feed_that_only_one_side_knows_is_counted() -> None:
    result = diff(Listed([held(PRODUCTS, product("A"))]), Listed([held(PRICES, price("A"))]))

    assert (result.feeds["products"].sent, result.feeds["prices"].received) == (1, 1)


def test_the_command_names_the_engines_there_are() -> None:
    text = " ".join(CliRunner().invoke(diff_command, ["--help"]).output.split())

    assert "duckdb, spark-local[4]" in text.replace("spark- local", "spark-local")
