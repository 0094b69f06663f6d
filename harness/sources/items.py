"""The sent side: plain items, as a test or a script has them at hand.

They are spooled to a temporary file, a line per item, so that an iterator of any length will do;
memory holds a place per identity.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self

import orjson

from mcs.contract.canonical import Item, content_hash, identity, key_of_values
from mcs.contract.errors import MissingIdentity, UsageError
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus

# Loose clients write what PHP makes of true.
TRUE_AS_SENT = (True, 1, "1")

NO_OBJECT = "{feed}[{index}] of {name}: got {found}, expected an item, which is a dict."
NO_JSON = "{feed}[{index}] of {name} is no JSON: {reason}. Make it of what JSON has."
NO_IDENTITY = "{feed}[{index}] of {name}: no usable value at {path}, which names the item."


@dataclass
class SentItems:
    """A sent side of items that all count as sent with success; use it in a `with` block.

    Of items with one identity the last counts. The locator of an item is its place in the spool.
    Entering the block reads the items, and raises UsageError for one that is none.
    """

    given: Mapping[Feed, Iterable[Item]]
    name: str = "the items sent"
    is_plain: bool = field(init=False, default=True)
    _spool: IO[bytes] = field(init=False, repr=False)
    _places: dict[str, dict[str, int]] = field(init=False, repr=False, default_factory=dict)

    def __enter__(self) -> Self:
        self._spool = TemporaryFile(prefix="mcs-sent-")
        try:
            for feed, items in self.given.items():
                self._places[feed.name] = self._spooled(feed, items)
        except BaseException:
            self._spool.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds that there are items of, or could be."""
        return tuple(self.given)

    def count(self) -> int:
        """How many identities there are."""
        return sum(map(len, self._places.values()))

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the sent line of each identity."""
        with path.open("wb") as file:
            for feed in feeds:
                for key, place in self._places.get(feed.name, {}).items():
                    line = _sent_line(feed, key, place, self._item(place))
                    file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places."""
        return {locator: self._item(int(locator)) for locator in locators}

    def _spooled(self, feed: Feed, items: Iterable[Item]) -> dict[str, int]:
        places: dict[str, int] = {}
        for index, item in enumerate(items):
            where = {"feed": feed.name, "index": index, "name": self.name}
            if not isinstance(item, dict):
                raise UsageError(NO_OBJECT.format(found=repr(item)[:40], **where))
            try:
                key = key_of_values(identity(feed, item).values())
                line = orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)
            except MissingIdentity as error:
                raise UsageError(NO_IDENTITY.format(path=error.path, **where)) from None
            except TypeError as error:
                raise UsageError(NO_JSON.format(reason=error, **where)) from None
            places[key] = self._spool.tell()
            self._spool.write(line)
        return places

    def _item(self, place: int) -> Item:
        self._spool.seek(place)
        item: Item = orjson.loads(self._spool.readline())
        return item


def _sent_line(feed: Feed, key: str, place: int, item: Item) -> dict[str, Any]:
    modified_at = item.get(feed.timestamp)
    return {
        "feed": feed.name,
        "locator": str(place),
        "key": key,
        "identity": identity(feed, item),
        "hash": content_hash(feed, item),
        "deleted": item.get("deleted") in TRUE_AS_SENT,
        "modified_at": modified_at if isinstance(modified_at, str) else None,
        "status": int(ExportStatus.SUBMITTED),
        "errors": "",
        "request_id": None,
    }
