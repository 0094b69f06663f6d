"""`mcs demo`: a catalog travels from a generated shop to the service, and the diff tells the end.

It joins all rooms, so it stands above them: the server runs as a process of its own and is met
over HTTP; the exporter and the harness run here.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha1
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from sqlalchemy import Engine

from mcs.called import MAGENTO
from mcs.contract.conversions import CONVERSIONS
from mcs.contract.dialects import CATALOG_DIALECT, DIALECTS, FEEDS_DIALECT
from mcs.contract.feeds import SEED_FEEDS, Feed
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.feed_table import rows_between
from mcs.exporter.progress import progress_line
from mcs.exporter.run import Exporter, Resync
from mcs.exporter.sent import sent_items
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.exporter.sync import Progress
from mcs.fixtures.catalog import Catalog
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.reports.document import to_document
from mcs.harness.reports.text import render_text
from mcs.harness.sides import SentSide
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.items import SentItems
from mcs.harness.sources.service import Service
from mcs.pairing import ask_control, connect_shop, connect_to_ingestion, fresh_folder
from mcs.server_process import NotStarted, server_process
from mcs.story_options import json_only_option, story_folder_option

IN_SYNC, DISCREPANCIES, COULD_NOT_TELL = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Story:
    """What the demo did: where the server is, what it sent, what was lost on purpose."""

    url: str
    data_space_id: str
    progress: list[Progress]
    lost: list[dict[str, Any]]
    digests: dict[str, str]
    result: DiffResult


@click.command()
@click.option("--products", default=1000, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=42, show_default=True, help="The same seed, the same catalog.")
@click.option(
    "--lose",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Items that the server answers as accepted and then loses.",
)
@click.option(
    "--dialect",
    "dialect_name",
    type=click.Choice(list(DIALECTS)),
    default=FEEDS_DIALECT.name,
    show_default=True,
    help="The API that the exporter speaks with the service.",
)
@json_only_option
@click.option("--keep", is_flag=True, help="Leave the server running until Ctrl-C.")
@story_folder_option("The demo works in the folder demo below it, and empties that first.")
def demo(
    products: int,
    seed: int,
    lose: int,
    dialect_name: str,
    as_json: bool,
    keep: bool,
    var: Path,
) -> None:
    """Generate a catalog, export all feeds to a mock service, and diff both sides.

    Exit code: 0 in sync, 1 discrepancies, 3 the server did not start.
    """
    console = Console(stderr=True, quiet=as_json)
    home = fresh_folder(var / "demo")
    with _server(home) as url:
        console.print(f"The service listens on {url}.", highlight=False)
        catalog, spoken = Catalog(seed=seed, products=products), _SPOKEN[dialect_name]
        story = _tell(url, home, catalog, lose, spoken, console)
        if as_json:
            click.echo(json.dumps(_document(story, products, seed), ensure_ascii=False, indent=2))
        else:
            _show(story, lose, home, spoken, keep=keep)
        if keep:
            _wait_for_interrupt(console)
    sys.exit(DISCREPANCIES if story.result.discrepancies else IN_SYNC)


def _tell(
    url: str, home: Path, catalog: Catalog, lose: int, spoken: "_Spoken", console: Console
) -> Story:
    settings = replace(
        Settings.from_env(os.environ), var=home, database_url=None, persist_payload=True
    )
    engine = open_shop(settings)
    try:
        settings_of_space = {"catalog_requests_per_minute": None}
        wanted = {"name": "demo", "settings": settings_of_space}
        data_space = ask_control(url, "POST", "/data-spaces", wanted)
        spoken.connect(engine, url, data_space)
        console.print(f"Generating {catalog.products} products (seed {catalog.seed}) …")
        load_catalog(engine, catalog, lambda _: None)
        if lose:
            # Spread over the run: every nth item, where n leaves room for all of them.
            every = max(1, catalog.products * spoken.least_items // lose)
            fault = {"action": "lose", "every": every, "count": lose}
            ask_control(url, "POST", f"/data-spaces/{data_space['id']}/faults", fault)
        progress = [_export(engine, settings, feed, console) for feed in spoken.feeds]
        journal = ask_control(url, "GET", f"/data-spaces/{data_space['id']}/faults/journal")
        return Story(
            url=url,
            data_space_id=data_space["id"],
            progress=progress,
            lost=journal["events"],
            digests={feed.name: _digest(engine, feed) for feed in spoken.feeds},
            result=_diff(spoken, spoken.sent(engine, home), url, data_space["id"]),
        )
    finally:
        engine.dispose()


def _export(engine: Engine, settings: Settings, feed: Feed, console: Console) -> Progress:
    with progress_line(console, feed.name) as watch:
        return Exporter(engine, settings).resync(feed, Resync(), watch)


def _diff(
    spoken: "_Spoken",
    opened_sent: AbstractContextManager[SentSide],
    url: str,
    data_space_id: str,
) -> DiffResult:
    with opened_sent as sent, Service(url, data_space_id) as received:
        return diff(sent, received, Options(spoken.received))


@dataclass(frozen=True, slots=True)
class _Spoken:
    """How the story goes in a dialect.

    feeds: that are synced. received: what they are in the service; None: the same, and whatever
    else is there. sent: opens what the exporter says it sent. least_items: per product. compare:
    how a person compares again.
    """

    feeds: tuple[Feed, ...]
    received: tuple[Feed, ...] | None
    connect: Callable[[Engine, str, dict[str, Any]], None]
    sent: Callable[[Engine, Path], AbstractContextManager[SentSide]]
    least_items: int
    compare: str


def _sent_feeds(_: Engine, home: Path) -> AbstractContextManager[SentSide]:
    return opened(home / "commerce.sqlite")


def _sent_to_ingestion(engine: Engine, _: Path) -> AbstractContextManager[SentSide]:
    return SentItems(sent_items(engine), "what the connector sent")


_SPOKEN = {
    FEEDS_DIALECT.name: _Spoken(SEED_FEEDS, None, connect_shop, _sent_feeds, 10, "mcs diff"),
    CATALOG_DIALECT.name: _Spoken(
        tuple(feed for feed in SEED_FEEDS if feed.name in CONVERSIONS),
        tuple(
            {
                conversion.target.name: conversion.target for conversion in CONVERSIONS.values()
            }.values()
        ),
        connect_to_ingestion,
        _sent_to_ingestion,
        5,
        "mcs exporter sent sent.ndjson && mcs diff --sent sent.ndjson",
    ),
}


def _digest(engine: Engine, feed: Feed) -> str:
    """One hash over all identities and content hashes of a feed: equal catalogs, equal digests."""
    with engine.connect() as connection:
        rows = rows_between(connection, feed, -1, None)
    lines = sorted(f"{feed_id}{row.feed_hash}" for feed_id, row in rows.items())
    return sha1("\n".join(lines).encode(), usedforsecurity=False).hexdigest()


def _document(story: Story, products: int, seed: int) -> dict[str, Any]:
    return {
        **to_document(story.result),
        "demo": {
            "products": products,
            "seed": seed,
            "data_space": story.data_space_id,
            "submitted": {part.feed.name: part.submitted for part in story.progress},
            "failed": {part.feed.name: part.failed for part in story.progress},
            "lost": [{"feed": e["feed"], "identity": e["identity"]} for e in story.lost],
            "digests": story.digests,
        },
    }


def _show(story: Story, lose: int, home: Path, spoken: "_Spoken", *, keep: bool) -> None:
    console = Console()
    render_text(story.result, console)
    if lose:
        lost = {(event["feed"], event["key"]) for event in story.lost}
        named = {(found.feed, found.key) for found in story.result.discrepancies}
        verdict = "exactly those" if lost == named else "NOT exactly those"
        console.print(f"The server lost {len(lost)} items on purpose; the diff names {verdict}.")
        if len(lost) < lose:
            console.print(f"(The catalog has too few items to lose {lose}.)")
    resync = f"{MAGENTO} saas:resync --feed products --no-reindex"
    served = "" if keep else f"mcs serve --var {home} --port {story.url.rpartition(':')[2]} &\n  "
    console.print(
        "\nWhere to look next:\n"
        f"  {served}export MCS_VAR={home}\n"
        f"  {resync:<53}  # send it all again\n"
        f"  {spoken.compare:<53}  # compare again\n"
        f"  {home}/log/                                     # what the exporter noted\n"
        f"  {home}/commerce.sqlite, {home}/server.sqlite    # both sides' databases",
        highlight=False,
        soft_wrap=True,
    )


@contextmanager
def _server(home: Path) -> Iterator[str]:
    try:
        with server_process(home, tied=True) as server:
            yield server.url
    except NotStarted as error:
        click.echo(f"Error: {error}; see what it said above.", err=True)
        sys.exit(COULD_NOT_TELL)


def _wait_for_interrupt(console: Console) -> None:
    console.print("The service keeps running; Ctrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("Stopped.")
