"""A sent side that is made of several: an identity is as the last of them has it."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.harness.findings import Finding, findings_of
from mcs.harness.sides import SentSide, is_plain
from mcs.harness.sources.item_lines import latest_lines


class Together:
    """Sent sides in the order in which they count. A locator is `side/locator within it`."""

    def __init__(self, sides: Sequence[SentSide]) -> None:
        self._sides = sides
        self.name = ", ".join(side.name for side in sides)

    @property
    def is_plain(self) -> bool:
        """True if all of them are."""
        return all(map(is_plain, self._sides))

    def findings(self) -> tuple[Finding, ...]:
        """Those of all sides."""
        return findings_of(*self._sides)

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the lines of the last side that knows an identity. Raises CouldNotTell."""
        with TemporaryDirectory(prefix="mcs-sent-") as folder, latest_lines(path) as lines:
            part = Path(folder) / "part.ndjson"
            for number, side in enumerate(self._sides):
                side.write_sent(feeds, part)
                with part.open("rb") as file:
                    for text in file:
                        line = orjson.loads(text)
                        lines.add({**line, "locator": f"{number}/{line['locator']}"}, number)

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places."""
        of_side: dict[int, list[str]] = defaultdict(list)
        for locator in locators:
            number, _, rest = locator.partition("/")
            of_side[int(number)].append(rest)
        return {
            f"{number}/{locator}": item
            for number, mine in of_side.items()
            for locator, item in self._sides[number].items(feed, mine).items()
        }
