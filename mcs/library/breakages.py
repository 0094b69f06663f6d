"""What can be wrong with a shop's exporter, each by name; a case switches it on and off.

The exporter itself stays as it is: where it is at fault, one of its ways is another function here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha1
from typing import Any
from uuid import uuid4

import urllib3
from sqlalchemy import Connection

from mcs.contract.answer import Outcome
from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus
from mcs.exporter.collect import Collect, Collected, Collection, collected
from mcs.exporter.due import Due
from mcs.exporter.indexers.indexer import Indexer
from mcs.exporter.service import Service
from mcs.exporter.submit import Reply, Submit
from mcs.exporter.ways import Ways

CRON_DOWN, CHANGES_UNLOGGED = "cron_down", "changes_unlogged"
LABELS_UNNOTICED = "labels_unnoticed"
ADMIN_WEBSITE = "admin"
_CASES = "contract/support-cases.md"


def _unchanged(ways: Ways) -> Ways:
    return ways


@dataclass(frozen=True, slots=True)
class Breakage:
    """wrong: the exporter, or its shop, …. break_ways: its ways, with what is at fault in place."""

    name: str
    wrong: str
    source: str
    break_ways: Callable[[Ways], Ways] = _unchanged


# Of the catalog that is read

_Change = Callable[[Indexer, Collection], Collection]


def _read_otherwise(change: Callable[[], _Change]) -> Callable[[Ways], Ways]:
    """Changes what was collected. change: made anew for each exporter, since it may remember."""

    def broken(ways: Ways) -> Ways:
        return replace(ways, collect=_changed(ways.collect, change()))

    return broken


def _changed(collect: Collect, change: _Change) -> Collect:
    def changed(connection: Connection, indexer: Indexer, ids: Sequence[int]) -> Collection:
        return change(indexer, collect(connection, indexer, ids))

    return changed


def _per_item(feed: str, change: Callable[[Item], Iterable[Item]]) -> Callable[[Ways], Ways]:
    """Each item of a feed becomes others, or none."""

    def change_all(indexer: Indexer, found: Collection) -> Collection:
        if indexer.feed.name != feed:
            return found
        items = [
            collected(indexer.feed, one.source_entity_id, item)
            for one in found.items
            for item in change(one.item)
        ]
        return replace(found, items=items)

    return _read_otherwise(lambda: change_all)


def _spoilt_by_one(_: Indexer, found: Collection) -> Collection:
    if not found.failures:
        return found
    [reason, *_rest] = found.failures.values()
    spoilt = dict.fromkeys((one.source_entity_id for one in found.items), reason)
    return Collection([], found.failures | spoilt)


class _Shuffling:
    """Turns every list by one more place at each reading."""

    def __init__(self) -> None:
        self._readings = 0

    def __call__(self, indexer: Indexer, found: Collection) -> Collection:
        self._readings += 1
        turned = [
            collected(indexer.feed, one.source_entity_id, self._turned(one.item))
            for one in found.items
        ]
        return replace(found, items=turned)

    def _turned(self, item: Item) -> Item:
        return {name: self._turned_value(value) for name, value in item.items()}

    def _turned_value(self, value: Any) -> Any:
        if not isinstance(value, list) or len(value) < 2:
            return value
        start = self._readings % len(value)
        return value[start:] + value[:start]


def _named_by_path(indexer: Indexer, found: Collection) -> Collection:
    if indexer.feed.name != "categories":
        return found
    return replace(found, items=[_renamed(one) for one in found.items])


def _renamed(one: Collected) -> Collected:
    name = f"{one.item.get('urlPath')} {one.item['storeViewCode']}"
    return replace(one, feed_id=sha1(name.encode(), usedforsecurity=False).hexdigest())


def _without_zero(price: Item) -> list[Item]:
    return [] if price["type"] == "SIMPLE" and not price["regular"] else [price]


def _percentage_as_amount(price: Item) -> list[Item]:
    discounts = [_as_amount(one) for one in price["discounts"] or ()]
    return [{**price, "discounts": discounts or None}]


def _as_amount(discount: Mapping[str, Any]) -> Mapping[str, Any]:
    if discount["code"] != "special_price" or "percentage" not in discount:
        return discount
    return {"code": discount["code"], "price": discount["percentage"]}


def _with_admin_scope(price: Item) -> list[Item]:
    if price["websiteCode"] != "base":
        return [price]
    return [price, {**price, "websiteCode": ADMIN_WEBSITE}]


# Of batches and what is sent


def _closed_on_updates(due: Iterable[Due], size: int) -> Iterator[list[Due]]:
    some: list[Due] = []
    for entry in due:
        some.append(entry)
        if sum(one.known for one in some) == size:
            yield some
            some = []
    if some:
        yield some


def sent_otherwise(change: Callable[[Submit], Submit]) -> Callable[[Ways], Ways]:
    """Changes how an exporter sends batches."""

    def broken(ways: Ways) -> Ways:
        def submitter(
            service: Service, pool: urllib3.PoolManager, clock: Callable[[], datetime]
        ) -> Submit:
            return change(ways.submitter(service, pool, clock))

        return replace(ways, submitter=submitter)

    return broken


def _without_deletes(submit: Submit) -> Submit:
    def submit_the_rest(feed: Feed, items: Sequence[Item]) -> Reply:
        rest = [item for item in items if not item["deleted"]]
        reply = submit(feed, rest) if rest else Reply(str(uuid4()), [], 200, "OK")
        answered = iter(reply.outcomes)
        taken = Outcome(ExportStatus.SUBMITTED, "")
        outcomes = [taken if item["deleted"] else next(answered) for item in items]
        return replace(reply, outcomes=outcomes)

    return submit_the_rest


def _without_retry_after(submit: Submit) -> Submit:
    return lambda feed, items: replace(submit(feed, items), retry_after_s=None)


def _with_one_token(ways: Ways) -> Ways:
    def submitter(
        service: Service, pool: urllib3.PoolManager, clock: Callable[[], datetime]
    ) -> Submit:
        started = clock()
        return ways.submitter(service, pool, lambda: started)

    return replace(ways, submitter=submitter)


_ALL = (
    Breakage(CRON_DOWN, "never runs its cron jobs", f'{_CASES}, "cron-or-indexer-mode"'),
    Breakage(
        CHANGES_UNLOGGED,
        "has no database triggers (Update on Save, or a dump restored without them), so that "
        "edits do not reach the change log",
        f'{_CASES}, "cron-or-indexer-mode"',
    ),
    Breakage(
        LABELS_UNNOTICED,
        "does not note products as changed whose attributes get other labels",
        f'{_CASES}, reserve list, "attribute option label … change not propagated"',
    ),
    Breakage(
        "one_bad_product_spoils_its_batch",
        "collects nothing of a chunk in which one product cannot be read",
        f'{_CASES}, "poison-item"',
        _read_otherwise(lambda: _spoilt_by_one),
    ),
    Breakage(
        "lists_unsorted",
        "reads lists in another order each time",
        f'{_CASES}, "phantom-changes"',
        _read_otherwise(_Shuffling),
    ),
    Breakage(
        "categories_named_by_url_path",
        "names categories by URL path and store view instead of by their ids",
        f'{_CASES}, "category-move-storm"',
        _read_otherwise(lambda: _named_by_path),
    ),
    Breakage(
        "zero_prices_dropped",
        "makes no item of a simple product's price that is 0",
        f'{_CASES}, "price-scope-matrix"',
        _per_item("prices", _without_zero),
    ),
    Breakage(
        "bundle_percentage_as_amount",
        "sends the percentage of a bundle's special price as an amount",
        f'{_CASES}, "price-scope-matrix"',
        _per_item("prices", _percentage_as_amount),
    ),
    Breakage(
        "admin_scope_exported",
        "exports prices for the admin website as well",
        f'{_CASES}, "price-scope-matrix"',
        _per_item("prices", _with_admin_scope),
    ),
    Breakage(
        "batches_closed_on_updates",
        "counts only updates when it fills a batch, not what is new",
        f'{_CASES}, "batch-too-big"',
        lambda ways: replace(ways, batched=_closed_on_updates),
    ),
    Breakage(
        "deletes_lost",
        "notes deletes as sent and never sends them",
        f'{_CASES}, "deleted-still-there"',
        sent_otherwise(_without_deletes),
    ),
    Breakage(
        "retry_after_unread",
        "does not wait as Retry-After asks, which no genuine exporter does",
        'contract/wire.md, "What the exporter does per HTTP status"',
        sent_otherwise(_without_retry_after),
    ),
    Breakage(
        "token_kept",
        "signs once per sync, as older connectors do, and not once per request",
        'contract/wire.md, "JWT"',
        _with_one_token,
    ),
)

BREAKAGES: Mapping[str, Breakage] = {breakage.name: breakage for breakage in _ALL}
"""Everything that can be wrong, by name."""
