"""A received side: what `mcs export-received` wrote, NDJSON or Parquet; or a file of items.

Such a file holds the current version of each identity; earlier ones are not in it.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.findings import Finding, Findings
from mcs.harness.sides import Elsewhere, RequestFacts, Version
from mcs.harness.sources.feed_names import feed_named_by
from mcs.harness.sources.item_lines import RECEIVED, keep_picked, latest_lines, unnamed
from mcs.harness.sources.reading import Reading
from mcs.harness.sources.records import Record, records
from mcs.harness.sources.told_items import Told, item_in, told

REJECTED_FIELDS = ("feed", "key", "identity", "received_at", "request_id", "index", "errors")


class ReceivedFile:
    """A received side out of a file. Memory: a few records, or a JSON document that is no NDJSON.

    Items are looked up by a temporary index of their places.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        self._records = records(path, reading)
        self._reading = reading
        self._findings = Findings()
        self._feed = reading.named_feed or feed_named_by(path.name)
        self._places = _Places()
        # A comparison asks from several threads; the file has one position.
        self._lock = Lock()
        self.name = self._records.name

    def close(self) -> None:
        """Lets go of what is open."""
        self._records.close()
        self._places.close()

    def findings(self) -> tuple[Finding, ...]:
        """Items without an identity, unknown feeds, lines that could not be read."""
        return self._findings.listed()

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes a line per identity; of several with one, the last counts."""
        self._findings.clear()
        with latest_lines(path, RECEIVED) as lines, self._places as places:
            for record in self._records.read(self._findings):
                for row in told(record.value, str(record.place), self._feed, self.name):
                    if row.unusable:
                        self._note(row.unusable, record, lost=True)
                    elif _is_wanted(row.feed, feeds) and row.values.get("hash"):
                        line, space = _line(row, lines.count), row.values.get("data_space_id")
                        self._note(unnamed(line), record)
                        lines.add(line, None, space)
                        places.add(line, space, row.place)
            keep_picked(lines, self._reading, self.name, self._findings)
            places.picked = lines.picked

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes the refusals that were exported, in their order."""
        with path.open("wb") as file:
            for record in self._records.read(Findings()):
                value = record.value
                feed = ALL_FEEDS.get(str(value.get("feed")))
                is_refusal = value.get("errors") and not value.get("hash")
                if is_refusal and _is_wanted(feed, feeds) and self._is_mine(value):
                    line = {name: value.get(name) for name in REJECTED_FIELDS}
                    file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def versions(self, feed: str, key: str) -> list[Version]:
        """The current version, if its content was exported."""
        with self._lock:
            found = self._places.found(feed, key)
            if found is None:
                return []
            place, _, index = found.pop("place").partition("#")
            item = item_in(self._records.at(int(place)), index)
        return [Version(item=item, **found)] if item else []

    def elsewhere(self, feed: str, keys: Sequence[str]) -> list[Elsewhere]:
        """Nothing: other data spaces are not at hand."""
        return []

    def requests(self, request_ids: Sequence[str]) -> dict[str, RequestFacts]:
        """Nothing: the journal is not exported."""
        return {}

    def _note(self, what: str, record: Record, *, lost: bool = False) -> None:
        if what:
            self._findings.note(self.name, what, record.line, record.byte, lost=lost)

    def _is_mine(self, value: Mapping[str, Any]) -> bool:
        picked = None if self._reading.mixed else self._reading.data_space_id
        return picked is None or value.get("data_space_id") in (None, picked)


def _is_wanted(feed: Feed | None, names: Sequence[str] | None) -> bool:
    return feed is not None and (names is None or feed.name in names)


def _line(row: Told, index: int) -> dict[str, Any]:
    counted = {"index": index, "versions": 1, "repeats": 0, "resends": 0}
    given = {name: row.values.get(name) for name in RECEIVED}
    return given | {name: default for name, default in counted.items() if given[name] is None}


class _Places:
    """Where the current version of each identity stands, on disk."""

    def __init__(self) -> None:
        # An empty name is a temporary file that goes with the connection.
        self._index = sqlite3.connect("", check_same_thread=False)
        self._index.execute("pragma journal_mode = off")
        self._index.execute(
            "create table places (feed, key, space, place, hash, deleted, received_at, request_id)"
        )
        self.picked: str | None = None

    def __enter__(self) -> "_Places":
        self._index.execute("drop index if exists by_key")
        self._index.execute("delete from places")
        return self

    def __exit__(self, *_: object) -> None:
        self._index.execute("create index by_key on places (key, feed)")

    def close(self) -> None:
        self._index.close()

    def add(self, line: Mapping[str, Any], space: str | None, place: str) -> None:
        names = ("feed", "key", "space", "place", "hash", "deleted", "received_at", "request_id")
        row = {**line, "space": space, "place": place}
        values = [row[name] for name in names]
        self._index.execute("insert into places values (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def found(self, feed: str, key: str) -> dict[str, Any] | None:
        row = self._index.execute(
            "select place, hash, deleted, received_at, request_id from places "
            "where key = ? and feed = ? and coalesce(space = ?, true) "
            "order by rowid desc limit 1",
            (key, feed, self.picked),
        ).fetchone()
        if row is None:
            return None
        place, content, deleted, received_at, request_id = row
        return {
            "place": place,
            "hash": content,
            "deleted": bool(deleted),
            "received_at": received_at or "",
            "request_id": request_id or "",
        }
