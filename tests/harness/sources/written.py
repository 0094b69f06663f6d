"""What a side writes, as tests look at it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.feeds import FEEDS, Feed
from mcs.harness.sides import ReceivedSide, SentSide


def sent_lines(
    side: SentSide, folder: Path, feeds: Sequence[Feed] = tuple(FEEDS.values())
) -> list[dict[str, Any]]:
    """The sent lines of these feeds, by feed and key."""
    path = folder / "sent.ndjson"
    side.write_sent(feeds, path)
    return _sorted(path)


def received_lines(side: ReceivedSide, folder: Path) -> list[dict[str, Any]]:
    """The received lines, by feed and key."""
    path = folder / "received.ndjson"
    side.write_received(None, path)
    return _sorted(path)


def rejected_lines(side: ReceivedSide, folder: Path) -> list[dict[str, Any]]:
    """The rejected lines, in their order."""
    path = folder / "rejected.ndjson"
    side.write_rejected(None, path)
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def ndjson(*values: Any) -> bytes:
    """A file of these values, a line each."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def without(lines: Sequence[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """The lines without these fields."""
    return [{name: line[name] for name in line if name not in names} for line in lines]


def _sorted(path: Path) -> list[dict[str, Any]]:
    found = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return sorted(found, key=lambda line: (line["feed"], line["key"]))
