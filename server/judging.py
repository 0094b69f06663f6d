"""What becomes of each item of a batch: kept or refused, under which name. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcs.contract.answer import ItemError
from mcs.contract.calls import Call, Operation
from mcs.contract.canonical import identity, key_of_values
from mcs.contract.errors import ContractError, MissingIdentity
from mcs.contract.feeds import Feed
from mcs.contract.kept import kept
from mcs.contract.validation import DEEPEST, Mode, explained, fast_accepts, nested_too_deep
from mcs.server.config import Settings
from mcs.server.store.accepted import AsTheyCame
from mcs.server.store.values import AcceptedItem, RejectedItem
from mcs.server.unparsed import UnparsedItems

MOST_REASONS = 100
"""How many errors of an item are told."""
TOO_DEEP = f"An item is nested more than {DEEPEST} levels deep. No feed has such items: flatten it."


@dataclass(frozen=True, slots=True)
class Judgement:
    """The items of a batch by what becomes of them, and why; errors are ordered by index."""

    accepted: Collection[AcceptedItem]
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
    if limit >= len(items) and _is_surely_valid(call, items):
        # What a strict schema accepts has an identity: tests/contract/test_typed.py.
        return Judgement(AsTheyCame(call, items), [], [])
    items = list(items)
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
                of_item = kept(feed, call.operation, item, nameless=mode is Mode.RECORD)
                accepted.append(AcceptedItem(index, *of_item))
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


def _is_surely_valid(call: Call, items: Sequence[Any]) -> bool:
    return isinstance(items, UnparsedItems) or fast_accepts(call.schema, items, strict=True)


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
