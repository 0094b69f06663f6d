"""Rows out of the text of a SQL dump, as mysqldump, sqlite3 and pg_dump write them. Pure.

Statements' heads are parsed by sqlglot. Rows are cut by one regular expression: a parser of SQL
reads about 1 MB a second (measured), and the dump of a shop has hundreds.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

LONGEST_ROW = 64 << 20
DEEPEST_CALL = 3
BROKEN_OFF = "a statement that breaks off"
NO_ROW = "a row that cannot be read"
TOO_LONG = "a row longer than 64 MiB"
NO_END = "the dump's own last line is missing"


class Dialect(StrEnum):
    """Whose SQL a dump is; what matters is whether a backslash escapes."""

    MYSQL = "mysql"
    SQLITE = "sqlite"
    POSTGRES = "postgres"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. columns: None if neither its statement nor a CREATE TABLE names them."""

    table: str
    columns: tuple[str, ...] | None
    values: Sequence[Any]
    line: int
    byte: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Something of a table that is no row."""

    table: str
    what: str
    line: int
    byte: int


_ENDS = {
    b"-- MySQL dump": b"-- Dump completed",
    b"-- MariaDB dump": b"-- Dump completed",
    b"-- PostgreSQL database dump\n": b"-- PostgreSQL database dump complete",
    b"BEGIN TRANSACTION;": b"COMMIT;",
}
_INSERT = re.compile(
    rb"\s*(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+([^\s(]+)\s*(\([^)]*\))?\s*VALUES", re.I
)
_COPY = re.compile(rb"COPY\s+([^\s(]+)\s*(\([^)]*\))?\s+FROM\s+stdin", re.I)
_CREATE = re.compile(rb"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([^\s(]+)", re.I)
_TEXTS = {
    Dialect.MYSQL: rb"'(?:[^'\\]++|\\.|'')*+'",
    Dialect.SQLITE: rb"'(?:[^']++|'')*+'",
    Dialect.POSTGRES: rb"'(?:[^']++|'')*+'",
}


def _value_pattern(text: bytes) -> bytes:
    """A value is made of texts, plain letters and calls, as in replace('…','\\n',char(10))."""
    within = rb"(?:%s|[^'()]++)*+" % text
    for _ in range(DEEPEST_CALL):
        within = rb"(?:%s|[^'()]++|\(%s\))*+" % (text, within)
    return rb"(?:%s|[^'(),;]++|\(%s\))*+" % (text, within)


_VALUE = {dialect: _value_pattern(text) for dialect, text in _TEXTS.items()}
_ROW = {
    dialect: re.compile(rb"\s*\((%s(?:,%s)*+)\)\s*([,;])" % (value, value), re.S)
    for dialect, value in _VALUE.items()
}
_SPLIT = {dialect: re.compile(rb"(%s)(?:,|\Z)" % value, re.S) for dialect, value in _VALUE.items()}
_MYSQL_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"Z": b"\x1a", b"b": b"\b"}
_COPY_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_ESCAPED = re.compile(rb"\\(.)", re.S)


def rows(file: IO[bytes]) -> Iterator[Row | Broken]:
    """The rows that a dump inserts or copies, in its order. Memory: the longest row."""
    return _Dump(file).rows()


class _Dump:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._line, self._byte = 0, 0
        self._returned = b""
        self._dialect = Dialect.POSTGRES
        self._columns: dict[str, tuple[str, ...]] = {}

    def rows(self) -> Iterator[Row | Broken]:
        awaited = None
        while text := self._next():
            self._dialect = _dialect(text, self._dialect)
            awaited = _awaited_end(text, awaited)
            if match := _INSERT.match(text):
                yield from self._inserted(text, match)
            elif match := _COPY.match(text):
                yield from self._copied(match)
            elif match := _CREATE.match(text):
                self._create(_name(match[1]), text)
        if awaited:
            yield Broken("", NO_END, self._line + 1, self._byte)

    def _next(self) -> bytes:
        text, self._returned = self._returned or self._file.readline(LONGEST_ROW), b""
        self._line += text.count(b"\n")
        self._byte += len(text)
        return text

    def _return(self, text: bytes) -> None:
        """Lets the next line be this one again."""
        self._line -= text.count(b"\n")
        self._byte -= len(text)
        self._returned = text

    def _create(self, table: str, text: bytes) -> None:
        while not text.rstrip().endswith(b";") and (more := self._next()):
            text += more
        self._columns[table] = _created_columns(text, self._dialect)

    def _inserted(self, text: bytes, head: re.Match[bytes]) -> Iterator[Row | Broken]:
        table = _name(head[1])
        columns = _named_columns(head[2]) or self._columns.get(table)
        line, counted, at = self._line + 1 - text.count(b"\n"), 0, head.end()
        while True:
            if match := _ROW[self._dialect].match(text, at):
                line += text.count(b"\n", counted, match.start(1))
                counted, at = match.start(1), match.end()
                place = line, self._byte - len(text) + counted
                yield _row(table, columns, match[1], place, self._dialect)
                if match[2] == b";":
                    return
            else:
                line += text.count(b"\n", counted, at)
                text, at, counted = text[at:], 0, 0
                more = self._next()
                if not more or _INSERT.match(more) or len(text) > LONGEST_ROW:
                    self._return(more)
                    what = TOO_LONG if len(text) > LONGEST_ROW else BROKEN_OFF
                    yield Broken(table, what, line, self._byte - len(text))
                    return
                text += more

    def _copied(self, head: re.Match[bytes]) -> Iterator[Row | Broken]:
        table = _name(head[1])
        columns = _named_columns(head[2])
        while True:
            line, byte = self._line + 1, self._byte
            text = self._next()
            if not text.endswith(b"\n"):
                yield Broken(table, BROKEN_OFF, line, byte)
                return
            if text.rstrip() == b"\\.":
                return
            values = [_copied_value(value) for value in text.rstrip(b"\r\n").split(b"\t")]
            yield Row(table, columns, values, line, byte)


def _dialect(text: bytes, before: Dialect) -> Dialect:
    if text.startswith((b"-- MySQL", b"-- MariaDB", b"/*!", b"-- phpMyAdmin", b"INSERT INTO `")):
        return Dialect.MYSQL
    if text.startswith((b"PRAGMA foreign_keys", b"BEGIN TRANSACTION;")):
        return Dialect.SQLITE
    return before


def _awaited_end(text: bytes, awaited: bytes | None) -> bytes | None:
    """What the dump's last line begins with, once its first line is known."""
    if awaited and text.startswith(awaited):
        return None
    return next((end for start, end in _ENDS.items() if text.startswith(start)), awaited)


def _name(quoted: bytes) -> str:
    return quoted.decode(errors="replace").replace("`", "").replace('"', "")


def _named_columns(listed: bytes | None) -> tuple[str, ...] | None:
    if not listed:
        return None
    return tuple(_name(name).strip().lower() for name in listed[1:-1].split(b","))


def _created_columns(text: bytes, dialect: Dialect) -> tuple[str, ...]:
    try:
        parsed = sqlglot.parse_one(text.decode(errors="replace"), dialect=dialect)
    except SqlglotError:
        return ()
    return tuple(found.name.lower() for found in parsed.find_all(exp.ColumnDef))


def _row(
    table: str,
    columns: tuple[str, ...] | None,
    text: bytes,
    place: tuple[int, int],
    dialect: Dialect,
) -> Row | Broken:
    values = [one[1].strip() for one in _SPLIT[dialect].finditer(text)]
    # The expression also finds the empty text behind the last value.
    values = values[:-1] if values[-1] == b"" else values
    try:
        return Row(table, columns or None, [_value(one, dialect) for one in values], *place)
    except (ValueError, sqlite3.Error):
        return Broken(table, NO_ROW, *place)


def _value(text: bytes, dialect: Dialect) -> Any:
    if text[:1] == b"'":
        return _unquoted(text, dialect)
    word = text.upper()
    if word == b"NULL":
        return None
    if word.startswith((b"_BINARY '", b"_UTF8MB4 '", b"E'", b"N'")):
        return _unquoted(text[text.index(b"'") :], Dialect.MYSQL)
    if word.startswith(b"0X"):
        return bytes.fromhex(word[2:].decode())
    if word in (b"TRUE", b"FALSE") or b"(" not in word:
        return word.decode().lower() if word in (b"TRUE", b"FALSE") else text.decode()
    return _evaluated(text.decode())


def _unquoted(text: bytes, dialect: Dialect) -> str:
    inner = text[1:-1].replace(b"''", b"'")
    if dialect is Dialect.MYSQL and b"\\" in inner:
        inner = _ESCAPED.sub(lambda found: _MYSQL_ESCAPES.get(found[1], found[1]), inner)
    return inner.decode()


def _copied_value(text: bytes) -> str | None:
    if text == b"\\N":
        return None
    if b"\\" in text:
        text = _ESCAPED.sub(lambda found: _COPY_ESCAPES.get(found[1], found[1]), text)
    return text.decode(errors="replace")


def _evaluated(expression: str) -> Any:
    """The value of a call that SQLite writes for a text with control characters."""
    with closing(sqlite3.connect(":memory:")) as engine:
        return engine.execute(f"select {expression}").fetchone()[0]
