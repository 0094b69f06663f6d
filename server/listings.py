"""How the record is written out for tools: lines of NDJSON, and the values of the control API."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import orjson

from mcs.contract.digests import Digests
from mcs.server.store.values import (
    DataSpace,
    FaultEvent,
    ItemVersion,
    JournalledRequest,
    ReceivedItem,
    Rejection,
)

CHUNK_BYTES = 64 * 1024
GZIP_WINDOW = 31
# What is streamed goes over loopback as a rule: fast counts for more than small.
GZIP_LEVEL = 1


def data_space(space: DataSpace) -> dict[str, Any]:
    """A data space, without its keys."""
    return {
        "id": space.id,
        "name": space.name,
        "settings": space.settings.as_json(),
        "created_at": space.created_at,
    }


def received(item: ReceivedItem) -> bytes:
    """A line about the current version of an item."""
    line = {
        "feed": item.feed,
        "key": item.key,
        "identity": _embedded(item.identity),
        "hash": item.hash,
        "deleted": item.deleted,
        "modified_at": item.modified_at,
        "received_at": item.received_at,
        "request_id": item.request_id,
        "index": item.index,
        "versions": item.versions,
        "repeats": item.repeats,
        "resends": item.resends,
    }
    if item.item is not None:
        line["item"] = _on_one_line(item.item)
    return orjson.dumps(line) + b"\n"


def rejected(rejection: Rejection) -> bytes:
    """A line about a refused item."""
    line = asdict(rejection)
    line["identity"] = _embedded(rejection.identity)
    line["errors"] = _embedded(rejection.errors)
    line["item"] = _on_one_line(rejection.item)
    return orjson.dumps(line) + b"\n"


def version(write: ItemVersion) -> dict[str, Any]:
    """One accepted write of an item."""
    return asdict(write) | {"item": _embedded(write.item)}


def journalled(entry: JournalledRequest) -> dict[str, Any]:
    """A request in the journal, without the data space that the path names already."""
    values = {"id": entry.id, **asdict(entry.arrival)}
    del values["data_space"]
    return values


def digests(buckets: Digests) -> dict[str, list[Any]]:
    """Buckets as [alive, total, unsettled, resent]; the total is hex, since it needs 60 bits."""
    return {
        name: [bucket.alive, f"{bucket.total:015x}", bucket.unsettled, bucket.resent]
        for name, bucket in buckets.items()
    }


def fault_event(event: FaultEvent) -> dict[str, Any]:
    """A request or an item that a fault hit."""
    embedded = {name: _embedded(getattr(event, name)) for name in ("identity", "change", "due")}
    return asdict(event) | embedded


def chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, some at a time."""
    gathered: list[bytes] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= CHUNK_BYTES:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)


def gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """A gzip of the parts, as they come."""
    packer = zlib.compressobj(GZIP_LEVEL, wbits=GZIP_WINDOW)
    for part in parts:
        packed = packer.compress(part)
        if packed:
            yield packed
    yield packer.flush()


def _embedded(text: str | None) -> orjson.Fragment | None:
    return None if text is None else orjson.Fragment(text)


def _on_one_line(text: str | None) -> orjson.Fragment | None:
    if text is None:
        return None
    # In valid JSON these stand between values only; within strings they are escaped.
    return orjson.Fragment(text.replace("\r", " ").replace("\n", " "))
