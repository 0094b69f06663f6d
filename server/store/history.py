"""What the record knows of single items, found by their keys: present state, versions, refusals.

Everything is bounded: of an item that came ten thousand times only the newest versions are listed,
and a text is cut out of its request only when it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from mcs.server.store.database import Database
from mcs.server.store.reading import item_texts
from mcs.server.store.tables import Items, Rejections, Requests
from mcs.server.store.versions import Versions

VERSIONS_SHOWN = 50
REFUSALS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted write of an item. request: its request's number."""

    request: int
    index: int
    request_id: str
    received_at: str
    hash: str
    deleted: bool

    @property
    def name(self) -> str:
        """What a URL calls it."""
        return f"{self.request}-{self.index}"


@dataclass(frozen=True, slots=True)
class Held:
    """The current version of an item. text: its JSON as received, if it was asked for."""

    key: str
    request: int
    index: int
    request_id: str
    received_at: str
    deleted: bool
    versions: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused attempt to write an item. errors: JSON."""

    request: int
    index: int
    request_id: str
    received_at: str
    errors: str


class History:
    """The items of all data spaces, one by one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(
        self, data_space: str, feed: str, keys: Sequence[str], *, with_texts: bool = False
    ) -> dict[str, Held]:
        """The items of a feed that are held under these keys."""
        query = (
            select(
                Items.key,
                Items.request,
                Items.item_index,
                Requests.request_id,
                Items.received_at,
                Items.deleted,
                Items.versions,
            )
            .join(Requests, Requests.id == Items.request)
            .where(Items.data_space == data_space, Items.feed == feed, Items.key.in_(keys))
        )
        with self._database.record(data_space) as connection:
            rows = connection.execute(query).all() if keys else []
            places = [(row.request, row.item_index) for row in rows]
            texts = item_texts(connection, places) if with_texts else {}
        return {row.key: Held(*row, texts.get((row.request, row.item_index))) for row in rows}

    def identities(self, data_space: str, feed: str, limit: int) -> list[str]:
        """The identities, as JSON, of the first items of a feed that are not deleted."""
        query = select(Items.identity).where(
            Items.data_space == data_space,
            Items.feed == feed,
            Items.deleted.is_(False),
            Items.identity.is_not(None),
        )
        with self._database.record(data_space) as connection:
            return [str(text) for text in connection.scalars(query.limit(limit))]

    def versions(self, data_space: str, feed: str, key: str) -> list[Version]:
        """The accepted writes of an item that are remembered, newest first."""
        query = (
            select(
                Versions.request,
                Versions.item_index,
                Requests.request_id,
                func.coalesce(Versions.written_at, Requests.received_at),
                Versions.hash,
                Versions.deleted,
            )
            .join(Requests, Requests.id == Versions.request)
            .where(
                Versions.key == key,
                Versions.feed == feed,
                Versions.data_space == data_space,
            )
            .order_by(Versions.written.desc(), Versions.place.desc())
            .limit(VERSIONS_SHOWN)
        )
        with self._database.record(data_space) as connection:
            return [Version(*row) for row in connection.execute(query)]

    def texts(self, versions: Sequence[Version]) -> dict[str, str]:
        """The JSON texts of versions, by their names, as received."""
        places = [(version.request, version.index) for version in versions]
        with self._database.reading() as connection:
            found = item_texts(connection, places)
        return {f"{request}-{index}": text for (request, index), text in found.items()}

    def refusals(self, data_space: str, feed: str, key: str) -> list[Refusal]:
        """The refused attempts to write an item that are remembered, newest first."""
        query: Any = (
            select(
                Rejections.request,
                Rejections.item_index,
                Requests.request_id,
                Requests.received_at,
                Rejections.errors,
            )
            .join(Requests, Requests.id == Rejections.request)
            .where(
                Rejections.key == key,
                Rejections.feed == feed,
                Rejections.data_space == data_space,
            )
            .order_by(Rejections.request.desc(), Rejections.item_index.desc())
            .limit(REFUSALS_SHOWN)
        )
        with self._database.reading() as connection:
            return [Refusal(*row) for row in connection.execute(query)]
