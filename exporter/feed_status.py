"""Tells a mock service how a feed stands after a run, for its page Data Feed Sync Status.

It is told once per run, and only to a service that took the reports of the run itself.
"""

from typing import Any

import urllib3
from sqlalchemy import Connection

from mcs.contract.canonical import Item, identity
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed
from mcs.exporter import feed_table
from mcs.exporter.commerce import change_log
from mcs.exporter.commerce.indexer_state import indexer_states
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.service import Service

TIMEOUT = urllib3.Timeout(connect=2, read=2)
ITEMS_TOLD = 100
ERROR_LENGTH = 1_000


def tell_feed_status(
    connection: Connection, feed: Feed, service: Service, token: str | None
) -> None:
    """Sends how the feed stands. A service that is away, or refuses, is left alone."""
    base = f"{service.base_url.rstrip('/')}/control/data-spaces/{service.data_space_id}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status = feed_status(connection, feed)
    with urllib3.PoolManager(retries=False, timeout=TIMEOUT, headers=headers) as pool:
        try:
            pool.request("PUT", f"{base}/feed-status/{feed.name}", json=status)
        except urllib3.exceptions.HTTPError:
            # What matters is the sync; the page says when it was told last.
            return


def feed_status(connection: Connection, feed: Feed) -> dict[str, Any]:
    """The columns of the page (contract/admin-pages.md, "Data Feed Sync Status").

    items: those that failed, the newest first, as many as are told.
    """
    counts = feed_table.counts(connection, feed)
    return {
        "source_records": INDEXERS[feed.name].count_sources(connection),
        "sent": counts.sent,
        "failed": counts.failed,
        "waiting": change_log.backlog(connection, feed.name),
        "indexer": indexer_states(connection)[feed.name].status.shown,
        "items": [_item(feed, row) for row in feed_table.failed_rows(connection, feed, ITEMS_TOLD)],
    }


def _item(feed: Feed, row: feed_table.FeedRow) -> dict[str, Any]:
    return {
        "feed_id": row.feed_id,
        "entity_id": row.source_entity_id,
        "identity": _identity(feed, row.feed_data),
        "status": int(row.status),
        "modified_at": row.modified_at.isoformat(),
        "deleted": row.is_deleted,
        "request_id": row.request_id,
        "error": row.errors[:ERROR_LENGTH],
    }


def _identity(feed: Feed, item: Item) -> dict[str, str]:
    try:
        return identity(feed, item)
    except MissingIdentity:
        return {}
