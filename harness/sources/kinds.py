"""What a place is, told by its prefix, its first bytes, and its name."""

import re
from enum import StrEnum
from pathlib import Path

from mcs.contract.errors import UsageError
from mcs.harness.logs.blocks import HEAD
from mcs.harness.source_file import SourceFile
from mcs.harness.sources.feed_rows import COLUMNS


class Kind(StrEnum):
    """The kinds of places, by the prefix that says so outright."""

    DATABASE = "db"
    LOG = "log"
    CSV = "csv"
    SQL = "sql"
    HAR = "har"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    SERVICE = "http"


UNKNOWN = (
    "{place}: neither its content nor its name tells what it is. Say so by a prefix: {prefixes}; "
    "as in {example}:{place}."
)
AWAY = "{place}: there is no such file. {expected}"

_SNIFFED_BYTES = 1 << 16
_SQL = re.compile(
    rb"^\s*(?:-- (?:MySQL|MariaDB|PostgreSQL|phpMyAdmin)|/\*[!M]|PRAGMA foreign_keys|"
    rb"(?:CREATE TABLE|INSERT INTO|REPLACE INTO|COPY|BEGIN TRANSACTION)\b)",
    re.M | re.I,
)
_HEAD = re.compile(rb"^" + HEAD.pattern, re.M)
_HAR = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_SUFFIXES = {
    "csv": Kind.CSV,
    "tsv": Kind.CSV,
    "db": Kind.DATABASE,
    "har": Kind.HAR,
    "json": Kind.NDJSON,
    "jsonl": Kind.NDJSON,
    "log": Kind.LOG,
    "ndjson": Kind.NDJSON,
    "parquet": Kind.PARQUET,
    "sql": Kind.SQL,
    "sqlite": Kind.DATABASE,
}


def split_prefix(place: str) -> tuple[Kind | None, str]:
    """The kind that a prefix says, and the place without it.

    >>> split_prefix("log:var/log")
    (<Kind.LOG: 'log'>, 'var/log')
    >>> split_prefix("http://127.0.0.1:8080")
    (<Kind.SERVICE: 'http'>, 'http://127.0.0.1:8080')
    >>> split_prefix("postgresql://shop@host/db")
    (<Kind.DATABASE: 'db'>, 'postgresql://shop@host/db')
    """
    prefix, colon, rest = place.partition(":")
    if colon and prefix in ("http", "https") and rest.startswith("//"):
        return Kind.SERVICE, place
    if colon and prefix in set(Kind) - {Kind.SERVICE}:
        return Kind(prefix), rest
    return (Kind.DATABASE if "://" in place else None), place


def kind_of(place: str, allowed: tuple[Kind, ...], expected: str) -> tuple[Kind, str]:
    """What a place is, and where it is. Raises UsageError if that is not told, or not allowed.

    expected: the sentence for a place where there is nothing.
    """
    said, path = split_prefix(place)
    kind = said or _sniffed(path, expected)
    if kind not in allowed:
        prefixes = ", ".join(f"{one}:" for one in allowed if one is not Kind.SERVICE)
        raise UsageError(UNKNOWN.format(place=path, prefixes=prefixes, example=allowed[0]))
    return kind, path


def _sniffed(place: str, expected: str) -> Kind | None:
    path = Path(place)
    if path.is_dir() or (any(mark in place for mark in "*?[") and not path.exists()):
        return Kind.LOG
    if not path.is_file():
        raise UsageError(AWAY.format(place=place, expected=expected))
    return _by_magic(path) or _by_text(path) or _by_name(path.name)


def _by_magic(path: Path) -> Kind | None:
    with path.open("rb") as file:
        start = file.read(16)
    if start == b"SQLite format 3\0":
        return Kind.DATABASE
    return Kind.PARQUET if start[:4] == b"PAR1" else None


def _by_text(path: Path) -> Kind | None:
    with SourceFile(path) as file:
        start = file.beginning(_SNIFFED_BYTES)
    # A rotation may have left the rest of a payload, which is JSON, at the beginning of a log.
    if _HEAD.search(start) or _by_name(path.name) is Kind.LOG:
        return Kind.LOG
    begins_json = start.lstrip()[:1] in (b"{", b"[")
    # One that was cut after a few bytes is told by its name alone.
    if _HAR.match(start) or (begins_json and _by_name(path.name) is Kind.HAR):
        return Kind.HAR
    if begins_json:
        return Kind.NDJSON
    if _SQL.match(start):
        return Kind.SQL
    header = start.partition(b"\n")[0].lower()
    if all(name.encode() in header for name in COLUMNS[1:4]):
        return Kind.CSV
    return Kind.SQL if _SQL.search(start) else None


def _by_name(name: str) -> Kind | None:
    for part in reversed(name.lower().split(".")[1:]):
        if part in _SUFFIXES:
            return _SUFFIXES[part]
    return None
