"""Ways of an exporter that are wrong, each in one thing; `mutations` says which clause sees it."""

import dataclasses
import gzip
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import jwt

from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.signature import key_pair, sign
from mcs.harness.conformance.steps import Step, StepKind
from tests.mutants import exporter as sound
from tests.mutants.exporter import Answer, Headers, Item, Kept, Known, Shop, Ways

PADDING = 17 * 1024 * 1024
LARGE_VALUE = "x" * 1_100_000
TOKEN_KEPT_S = 200
FEW_TRIES = 4
IMPATIENT_S = 0.3
SOME_TOKEN = jwt.encode({"scope": "feeds"}, "0" * 32, algorithm="HS256")
HURRIED_TRIES_S = (8.0, 4.0, 2.0)


def without(*names: str) -> Callable[[Headers], Headers]:
    return lambda headers: {name: value for name, value in headers.items() if name not in names}


def replaced(**changes: str) -> Callable[[Headers], Headers]:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return lambda headers: {**headers, **named}


def wrong_key(step: Step, shop: Shop) -> str:
    if "private" not in shop.tokens:
        shop.tokens["private"], _ = key_pair()
    return sign(shop.tokens["private"], step.clock.now())


def long_lived(step: Step, _: Shop) -> str:
    claims = {"exp": int(step.clock.now().timestamp()) + 3_600}
    return jwt.encode(claims, step.private_key, algorithm="RS256")


def kept_token(step: Step, shop: Shop) -> str:
    now = step.clock.now()
    signed = shop.tokens.get("signed")
    if signed is None or now - signed[0] > timedelta(seconds=TOKEN_KEPT_S):
        signed = shop.tokens["signed"] = (now, sign(step.private_key, now))
    token: str = signed[1]
    return token


def posts_elsewhere(shop: Shop, step: Step) -> None:
    feed = dataclasses.replace(FEEDS["products"], route="feeds/unknown/v1")
    shop.post(step, feed, [])


def posts_nothing(shop: Shop, step: Step) -> None:
    shop.post(step, FEEDS["products"], [])


def posts_mixed(shop: Shop, step: Step) -> None:
    if "scopesWebsite" in shop.catalog and step.scenario == "initial":
        names = ("scopesWebsite", "scopesCustomerGroup")
        items = [item for name in names for item in shop.catalog[name].values()]
        now = f"{step.clock.now():%Y-%m-%d %H:%M:%S}"
        shop.post(step, FEEDS["scopesWebsite"], [{**item, "updatedAt": now} for item in items])


def posts_too_much(shop: Shop, step: Step) -> None:
    if step.scenario == "initial":
        shop.post(step, FEEDS["products"], [], b"[" + b" " * PADDING + b"]")


def unpacked(body: bytes) -> tuple[bytes, Headers]:
    return body, {}


def three_at_once(step: Step) -> int:
    return 3 if len(step.feeds) > 1 else 1


def telling_all(headers: Headers) -> Headers:
    return {**headers, "X-Debug": headers["x-gw-signature"]}


def doubly_packed(body: bytes) -> tuple[bytes, Headers]:
    packed, said = sound.packed(body)
    return gzip.compress(packed, 1), said


def falsely_packed(body: bytes) -> tuple[bytes, Headers]:
    return body, {"Content-Encoding": "gzip"}


def wrapped(_: Step, items: list[Item]) -> bytes:
    return json.dumps({"items": items}).encode()


def double_in_batch(batches: list[list[Item]]) -> list[list[Item]]:
    return [[*items, items[-1]] if len(items) < 100 else items for items in batches]


def first_twice(batches: list[list[Item]]) -> list[list[Item]]:
    return [batches[0], *batches] if batches and len(batches[0]) == 100 else batches


def without_tail(batches: list[list[Item]]) -> list[list[Item]]:
    return batches[:1] if len(batches) > 1 and len(batches[-1]) < len(batches[0]) else batches


def on_one_product(change: Callable[[Item], Item]) -> Callable[[Item, Step], Item]:
    def wire(item: Item, _: Step) -> Item:
        return change(item) if item.get("sku") == "SKU-3" and "name" in item else item

    return wire


def without_deleted(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != "deleted"}


def large(item: Item) -> Item:
    return {**item, "attributes": [{"attributeCode": "text", "value": [LARGE_VALUE]}]}


def unsorted_again(item: Item, step: Step) -> Item:
    if step.kind is StepKind.AGAIN and "attributes" in item:
        return {**item, "attributes": item["attributes"][::-1]}
    return item


def with_run_number(item: Item, step: Step) -> Item:
    again = step.kind is StepKind.AGAIN and step.scenario == "again"
    return {**item, "name": f"{item['name']} {step.kind}"} if again and "name" in item else item


def with_secret(secret: Callable[[Step], str]) -> Callable[[Item, Step], Item]:
    def wire(item: Item, step: Step) -> Item:
        return {**item, "name": f"{item['name']} {secret(step)}"} if "name" in item else item

    return wire


def american(now: datetime, _: Step) -> str:
    return f"{now:%m/%d/%Y %H:%M}"


def going_back(now: datetime, step: Step) -> str:
    old = step.kind is StepKind.PARTIAL
    return sound.sending_time(now - timedelta(days=1) if old else now, step)


def local_time(now: datetime, step: Step) -> str:
    return sound.sending_time(now + timedelta(hours=2), step)


def resends(*kinds: StepKind) -> Callable[[Known | None, str, Step], bool]:
    def due(known: Known | None, content: str, step: Step) -> bool:
        return step.kind in kinds or sound.is_due(known, content, step)

    return due


def resends_if(which: Callable[[Known], bool]) -> Callable[[Known | None, str, Step], bool]:
    def due(known: Known | None, content: str, step: Step) -> bool:
        if known is not None and step.kind is StepKind.RETRY and which(known):
            return True
        return sound.is_due(known, content, step)

    return due


def ignores_edits(known: Known | None, content: str, step: Step) -> bool:
    was_sent = known is not None and known.kept is Kept.SENT
    is_edit = was_sent and step.kind is StepKind.PARTIAL
    return not is_edit and sound.is_due(known, content, step)


def forgets_unsent(known: Known | None, content: str, step: Step) -> bool:
    untried = known is not None and known.kept is Kept.DUE and not known.failures
    return not untried and sound.is_due(known, content, step)


def never_corrects(known: Known | None, content: str, step: Step) -> bool:
    refused = known is not None and known.kept is Kept.FINAL and known.named
    return not refused and sound.is_due(known, content, step)


def renamed(item: Item) -> Item:
    return {**item, "sku": f"{item['sku']}-v2", "name": f"{item['name']} again"}


def keeps(
    when: Callable[[Answer, str | None, bool, Known], bool], kept: Kept
) -> Callable[[Answer, str | None, bool, Known], Kept]:
    """Decides otherwise in one case."""

    def keep(answer: Answer, named: str | None, others_named: bool, known: Known) -> Kept:
        if when(answer, named, others_named, known):
            return kept
        return sound.kept_of(answer, named, others_named, known)

    return keep


def unnamed_in(status: int) -> Callable[[Answer, str | None, bool, Known], bool]:
    def is_unnamed(answer: Answer, named: str | None, others_named: bool, _: Known) -> bool:
        return answer.status == status and others_named and named is None

    return is_unnamed


def takes(*statuses: int) -> Ways:
    """Takes these statuses for success."""
    return Ways(keep=keeps(lambda answer, *_: answer.status in statuses, Kept.SENT))


def takes_broken(is_taken: Callable[[Answer], bool], timeout_s: float = sound.TIMEOUT_S) -> Ways:
    """Takes answers that broke in a way for success."""
    return Ways(keep=keeps(lambda answer, *_: is_taken(answer), Kept.SENT), timeout_s=timeout_s)


def is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def at_once(answer: Answer) -> float | None:
    return 0.0 if answer.status == 429 else None


def at_once_if_turned_down(answer: Answer) -> float | None:
    is_turned_down = answer.status == 400 and b"invalidFeedItems" not in answer.body
    return 0.0 if is_turned_down else sound.waiting_s(answer)


def hammering(answer: Answer) -> float | None:
    return 0.0 if answer.status in (500, 502, 503, 504) else sound.waiting_s(answer)


class Hurried:
    """Waits less before each further try."""

    def __init__(self) -> None:
        self._tries = 0

    def __call__(self, answer: Answer) -> float | None:
        if answer.status != 503:
            self._tries = 0
            return sound.waiting_s(answer)
        self._tries += 1
        return HURRIED_TRIES_S[(self._tries - 1) % len(HURRIED_TRIES_S)]


def replays(shop: Shop, step: Step) -> None:
    """Sends the body that failed once more, after what is newer."""
    if step.scenario == "overtaken" and step.kind is StepKind.RECOVER:
        products = shop.catalog["products"].values()
        newest = next(item for item in products if item["name"].endswith("again again"))
        stale = {**newest, "name": newest["name"].removesuffix(" again")}
        now = sound.sending_time(step.clock.now(), step)
        shop.post(step, FEEDS["products"], [{**stale, "modifiedAt": now}])


def whole(_: Feed, item: Item) -> Item:
    return {**item, "deleted": True}


def deletes_again(known: Known, step: Step) -> bool:
    return step.kind is StepKind.AGAIN or sound.is_delete_due(known, step)


def header_of_key(step: Step) -> str:
    return step.api_key


def scopes_first(feeds: Sequence[Feed]) -> Sequence[Feed]:
    newest = ("scopesWebsite", "scopesCustomerGroup", "products", "prices")
    return sorted(feeds, key=lambda feed: newest.index(feed.name))


def other_order(feeds: Sequence[Feed]) -> Sequence[Feed]:
    return list(feeds)[::-1]


def no_one(*_: Any) -> bool:
    return False
