"""What a batch leaves of each item, where that depends on what is held: updates, and price books.

It is found out within the transaction that records the batch, so that two updates of an item at
the same time both count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Connection, select

from mcs.contract.calls import Operation
from mcs.contract.canonical import content_hash
from mcs.contract.catalog import MERGES, SETTLES, TREES
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.merging import merged
from mcs.server.faults.applying import Script
from mcs.server.faults.candidates import Candidates
from mcs.server.store import inbox
from mcs.server.store.reading import item_texts
from mcs.server.store.tables import Items
from mcs.server.store.values import AcceptedItem, Batch


def looks_back(batch: Batch) -> bool:
    """Whether what is held has to be known before a batch, or after it for what hangs below."""
    if batch.operation in (Operation.SEND, Operation.MERGE):
        return batch.operation is Operation.MERGE
    return batch.feed in SETTLES or batch.feed in TREES


def settled(
    connection: Connection, data_space: str, batch: Batch, script: Script | None
) -> tuple[Batch, Script | None]:
    """The batch as it is recorded, and its script about that.

    An update of what does not exist is left out: it has no effect (contract/ingestion-api.md).
    """
    is_merge = batch.operation is Operation.MERGE
    settles = SETTLES.get(batch.feed) if batch.operation is not Operation.DELETE else None
    if not (is_merge or settles) or not batch.accepted:
        return batch, script
    inbox.sort_in_all(connection, data_space)
    held: dict[str, Any] = _held(connection, data_space, batch)
    sent = orjson.loads(batch.body)
    kept: list[AcceptedItem] = []
    contents: dict[int, Any] = {}
    for item in batch.accepted:
        current, content = held.get(item.key), sent[item.index]
        if is_merge and item.key not in held:
            continue
        # A data space that records all takes what is no object, too.
        if isinstance(current, dict) and isinstance(content, dict):
            content = merged(MERGES[batch.feed], current, content) if is_merge else content
            content = settles(current, content) if settles else content
        held[item.key] = content
        if isinstance(content, dict) and content != sent[item.index]:
            contents[item.index] = content
            item = item._replace(hash=content_hash(ALL_FEEDS[batch.feed], content))
        kept.append(item)
    return replace(batch, accepted=kept, settled=contents), _about(script, kept, sent, contents)


def _about(
    script: Script | None,
    kept: Sequence[AcceptedItem],
    sent: Sequence[Any],
    contents: Mapping[int, Any],
) -> Script | None:
    """A script about what is recorded of the items."""
    if script is None:
        return None
    recorded = {item.index: contents.get(item.index, sent[item.index]) for item in kept}
    candidates = Candidates(script.feed, recorded, list(recorded))
    by_item = [
        (rule, candidates.among([index for index in matching.indexes if index in recorded]))
        for rule, matching in script.by_item
    ]
    return replace(script, candidates=candidates, by_item=by_item)


def _held(connection: Connection, data_space: str, batch: Batch) -> dict[str, Any]:
    keys = sorted({item.key for item in batch.accepted})
    held: dict[str, Any] = {}
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        some = keys[start : start + _KEYS_PER_QUERY]
        query = (
            select(Items.key, Items.request, Items.item_index)
            .where(
                Items.data_space == data_space,
                Items.feed == batch.feed,
                Items.key.in_(some),
                Items.deleted.is_(False),
            )
            .order_by(Items.key)
            .with_for_update()
        )
        rows = connection.execute(query).all()
        held |= {row.key: content for row, content in with_contents(connection, rows)}
    return held


def with_contents(connection: Connection, rows: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Rows that have `request` and `item_index`, each with the JSON value of its item."""
    texts = item_texts(connection, [(row.request, row.item_index) for row in rows])
    return [(row, orjson.loads(texts[row.request, row.item_index])) for row in rows]


_KEYS_PER_QUERY = 500
