"""Drives this project's own exporter through the steps of `mcs conform`: a generated shop, synced
and edited as each step says.

    mcs conform --virtual-clock --exporter 'python -m mcs.conform_driver'

It reads what any exporter is given: the environment variables of docs/conformance.md.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
import orjson
from sqlalchemy import Connection, Engine, select

from mcs.contract.canonical import identity
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Feed
from mcs.exporter.commerce import edits
from mcs.exporter.commerce.indexer_state import IndexerStatus, indexer_states
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.commerce.tables import Product
from mcs.exporter.configuration import set_value
from mcs.exporter.due import Comparison
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.run import Exporter, Resync, Time
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.fixtures.catalog import Catalog
from mcs.harness.conformance.command import step_of
from mcs.harness.conformance.steps import NotSupported, Step, StepKind
from mcs.pairing import connect_shop

PRODUCTS = 120
FEWER_PRODUCTS, FEWER_PER_BATCH = 12, 15
BATCH_SIZE = "commerce_data_export/feeds/products/batch_size"
SEED = 7
EXIT_USAGE = 2
EXIT_NOT_SUPPORTED = 64


def drive(step: Step) -> None:
    """Does one step with the shop in the step's folder."""
    settings = Settings(var=step.work / "shop")
    with _shop(settings) as engine:
        exporter = Exporter(engine, settings, Time(step.clock.now, step.clock.wait))
        _ACTS[step.kind](exporter, step)
        if step.kind in _CHANGES:
            step.catalog.write_bytes(b"".join(_catalog(engine, step.feeds)))


def _initial(exporter: Exporter, step: Step) -> None:
    is_small = len(step.feeds) == 1
    credentials = {
        "id": step.data_space,
        "api_key": step.api_key,
        "private_key": step.private_key,
    }
    connect_shop(exporter.engine, step.url, credentials)
    products = FEWER_PRODUCTS if is_small else PRODUCTS
    load_catalog(exporter.engine, Catalog(seed=SEED, products=products), lambda _: None)
    if is_small:
        # What happens to one batch has to leave another one to be looked at.
        with exporter.engine.begin() as connection:
            set_value(connection, BATCH_SIZE, str(FEWER_PER_BATCH))
    _sync_all(exporter, step)


def _sync_all(exporter: Exporter, step: Step) -> None:
    for feed in _feeds(step):
        exporter.resync(feed, Resync())


def _partial(exporter: Exporter, step: Step) -> None:
    """As each minute of cron: all of a feed whose sync was broken off, of others what changed."""
    with exporter.engine.connect() as connection:
        states = indexer_states(connection)
    for feed in _feeds(step):
        if states[feed.name].status is not IndexerStatus.VALID:
            exporter.full(feed)
        else:
            exporter.partial(feed)


def _retry(exporter: Exporter, step: Step) -> None:
    for feed in _feeds(step):
        exporter.retry(feed)


def _recover(exporter: Exporter, step: Step) -> None:
    _partial(exporter, step)
    _retry(exporter, step)


def _edit(exporter: Exporter, step: Step) -> None:
    with exporter.engine.begin() as connection:
        edits.rename_product(connection, _skus(connection)[0], f"Edited at {step.clock.now()}")


def _delete(exporter: Exporter, _: Step) -> None:
    with exporter.engine.begin() as connection:
        edits.delete_product(connection, _skus(connection)[-1])


def _correct(exporter: Exporter, step: Step) -> None:
    skus = {str(named["identity"]["sku"]) for named in step.items if named["feed"] == "products"}
    with exporter.engine.begin() as connection:
        for sku in sorted(skus):
            edits.rename_product(connection, sku, f"Corrected at {step.clock.now()}")


_ACTS: Mapping[StepKind, Callable[[Exporter, Step], None]] = {
    StepKind.INITIAL: _initial,
    StepKind.AGAIN: _sync_all,
    StepKind.EDIT: _edit,
    StepKind.DELETE: _delete,
    StepKind.CORRECT: _correct,
    StepKind.PARTIAL: _partial,
    StepKind.RETRY: _retry,
    StepKind.RECOVER: _recover,
}

_CHANGES = frozenset({StepKind.INITIAL, StepKind.EDIT, StepKind.DELETE, StepKind.CORRECT})


def _feeds(step: Step) -> list[Feed]:
    return [FEEDS[name] for name in FEEDS if name in step.feeds]


def _skus(connection: Connection) -> list[str]:
    return list(connection.scalars(select(Product.sku).order_by(Product.product_id)))


def _catalog(engine: Engine, feeds: Iterable[str]) -> Iterator[bytes]:
    """What the shop has now, read from its catalog and not from what was exported."""
    for name in feeds:
        for chunk in Comparison(engine, INDEXERS[name], force=True).everything():
            for due in chunk.due:
                if not due.deleted:
                    yield _line(FEEDS[name], due.item)


def _line(feed: Feed, item: dict[str, Any]) -> bytes:
    return orjson.dumps({"feed": feed.name, "identity": identity(feed, item)}) + b"\n"


@contextmanager
def _shop(settings: Settings) -> Iterator[Engine]:
    engine = open_shop(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def main(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Does the step that the environment names."""
    if arguments:
        click.echo("This command takes no arguments, its step comes in MCS_STEP.", err=True)
        return EXIT_USAGE
    try:
        drive(step_of(environ))
    except NotSupported:
        return EXIT_NOT_SUPPORTED
    except UsageError as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
