"""What a test that was made out of a support case says was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.testing.told import speaks_for_itself

__tracebackhide__ = speaks_for_itself


@dataclass(frozen=True)
class SentRows:
    """The rows of feed tables, as `mcs case to-test` writes them down: a side for
    `assert_in_sync`. rows: sent lines as `mcs.harness.sides` describes them."""

    rows: Sequence[Mapping[str, Any]]
    name: str = "the rows of the case"

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the lines of these feeds."""
        names = {feed.name for feed in feeds}
        wanted = [row for row in self.rows if row["feed"] in names]
        options = orjson.OPT_APPEND_NEWLINE
        path.write_bytes(b"".join(orjson.dumps(row, option=options) for row in wanted))

    def items(self, feed: Feed, locators: Sequence[str]) -> Mapping[str, Item]:
        """None: rows do not keep them."""
        return {}
