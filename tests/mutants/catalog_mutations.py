"""What can be wrong with an exporter of the ingestion API: the small one, spoilt in one way each,
and the one clause that sees it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.conformance.steps import Step, StepKind
from tests.mutants import catalog_exporter as sound
from tests.mutants.catalog_exporter import PRODUCTS, SOURCE, Call, Known, Shop, Ways
from tests.mutants.exporter import TIMEOUT_S, Answer, Headers, Item, Kept, waiting_s
from tests.mutants.mutations import (
    FEW_TRIES,
    IMPATIENT_S,
    PADDING,
    Hurried,
    at_once,
    doubly_packed,
    falsely_packed,
    first_twice,
    hammering,
    is_json,
    replaced,
    without,
    without_tail,
)

SOME_TOKEN = "Bearer made-up-by-somebody-else"
TOO_MANY_CALLS = 301
METADATA, BOOKS, PRICES = "catalogProductMetadata", "catalogPriceBooks", "catalogPrices"


@dataclass(frozen=True, slots=True)
class CatalogMutation:
    """An exporter that does one thing wrong. clause: the id of the one clause that it fails."""

    clause: str
    wrong: str
    ways: Ways


def without_the_scope(step: Step, shop: Shop) -> str:
    if "openid" not in shop.tokens:
        shop.tokens["openid"], _ = sound.asked_for(step, "openid")
    token: str = shop.tokens["openid"]
    return token


def one_per_call(step: Step, _: Shop) -> str:
    return sound.asked_for(step)[0]


def kept_for_ever(step: Step, shop: Shop) -> str:
    if "kept" not in shop.tokens:
        shop.tokens["kept"] = sound.asked_for(step)
    token: str = shop.tokens["kept"][0]
    return token


def calls(feed_name: str, method: str, tail: str) -> Callable[[Shop, Step], None]:
    """Makes one more call at each sync."""

    def before(shop: Shop, step: Step) -> None:
        shop.post(step, CATALOG_FEEDS[feed_name], [], Call(method, tail))

    return before


def calls_too_often(shop: Shop, step: Step) -> None:
    if step.scenario == "initial":
        for _ in range(TOO_MANY_CALLS):
            shop.post(step, CATALOG_FEEDS[PRODUCTS], [])


def sends_too_much(shop: Shop, step: Step) -> None:
    if step.scenario == "initial":
        shop.post(step, CATALOG_FEEDS[PRODUCTS], [], body=b"[" + b" " * PADDING + b"]")


def sends(feed_name: str, item: Item, call: Call = sound.CREATE) -> Callable[[Shop, Step], None]:
    """Sends one item more, before a first sync."""

    def before(shop: Shop, step: Step) -> None:
        if step.scenario == "initial":
            shop.post(step, CATALOG_FEEDS[feed_name], [item], call)

    return before


def unpacked(body: bytes) -> tuple[bytes, Headers]:
    return body, {}


def wrapped(items: list[Item]) -> bytes:
    return json.dumps({"items": items}).encode()


def telling_all(headers: Headers) -> Headers:
    return {**headers, "X-Debug": headers["Authorization"]}


def on_one(feed_name: str, change: Callable[[Item], Item]) -> Callable[[Item, Step], Item]:
    """Changes one item of a feed as it is sent."""
    own = {PRODUCTS: ("SKU-3", "slug"), PRICES: ("SKU-3", "regular")}[feed_name]

    def wire(item: Item, _: Step) -> Item:
        return change(item) if item.get("sku") == own[0] and own[1] in item else item

    return wire


def large(item: Item) -> Item:
    return {**item, "description": "x" * 210_000}


def with_many_discounts(item: Item) -> Item:
    return {**item, "discounts": [{"code": f"sale-{n}", "percentage": 10.0} for n in range(11)]}


def without_slug(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != "slug"}


def unsorted_again(item: Item, step: Step) -> Item:
    again = step.kind is StepKind.AGAIN and "attributes" in item
    return {**item, "attributes": item["attributes"][::-1]} if again else item


def with_secret(item: Item, step: Step) -> Item:
    return {**item, "name": f"{item['name']} {step.client_secret}"} if "slug" in item else item


def in_order(*feeds: str) -> Callable[[list[str]], list[str]]:
    """Sends these feeds, of those there are, in this order before the others."""

    def order(names: list[str]) -> list[str]:
        first = [name for name in feeds if name in names]
        return [*first, *(name for name in names if name not in first)]

    return order


def double_in_batch(batches: list[list[Item]]) -> list[list[Item]]:
    return [[*items, items[-1]] if len(items) == 5 else items for items in batches]


def in_one_batch(size: int) -> int:
    return 10 * size


def children_first(batches: list[list[Item]]) -> list[list[Item]]:
    return [items[::-1] if "priceBookId" in items[0] else items for items in batches]


def keeps(when: Callable[[Answer, bool, bool, Known], bool], kept: Kept) -> Callable[..., Kept]:
    """Decides otherwise in one case."""

    def keep(answer: Answer, *, named: bool, others_named: bool, known: Known) -> Kept:
        if when(answer, named, others_named, known):
            return kept
        return sound.kept_of(answer, named=named, others_named=others_named, known=known)

    return keep


def takes(status: int) -> Ways:
    """Takes a status for success."""
    return Ways(keep=keeps(lambda answer, *_: answer.status == status, Kept.SENT))


def takes_broken(is_taken: Callable[[Answer], bool], timeout_s: float = TIMEOUT_S) -> Ways:
    """Takes answers that broke in a way for success."""
    return Ways(keep=keeps(lambda answer, *_: is_taken(answer), Kept.SENT), timeout_s=timeout_s)


def resends(*kinds: StepKind) -> Callable[[Known | None, str, Step], bool]:
    def due(known: Known | None, content: str, step: Step) -> bool:
        return step.kind in kinds or sound.is_due(known, content, step)

    return due


def whole_again(feed: Feed, taken: Item | None, item: Item) -> Item | None:
    """Creates what did not change, whole; updates what did."""
    return None if taken == item else sound.update_of(feed, taken, item)


def resends_refused(known: Known | None, content: str, step: Step) -> bool:
    refused = known is not None and known.kept is Kept.FINAL and known.named
    return (refused and step.kind is StepKind.RETRY) or sound.is_due(known, content, step)


def ignores_edits(known: Known | None, content: str, step: Step) -> bool:
    was_sent = known is not None and known.kept is Kept.SENT
    return not (was_sent and step.kind is StepKind.PARTIAL) and sound.is_due(known, content, step)


def forgets_unsent(known: Known | None, content: str, step: Step) -> bool:
    untried = known is not None and known.kept is Kept.DUE and not known.failures
    return not untried and sound.is_due(known, content, step)


def never_corrects(known: Known | None, content: str, step: Step) -> bool:
    refused = known is not None and known.kept is Kept.FINAL and known.named
    return not refused and sound.is_due(known, content, step)


def renamed(item: Item) -> Item:
    return {**item, "sku": f"{item['sku']}-v2", "name": f"{item['name']} again"}


def whole(_: Feed, item: Item) -> Item:
    return item


def deletes_again(known: Known, step: Step) -> bool:
    return step.kind is StepKind.AGAIN or sound.is_delete_due(known, step)


def at_once_if_turned_away(answer: Answer) -> float | None:
    return 0.0 if answer.status == 404 else waiting_s(answer)


def replays(shop: Shop, step: Step) -> None:
    """Sends the body that failed once more, after what is newer."""
    if step.scenario == "overtaken" and step.kind is StepKind.RECOVER:
        newest = next(
            item for item in shop.catalog[PRODUCTS].values() if item["name"].endswith("again again")
        )
        name = newest["name"].removesuffix(" again")
        update = {"sku": newest["sku"], "source": SOURCE, "name": name}
        shop.post(step, CATALOG_FEEDS[PRODUCTS], [update], sound.UPDATE)


def _no_one(*_: Any) -> bool:
    return False


_WEIGHT = {"code": "weight", "source": SOURCE, "label": "Weight"}
_OF_NOBODY = {"sku": "SKU-1", "priceBookId": "main", "regular": 10.0}
_ELSEWHERE = {"priceBookId": "de", "name": "Germany", "parentId": "us"}
_US = {"priceBookId": "us", "name": "States", "currency": "USD"}


def moves_a_book(shop: Shop, step: Step) -> None:
    """A child has had another parent."""
    if step.scenario == "initial":
        for item in (_US, _ELSEWHERE):
            shop.post(step, CATALOG_FEEDS[BOOKS], [item])


CATALOG_MUTATIONS: tuple[CatalogMutation, ...] = (
    CatalogMutation("CAT-TOKEN-1", "sends no token", Ways(headers=without("Authorization"))),
    CatalogMutation(
        "CAT-TOKEN-1",
        "sends a name and a password",
        Ways(headers=replaced(Authorization="Basic Yjpj")),
    ),
    CatalogMutation(
        "CAT-TOKEN-2", "makes its token up", Ways(headers=replaced(Authorization=SOME_TOKEN))
    ),
    CatalogMutation(
        "CAT-TOKEN-2", "asks for a token without the scope", Ways(token=without_the_scope)
    ),
    CatalogMutation("CAT-TOKEN-3", "asks for a token per call", Ways(token=one_per_call)),
    CatalogMutation(
        "CAT-TOKEN-4", "keeps a token that was refused", Ways(keeps_token=lambda _: True)
    ),
    CatalogMutation("CAT-TOKEN-5", "keeps a token until it is refused", Ways(token=kept_for_ever)),
    CatalogMutation(
        "CAT-CALL-1", "calls what is no resource", Ways(before=calls(PRODUCTS, "POST", "/stock"))
    ),
    CatalogMutation("CAT-CALL-1", "puts products", Ways(before=calls(PRODUCTS, "PUT", ""))),
    CatalogMutation(
        "CAT-CALL-1",
        "deletes by the method DELETE, too",
        Ways(before=calls(PRODUCTS, "DELETE", "")),
    ),
    CatalogMutation(
        "CAT-CALL-2", "says text/plain", Ways(headers=replaced(Content_Type="text/plain"))
    ),
    CatalogMutation("CAT-CALL-3", "says gzip of a plain body", Ways(pack=falsely_packed)),
    CatalogMutation("CAT-CALL-3", "packs the body twice", Ways(pack=doubly_packed)),
    CatalogMutation("CAT-CALL-4", "wraps the items in an object", Ways(text=wrapped)),
    CatalogMutation("CAT-LIMIT-1", "sends all in one batch", Ways(batch_size=in_one_batch)),
    CatalogMutation(
        "CAT-LIMIT-2", "sends a body of 17 MiB", Ways(before=sends_too_much, pack=unpacked)
    ),
    CatalogMutation("CAT-LIMIT-3", "sends a product of 210 kB", Ways(wire=on_one(PRODUCTS, large))),
    CatalogMutation(
        "CAT-LIMIT-4",
        "sends a price with eleven discounts",
        Ways(wire=on_one(PRICES, with_many_discounts)),
    ),
    CatalogMutation("CAT-LIMIT-5", "makes 301 calls at once", Ways(before=calls_too_often)),
    CatalogMutation("CAT-ITEM-1", "leaves out a slug", Ways(wire=on_one(PRODUCTS, without_slug))),
    CatalogMutation(
        "CAT-ITEM-1",
        "sends a number as a text",
        Ways(wire=on_one(PRICES, lambda item: {**item, "regular": str(item["regular"])})),
    ),
    CatalogMutation(
        "CAT-ITEM-2",
        "sends a price below zero",
        Ways(wire=on_one(PRICES, lambda item: {**item, "regular": -1.0})),
    ),
    CatalogMutation(
        "CAT-ITEM-2",
        "sends a field that there is not",
        Ways(wire=on_one(PRODUCTS, lambda item: {**item, "weight": 1})),
    ),
    CatalogMutation("CAT-ITEM-3", "repeats an item in its batch", Ways(batches=double_in_batch)),
    CatalogMutation(
        "CAT-ITEM-4",
        "updates what was never created",
        Ways(before=sends(METADATA, _WEIGHT, sound.UPDATE)),
    ),
    CatalogMutation("CAT-ITEM-5", "moves a price book elsewhere", Ways(before=moves_a_book)),
    CatalogMutation("CAT-ITEM-6", "sends prices before price books", Ways(order=in_order(PRICES))),
    CatalogMutation(
        "CAT-ITEM-6",
        "sends a price for a book of nobody",
        Ways(before=sends(PRICES, _OF_NOBODY)),
    ),
    CatalogMutation("CAT-ITEM-7", "sends a child before its parent", Ways(batches=children_first)),
    CatalogMutation("CAT-ITEM-8", "sends products before metadata", Ways(order=in_order(PRODUCTS))),
    CatalogMutation(
        "CAT-SYNC-1",
        "resends everything",
        Ways(due=resends(StepKind.AGAIN), update=whole_again),
    ),
    CatalogMutation("CAT-SYNC-1", "sends a batch twice in a sync", Ways(batches=first_twice)),
    CatalogMutation(
        "CAT-SYNC-2",
        "sends everything for one edit",
        Ways(due=resends(StepKind.PARTIAL), update=whole_again),
    ),
    CatalogMutation("CAT-SYNC-3", "does not sort its lists", Ways(wire=unsorted_again)),
    CatalogMutation("CAT-SYNC-4", "does not see an edit", Ways(due=ignores_edits)),
    CatalogMutation("CAT-SYNC-5", "gives an edited item another identity", Ways(edit=renamed)),
    CatalogMutation("CAT-SYNC-6", "drops the last batch", Ways(batches=without_tail)),
    CatalogMutation(
        "CAT-SYNC-7",
        "stops at a refused batch and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 400, due=forgets_unsent),
    ),
    CatalogMutation(
        "CAT-SYNC-8",
        "stops at a broken connection and forgets the rest",
        Ways(goes_on=lambda answer: not answer.broken, due=forgets_unsent),
    ),
    CatalogMutation(
        "CAT-SYNC-8",
        "stops when the service is down and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 503, due=forgets_unsent),
    ),
    CatalogMutation("CAT-DEL-1", "sends no deletes", Ways(delete_due=_no_one)),
    CatalogMutation("CAT-DEL-2", "sends deletes with the whole item", Ways(delete=whole)),
    CatalogMutation("CAT-DEL-3", "repeats deletes", Ways(delete_due=deletes_again)),
    CatalogMutation(
        "CAT-DEL-4",
        "forgets deletes that failed",
        Ways(keep=keeps(lambda answer, named, others, known: known.deleted, Kept.SENT)),
    ),
    CatalogMutation(
        "CAT-DEL-5",
        "says deleted in an item that it creates",
        Ways(before=sends(METADATA, {**_WEIGHT, "dataType": "TEXT", "deleted": True})),
    ),
    CatalogMutation("CAT-RETRY-1", "gives up on 502", takes(502)),
    CatalogMutation(
        "CAT-RETRY-2",
        "gives up on 429",
        Ways(
            wait=lambda _: None,
            keep=takes(429).keep,
            goes_on=lambda answer: answer.status != 429,
        ),
    ),
    CatalogMutation("CAT-RETRY-3", "gives up on 403", takes(403)),
    CatalogMutation("CAT-RETRY-3", "gives up on 404", takes(404)),
    CatalogMutation("CAT-RETRY-3", "gives up on 413", takes(413)),
    CatalogMutation("CAT-RETRY-4", "ignores Retry-After", Ways(wait=at_once)),
    CatalogMutation("CAT-RETRY-5", "hammers a service that is down", Ways(wait=hammering)),
    CatalogMutation("CAT-RETRY-5", "waits less and less", Ways(wait=Hurried())),
    CatalogMutation("CAT-RETRY-6", "takes 202 for success", takes(202)),
    CatalogMutation(
        "CAT-RETRY-7",
        "gives up after a few tries",
        Ways(keep=keeps(lambda _, __, ___, known: known.failures >= FEW_TRIES, Kept.FINAL)),
    ),
    CatalogMutation("CAT-RETRY-8", "sends old bodies after newer ones", Ways(before=replays)),
    CatalogMutation(
        "CAT-RETRY-9", "repeats at once what is not found", Ways(wait=at_once_if_turned_away)
    ),
    CatalogMutation("CAT-REFUSE-1", "sends refused items again", Ways(due=resends_refused)),
    CatalogMutation("CAT-REFUSE-2", "never sends a refused item again", Ways(due=never_corrects)),
    CatalogMutation(
        "CAT-REFUSE-3",
        "takes the unnamed items of a 400 for sent",
        Ways(keep=keeps(lambda a, named, others, _: others and not named, Kept.SENT)),
    ),
    CatalogMutation(
        "CAT-CONN-1",
        "takes a timeout for success",
        takes_broken(lambda answer: answer.broken == "timeout", IMPATIENT_S),
    ),
    CatalogMutation(
        "CAT-CONN-2",
        "does not wait for the whole of a slow answer",
        Ways(read=lambda response: response.read1()),
    ),
    CatalogMutation(
        "CAT-CONN-3",
        "takes a body that is no JSON for failure",
        Ways(keep=keeps(lambda a, *_: a.status == 200 and not is_json(a.body), Kept.DUE)),
    ),
    CatalogMutation(
        "CAT-CONN-4",
        "takes a reset for success",
        takes_broken(lambda answer: answer.broken == "reset"),
    ),
    CatalogMutation(
        "CAT-CONN-5",
        "takes a closed connection for success",
        takes_broken(lambda answer: answer.broken == "closed"),
    ),
    CatalogMutation(
        "CAT-CONN-6",
        "takes headers alone for success",
        takes_broken(lambda answer: answer.broken == "headers alone"),
    ),
    CatalogMutation(
        "CAT-CONN-7",
        "takes less than was promised for success",
        takes_broken(lambda answer: answer.broken == "truncated" and is_json(answer.body)),
    ),
    CatalogMutation("CAT-SECRET-1", "writes its secret into items", Ways(wire=with_secret)),
    CatalogMutation(
        "CAT-SECRET-2", "writes its token into another header", Ways(headers=telling_all)
    ),
)
