"""Items as lines of a side, and the choice of the line that counts where there are several."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import duckdb
import orjson

from mcs.contract.canonical import content_hash, key_of_values, known_identity
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus
from mcs.harness.findings import Findings
from mcs.harness.sides import UNNAMED
from mcs.harness.sources.reading import Reading

MEMORY_LIMIT = "256MB"
NO_OBJECT = "{feed}: an item that is no JSON object was left out"
NO_IDENTITY = "{feed}: an item without a usable {path}, which names it"
TOO_DEEP = "{feed}: an item that cannot be hashed was left out"
OF_OTHERS = "{items} items of other data spaces were left out"
UNTOLD_SPACE = "{items} items do not say their data space; they were taken"

_COMMON = {
    "feed": "VARCHAR",
    "key": "VARCHAR",
    "identity": "JSON",
    "hash": "VARCHAR",
    "deleted": "BOOLEAN",
    "modified_at": "VARCHAR",
    "request_id": "VARCHAR",
}
SENT = {**_COMMON, "locator": "VARCHAR", "status": "INTEGER", "errors": "VARCHAR"}
RECEIVED = {
    **_COMMON,
    "received_at": "VARCHAR",
    "index": "INTEGER",
    "versions": "INTEGER",
    "repeats": "INTEGER",
    "resends": "INTEGER",
}
_EVERY = """
create table every as
select * from read_json($raw, format = 'newline_delimited', columns = $columns)
where $picked::varchar is null or coalesce(space, $picked::varchar) = $picked::varchar
"""
# Rarely is an identity repeated: to rank those alone takes little memory, however many there are.
_LATEST = """
copy (
    select {columns} from every where not exists (
        select 1 from (
            select feed, key, max(rank) as top from every
            group by feed, key having min(rank) < max(rank)
        ) as again
        where again.feed is not distinct from every.feed
            and again.key is not distinct from every.key and every.rank < again.top
    )
) to $path (format json)
"""


class Unusable(Exception):
    """An item that cannot take part in a diff; the text says why."""


def content(feed: Feed, item: Any) -> dict[str, Any]:
    """What both sides' lines say of an item: feed, key, identity, hash, deleted, modified_at.

    An item that lacks a part of its identity has the other parts, and its content for a key: the
    other side has it only if it lacks the same. Raises Unusable.
    """
    if not isinstance(item, dict):
        raise Unusable(NO_OBJECT.format(feed=feed.name))
    try:
        content_key = content_hash(feed, item)
    except TypeError:
        raise Unusable(TOO_DEEP.format(feed=feed.name)) from None
    names = known_identity(feed, item)
    is_named = len(names) == len(feed.identity)
    modified_at = item.get(feed.timestamp) or item.get("modifiedAt") or item.get("updatedAt")
    return {
        "feed": feed.name,
        "key": key_of_values(names.values()) if is_named else f"{UNNAMED} {content_key}",
        "identity": names,
        "hash": content_key,
        "deleted": item.get("deleted") is True,
        "modified_at": modified_at if isinstance(modified_at, str) else None,
    }


def unnamed(line: Mapping[str, Any]) -> str:
    """What is to be noted of a line whose item lacks a part of its identity, else ""."""
    feed, names = ALL_FEEDS[line["feed"]], line["identity"] or {}
    lacking = [path for path in feed.identity if path not in names]
    is_unnamed = str(line["key"]).startswith(UNNAMED)
    return NO_IDENTITY.format(feed=feed.name, path=lacking[0]) if is_unnamed and lacking else ""


def sent_content(
    feed: Feed,
    item: Any,
    locator: str,
    *,
    status: int = ExportStatus.SUBMITTED,
    errors: str = "",
    request_id: str | None = None,
) -> dict[str, Any]:
    """The sent line of an item. Raises Unusable."""
    return content(feed, item) | {
        "locator": locator,
        "status": int(status),
        "errors": errors,
        "request_id": request_id,
    }


def feed_of_item(feed: Feed, item: Any) -> Feed:
    """The feed of an item among those that share a route: its wrapper tells."""
    if feed.wrapper and isinstance(item, dict) and feed.wrapper not in item:
        for other in FEEDS.values():
            if other.route == feed.route and other.wrapper in item:
                return other
    return feed


class Lines:
    """A file of lines that is being written; of one identity the highest rank counts.

    spaces: how many lines are of which data space; None: that do not say. picked: leave out the
    lines of all other data spaces.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.count = 0
        self.spaces: Counter[str | None] = Counter()
        self.picked: str | None = None

    def add(
        self, line: Mapping[str, Any], rank: int | None = None, space: str | None = None
    ) -> None:
        """Writes a line; without a rank later lines count for more. All of one rank are kept."""
        self.count += 1
        self.spaces[space] += 1
        rank = self.count if rank is None else rank
        ranked = {**line, "rank": rank, "space": space}
        self._raw.write(orjson.dumps(ranked, option=orjson.OPT_APPEND_NEWLINE))


@contextmanager
def latest_lines(path: Path, columns: Mapping[str, str] = SENT) -> Iterator[Lines]:
    """Takes lines in any number, and leaves in the file those that count. Memory: 256 MB at most.

    columns: of the side's lines, SENT or RECEIVED.
    """
    with TemporaryDirectory(prefix="mcs-lines-") as folder:
        raw = Path(folder) / "raw.ndjson"
        with raw.open("wb") as file:
            lines = Lines(file)
            yield lines
        if not lines.count:
            path.write_bytes(b"")
            return
        config: Any = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": f"{folder}/spill",
            # Each thread parses in tens of megabytes of its own.
            "threads": 1,
            "preserve_insertion_order": False,
        }
        with duckdb.connect(f"{folder}/lines.duckdb", config=config) as engine:
            raw_columns = {**columns, "rank": "BIGINT", "space": "VARCHAR"}
            every = {"raw": str(raw), "columns": raw_columns, "picked": lines.picked}
            engine.execute(_EVERY, every)
            names = ", ".join(f'"{name}"' for name in columns)
            engine.execute(_LATEST.format(columns=names), {"path": str(path)})


def keep_picked(lines: Lines, reading: Reading, place: str, findings: Findings) -> None:
    """Leaves out the lines of data spaces that were not picked. Raises UsageError if none was."""
    found = Counter({space: count for space, count in lines.spaces.items() if space})
    lines.picked = reading.picked(place, found, findings)
    if lines.picked is None:
        return
    others = found.total() - found[lines.picked]
    if others:
        findings.note(place, OF_OTHERS.format(items=others))
    if lines.spaces[None]:
        findings.note(place, UNTOLD_SPACE.format(items=lines.spaces[None]))
