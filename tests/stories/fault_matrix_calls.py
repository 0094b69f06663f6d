"""Every fault on every resource of the ingestion API: what a client that sends again recovers, and
whether the diff names just the rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import urllib3

from mcs.contract.canonical import identity_key
from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus
from mcs.harness.diff import diff
from mcs.harness.sources.opening import open_sent
from mcs.harness.sources.service import Service
from mcs.server.faults.actions import ACTIONS, Scope
from tests.contract.mutations import complete_item
from tests.server.catalog_client import CatalogClient, catalog_client
from tests.server.faulty import TurnedClock, events, put_in_force
from tests.server.running import RunningService
from tests.stories.fault_matrix import KINDS, PARAMETERS, Found, Played

ITEMS = 4
MOST_TRIES = 4
SKEWED_S = 2 * 24 * 3600
"""So that a token has expired by it."""


@dataclass
class _Sender:
    """A client that sends again what was not taken, but for items that were refused by name.

    sent: the lines of what was sent, by feed and key. carried: the keys of each request.
    """

    client: CatalogClient
    sent: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    carried: dict[str, list[str]] = field(default_factory=dict)

    def bring(self, feed: Feed, items: Sequence[Any], *, delete: bool = False) -> None:
        left = list(items)
        for _ in range(MOST_TRIES):
            refused = self._tried(feed, left, delete=delete)
            if refused is not None:
                for index in refused:
                    self._note(feed, left[index], delete, ExportStatus.FAILED_ITEM)
                left = [item for index, item in enumerate(left) if index not in refused]
                if not refused or not left:
                    break
        for item in left:
            self._note(feed, item, delete, ExportStatus.SUBMITTED)

    def _tried(self, feed: Feed, items: Sequence[Any], *, delete: bool) -> set[int] | None:
        """The items that were refused by name; none if all were taken; None if nobody knows."""
        request_id = str(uuid4())
        self.carried[request_id] = [identity_key(feed, item) for item in items]
        try:
            answer = self.client.call(
                feed.name, list(items), delete=delete, headers={"X-Request-Id": request_id}
            )
            said = answer.json() if answer.status == 400 else {"errors": []}
        except (urllib3.exceptions.HTTPError, ValueError):
            return None
        if answer.status not in (200, 400):
            return None
        return {error["itemIndex"] for error in said["errors"]}

    def _note(self, feed: Feed, item: Any, delete: bool, status: ExportStatus) -> None:
        line = {"feed": feed.name, "item": item, "deleted": delete, "status": int(status)}
        self.sent[feed.name, identity_key(feed, item)] = line

    def found(self, folder: Path) -> Found:
        """What the diff says."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "sent.ndjson"
        path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in self.sent.values()))
        space = self.client.space
        with open_sent(str(path)) as sent, Service(space.url, space.id) as received:
            result = diff(sent, received)
        return {(one.feed, one.key, one.kind.value) for one in result.discrepancies}


def play_calls(service: RunningService, clock: TurnedClock, folder: Path, action: str) -> Played:
    """Lets one fault hit every resource of a tenant of its own."""
    client = catalog_client(service, catalog_requests_per_minute=None)
    sender = _Sender(client)
    _prepare(sender, action)
    before = len(events(client.space))
    of_requests = ACTIONS[action].scope is Scope.REQUEST
    rule = {"nth": 1} if of_requests else {"every": 2, "count": 2}
    parameters = {"seconds": SKEWED_S} if action == "skew" else PARAMETERS.get(action, {})
    for feed in CATALOG_FEEDS.values():
        put_in_force(client.space, action, feed=feed.name, parameters=parameters, **rule)
    for feed in CATALOG_FEEDS.values():
        if action == "lose_delete":
            sender.bring(feed, [_name_of(feed, item) for item in _items(feed)], delete=True)
        else:
            sender.bring(feed, _items(feed))
    # The last batch that is to be replayed waits for one more request, whatever is in it.
    sender.bring(next(iter(CATALOG_FEEDS.values())), [])
    clock.turn(hours=1)
    happened = events(client.space)[before:]
    return Played(
        action,
        Counter(event["feed"] for event in happened),
        set(_expected(sender, happened)),
        sender.found(folder),
        tuple(CATALOG_FEEDS),
    )


def _prepare(sender: _Sender, action: str) -> None:
    if action not in ("stale", "lose_delete"):
        return
    space = sender.client.space
    if action == "stale":
        # The service has to have an older version, which is another one.
        put_in_force(space, "corrupt", every=1)
    for feed in CATALOG_FEEDS.values():
        sender.bring(feed, _items(feed))
    assert space.control("DELETE", "/faults").status == 200


def _items(feed: Feed) -> list[Any]:
    return [
        {**complete_item(feed.name), feed.identity[0]: f"item-{number}"} for number in range(ITEMS)
    ]


def _name_of(feed: Feed, item: Any) -> Any:
    return {name: item[name] for name in feed.delete_payload}


def _expected(sender: _Sender, happened: list[dict[str, Any]]) -> Found:
    expected: Found = set()
    for event in happened:
        kind = KINDS.get(event["action"])
        if kind is not None:
            keys = [event["key"]] if event["key"] else sender.carried[event["request_id"]]
            expected |= {(event["feed"], key, kind.value) for key in keys}
    return expected
