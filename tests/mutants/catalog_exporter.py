"""A small exporter that speaks the ingestion API and meets every clause for it, made so that each
of its ways can be spoilt alone.

It creates what is new, updates what changed by what changed, deletes by name. Like the small
exporter of signed feeds it shares nothing with the project's own.
"""

import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from mcs.contract.canonical import content_hash, identity, identity_key
from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.conformance.steps import Step, StepKind
from tests.mutants.exporter import (
    FEW,
    FEWER_PER_BATCH,
    MANY,
    PATIENT_TRIES,
    TIMEOUT_S,
    Answer,
    Headers,
    Item,
    Kept,
    edited,
    exchange,
    packed,
    waiting_s,
)

PRODUCTS = "catalogProducts"
SCOPES = "openid,AdobeID,profile,email,commerce.aco.ingestion"
RENEWED_BEFORE = timedelta(minutes=5)
SOURCE = {"locale": "en-US"}


@dataclass
class Known:
    """What is remembered of an item. taken: as it was sent and taken last; None if it never was.

    named: whether the last answer named it as refused.
    """

    item: Item
    hash: str
    kept: Kept
    deleted: bool = False
    taken: Item | None = None
    failures: int = 0
    named: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One way of telling the service of items: create, update or delete."""

    method: str = "POST"
    tail: str = ""


CREATE, UPDATE, DELETE = Call(), Call("PATCH"), Call(tail="/delete")


def token_of(step: Step, shop: "Shop") -> str:
    """The token that is kept, or another one if it is nearly over."""
    kept = shop.tokens.get("kept")
    if kept is None or step.clock.now() >= kept[1] - RENEWED_BEFORE:
        kept = shop.tokens["kept"] = asked_for(step)
    token: str = kept[0]
    return token


def asked_for(step: Step, scopes: str = SCOPES) -> tuple[str, datetime]:
    """A new token, and when it ends."""
    form = {
        "client_id": step.client_id,
        "client_secret": step.client_secret,
        "grant_type": "client_credentials",
        "scope": scopes,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = exchange(
        f"{step.url}/ims/token/v3", urlencode(form).encode(), headers, _whole, TIMEOUT_S
    )
    said = json.loads(answer.body)
    return said["access_token"], step.clock.now() + timedelta(seconds=said["expires_in"])


def kept_of(answer: Answer, *, named: bool, others_named: bool, known: Known) -> Kept:
    """What becomes of an item."""
    if named:
        return Kept.FINAL
    if answer.status == 400 and not others_named:
        return Kept.FINAL
    return Kept.DUE if answer.broken or answer.status != 200 else Kept.SENT


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


def name_of(feed: Feed, item: Item) -> Item:
    """What names an item, and nothing else."""
    return {name: item[name] for name in feed.delete_payload}


def update_of(feed: Feed, taken: Item | None, item: Item) -> Item | None:
    """What an update says of an item; None if it has to be created."""
    if taken is None:
        return None
    changed = {name: item[name] for name in item if item[name] != taken.get(name)}
    return {**name_of(feed, item), **changed}


@dataclass(frozen=True)
class Ways:
    """Everything the exporter decides, each replaceable."""

    token: Callable[[Step, "Shop"], str] = token_of
    keeps_token: Callable[[Answer], bool] = lambda answer: answer.status != 401
    headers: Callable[[Headers], Headers] = lambda headers: headers
    pack: Callable[[bytes], tuple[bytes, Headers]] = packed
    text: Callable[[list[Item]], bytes] = lambda items: json.dumps(items).encode()
    call: Callable[[Feed, Call], Call] = lambda feed, call: call
    order: Callable[[list[str]], list[str]] = lambda feeds: feeds
    batch_size: Callable[[int], int] = lambda size: size
    batches: Callable[[list[list[Item]]], list[list[Item]]] = lambda batches: batches
    wire: Callable[[Item, Step], Item] = lambda item, _: item
    wait: Callable[[Answer], float | None] = waiting_s
    keep: Callable[..., Kept] = kept_of
    due: Callable[[Known | None, str, Step], bool] = is_due
    delete_due: Callable[[Known, Step], bool] = is_delete_due
    delete: Callable[[Feed, Item], Item] = name_of
    update: Callable[[Feed, Item | None, Item], Item | None] = update_of
    edit: Callable[[Item], Item] = edited
    before: Callable[["Shop", Step], None] = lambda shop, step: None
    goes_on: Callable[[Answer], bool] = lambda answer: True
    timeout_s: float = TIMEOUT_S
    read: Callable[[http.client.HTTPResponse], bytes] = lambda response: response.read()


@dataclass
class Shop:
    """One shop with its catalog and its memory, for one scenario. catalog: by feed, by key."""

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
            for name in self.ways.order(list(self.catalog)):
                self._sync(CATALOG_FEEDS[name], step)
        self._tell(step)

    def post(
        self,
        step: Step,
        feed: Feed,
        items: list[Item],
        call: Call = CREATE,
        body: bytes | None = None,
    ) -> Answer:
        """Makes one call, and once more with another token if that was not good."""
        answer = self._posted(step, feed, items, call, body)
        if not self.ways.keeps_token(answer) and self.tokens.pop("kept", None):
            answer = self._posted(step, feed, items, call, body)
        return answer

    def _posted(
        self, step: Step, feed: Feed, items: list[Item], call: Call, body: bytes | None
    ) -> Answer:
        ways = self.ways
        content, said = ways.pack(ways.text(items) if body is None else body)
        token = ways.token(step, self)
        own = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        made = ways.call(feed, call)
        url = f"{step.url}/{step.data_space}/{feed.route}{made.tail}"
        headers = ways.headers({**own, **said})
        return exchange(url, content, headers, ways.read, ways.timeout_s, made.method)

    def _sync(self, feed: Feed, step: Step) -> None:
        for call, items in self._due(feed, step):
            size = self.ways.batch_size(feed.batch_size if self.size == MANY else FEWER_PER_BATCH)
            batches = [items[start : start + size] for start in range(0, len(items), size)]
            for batch in self.ways.batches(batches):
                if not self.ways.goes_on(self._submit(step, feed, call, batch)):
                    return

    def _due(self, feed: Feed, step: Step) -> Iterator[tuple[Call, list[Item]]]:
        """What is to be sent, by call."""
        alive, memory = self.catalog[feed.name], self.memory.setdefault(feed.name, {})
        created: list[Item] = []
        updated: list[Item] = []
        for key, item in alive.items():
            sent = self.ways.wire(item, step)
            content = content_hash(feed, sent)
            if self.ways.due(memory.get(key), content, step):
                known = self._noted(key, feed, sent, content, deleted=False)
                change = self.ways.update(feed, known.taken, sent)
                (created if change is None else updated).append(change or sent)
        gone = [
            self.ways.delete(feed, self._noted(key, feed, one.item, one.hash, deleted=True).item)
            for key, one in list(memory.items())
            if key not in alive and self.ways.delete_due(one, step)
        ]
        yield from ((CREATE, created), (UPDATE, updated), (DELETE, gone))

    def _noted(self, key: str, feed: Feed, item: Item, content: str, *, deleted: bool) -> Known:
        memory = self.memory[feed.name]
        before = memory.get(key) or Known(item, content, Kept.DUE)
        taken = None if before.deleted else before.taken
        noted = Known(item, content, Kept.DUE, deleted, taken, before.failures)
        memory[key] = noted
        return noted

    def _submit(self, step: Step, feed: Feed, call: Call, items: list[Item]) -> Answer:
        for _ in range(PATIENT_TRIES):
            answer = self.post(step, feed, items, call)
            wait_s = self.ways.wait(answer)
            if wait_s is None:
                break
            if wait_s:
                step.clock.wait(wait_s)
        others = self._learn(feed, items, answer)
        # One bad item fails all of a call, so the good ones go once more.
        return self._submit(step, feed, call, others) if others else answer

    def _learn(self, feed: Feed, items: list[Item], answer: Answer) -> list[Item]:
        """Notes what became of items; those beside a refused one that are to go again."""
        named, others = _named(answer), []
        for index, item in enumerate(items):
            known = self.memory[feed.name][identity_key(feed, item)]
            is_named = index in named
            known.named = is_named
            known.kept = self.ways.keep(
                answer, named=is_named, others_named=bool(named), known=known
            )
            known.failures += known.kept is Kept.DUE
            if known.kept is Kept.SENT:
                known.taken = known.item
            if named and known.kept is Kept.DUE:
                others.append(item)
        return others

    def _edit(self) -> None:
        products = self.catalog[PRODUCTS]
        edited_key = list(products)[1]
        changed = [
            self.ways.edit(item) if key == edited_key else item for key, item in products.items()
        ]
        self.catalog[PRODUCTS] = _by_key(PRODUCTS, changed)

    def _delete(self) -> None:
        products = self.catalog[PRODUCTS]
        del products[list(products)[-1]]

    def _correct(self, step: Step) -> None:
        products = self.catalog[PRODUCTS]
        for named in step.items:
            sku, locale = named["identity"]["sku"], named["identity"]["source.locale"]
            key = identity_key(CATALOG_FEEDS[PRODUCTS], {"sku": sku, "source": {"locale": locale}})
            products[key] = edited(products[key])

    def _tell(self, step: Step) -> None:
        lines = [
            json.dumps({"feed": name, "identity": identity(CATALOG_FEEDS[name], item)})
            for name, items in self.catalog.items()
            for item in items.values()
        ]
        step.catalog.write_text("\n".join(lines), "utf-8")


class SmallCatalogExporter:
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
    """A catalog of so many products, with all that is asked for, in the order to send."""
    kinds = ({"code": code, "source": SOURCE, "label": code} for code in ("colour", "size"))
    lists: dict[str, list[Item]] = {
        "catalogProductMetadata": [{**kind, "dataType": "TEXT"} for kind in kinds],
        "catalogCategories": [{"slug": "lamps", "source": SOURCE, "name": "Lamps"}],
        PRODUCTS: [a_product(f"SKU-{number}") for number in range(1, size + 1)],
        "catalogPriceBooks": [
            {"priceBookId": "eu", "name": "Europe", "currency": "EUR"},
            {"priceBookId": "de", "name": "Germany", "parentId": "eu"},
        ],
        "catalogPrices": [_price(number) for number in range(1, 6)],
    }
    return {name: _by_key(name, lists[name]) for name in lists if name in feeds}


def _by_key(name: str, items: Sequence[Item]) -> dict[str, Item]:
    return {identity_key(CATALOG_FEEDS[name], item): item for item in items}


def a_product(sku: str) -> Item:
    """A product with all that it needs."""
    colours = [{"code": code, "values": [code]} for code in ("colour", "size")]
    return {
        "sku": sku,
        "source": SOURCE,
        "name": f"Product {sku}",
        "slug": sku.lower(),
        "status": "ENABLED",
        "attributes": colours,
    }


def _price(number: int) -> Item:
    sale = [{"code": "sale", "percentage": 10.0}]
    where = {"sku": f"SKU-{number}", "priceBookId": "eu"}
    return {**where, "regular": 10.0 + number, "discounts": sale}


def _whole(response: http.client.HTTPResponse) -> bytes:
    return response.read()


def _named(answer: Answer) -> set[int]:
    """The places of the items that a 400 names."""
    if answer.status != 400:
        return set()
    try:
        said = json.loads(answer.body)
    except ValueError:
        return set()
    return {error["itemIndex"] for error in said.get("errors", ())}
