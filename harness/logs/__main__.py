"""What is in a log: `python -m mcs.harness.logs FILE…` counts its entries by kind and feed.

It reads each file once and holds no more than a few entries.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from mcs.harness.logs.entries import Entry, Failure, Payload, ProgressLine, Unread
from mcs.harness.logs.files import log_files
from mcs.harness.logs.reading import entries
from mcs.harness.source_file import SourceFile


def main(places: Sequence[str]) -> None:
    """Prints a line per file and kind of entry."""
    for path in log_files(places):
        for kind, count in sorted(_counts(path).items()):
            click.echo(f"{path}: {count:,} {kind}")


def _counts(path: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    with SourceFile(path) as file, file.plain() as text:
        for entry in entries(text):
            found[_kind(entry)] += 1
            if isinstance(entry, Payload):
                found[f"items of {entry.feed}"] += len(entry.items)
    return found


def _kind(entry: Entry) -> str:
    if isinstance(entry, Unread):
        return f"unread: {entry.why}"
    name = type(entry).__name__.lower()
    if isinstance(entry, Payload | Failure | ProgressLine) and entry.feed:
        return f"{name} of {entry.feed}"
    return name


if __name__ == "__main__":
    main(sys.argv[1:])
