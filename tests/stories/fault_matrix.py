"""Every fault on every feed: what our exporter makes of it, and whether the diff names just that.

`python -m tests.stories.fault_matrix docs/fault-matrix.md` writes the table.
"""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.feeds import FEEDS, SEED_FEEDS, Feed
from mcs.exporter.feed_table import rows_between, save_rows
from mcs.harness.discrepancy import DiffResult
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.server.faults.actions import ACTIONS, Scope
from tests.server.faulty import TurnedClock, events, put_in_force, turned
from tests.server.running import RunningService
from tests.stories.paired import PairedShop, VirtualClock, paired_shop

PRODUCTS = 6
MOST_RECOVERIES = 3

PARAMETERS: Mapping[str, dict[str, Any]] = {
    "stall": {"seconds": 0.01},
    "trickle": {"piece_bytes": 64, "pause_s": 0.001},
    "late": {"delay_s": 60},
    "replay": {"requests": 1},
}
"""So that it takes no time. Where a name is missing the action's defaults serve."""

PAGE = Path(__file__).parents[2] / "docs" / "fault-matrix.md"

KINDS: Mapping[str, Kind] = {
    "lose": Kind.MISSING,
    "drop_write": Kind.MISSING,
    "corrupt": Kind.CHANGED,
    "duplicate": Kind.DUPLICATED,
    "replay": Kind.DUPLICATED,
    "reject": Kind.REJECTED,
    "stale": Kind.STALE,
    "lose_delete": Kind.UNDELETED,
}
"""What a diff has to say of what was hit, once the exporter has done all it does. Of every other
fault an exporter that sends again recovers, so that nothing is left to say."""

INTRODUCTION = (
    "Made by `python -m tests.stories.fault_matrix docs/fault-matrix.md`: each fault hits each "
    "feed of a small shop, our exporter syncs and recovers as its cron does, and the diff is what "
    "a cell says. A test holds it: what is named is exactly what the faults' journal says was hit."
)

OF_CALLS = (
    "Here a small client sends four items of each resource, or deletes them, and sends again what "
    "was not taken."
)

Found = set[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Played:
    """hit: how many items or requests of each feed. expected, found: feed, key and kind. feeds:
    the names of those that were hit, in the order of the columns."""

    action: str
    hit: Counter[str]
    expected: Found
    found: Found
    feeds: tuple[str, ...] = tuple(feed.name for feed in SEED_FEEDS)

    def outcome(self, feed: str) -> str:
        """A cell of the table."""
        kinds = Counter(kind for name, _, kind in self.found if name == feed)
        return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "in sync"

    def row(self) -> str:
        """A row of the table."""
        cells = " | ".join(map(self.outcome, self.feeds))
        return f"| `{self.action}` | {cells} |"


def play(service: RunningService, clock: TurnedClock, folder: Path, action: str) -> Played:
    """Lets one fault hit every feed of a shop of its own, and recovers as cron would."""
    with paired_shop(folder, service.data_space(), PRODUCTS, VirtualClock().time()) as shop:
        _prepare(shop, action)
        before = len(events(shop.data_space))
        of_requests = ACTIONS[action].scope is Scope.REQUEST
        rule = {"nth": 1} if of_requests else {"every": 2, "count": 2}
        for feed in SEED_FEEDS:
            parameters = PARAMETERS.get(action, {})
            put_in_force(shop.data_space, action, feed=feed.name, parameters=parameters, **rule)
        for feed in SEED_FEEDS:
            _sync(shop, feed, force=action == "stale")
        if action == "replay":
            # The last feed's batch waits for one more request, whatever is in it.
            shop.data_space.post(SEED_FEEDS[0].name, [])
        clock.turn(hours=1)
        happened = events(shop.data_space)[before:]
        return Played(
            action,
            Counter(event["feed"] for event in happened),
            _expected(shop, happened),
            _found(shop.diff()),
        )


def _sync(shop: PairedShop, feed: Feed, *, force: bool) -> None:
    progress = shop.resync(feed.name, force=force)
    for _ in range(MOST_RECOVERIES):
        if progress.clean:
            return
        progress = shop.exporter.full(feed)


def _prepare(shop: PairedShop, action: str) -> None:
    if action == "stale":
        # The service has to have an older version, which is another one.
        put_in_force(shop.data_space, "corrupt", every=1)
        shop.initial_sync()
        assert shop.data_space.control("DELETE", "/faults").status == 200
    if action == "lose_delete":
        shop.initial_sync()
        for feed in SEED_FEEDS:
            for number in range(4):
                _send_ghost(shop, feed, number)


def _send_ghost(shop: PairedShop, feed: Feed, number: int) -> None:
    """Has both sides know an item that the catalog does not have: the next sync deletes it."""
    line = shop.data_space.received(f"?feed={feed.name}&payload=1")[0]
    item = line["item"]
    for path in feed.identity:
        _set(item, path.split("."), str(90_000 + number))
    assert shop.data_space.post(feed.name, [item]).status == 200
    with shop.engine.begin() as connection:
        known = max(
            rows_between(connection, feed, -1, None).values(), key=lambda row: row.source_entity_id
        )
        ghost = replace(
            known,
            feed_id=identity_key(feed, item),
            feed_data={name: item[name] for name in feed.delete_payload if name in item},
            feed_hash=content_hash(feed, item),
        )
        save_rows(connection, feed, [ghost])


def _set(item: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        item = item[name]
    item[path[-1]] = value


def _expected(shop: PairedShop, happened: list[dict[str, Any]]) -> Found:
    expected: Found = set()
    for event in happened:
        kind = KINDS.get(event["action"])
        if kind is None:
            continue
        feed = event["feed"]
        keys = [event["key"]] if event["key"] else _keys_of(shop, feed, event["request_id"])
        expected |= {(feed, key, kind.value) for key in keys}
    return expected


def _keys_of(shop: PairedShop, feed: str, request_id: str) -> list[str]:
    with shop.engine.connect() as connection:
        rows = rows_between(connection, FEEDS[feed], -1, None)
    return [key for key, row in rows.items() if row.request_id == request_id]


def _found(result: DiffResult) -> Found:
    return {(one.feed, one.key, one.kind.value) for one in result.discrepancies}


def page() -> str:
    """The matrices of both dialects as a page in Markdown."""
    # It has what is here.
    from tests.stories.fault_matrix_calls import play_calls

    lines = ["# Every fault on every feed", "", INTRODUCTION, "", *_table(play)]
    lines += ["", "## The catalog data ingestion API", "", OF_CALLS, "", *_table(play_calls)]
    return "\n".join(lines) + "\n"


def _table(played: Callable[[RunningService, TurnedClock, Path, str], Played]) -> list[str]:
    with TemporaryDirectory() as folder, turned(Path(folder) / "service") as (service, clock):
        rows = [played(service, clock, Path(folder) / action, action) for action in ACTIONS]
    names = rows[0].feeds
    head = [f"| fault | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    return [*head, *(row.row() for row in rows)]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
