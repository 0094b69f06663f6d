"""The ways of the catalog exporter that are wrong."""

import json
from collections.abc import Callable
from typing import Any

from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.conformance.steps import Step, StepKind
from tests.mutants import catalog_exporter as sound
from tests.mutants.catalog_exporter import PRODUCTS, SOURCE, Call, Known, Shop, Ways
from tests.mutants.exporter import TIMEOUT_S, Answer, Headers, Item, Kept, waiting_s
from tests.mutants.wrong_ways import PADDING

SOME_TOKEN = "Bearer made-up-by-somebody-else"
TOO_MANY_CALLS = 301
METADATA, BOOKS, PRICES = "catalogProductMetadata", "catalogPriceBooks", "catalogPrices"
WEIGHT = {"code": "weight", "source": SOURCE, "label": "Weight"}
OF_NOBODY = {"sku": "SKU-1", "priceBookId": "main", "regular": 10.0}
ELSEWHERE = {"priceBookId": "de", "name": "Germany", "parentId": "us"}
US = {"priceBookId": "us", "name": "States", "currency": "USD"}


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


def no_one(*_: Any) -> bool:
    return False


def moves_a_book(shop: Shop, step: Step) -> None:
    """A child has had another parent."""
    if step.scenario == "initial":
        for item in (US, ELSEWHERE):
            shop.post(step, CATALOG_FEEDS[BOOKS], [item])
