"""`bin/magento saas:resync`, as the seed and today's Commerce have it."""

import os
import sys

import click
from rich.console import Console

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed, feed_by_cli_name
from mcs.exporter import feed_table
from mcs.exporter.ids import IdType, source_ids
from mcs.exporter.locks import FeedLocked
from mcs.exporter.progress import progress_line
from mcs.exporter.run import Exporter, Resync
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.exporter.sync import Progress

ITEMS_FAILED = 1
SHOWN_REASONS = 5
SENT_BEFORE_PRODUCTS = ("productattributes", "productoverrides")


@click.command("saas:resync")
@click.option("--feed", "feed_name", required=True, help="Which entity to resync: products, …")
@click.option(
    "--no-reindex", is_flag=True, help="Send again what was collected before, without reindexing."
)
@click.option("--cleanup-feed", is_flag=True, help="Empty the feed's table before the sync.")
@click.option("--force", is_flag=True, help="Send what is in sync, too.")
@click.option("--continue-resync", is_flag=True, help="Go on where an interrupted resync stopped.")
@click.option("--by-ids", help="Only these, as a comma list, whether they changed or not.")
@click.option(
    "--id-type",
    type=click.Choice([str(kind) for kind in IdType]),
    default=str(IdType.SKU),
    show_default=True,
)
@click.option("--dry-run", is_flag=True, help="Collect and log, but send and remember nothing.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Items per request.")
@click.option("--thread-count", type=click.IntRange(1, 64), help="Requests under way at once.")
def saas_resync(
    feed_name: str, by_ids: str | None, id_type: str, cleanup_feed: bool, **options: object
) -> None:
    """Collect a feed and send it to Commerce Services.

    Exit code: 0 all sent, 1 items failed or the service is away, 2 a wrong call or configuration.
    """
    feed = feed_by_cli_name(feed_name)
    wanted = Resync(
        reindex=not options["no_reindex"],
        cleanup=cleanup_feed,
        force=bool(options["force"]),
        resume=bool(options["continue_resync"]),
        dry_run=bool(options["dry_run"]),
        batch_size=_number(options["batch_size"]),
        # Items named one by one go one after the other, as in Commerce.
        threads=1 if by_ids is not None else _number(options["thread_count"]),
    )
    _refuse_contradictions(wanted, by_ids)
    if cleanup_feed and not wanted.dry_run and sys.stdin.isatty():
        click.confirm(f"Empty the feed table of {feed.name}, then send it all again?", abort=True)
    _run(feed, wanted, by_ids, IdType(id_type))


def _run(feed: Feed, wanted: Resync, by_ids: str | None, id_type: IdType) -> None:
    settings = Settings.from_env(os.environ)
    engine = open_shop(settings)
    try:
        with engine.connect() as connection:
            if by_ids is not None:
                ids = source_ids(connection, feed, by_ids, id_type)
                wanted = Resync(
                    by_ids=ids, dry_run=wanted.dry_run, batch_size=wanted.batch_size, threads=1
                )
            if warning := _order_warning(feed, feed_table.never_sent(connection)):
                click.echo(warning, err=True)
        with progress_line(Console(stderr=True), feed.name) as watch:
            outcome = Exporter(engine, settings).resync(feed, wanted, watch)
    except FeedLocked as locked:
        click.echo(f"{feed.name}: {locked}. Wait for its end, then run this again.", err=True)
        sys.exit(ITEMS_FAILED)
    finally:
        engine.dispose()
    report(outcome, settings, dry_run=wanted.dry_run)
    sys.exit(0 if outcome.clean else ITEMS_FAILED)


def report(outcome: Progress, settings: Settings, *, dry_run: bool = False) -> None:
    """Says what a sync did, and where to look if it did not do all."""
    feed = outcome.feed.name
    verb = "would be submitted" if dry_run else "submitted"
    click.echo(
        f"{feed}: {outcome.submitted} items {verb} ({outcome.deleted} of them deletes), "
        f"{outcome.failed} failed, {outcome.unchanged} unchanged and not sent."
    )
    if outcome.sources == 0 and not outcome.submitted:
        click.echo(
            f"{feed}: there is nothing to send. Is there a catalog? "
            f"`{MAGENTO} setup:performance:generate-fixtures` makes one; --no-reindex only "
            "repeats what was sent before.",
            err=True,
        )
    for reason, count in sorted(outcome.reasons.items(), key=lambda pair: -pair[1])[:SHOWN_REASONS]:
        click.echo(f"{feed}: {count} failed: {reason}", err=True)
    if outcome.failed:
        log = settings.log_dir / "saas-export.log"
        click.echo(f"{feed}: see {log}. What can be retried goes with the next sync.", err=True)
    if outcome.uncollected:
        log = settings.log_dir / "commerce-data-export-errors.log"
        click.echo(
            f"{feed}: {len(outcome.uncollected)} sources could not be collected, see {log}.",
            err=True,
        )
    if outcome.stopped:
        click.echo(f"Error: {outcome.stopped}", err=True)


def _refuse_contradictions(wanted: Resync, by_ids: str | None) -> None:
    if not wanted.reindex and wanted.cleanup:
        raise UsageError(
            "--no-reindex sends what the feed table holds, and --cleanup-feed empties it: "
            "take one of them."
        )
    if wanted.resume and (wanted.cleanup or not wanted.reindex):
        raise UsageError(
            "--continue-resync goes on with a resync that was interrupted; it takes neither "
            "--cleanup-feed nor --no-reindex."
        )
    if by_ids is not None and (wanted.cleanup or wanted.resume or not wanted.reindex):
        raise UsageError(
            "--by-ids sends just these items; it takes neither --cleanup-feed, --no-reindex nor "
            "--continue-resync."
        )


def _order_warning(feed: Feed, never_sent: set[str]) -> str | None:
    """Seed, Command-line interface: attributes and overrides go before the first products."""
    if feed.name != "products" or "products" not in never_sent:
        return None
    missing = [name for name in SENT_BEFORE_PRODUCTS if feed_by_cli_name(name).name in never_sent]
    if not missing:
        return None
    return (
        f"Warning: this is the first sync of products, and {' and '.join(missing)} have not been "
        "synced yet. Sync productattributes first, then productoverrides, then products."
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
