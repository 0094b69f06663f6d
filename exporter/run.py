"""Wiring: one sync of one feed against the configured service, with its logs."""

from collections.abc import Callable
from datetime import UTC, datetime

import urllib3
from sqlalchemy import Engine

from mcs.contract.feeds import FEEDS, Feed
from mcs.exporter import feed_table
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.logs import TransmissionLog
from mcs.exporter.service import configured_service
from mcs.exporter.settings import Settings
from mcs.exporter.submit import submitter
from mcs.exporter.sync import Progress, Sync


def open_shop(settings: Settings) -> Engine:
    """The commerce database of these settings, made where there is none yet."""
    settings.var.mkdir(parents=True, exist_ok=True)
    return open_commerce(settings.database)


def resync(
    engine: Engine,
    settings: Settings,
    feed: Feed,
    *,
    reindex: bool = True,
    cleanup: bool = False,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Syncs a whole feed, as `saas:resync` does; cleanup: forget first what was sent.

    Raises UsageError if the exporter is not configured; nothing is changed then.
    """
    with engine.begin() as connection:
        service = configured_service(connection, list(FEEDS))
        feed_table.create_feed_tables(connection)
        if cleanup:
            feed_table.empty_feed_table(connection, feed)
    log = TransmissionLog(settings.log_dir, service, extended=settings.extended_log)
    pool = urllib3.PoolManager()
    try:
        return Sync(
            engine=engine,
            submit=submitter(service, pool, _now),
            clock=_now,
            watch=watch,
            on_batch=log.batch,
            persist_payload=settings.persist_payload,
        ).full(INDEXERS[feed.name], reindex=reindex)
    finally:
        pool.clear()
        log.close()


def _now() -> datetime:
    return datetime.now(UTC)
