"""`bin/magento indexer:…`: the state of each feed's indexer, and reindexing on demand.

Source: contract/lifecycle.md, "Full sync"; contract/feeds.md for the indexers' ids.
"""

import os
import sys

import click
from sqlalchemy import Engine

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, SEED_FEEDS, Feed
from mcs.exporter.commerce.change_log import backlog
from mcs.exporter.commerce.indexer_state import indexer_states, invalidate
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop


@click.command("indexer:reindex")
@click.argument("indexers", nargs=-1, metavar="[INDEXER]...")
def indexer_reindex(indexers: tuple[str, ...]) -> None:
    """Collect everything for these indexers' feeds (default: all) and send what changed.

    Collecting and sending is one pass, as in today's Commerce.
    """
    # Of the indexers' commands this one alone sends, and loads what that takes.
    from mcs.exporter.resync_cli import ITEMS_FAILED

    settings = Settings.from_env(os.environ)
    engine = open_shop(settings)
    try:
        clean = [_reindex(engine, settings, feed) for feed in _feeds_of(indexers)]
    finally:
        engine.dispose()
    sys.exit(0 if all(clean) else ITEMS_FAILED)


@click.command("indexer:status")
@click.argument("indexers", nargs=-1, metavar="[INDEXER]...")
def indexer_status(indexers: tuple[str, ...]) -> None:
    """Show of each indexer whether it is Ready, and how many changes wait for it."""
    wanted = _feeds_of(indexers)
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.connect() as connection:
            states = indexer_states(connection)
            waiting = {feed.name: backlog(connection, feed.name) for feed in wanted}
    finally:
        engine.dispose()
    for feed in wanted:
        shown = states[feed.name].status.shown
        click.echo(f"{feed.indexer:<45} {shown:<17} Schedule   {waiting[feed.name]} in backlog")


@click.command("indexer:reset")
@click.argument("indexers", nargs=-1, metavar="[INDEXER]...")
def indexer_reset(indexers: tuple[str, ...]) -> None:
    """Mark indexers as in need of a reindex (default: all)."""
    wanted = _feeds_of(indexers)
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.begin() as connection:
            invalidate(connection, [feed.name for feed in wanted])
    finally:
        engine.dispose()
    for feed in wanted:
        click.echo(f"{feed.indexer} has been invalidated.")


def _reindex(engine: Engine, settings: Settings, feed: Feed) -> bool:
    from rich.console import Console

    from mcs.exporter.locks import FeedLocked
    from mcs.exporter.progress import progress_line
    from mcs.exporter.resync_cli import report
    from mcs.exporter.run import Exporter

    try:
        with progress_line(Console(stderr=True), feed.name) as watch:
            outcome = Exporter(engine, settings).full(feed, watch)
    except FeedLocked as locked:
        click.echo(f"{feed.name}: {locked}.", err=True)
        return False
    report(outcome, settings)
    return outcome.clean


def _feeds_of(indexers: tuple[str, ...]) -> list[Feed]:
    by_indexer = {feed.indexer: feed for feed in FEEDS.values()}
    for name in indexers:
        if name not in by_indexer:
            known = ", ".join(by_indexer)
            raise UsageError(f'unknown indexer "{name}". Take one of: {known}.')
    return [by_indexer[name] for name in indexers] or list(SEED_FEEDS)
