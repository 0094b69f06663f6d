"""What was sent, in whatever form a test has it: items, a file of items, an exporter's database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from mcs.contract.canonical import Item
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.files import read_items
from mcs.harness.sides import SentSide
from mcs.harness.sources.exporter_database import opened as opened_database
from mcs.harness.sources.items import SentItems
from mcs.testing.seen import feed_named
from mcs.testing.told import speaks_for_itself

__tracebackhide__ = speaks_for_itself

SQLITE_MAGIC = b"SQLite format 3\0"

WHICH_FEED = 'which feed are these items of? Say feed="prices", or give {"prices": items}.'
NO_FEED = '{name!r} is no feed, so this is no {{"feed": items}}. Feeds are: {known}.'
NO_FILE = "{path}: {reason}. Expected a file of items, or an exporter's SQLite file."
NOTHING_KNOWN = (
    "got {found}, which tells nothing of what was sent. Expected items, {{feed: items}}, the path "
    "of a JSON or NDJSON file, an exporter's database, or a SentSide."
)


class HasDatabase(Protocol):
    """An exporter that keeps its feed tables in a database, as the fixture `exporter` does."""

    @property
    def database(self) -> Path | str:
        """A SQLite file or SQLAlchemy URL."""


Sent: TypeAlias = (
    Iterable[Item] | Mapping[str, Iterable[Item]] | str | PathLike[str] | SentSide | HasDatabase
)
"""What `assert_in_sync` takes as the sent side."""


@contextmanager
def opened_sent(
    sent: Sent, feeds: Sequence[str]
) -> Iterator[tuple[SentSide, tuple[Feed, ...] | None]]:
    """The sent side, and the feeds to compare; None for all. feeds: as the test names them.

    Raises UsageError for what is no sent side, CouldNotTell for a database that cannot be read.
    """
    chosen = tuple(map(feed_named, feeds)) or None
    database = _database(sent)
    if database is not None:
        with opened_database(database) as side:
            yield side, chosen
    elif _is_side(sent):
        yield sent, chosen  # type: ignore[misc]  # it has what a SentSide has
    elif isinstance(sent, str | PathLike):
        path = Path(sent)
        with SentItems(_of_one_feed(_in_file(path), chosen), name=str(path)) as items:
            yield items, items.feeds
    else:
        with SentItems(_by_feed(sent, chosen)) as items:
            yield items, items.feeds


def _database(sent: Sent) -> Path | str | None:
    """The database that is meant, or None."""
    if isinstance(sent, str) and "://" in sent:
        return sent
    if isinstance(sent, str | PathLike):
        path = Path(sent)
        return path if _begins_with(path, SQLITE_MAGIC) else None
    return getattr(sent, "database", None)


def _begins_with(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError as error:
        raise UsageError(NO_FILE.format(path=path, reason=error.strerror)) from None


def _is_side(sent: object) -> bool:
    return hasattr(sent, "write_sent") and hasattr(sent, "items")


def _in_file(path: Path) -> Iterator[Item]:
    with path.open("rb") as file:
        yield from read_items(file, str(path))


def _by_feed(sent: Any, chosen: tuple[Feed, ...] | None) -> dict[Feed, Iterable[Item]]:
    if isinstance(sent, Mapping):
        return {_feed(name): items for name, items in sent.items() if _is_chosen(name, chosen)}
    if not isinstance(sent, Iterable) or isinstance(sent, bytes):
        raise UsageError(NOTHING_KNOWN.format(found=repr(sent)[:60]))
    return _of_one_feed(sent, chosen)


def _of_one_feed(
    items: Iterable[Item], chosen: tuple[Feed, ...] | None
) -> dict[Feed, Iterable[Item]]:
    if chosen is None or len(chosen) != 1:
        raise UsageError(WHICH_FEED)
    return {chosen[0]: items}


def _feed(name: object) -> Feed:
    if name not in ALL_FEEDS:
        raise UsageError(NO_FEED.format(name=name, known=", ".join(ALL_FEEDS)))
    return ALL_FEEDS[str(name)]


def _is_chosen(name: object, chosen: tuple[Feed, ...] | None) -> bool:
    return chosen is None or _feed(name) in chosen
