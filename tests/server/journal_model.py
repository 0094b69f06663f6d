"""What a service must hold, told from what was sent and from the journal of its faults alone.

It knows no rules and no server: it is what a harness may conclude.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Item = dict[str, Any]
Event = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A request as it was sent; items: None if nobody could read it."""

    request_id: str
    at: str
    items: Sequence[Item] | None
    refused: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Write:
    """One write of an item. again: whether its request had brought it before."""

    item: Item
    request_id: str
    counts_as_repeat: bool = True


@dataclass
class Waiting:
    """Writes that wait for further requests, or for a moment."""

    writes: list[Write]
    since: str
    requests: int | None
    due_at: datetime | None


@dataclass
class Model:
    """The record as it must be. held: by SKU, the item, its versions and its repeats."""

    keeps_valid_items: bool
    held: dict[str, tuple[Item, int, int]] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    carried: set[tuple[str, str]] = field(default_factory=set)

    def take(self, sent: Sent, events: Iterable[Event]) -> None:
        """Lets a request come with what the journal says of it."""
        now = datetime.fromisoformat(sent.at)
        self.let_come(now)
        own = [event for event in events if event["request_id"] == sent.request_id]
        self._record(sent, own)
        for waiting in self.waiting:
            if waiting.requests is not None and waiting.since != sent.request_id:
                waiting.requests -= 1
        self.let_come(now)

    def let_come(self, now: datetime) -> None:
        """Lets time go on until now."""
        due = [
            each
            for each in self.waiting
            if (each.due_at is not None and each.due_at <= now)
            or (each.requests is not None and each.requests <= 0)
        ]
        for each in sorted(due, key=lambda each: each.due_at or now):
            self._write(each.writes)
        self.waiting = [each for each in self.waiting if each not in due]

    def _record(self, sent: Sent, events: Sequence[Event]) -> None:
        of_request = [event for event in events if event["index"] is None]
        if sent.items is None or not all(event["recorded"] for event in of_request):
            return
        refused = sent.refused | {e["index"] for e in events if e["action"] == "reject"}
        if refused and not self.keeps_valid_items:
            return
        groups = []
        for index, item in enumerate(sent.items):
            if index not in refused:
                own = [event for event in events if event["index"] == index]
                groups += self._group(sent, item, own)
        for event in of_request:
            if event["action"] == "reorder":
                groups.reverse()
            if event["action"] == "replay":
                self._hold_back(sent, event, [group[0] for group in groups])
        self._write(write for group in groups for write in group)

    def _group(self, sent: Sent, item: Item, events: Sequence[Event]) -> list[list[Write]]:
        copies, older, late = 1, [], None
        for event in events:
            if event["action"] == "corrupt":
                [name] = event["change"]["pointer"].split("/")[1:]
                assert item[name] == event["change"]["before"]
                item = item | {name: event["change"]["after"]}
            if event["action"] == "duplicate":
                copies += 1
            if event["action"] == "stale":
                older = [Write(event["change"]["after"], "", counts_as_repeat=False)]
            if event["action"] == "late":
                late = event
            if not event["recorded"]:
                return []
        writes = [Write(item, sent.request_id)] * copies + older
        if late is not None:
            self._hold_back(sent, late, writes)
            return []
        return [writes]

    def _hold_back(self, sent: Sent, event: Event, writes: list[Write]) -> None:
        delay_s, requests = event["due"]["delay_s"], event["due"]["requests"]
        due_at = None
        if delay_s is not None:
            due_at = datetime.fromisoformat(event["at"]) + timedelta(seconds=delay_s)
        self.waiting.append(Waiting(writes, sent.request_id, requests, due_at))

    def _write(self, writes: Iterable[Write]) -> None:
        for write in writes:
            sku = write.item["sku"]
            _, versions, repeats = self.held.get(sku, ({}, 0, 0))
            again = write.counts_as_repeat and (write.request_id, sku) in self.carried
            self.carried.add((write.request_id, sku))
            self.held[sku] = (write.item, versions + 1, repeats + again)
