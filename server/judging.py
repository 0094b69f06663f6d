"""What becomes of each item of a batch: kept or refused, under which name. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from mcs.contract.answer import ItemError
from mcs.contract.calls import Call, Operation
from mcs.contract.canonical import canonical_json, content_hash, identity, key_of_values
from mcs.contract.errors import ContractError, MissingIdentity
from mcs.contract.feeds import Feed
from mcs.contract.validation import DEEPEST, Mode, explained, fast_accepts, nested_too_deep
from mcs.server.config import Settings
from mcs.server.faults.matching import Candidate
from mcs.server.store.values import AcceptedItem, RejectedItem

MOST_REASONS = 100
"""How many errors of an item are told."""
TOO_DEEP = f"An item is nested more than {DEEPEST} levels deep. No feed has such items: flatten it."


@dataclass(frozen=True, slots=True)
class Judgement:
    """The items of a batch by what becomes of them, and why; errors are ordered by index."""

    accepted: list[AcceptedItem]
    rejected: list[RejectedItem]
    errors: list[ItemError]


def feed_of(feeds: Sequence[Feed], items: Sequence[Any]) -> Feed:
    """Whose items a batch holds: the first that can be told by its wrapper decides."""
    if len(feeds) == 1:
        return feeds[0]
    for item in items:
        for feed in feeds:
            if isinstance(item, dict) and feed.wrapper in item:
                return feed
    return feeds[0]


def call_of(feed: Feed) -> Call:
    """What a request does that does not say it: it sends items of a feed."""
    return Call(feed, Operation.SEND, "POST", feed.route, feed.name)


def judge(call: Call, items: Sequence[Any], settings: Settings) -> Judgement:
    """Judges the items of one batch as the data space wants it.

    Raises ContractError 400 if one is nested too deep.
    """
    feed = call.feed
    mode = Mode(settings.mode)
    limit = (settings.items_limit or {}).get(feed.name, len(items))
    if limit >= len(items) and fast_accepts(call.schema, items, strict=True):
        with suppress(MissingIdentity):
            return Judgement(
                [_accepted(call, each, i, mode) for i, each in enumerate(items)], [], []
            )
    refuse_too_deep(items)
    reasons: dict[int, list[ItemError]] = defaultdict(list)
    for error in explained(feed, items[:limit], mode, call.schema).errors:
        reasons[error.index].append(error)
    for index, found in reasons.items():
        _cut(index, found)
    accepted: list[AcceptedItem] = []
    for index, item in enumerate(items[:limit]):
        if index not in reasons:
            try:
                accepted.append(_accepted(call, item, index, mode))
            except MissingIdentity as missing:
                reasons[index].append(_without_identity(index, missing))
    for index in range(limit, len(items)):
        reasons[index].append(_beyond_limit(index, limit))
    rejected = [_rejected(feed, items[index], index, reasons[index]) for index in sorted(reasons)]
    return Judgement(accepted, rejected, [error for item in rejected for error in item.errors])


def refuse_too_deep(items: Sequence[Any]) -> None:
    """Raises ContractError 400 if an item is nested deeper than can be judged."""
    if nested_too_deep(items):
        raise ContractError(400, "nested_too_deep", "Bad Request", TOO_DEEP)


def candidates(
    feed: Feed, items: Sequence[Any], accepted: Sequence[AcceptedItem] = ()
) -> list[Candidate]:
    """The items as rules of faults look at them, valid or not.

    accepted: those of them whose names are known already.
    """
    named = {item.index: item for item in accepted if item.identity is not None}
    found = []
    for index, item in enumerate(items):
        known = named.get(index)
        if known is not None:
            found.append(Candidate(index, known.key, known.identity, item))
            continue
        values = _identity_of(feed, item)
        key = None if values is None else key_of_values(values.values())
        found.append(Candidate(index, key, values, item))
    return found


def with_rejections(judgement: Judgement, rejections: Mapping[int, ItemError]) -> Judgement:
    """A judgement that refuses further items for these reasons, by index."""
    if not rejections:
        return judgement
    refused = [
        RejectedItem(item.index, item.key, item.identity, [rejections[item.index]])
        for item in judgement.accepted
        if item.index in rejections
    ]
    accepted = [item for item in judgement.accepted if item.index not in rejections]
    rejected = sorted([*judgement.rejected, *refused], key=lambda item: item.index)
    return Judgement(accepted, rejected, [error for item in rejected for error in item.errors])


def _accepted(call: Call, item: Any, index: int, mode: Mode) -> AcceptedItem:
    feed = call.feed
    values: dict[str, str] | None = None
    try:
        values = identity(feed, item)
    except MissingIdentity:
        # A lenient schema bears values here that name nothing, such as true.
        if mode is not Mode.RECORD:
            raise
    fields = item if isinstance(item, dict) else {}
    modified_at = fields.get(feed.timestamp)
    hashed = content_hash(feed, item) if isinstance(item, dict) else _hash_of_value(item)
    return AcceptedItem(
        index,
        hashed if values is None else key_of_values(values.values()),
        values,
        hashed,
        call.operation.deletes(item),
        modified_at if isinstance(modified_at, str) else None,
    )


def _cut(index: int, errors: list[ItemError]) -> None:
    # An item may have as many faults as it has values, and each is answered and recorded.
    further = len(errors) - MOST_REASONS
    if further > 0:
        errors[MOST_REASONS:] = [
            ItemError(index, "", "further_errors", f"{further:,} more errors. Mend these first.")
        ]


def _rejected(feed: Feed, item: Any, index: int, errors: Sequence[ItemError]) -> RejectedItem:
    values = _identity_of(feed, item)
    key = None if values is None else key_of_values(values.values())
    return RejectedItem(index, key, values, errors)


def _identity_of(feed: Feed, item: Any) -> dict[str, str] | None:
    try:
        return identity(feed, item)
    except MissingIdentity:
        return None


def _hash_of_value(value: Any) -> str:
    return sha1(canonical_json(value), usedforsecurity=False).hexdigest()


def _without_identity(index: int, missing: MissingIdentity) -> ItemError:
    pointer = "/" + missing.path.replace(".", "/")
    return ItemError(index, pointer, "missing_identity", str(missing))


def _beyond_limit(index: int, limit: int) -> ItemError:
    return ItemError(
        index,
        "",
        "items_limit_exceeded",
        f"A request may carry {limit} items of this feed, and this is number {index + 1}. "
        "Send it in another request.",
    )
