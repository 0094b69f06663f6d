"""One data space of a mock service, as a test has it: what to send to, and what to ask."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from mcs.contract.canonical import Item, key_of_values
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.contract.signature import sign
from mcs.harness.fields import difference
from mcs.testing import item_failures as texts
from mcs.testing.calls import new_client, new_token
from mcs.testing.clock import Clock
from mcs.testing.control import Control
from mcs.testing.evidence import Evidence
from mcs.testing.faults import Faults
from mcs.testing.seen import (
    RefusedItem,
    SeenRequest,
    feed_named,
    is_named,
    refused_item,
    seen_request,
    wanted_identity,
)
from mcs.testing.told import in_own_words, speaks_for_itself
from mcs.whole_files import write_secret

if TYPE_CHECKING:
    from mcs.testing.sent import Sent

__tracebackhide__ = speaks_for_itself

PAGE = "1000"
SHOWN = 10

WITHOUT_FEED = "rejected: {names} names an item of which feed? Give the feed first."


@dataclass
class CommerceServices:
    """A data space of this test alone, on a mock of Adobe's Commerce Services that really runs.

    url: of the service. api_key, private_key (a PEM text): who may send to the data space.
    """

    url: str
    data_space_id: str
    api_key: str = field(repr=False)
    private_key: str = field(repr=False)
    control: Control = field(repr=False)
    faults: Faults = field(repr=False)
    clock: Clock = field(repr=False)
    folder: Callable[[], Path] = field(repr=False)
    shown: int = field(default=SHOWN, repr=False)

    # How an exporter gets in.

    def feed_url(self, feed: str) -> str:
        """Where items of a feed are posted to, as a JSON array."""
        return f"{self.url}/{feed_named(feed).route}/{self.data_space_id}"

    def headers(self) -> dict[str, str]:
        """What a POST must carry: content type, API key, and a signature that is good now."""
        return {
            "Content-Type": "application/json",
            "x-api-key": self.api_key,
            "x-gw-signature": sign(self.private_key, self.clock.now()),
        }

    def call_url(self, route: str) -> str:
        """Where the catalog data ingestion API is called, such as route="v1/catalog/products"."""
        return f"{self.url}/{self.data_space_id}/{route}"

    def call_headers(self) -> dict[str, str]:
        """What such a call must carry: content type, and a bearer token made for it."""
        token = new_token(self.control, self._client)
        return {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    @cached_property
    def _client(self) -> dict[str, Any]:
        return new_client(self.control, self.data_space_id)

    @cached_property
    def env(self) -> dict[str, str]:
        """Environment variables for an exporter that runs as a process of its own.

        MCS_URL, MCS_DATA_SPACE, MCS_API_KEY, MCS_PRIVATE_KEY_FILE (PEM) and MCS_CREDENTIALS, the
        JSON file that `mcs send --credentials` takes. Combine it with os.environ.
        """
        credentials = self.write_credentials(self.folder() / "credentials.json")
        return {
            "MCS_URL": self.url,
            "MCS_DATA_SPACE": self.data_space_id,
            "MCS_API_KEY": self.api_key,
            "MCS_PRIVATE_KEY_FILE": str(credentials.with_suffix(".pem")),
            "MCS_CREDENTIALS": str(credentials),
        }

    def write_credentials(self, path: str | os.PathLike[str]) -> Path:
        """Writes the credentials as JSON, as `mcs dataspace create` does, and the key as .pem
        beside it; only their owner may read them. Returns the path of the JSON file."""
        path = Path(path)
        content = {
            "name": path.stem,
            "data_space_id": self.data_space_id,
            "api_key": self.api_key,
            "url": self.url,
            "private_key": self.private_key,
        }
        write_secret(path.with_suffix(".pem"), self.private_key.encode())
        write_secret(path, orjson.dumps(content, option=orjson.OPT_INDENT_2))
        return path

    # What came.

    def received(self, feed: str, *, with_deleted: bool = False) -> list[Item]:
        """The items of a feed that the service holds, each as it was last received."""
        lines = self._lines("received", feed_named(feed), payload="1")
        return [line["item"] for line in lines if with_deleted or not line["deleted"]]

    def item(self, feed: str, **identity: object) -> Item:
        """The one item of this identity that the service holds, such as sku="A".

        Part of an identity will do if it names one item. Raises AssertionError if there is none,
        or several.
        """
        return self._held(feed_named(feed), identity)

    def requests(self, feed: str | None = None) -> list[SeenRequest]:
        """Every POST to the data space, in order of arrival; those that were refused as well.

        With a feed those of its route: a POST to no feed's route has none.
        """
        found: list[Any] = []
        before: str | None = None
        while True:
            page = self.control.call(
                "GET", f"{self._path}/requests", feed=_name(feed), before=before, limit=PAGE
            )
            found += page["requests"]
            if page["next"] is None:
                return [seen_request(entry) for entry in reversed(found)]
            before = str(page["next"])

    def rejected(self, feed: str | None = None, **identity: object) -> list[RefusedItem]:
        """The items that the service refused, in order of arrival; an item may come repeatedly."""
        if identity and not feed:
            raise UsageError(WITHOUT_FEED.format(names=", ".join(identity)))
        of = feed_named(feed) if feed else None
        wanted = wanted_identity(of, identity) if of else {}
        refused = map(refused_item, self._lines("rejected", of))
        return [item for item in refused if is_named(item.identity, wanted)]

    def visible(self, service: str, feed: str | None = None) -> list[Item]:
        """The items that a consuming service shows now, by the service's clock.

        service: catalog_service, live_search or product_recommendations.
        """
        of = feed_named(feed) if feed else None
        return [line["item"] for line in self._lines("visible", of, service=service, payload="1")]

    # How the service behaves.

    def settings(self, **changes: Any) -> None:
        """Changes settings of the data space, such as mode="strict"; the others stay."""
        self.control.call("PATCH", self._path, {"settings": changes})

    def reset(self) -> None:
        """Forgets all that was received; keys and settings stay."""
        self.control.call("POST", f"{self._path}/reset")

    def restore(self) -> None:
        """Ends the faults of the test and lets the clock run; the plugin does it after each."""
        if self.faults:
            self.faults.clear()
        self.clock.real()

    # What must be.

    def assert_in_sync(
        self, sent: "Sent", *, feed: str | Sequence[str] | None = None, ignore: Sequence[str] = ()
    ) -> None:
        """Passes if the service holds exactly what was sent, item by item and field by field.

        sent: items, with feed=; {"prices": items, …}; the path of a JSON or NDJSON file, with
        feed=; an exporter's database (SQLite file or SQLAlchemy URL); the fixture `exporter`. Of
        items with one identity the last counts; the times of sending never count. feed: compares
        only these. ignore: JSON pointers of fields that do not count, such as "/images/*/label".

        Raises AssertionError with every difference and what is known of it, and also if there is
        nothing on either side.
        """
        # The engine behind it takes longer to load than a small test to run.
        from mcs.testing import comparing

        feeds = [feed] if isinstance(feed, str) else list(feed or ())
        failure = in_own_words(lambda: comparing.failure(self, sent, feeds, ignore))
        if failure:
            raise AssertionError(failure)

    def assert_received(
        self, feed: str, *, having: Mapping[str, Any] | None = None, **identity: object
    ) -> Item:
        """Passes if the service holds one item of this identity, with these fields; returns it.

        having: top-level fields by name; numbers are compared by value.
        """
        of = feed_named(feed)
        item = self._held(of, identity)
        there = {name: item[name] for name in having or {} if name in item}
        if differences := difference(dict(having or {}), there):
            wanted = wanted_identity(of, identity)
            raise AssertionError(texts.other_fields(of.name, wanted, differences))
        return item

    def assert_deleted(self, feed: str, **identity: object) -> None:
        """Passes if the service had items of this identity, and none of them is alive."""
        of = feed_named(feed)
        wanted = wanted_identity(of, identity)
        lines = self._lines("received", of)
        named = [line for line in lines if is_named(line["identity"], wanted)]
        if not named:
            raise AssertionError(texts.not_held(of.name, wanted, lines, self.evidence()))
        for line in named:
            if not line["deleted"]:
                raise AssertionError(texts.still_alive(of.name, wanted, line))

    def assert_rejected(
        self,
        feed: str,
        *,
        pointer: str | None = None,
        code: str | None = None,
        **identity: object,
    ) -> RefusedItem:
        """Passes if the service refused an item of this identity; returns its latest refusal.

        pointer, code: of one of its reasons, such as "/regular" and "invalid"; an identity may be
        left out, since a refused item need not have one.
        """
        of = feed_named(feed)
        refused = self.rejected(feed, **identity)
        asked = {"pointer": pointer, "code": code}
        where = {name: value for name, value in asked.items() if value is not None}
        for item in reversed(refused):
            if not where or any(_fits(error, where) for error in item.errors):
                return item
        held = self._lines("received", of)
        wanted = wanted_identity(of, identity)
        raise AssertionError(texts.not_refused(of.name, wanted, where, held, self.evidence()))

    def evidence(self) -> Evidence:
        """All that the service noted, for explanations."""
        return Evidence(self.rejected(), self.faults.journal, self.requests())

    @property
    def _path(self) -> str:
        return f"/data-spaces/{self.data_space_id}"

    def _lines(self, listing: str, feed: Feed | None, **query: str | None) -> list[dict[str, Any]]:
        name = feed.name if feed else None
        return self.control.lines(f"{self._path}/{listing}", feed=name, **query)

    def _held(self, feed: Feed, identity: Mapping[str, object]) -> Item:
        wanted = wanted_identity(feed, identity)
        whole = len(wanted) == len(feed.identity)
        key = key_of_values(wanted[path] for path in feed.identity) if whole else None
        lines = self._lines("received", feed, payload="1", key=key)
        alive = [line for line in lines if not line["deleted"]]
        found = [line for line in alive if is_named(line["identity"], wanted)]
        if len(found) == 1:
            item: Item = found[0]["item"]
            return item
        if found:
            raise AssertionError(texts.several(feed.name, wanted, found))
        held = self._lines("received", feed)
        raise AssertionError(texts.not_held(feed.name, wanted, held, self.evidence()))


def _name(feed: str | None) -> str | None:
    return feed_named(feed).name if feed else None


def _fits(error: object, where: Mapping[str, str]) -> bool:
    return all(getattr(error, name) == value for name, value in where.items())
