"""Drives this project's own exporter through the steps of `mcs conform`: a generated shop, synced
and edited as each step says.

    mcs conform --virtual-clock --exporter 'python -m mcs.conform_driver'

It reads what any exporter is given: the environment variables of docs/conformance.md.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
import orjson
from sqlalchemy import Connection, Engine, select

from mcs.contract.canonical import identity
from mcs.contract.conversions import CONVERSIONS
from mcs.contract.dialects import CATALOG_DIALECT
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
from mcs.exporter.surroundings import surroundings
from mcs.fixtures.catalog import Catalog
from mcs.harness.conformance.command import step_of
from mcs.harness.conformance.steps import NotSupported, Step, StepKind
from mcs.pairing import connect_shop, connect_to_ingestion

AS_DESCRIBED = (
    "productAttributes",
    "categories",
    "products",
    "scopesWebsite",
    "scopesCustomerGroup",
    "prices",
)
"""The order in which the ingestion API's description wants what feeds become: metadata first, and
price books before their children and their prices."""

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
            step.catalog.write_bytes(b"".join(_catalog(engine, step)))


def _initial(exporter: Exporter, step: Step) -> None:
    is_small = len(step.feeds) == 1
    credentials = {
        "id": step.data_space,
        "api_key": step.api_key,
        "private_key": step.private_key,
        "client_id": step.client_id,
        "client_secret": step.client_secret,
    }
    connect = connect_to_ingestion if step.dialect == CATALOG_DIALECT.name else connect_shop
    connect(exporter.engine, step.url, credentials)
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
    of_products = ("products", "catalogProducts")
    skus = {str(named["identity"]["sku"]) for named in step.items if named["feed"] in of_products}
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
    """The feeds to sync: those that are asked for, or that become what is asked for."""
    if step.dialect != CATALOG_DIALECT.name:
        return [FEEDS[name] for name in FEEDS if name in step.feeds]
    return [FEEDS[name] for name in AS_DESCRIBED if CONVERSIONS[name].target.name in step.feeds]


def _skus(connection: Connection) -> list[str]:
    return list(connection.scalars(select(Product.sku).order_by(Product.product_id)))


def _catalog(engine: Engine, step: Step) -> Iterator[bytes]:
    """What the shop has now, read from its catalog and not from what was exported."""
    for feed in _feeds(step):
        for chunk in Comparison(engine, INDEXERS[feed.name], force=True).everything():
            items = [due.item for due in chunk.due if not due.deleted]
            if step.dialect != CATALOG_DIALECT.name:
                yield from (_line(feed, item) for item in items)
                continue
            conversion, around = CONVERSIONS[feed.name], surroundings(engine, feed.name, items)
            for item in items:
                for payload in conversion.payloads(item, around):
                    yield _line(conversion.target, payload)


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
