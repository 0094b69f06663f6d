"""Dumps of feed tables, whatever wrote them, say what the tables say."""

import csv
import gzip
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import findings_of
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.opening import open_sent
from tests.harness.sides import CATEGORIES, PRICES, Exporter, price
from tests.harness.sources.written import sent_lines, without

Rows = list[tuple[Any, ...]]
NAMES = (
    "id",
    "source_entity_id",
    "feed_id",
    "feed_data",
    "feed_hash",
    "is_deleted",
    "modified_at",
    "status",
    "errors",
    "metadata",
)
HOSTILE = 'it\'s \\ "q"; (a,b)\n\ttwo\r\nlines'


@pytest.fixture
def tables(exporter: Exporter) -> Exporter:
    """Rows of every kind, with texts that are hard to quote."""
    exporter.note(price("A", name=HOSTILE), keep=True, errors=HOSTILE)
    exporter.note(price("B,1"), status=2, errors="Bad Gateway")
    exporter.note(price("C"), deleted=True)
    return exporter


def rows(exporter: Exporter) -> Rows:
    with closing(sqlite3.connect(exporter.path)) as connection:
        return connection.execute(f"select {', '.join(NAMES)} from {PRICES.table}").fetchall()  # noqa: S608 - a test's own names


def sqlite_dump(exporter: Exporter) -> bytes:
    with closing(sqlite3.connect(exporter.path)) as connection:
        lines = ["PRAGMA foreign_keys=OFF;", *connection.iterdump()]
    return "\n".join([*lines, ""]).encode()


def mysql_dump(exporter: Exporter) -> bytes:
    def quoted(value: Any) -> str:
        if value is None or isinstance(value, int):
            return "NULL" if value is None else str(int(value))
        text = value.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
        text = text.replace("\n", "\\n").replace("\r", "\\r")
        return f"'{text}'"

    listed = ",".join(f"({','.join(map(quoted, row))})" for row in rows(exporter))
    columns = ",\n".join(f"  `{name}` longtext DEFAULT 'a;b'" for name in NAMES)
    return (
        "-- MySQL dump 10.13  Distrib 8.0\n"
        f"CREATE TABLE `{PRICES.table}` (\n{columns},\n  PRIMARY KEY (`id`),\n  KEY `s` (`status`)"
        f"\n) ENGINE=InnoDB;\nINSERT INTO `other` VALUES (1,'x');\n"
        f"INSERT INTO `{PRICES.table}` VALUES {listed};\n-- Dump completed on 2026-11-22\n"
    ).encode()


def postgres_dump(exporter: Exporter) -> bytes:
    def copied(value: Any) -> str:
        text = "\\N" if value is None else str(value)
        text = text.replace("\\", "\\\\") if value is not None else text
        return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")

    lines = ["\t".join(map(copied, row)) for row in rows(exporter)]
    head = f"COPY public.{PRICES.table} ({', '.join(NAMES)}) FROM stdin;"
    start, end = "-- PostgreSQL database dump", "-- PostgreSQL database dump complete"
    return "\n".join([start, "", head, *lines, "\\.", "", end, ""]).encode()


def insert_per_line(exporter: Exporter) -> bytes:
    def quoted(value: Any) -> str:
        return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"

    listed = ",\n".join(f"({', '.join(map(quoted, row))})" for row in rows(exporter))
    names = ", ".join(f'"{name}"' for name in NAMES)
    return f'INSERT INTO "{PRICES.table}" ({names}) VALUES\n{listed};\n'.encode()


def comma_separated(exporter: Exporter, **dialect: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, **dialect)
    writer.writerows([NAMES, *rows(exporter)])
    return text.getvalue().encode()


def with_backslashes(exporter: Exporter) -> bytes:
    return comma_separated(
        exporter, escapechar="\\", doublequote=False, quoting=csv.QUOTE_ALL, delimiter=";"
    )


DUMPS: dict[str, tuple[Callable[[Exporter], bytes], str]] = {
    "sqlite": (sqlite_dump, "dump.sql"),
    "mysql": (mysql_dump, "dump.sql"),
    "postgres": (postgres_dump, "dump.sql"),
    "insert-per-line": (insert_per_line, "dump.sql"),
    "csv": (comma_separated, f"{PRICES.table}.csv"),
    "csv-with-backslashes": (with_backslashes, "prices.csv"),
}


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", DUMPS)
def test_a_dump_says_what_its_tables_say(
    tables: Exporter, tmp_path: Path, kind: str, zipped: bool
) -> None:
    dump, name = DUMPS[kind]
    path = tmp_path / (f"{name}.gz" if zipped else name)
    path.write_bytes(gzip.compress(dump(tables)) if zipped else dump(tables))
    with opened(tables.path) as database:
        noted = sent_lines(database, tmp_path)

    with open_sent(str(path)) as side:
        lines = sent_lines(side, tmp_path)
        items = side.items(PRICES, [line["locator"] for line in lines])

    assert without(lines, "locator") == without(noted, "locator")
    assert list(items.values()) == [price("A", name=HOSTILE)]


def test_a_tables_feed_is_told_by_its_name_and_prefix(tables: Exporter, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_bytes(mysql_dump(tables).replace(b"`cde_", b"`m2_cde_"))

    with open_sent(str(dump)) as side:
        assert {line["feed"] for line in sent_lines(side, tmp_path)} == {"prices"}


def test_both_rows_of_a_moved_category_are_kept(exporter: Exporter, tmp_path: Path) -> None:
    moved = {"categoryId": "1", "storeViewCode": "default", "name": "x"}
    exporter.note(moved, feed=CATEGORIES, feed_id="a" * 40, deleted=True)
    exporter.note(moved, feed=CATEGORIES, feed_id="b" * 40)
    dump = tmp_path / "dump.sql"
    dump.write_bytes(sqlite_dump(exporter))

    with open_sent(str(dump)) as side:
        assert [line["deleted"] for line in sent_lines(side, tmp_path)] == [True, False]


@pytest.mark.parametrize(
    ("kind", "cut", "told"),
    [
        ("mysql", -60, "line 17, byte .*a statement that breaks off"),
        ("mysql", -30, "the dump's own last line is missing"),
        ("sqlite", -9, "the dump's own last line is missing"),
        ("postgres", -50, "a statement that breaks off"),
        ("csv", -30, "line 6, byte .*a row that cannot be read"),
    ],
)
def test_a_dump_that_breaks_off_is_told_unless_that_is_allowed(
    tables: Exporter, tmp_path: Path, kind: str, cut: int, told: str
) -> None:
    dump, name = DUMPS[kind]
    path = tmp_path / name
    path.write_bytes(dump(tables)[:cut])

    with pytest.raises(CouldNotTell, match=told), open_sent(str(path)) as side:
        sent_lines(side, tmp_path)
    with open_sent(str(path), lenient=True) as side:
        lines = sent_lines(side, tmp_path)
        findings = findings_of(side)

    assert len(lines) >= 1
    assert len(findings) >= 1


def test_a_file_that_does_not_say_its_feed_is_wrong_usage(tables: Exporter, tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_bytes(comma_separated(tables))

    with pytest.raises(UsageError, match="which feed is it of"), open_sent(str(path)):
        pass
    with open_sent(str(path), feeds=[PRICES]) as side:
        assert len(sent_lines(side, tmp_path)) == 3


def test_a_dump_without_feed_tables_does_not_pass_as_nothing_sent(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_text("INSERT INTO other VALUES (1);\n")

    with (
        pytest.raises(CouldNotTell, match="no row of a feed table"),
        open_sent(str(path)) as side,
    ):
        sent_lines(side, tmp_path)


def test_a_header_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("sku,price\nA,1\n")

    with (
        pytest.raises(CouldNotTell, match="it has no column feed_id, feed_data"),
        open_sent(f"csv:{path}") as side,
    ):
        sent_lines(side, tmp_path)


def test_a_header_that_is_no_csv_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text('{"feed":"prices","key":"a"}\n')

    with (
        pytest.raises(CouldNotTell, match="line 1, byte 0: its header cannot be read as CSV"),
        open_sent(f"csv:{path}") as side,
    ):
        sent_lines(side, tmp_path)


def test_a_row_that_does_not_name_its_item_is_a_finding(exporter: Exporter, tmp_path: Path) -> None:
    exporter.insert(PRICES, {"feed_id": "ABC", "feed_data": json.dumps({}), "status": 200})

    with opened(exporter.path) as side:
        [line] = sent_lines(side, tmp_path)
        [finding] = findings_of(side)

    assert (line["key"], line["identity"]) == ("abc", {})
    assert "does not name its item" in str(finding)
