"""Reads from the commerce database what conversions to the ingestion API need beside the items."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine, select

from mcs.contract.canonical import Item
from mcs.contract.codes import customer_group_code
from mcs.contract.conversions import Surroundings
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import CustomerGroup, Website
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.renames import former_names, names_in_use, names_of


def surroundings(engine: Engine, feed_name: str, items: Sequence[Item]) -> Surroundings:
    """What the items of one batch of a feed refer to, as the catalog has it now."""
    with engine.connect() as connection:
        if feed_name == "products":
            return Surroundings(references=_references(connection, items))
        if feed_name in ("scopesWebsite", "scopesCustomerGroup"):
            return Surroundings(websites=_websites(connection), groups=_groups(connection))
    return Surroundings()


def surroundings_of_batch(engine: Engine, feed_name: str, items: Sequence[Item]) -> Surroundings:
    """The same, with what these items were called before, for a batch that is about to be sent."""
    feed = FEEDS[feed_name]
    with engine.connect() as connection:
        former = former_names(connection, feed, items)
        doomed = [name for names in former.values() for name in names]
        for item in items:
            doomed += names_of(feed, item) if item["deleted"] else ()
        in_use = names_in_use(connection, feed, items, doomed)
    return replace(surroundings(engine, feed_name, items), former=former, in_use=in_use)


def _references(connection: Connection, items: Sequence[Item]) -> dict[tuple[str, str], str]:
    """The values that make variants what they are, as the feed variants has them."""
    ids = sorted({item["productId"] for item in items if not item.get("deleted")})
    return {
        (variant["productSku"], value["attributeCode"]): value["uid"]
        for _, variant in INDEXERS["variants"].items(connection, ids)
        for value in variant["optionValues"]
    }


def _websites(connection: Connection) -> dict[str, tuple[str, str]]:
    query = select(Website.code, Website.name, Website.currency)
    return {row.code: (row.name, row.currency) for row in connection.execute(query)}


def _groups(connection: Connection) -> dict[str, str]:
    query = select(CustomerGroup.customer_group_id, CustomerGroup.name)
    return {
        customer_group_code(row.customer_group_id): row.name for row in connection.execute(query)
    }
