"""A small exporter that meets every clause, made so that each of its ways can be spoilt alone.

It shares nothing with the project's own exporter: catalog, memory and HTTP are its own.
"""

import gzip
import http.client
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from mcs.contract.canonical import content_hash, identity, identity_key
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.signature import sign
from mcs.harness.conformance.steps import Step, StepKind

Item = dict[str, Any]
Headers = dict[str, str]

METADATA = {"commerceEdition": "ce", "commerceVersion": "2.4.8", "saasExporterVersion": "103.4.30"}
MANY, FEW = 105, 8
FEWER_PER_BATCH = 4
PATIENT_TRIES = 3
TIMEOUT_S = 30.0


class Kept(StrEnum):
    """What is remembered of an item."""

    SENT = "sent"
    FINAL = "refused until it changes"
    DUE = "to be sent again"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. broken: how the connection ended too early; "" if it did not."""

    status: int | None
    body: bytes = b""
    retry_after_s: float | None = None
    broken: str = ""


@dataclass
class Known:
    """What is remembered of an item that was sent."""

    item: Item
    hash: str
    kept: Kept
    deleted: bool = False
    failures: int = 0
    named: bool = False


def token_of(step: Step, _: "Shop") -> str:
    """A token for one request."""
    return sign(step.private_key, step.clock.now())


def sending_time(now: datetime, _: Step) -> str:
    """The time of sending, as Commerce writes it."""
    return f"{now:%Y-%m-%d %H:%M:%S}"


def packed(body: bytes) -> tuple[bytes, Headers]:
    """The body as it goes out, and what is said of it."""
    return gzip.compress(body, 1, mtime=0), {"Content-Encoding": "gzip"}


def waiting_s(answer: Answer) -> float | None:
    """How long to wait before trying once more in the same sync; None: not in this sync."""
    return answer.retry_after_s if answer.status == 429 else None


def kept_of(answer: Answer, named: str | None, others_named: bool, _: Known) -> Kept:
    """What becomes of an item. named: the code with which it is refused, if it is."""
    if answer.broken or answer.status not in (200, 400):
        return Kept.DUE
    if named is not None:
        return Kept.DUE if named == "items_limit_exceeded" else Kept.FINAL
    return Kept.SENT if answer.status == 200 else Kept.FINAL


def is_due(known: Known | None, content: str, step: Step) -> bool:
    """Whether an item of the catalog is to be sent in a step."""
    if known is None or known.deleted or known.hash != content:
        return step.kind is not StepKind.RETRY
    return known.kept is Kept.DUE and step.kind is not StepKind.PARTIAL


def is_delete_due(known: Known, step: Step) -> bool:
    """Whether a delete is to be sent of what is no longer in the catalog."""
    if known.deleted:
        return known.kept is Kept.DUE and step.kind is not StepKind.PARTIAL
    return step.kind is not StepKind.RETRY


def delete_of(feed: Feed, item: Item) -> Item:
    """What is sent of a deleted item."""
    return {name: item[name] for name in feed.delete_payload if name in item} | {"deleted": True}


def edited(item: Item) -> Item:
    """The item with other content."""
    return {**item, "name": f"{item.get('name')} again"}


@dataclass(frozen=True)
class Ways:
    """Everything the exporter decides, each replaceable."""

    token: Callable[[Step, "Shop"], str] = token_of
    headers: Callable[[Headers], Headers] = lambda headers: headers
    pack: Callable[[bytes], tuple[bytes, Headers]] = packed
    text: Callable[[Step, list[Item]], bytes] = lambda _, items: json.dumps(items).encode()
    route: Callable[[Feed], str] = lambda feed: feed.route
    order: Callable[[Sequence[Feed]], Sequence[Feed]] = lambda feeds: feeds
    batch_size: Callable[[int], int] = lambda size: size
    batches: Callable[[list[list[Item]]], list[list[Item]]] = lambda batches: batches
    wire: Callable[[Item, Step], Item] = lambda item, _: item
    time: Callable[[datetime, Step], str] = sending_time
    wait: Callable[[Answer], float | None] = waiting_s
    keep: Callable[[Answer, str | None, bool, Known], Kept] = kept_of
    due: Callable[[Known | None, str, Step], bool] = is_due
    delete_due: Callable[[Known, Step], bool] = is_delete_due
    delete: Callable[[Feed, Item], Item] = delete_of
    edit: Callable[[Item], Item] = edited
    before: Callable[["Shop", Step], None] = lambda shop, step: None
    goes_on: Callable[[Answer], bool] = lambda answer: True
    timeout_s: float = TIMEOUT_S
    read: Callable[[http.client.HTTPResponse], bytes] = lambda response: response.read()
    threads: Callable[[Step], int] = lambda step: 1


@dataclass
class Shop:
    """One shop with its catalog and its memory, for one scenario."""

    ways: Ways
    catalog: dict[str, dict[str, Item]]
    size: int
    memory: dict[str, dict[str, Known]] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)

    def run(self, step: Step) -> None:
        """Does one step."""
        changes: dict[StepKind, Callable[[], None]] = {
            StepKind.EDIT: self._edit,
            StepKind.DELETE: self._delete,
            StepKind.CORRECT: partial(self._correct, step),
        }
        change = changes.get(step.kind)
        if change is not None:
            change()
        else:
            self.ways.before(self, step)
            for feed in self.ways.order([FEEDS[name] for name in self.catalog]):
                self._sync(feed, step)
        self._tell(step)

    def post(self, step: Step, feed: Feed, items: list[Item], body: bytes | None = None) -> Answer:
        """Posts items once, or a body in their place."""
        text = self.ways.text(step, items) if body is None else body
        packed_body, said = self.ways.pack(text)
        headers = self.ways.headers({**self._headers(step), **said})
        path = f"/{self.ways.route(feed)}/{step.data_space}"
        ways = self.ways
        return exchange(step.url + path, packed_body, headers, ways.read, ways.timeout_s)

    def _headers(self, step: Step) -> Headers:
        return {
            "Content-Type": "application/json",
            "x-api-key": step.api_key,
            "magento-api-key": step.api_key,
            "x-gw-signature": self.ways.token(step, self),
            "X-Request-Id": str(uuid4()),
            "service-connector-metadata": json.dumps(METADATA),
            "User-Agent": "Magento Services Connector (Magento: Community 2.4.8)",
        }

    def _sync(self, feed: Feed, step: Step) -> None:
        batches = self.ways.batches(self._batches(feed, self._due(feed, step)))
        if (threads := self.ways.threads(step)) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda items: self._submit(step, feed, items), batches))
            return
        for items in batches:
            if not self.ways.goes_on(self._submit(step, feed, items)):
                return

    def _due(self, feed: Feed, step: Step) -> Iterable[Item]:
        alive, memory = self.catalog[feed.name], self.memory.setdefault(feed.name, {})
        for key, item in alive.items():
            sent = self.ways.wire(item, step)
            content = content_hash(feed, sent)
            if self.ways.due(memory.get(key), content, step):
                yield self._noted(feed, sent, content, deleted=False)
        for key, known in memory.items():
            if key not in alive and self.ways.delete_due(known, step):
                yield self._noted(feed, known.item, known.hash, deleted=True)

    def _noted(self, feed: Feed, item: Item, content: str, *, deleted: bool) -> Item:
        key, memory = identity_key(feed, item), self.memory[feed.name]
        before = memory.get(key)
        failures = before.failures if before else 0
        memory[key] = Known(item, content, Kept.DUE, deleted, failures)
        return self.ways.delete(feed, item) if deleted else item

    def _batches(self, feed: Feed, due: Iterable[Item]) -> list[list[Item]]:
        items = list(due)
        size = self.ways.batch_size(feed.batch_size if self.size == MANY else FEWER_PER_BATCH)
        return [items[start : start + size] for start in range(0, len(items), size)]

    def _submit(self, step: Step, feed: Feed, items: list[Item]) -> Answer:
        for _ in range(PATIENT_TRIES):
            now = self.ways.time(step.clock.now(), step)
            stamped = [{**item, feed.timestamp: now} for item in items]
            answer = self.post(step, feed, stamped)
            wait_s = self.ways.wait(answer)
            if wait_s is None:
                break
            if wait_s:
                step.clock.wait(wait_s)
        self._learn(feed, items, answer)
        return answer

    def _learn(self, feed: Feed, items: list[Item], answer: Answer) -> None:
        named = _named(answer.body)
        for index, item in enumerate(items):
            known = self.memory[feed.name][identity_key(feed, item)]
            known.named = index in named
            known.kept = self.ways.keep(answer, named.get(index), bool(named), known)
            known.failures += known.kept is Kept.DUE

    def _edit(self) -> None:
        products = self.catalog["products"]
        edited_key = list(products)[1]
        changed = [
            self.ways.edit(item) if key == edited_key else item for key, item in products.items()
        ]
        self.catalog["products"] = {identity_key(FEEDS["products"], item): item for item in changed}

    def _delete(self) -> None:
        products = self.catalog["products"]
        del products[list(products)[-1]]

    def _correct(self, step: Step) -> None:
        products = self.catalog["products"]
        for named in step.items:
            key = identity_key(FEEDS["products"], named["identity"])
            products[key] = edited(products[key])

    def _tell(self, step: Step) -> None:
        lines = [
            json.dumps({"feed": name, "identity": identity(FEEDS[name], item)})
            for name, items in self.catalog.items()
            for item in items.values()
        ]
        step.catalog.write_text("\n".join(lines), "utf-8")


class SmallExporter:
    """The exporter as the suite calls it."""

    def __init__(self, ways: Ways | None = None) -> None:
        self._ways = ways or Ways()
        self._shops: dict[Any, Shop] = {}

    def __call__(self, step: Step) -> None:
        if step.kind is StepKind.INITIAL:
            size = MANY if len(step.feeds) > 1 else FEW
            self._shops[step.work] = Shop(self._ways, small_catalog(step.feeds, size), size)
        self._shops[step.work].run(step)


def small_catalog(feeds: Sequence[str], size: int) -> dict[str, dict[str, Item]]:
    """A catalog of so many products, with prices and scopes if they are asked for."""
    lists: dict[str, list[Item]] = {
        "products": [_product(number) for number in range(1, size + 1)],
        "scopesCustomerGroup": [{"customerGroup": {"customerGroupId": "0"}, "deleted": False}],
        "scopesWebsite": [{"website": {"websiteId": "1"}, "deleted": False}],
        "prices": [_price(number) for number in range(1, 6)],
    }
    return {
        name: {identity_key(FEEDS[name], item): item for item in lists[name]}
        for name in lists
        if name in feeds
    }


def _product(number: int) -> Item:
    colours = [{"attributeCode": code, "value": [code]} for code in ("colour", "size")]
    return {
        "sku": f"SKU-{number}",
        "name": f"Product {number}",
        "storeViewCode": "default",
        "storeCode": "main",
        "websiteCode": "base",
        "productId": number,
        "attributes": colours,
        "deleted": False,
    }


def _price(number: int) -> Item:
    scope = {"customerGroupCode": "0", "websiteCode": "base"}
    return {"sku": f"SKU-{number}", **scope, "regular": 10.0 + number, "deleted": False}


def exchange(
    url: str,
    body: bytes,
    headers: Headers,
    read: Callable[[http.client.HTTPResponse], bytes],
    timeout_s: float,
    method: str = "POST",
) -> Answer:
    """One request, and whatever came of it."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=timeout_s)
    try:
        connection.request(method, address.path, body, headers)
        response = connection.getresponse()
        return _answer(response, read(response))
    except http.client.IncompleteRead as error:
        return Answer(None, error.partial, broken="truncated" if error.partial else "headers alone")
    except http.client.RemoteDisconnected:
        return Answer(None, broken="closed")
    except TimeoutError:
        return Answer(None, broken="timeout")
    except ConnectionError:
        return Answer(None, broken="reset")
    finally:
        connection.close()


def _answer(response: http.client.HTTPResponse, content: bytes) -> Answer:
    retry_after = response.headers.get("Retry-After")
    return Answer(
        response.status,
        content,
        float(retry_after) if retry_after else None,
        broken="half read" if response.length else "",
    )


def _named(body: bytes) -> dict[int, str]:
    """The codes of the items that an answer names, by index, in either shape."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    named: dict[int, str] = {}
    for entry in answer.get("invalidFeedItems", ()):
        if "field" in entry:
            index, code = entry["field"].split("/")[1:3]
        else:
            index, code = entry["itemIndex"], entry["code"]
        named.setdefault(int(index), code)
    return named
