"""What can be wrong with an exporter: the small one, spoilt in one way each, and the one clause
that sees it."""

import dataclasses
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Mutation:
    """An exporter that does one thing wrong. clause: the id of the one clause that it fails."""

    clause: str
    wrong: str
    ways: Ways


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


def _no_one(*_: Any) -> bool:
    return False


MUTATIONS: tuple[Mutation, ...] = (
    Mutation("AUTH-1", "sends no signature", Ways(headers=without("x-gw-signature"))),
    Mutation("AUTH-1", "sends no API key", Ways(headers=without("x-api-key"))),
    Mutation("AUTH-2", "signs with another key", Ways(token=wrong_key)),
    Mutation("AUTH-3", "signs for an hour", Ways(token=long_lived)),
    Mutation("AUTH-4", "keeps a token for some minutes", Ways(token=kept_token)),
    Mutation("WIRE-1", "posts to a route of no feed", Ways(before=posts_elsewhere)),
    Mutation(
        "WIRE-2", "writes two slashes", Ways(route=lambda feed: feed.route.replace("/", "//", 1))
    ),
    Mutation("WIRE-3", "says text/plain", Ways(headers=replaced(Content_Type="text/plain"))),
    Mutation("WIRE-4", "says gzip of a plain body", Ways(pack=falsely_packed)),
    Mutation("WIRE-4", "packs the body twice", Ways(pack=doubly_packed)),
    Mutation("WIRE-5", "sends empty batches", Ways(before=posts_nothing)),
    Mutation("WIRE-5", "wraps the items in an object", Ways(text=wrapped)),
    Mutation(
        "WIRE-6",
        "has one request id for all",
        Ways(headers=replaced(X_Request_Id="00000000-0000-4000-8000-000000000000")),
    ),
    Mutation("WIRE-7", "sends no request id", Ways(headers=without("X-Request-Id"))),
    Mutation("WIRE-8", "names another client", Ways(headers=replaced(User_Agent="client/1"))),
    Mutation(
        "WIRE-9",
        "sends metadata that is no JSON",
        Ways(headers=replaced(service_connector_metadata="ce, 2.4.8")),
    ),
    Mutation("LIMIT-1", "sends all in one batch", Ways(batch_size=lambda size: 10 * size)),
    Mutation(
        "LIMIT-2",
        "sends a body of 17 MiB",
        Ways(before=posts_too_much, pack=unpacked),
    ),
    Mutation("LIMIT-3", "sends an attribute of 1.1 MB", Ways(wire=on_one_product(large))),
    Mutation(
        "LIMIT-4",
        "sends three batches at once",
        Ways(threads=three_at_once),
    ),
    Mutation("ITEM-1", "leaves out deleted", Ways(wire=on_one_product(without_deleted))),
    Mutation(
        "ITEM-2",
        "sends a number as a text",
        Ways(wire=on_one_product(lambda item: {**item, "productId": str(item["productId"])})),
    ),
    Mutation("ITEM-3", "writes times in another format", Ways(time=american)),
    Mutation("ITEM-4", "lets the time of sending go back", Ways(time=going_back)),
    Mutation("ITEM-5", "sends local time as UTC", Ways(time=local_time)),
    Mutation("ITEM-6", "repeats an item in its batch", Ways(batches=double_in_batch)),
    Mutation(
        "ITEM-7", "mixes feeds that share a route", Ways(before=posts_mixed, order=scopes_first)
    ),
    Mutation("SYNC-1", "resends everything", Ways(due=resends(StepKind.AGAIN))),
    Mutation("SYNC-1", "sends a batch twice in a sync", Ways(batches=first_twice)),
    Mutation("SYNC-2", "sends everything for one edit", Ways(due=resends(StepKind.PARTIAL))),
    Mutation("SYNC-3", "does not sort its lists", Ways(wire=unsorted_again)),
    Mutation("SYNC-3", "writes the number of the run into items", Ways(wire=with_run_number)),
    Mutation("SYNC-4", "does not see an edit", Ways(due=ignores_edits)),
    Mutation("SYNC-5", "gives an edited item another identity", Ways(edit=renamed)),
    Mutation("SYNC-6", "sends feeds in another order", Ways(order=other_order)),
    Mutation("SYNC-7", "drops the last batch", Ways(batches=without_tail)),
    Mutation(
        "SYNC-8",
        "stops at a refused batch and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 400, due=forgets_unsent),
    ),
    Mutation(
        "SYNC-9",
        "stops at a broken connection and forgets the rest",
        Ways(goes_on=lambda answer: not answer.broken, due=forgets_unsent),
    ),
    Mutation(
        "SYNC-9",
        "stops when the service is down and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 503, due=forgets_unsent),
    ),
    Mutation("DEL-1", "sends no deletes", Ways(delete_due=_no_one)),
    Mutation("DEL-2", "sends deletes with the whole item", Ways(delete=whole)),
    Mutation("DEL-3", "repeats deletes", Ways(delete_due=deletes_again)),
    Mutation(
        "DEL-4",
        "forgets deletes that failed",
        Ways(keep=keeps(lambda answer, named, others, known: known.deleted, Kept.SENT)),
    ),
    Mutation("RETRY-1", "gives up on 5xx", takes(500, 502, 504)),
    Mutation(
        "RETRY-2",
        "gives up on 429",
        Ways(
            wait=lambda _: None,
            keep=takes(429).keep,
            goes_on=lambda answer: answer.status != 429,
        ),
    ),
    Mutation("RETRY-3", "gives up on 401", takes(401)),
    Mutation("RETRY-3", "gives up on 403", takes(403)),
    Mutation("RETRY-3", "gives up on 404", takes(404)),
    Mutation("RETRY-3", "gives up on 413", takes(413)),
    Mutation("RETRY-4", "ignores Retry-After", Ways(wait=at_once)),
    Mutation("RETRY-5", "hammers a service that is down", Ways(wait=hammering)),
    Mutation("RETRY-5", "waits less and less", Ways(wait=Hurried())),
    Mutation("RETRY-6", "takes 202 for success", takes(202)),
    Mutation(
        "RETRY-7",
        "gives up after a few tries",
        Ways(keep=keeps(lambda _, __, ___, known: known.failures >= FEW_TRIES, Kept.FINAL)),
    ),
    Mutation("RETRY-8", "sends old bodies after newer ones", Ways(before=replays)),
    Mutation(
        "REFUSE-1",
        "sends refused items again",
        Ways(due=resends_if(lambda known: known.kept is Kept.FINAL and known.named)),
    ),
    Mutation("REFUSE-2", "never sends a refused item again", Ways(due=never_corrects)),
    Mutation(
        "REFUSE-3",
        "sends the unnamed items of a 400 again",
        Ways(
            keep=keeps(
                lambda a, named, others, _: a.status == 400 and others and not named, Kept.DUE
            )
        ),
    ),
    Mutation(
        "REFUSE-4",
        "sends the unnamed items of a 200 again",
        Ways(
            keep=keeps(
                lambda a, named, others, _: a.status == 200 and others and not named, Kept.DUE
            )
        ),
    ),
    Mutation(
        "REFUSE-5",
        "takes items_limit_exceeded for final",
        Ways(keep=keeps(lambda _, named, __, ___: named == "items_limit_exceeded", Kept.FINAL)),
    ),
    Mutation(
        "REFUSE-6",
        "sends a batch again that was answered 400",
        Ways(keep=keeps(lambda a, _, others, __: a.status == 400 and not others, Kept.DUE)),
    ),
    Mutation(
        "REFUSE-6",
        "repeats a batch at once that was answered 400",
        Ways(wait=at_once_if_turned_down),
    ),
    Mutation(
        "CONN-1",
        "takes a timeout for success",
        takes_broken(lambda answer: answer.broken == "timeout", IMPATIENT_S),
    ),
    Mutation(
        "CONN-2",
        "does not wait for the whole of a slow answer",
        Ways(read=lambda response: response.read1()),
    ),
    Mutation(
        "CONN-3",
        "takes a body that is no JSON for failure",
        Ways(keep=keeps(lambda a, *_: a.status == 200 and not is_json(a.body), Kept.DUE)),
    ),
    Mutation(
        "CONN-4",
        "takes a reset for success",
        takes_broken(lambda answer: answer.broken == "reset"),
    ),
    Mutation(
        "CONN-5",
        "takes a closed connection for success",
        takes_broken(lambda answer: answer.broken == "closed"),
    ),
    Mutation(
        "CONN-6",
        "takes headers alone for success",
        takes_broken(lambda answer: answer.broken == "headers alone"),
    ),
    Mutation(
        "CONN-7",
        "takes less than was promised for success",
        takes_broken(lambda answer: answer.broken == "truncated" and is_json(answer.body)),
    ),
    Mutation("SECRET-1", "writes the API key into items", Ways(wire=with_secret(header_of_key))),
    Mutation(
        "SECRET-1",
        "writes a token into items",
        Ways(wire=with_secret(lambda _: SOME_TOKEN)),
    ),
    Mutation(
        "SECRET-2",
        "writes a token into another header",
        Ways(headers=telling_all),
    ),
)
