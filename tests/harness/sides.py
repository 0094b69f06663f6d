"""Both sides of a diff as tests make them: an exporter's database, and a data space to send to."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import Item, content_hash, identity_key
from mcs.contract.feeds import FEEDS, Feed
from mcs.harness.credentials import Credentials
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.send import BatchResult, send
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.service import Service
from tests.server.running import DataSpaceClient

PRICES = FEEDS["prices"]
PRODUCTS = FEEDS["products"]
CATEGORIES = FEEDS["categories"]
MODIFIED_AT = "2026-11-22 10:00:00"
COLUMNS = """
    id integer primary key, source_entity_id integer, feed_id text, feed_data text, feed_hash text,
    is_deleted integer, modified_at text, status integer, errors text, metadata text
"""


def price(sku: str, regular: float = 10, **fields: Any) -> Item:
    """A valid item of the feed prices."""
    return {
        "sku": sku,
        "customerGroupCode": "0",
        "websiteCode": "base",
        "regular": regular,
        "updatedAt": MODIFIED_AT,
        "deleted": False,
        **fields,
    }


def identity_of(sku: str) -> dict[str, str]:
    """The identity of `price(sku)`."""
    return {"sku": sku, "customerGroupCode": "0", "websiteCode": "base"}


def deletion(feed: Feed, item: Item) -> Item:
    """What tells the service that the item is gone."""
    return {name: item[name] for name in feed.delete_payload if name in item} | {"deleted": True}


@dataclass(frozen=True, slots=True)
class Exporter:
    """An exporter's database in the documented format, written row by row."""

    path: Path

    def note(
        self,
        item: Item,
        *,
        feed: Feed = PRICES,
        status: int = 200,
        deleted: bool = False,
        errors: str = "",
        keep: bool = False,
        feed_id: str | None = None,
        request_id: str = "r-1",
    ) -> None:
        """Notes an item as sent with this status; keep: with its whole payload."""
        data = item if keep else {n: item[n] for n in feed.delete_payload if n in item}
        row = {
            "feed_id": feed_id or identity_key(feed, item),
            "feed_data": orjson.dumps(data).decode(),
            "feed_hash": content_hash(feed, item),
            "is_deleted": deleted,
            "modified_at": MODIFIED_AT,
            "status": status,
            "errors": errors,
            "metadata": orjson.dumps([request_id]).decode(),
        }
        self.insert(feed, row)

    def insert(self, feed: Feed, row: dict[str, Any]) -> None:
        """Inserts a row as it is; makes the feed table if there is none."""
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        self.execute(f"create table if not exists {feed.table} ({COLUMNS})")
        self.execute(f"insert into {feed.table} ({names}) values ({marks})", *row.values())  # noqa: S608 - a test's own names

    def configure(self, **values: str) -> None:
        """Writes `core_config_data`, with two underscores for a slash."""
        self.execute("create table if not exists core_config_data (path text, value text)")
        for path, value in values.items():
            name = path.replace("__", "/")
            self.execute("insert into core_config_data values (?, ?)", name, value)

    def execute(self, statement: str, *values: Any) -> None:
        """Runs one statement in a transaction of its own."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            # A test's rows need not outlive a power cut.
            connection.execute("pragma synchronous = off")
            connection.execute(statement, values)


@dataclass(frozen=True, slots=True)
class DataSpace:
    """A data space of a running service, as the harness meets it."""

    client: DataSpaceClient

    @property
    def id(self) -> str:
        return self.client.id

    @property
    def url(self) -> str:
        return self.client.url

    @property
    def credentials(self) -> Credentials:
        """Who may send to it."""
        client = self.client
        return Credentials("test", client.id, client.api_key, client.private_key, client.url)

    def receive(self, *items: Item, feed: Feed = PRICES) -> BatchResult:
        """Has the service receive the items in one request."""
        [result] = send(items, feed, self.credentials, batch_size=len(items))
        return result

    def forget(self) -> None:
        """Has the service forget all that it received."""
        assert self.client.control("POST", "/reset").status == 200

    def diff(self, exporter: Exporter, *feeds: Feed, ignore: tuple[str, ...] = ()) -> DiffResult:
        """The diff of an exporter's database with this data space."""
        with opened(exporter.path) as sent, Service(self.url, self.id) as received:
            return diff(sent, received, Options(feeds or None, ignore))
