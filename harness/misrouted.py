"""What is missing here and is somewhere else: under another scope, or in another data space.

An item is only said to be misrouted where there is proof; a missing item beside an unexpected one
of the same product is otherwise just that.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from mcs.contract.canonical import Item, content_hash
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.compare import Policy
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.reconcile import Disagreement, Reconciliation
from mcs.harness.sides import ReceivedSide, SentSide

SCOPES = ("storeViewCode", "storeCode", "websiteCode", "customerGroupCode", "locale", "layer")
"""The fields that say for whom an item is; the last step of their paths."""

ASKED_AT_ONCE = 500
ASKING_THREADS = 8

Name = tuple[str, str]
"""Feed and key."""
MISSING, UNEXPECTED = DiscrepancyKind.MISSING, DiscrepancyKind.UNEXPECTED


@dataclass(frozen=True, slots=True)
class Moves:
    """Items that came under another scope. to: where each missing one is. arrived: those places,
    which are not unexpected then."""

    to: Mapping[Name, Disagreement] = field(default_factory=dict)
    arrived: frozenset[Name] = frozenset()


def moves(
    reconciliation: Reconciliation, sent: SentSide, received: ReceivedSide, policy: Policy
) -> Moves:
    """Which missing identities are the unexpected ones, under another scope.

    Proof is the content, which has to be equal in all but the scopes, and that no other identity
    can be meant: one unexpected identity, and one missing one whose content it has. Memory: what is
    missing or unexpected in feeds where both occur.
    """
    kinds = reconciliation.kinds()
    both = {feed for feed, kind in kinds if kind is MISSING and (feed, UNEXPECTED) in kinds}
    feeds = {feed for feed in both if feed in ALL_FEEDS and _is_scoped(ALL_FEEDS[feed])}
    if not feeds:
        return Moves()
    to: dict[Name, Disagreement] = {}
    candidates = _candidates(reconciliation, feeds)
    with ThreadPoolExecutor(ASKING_THREADS) as threads:
        while chunk := list(islice(candidates, ASKED_AT_ONCE)):
            kept = _kept_items(sent, chunk)
            for one, held in zip(chunk, threads.map(partial(_held, received), chunk), strict=True):
                if meant := _meant(one, held, kept, policy):
                    to[meant.name] = one.there
    return Moves(to, frozenset(there.name for there in to.values()))


def elsewhere(found: Sequence[Disagreement], received: ReceivedSide) -> dict[Name, dict[str, Any]]:
    """The missing identities that another data space has alive, with what is known of them there.

    Proof is that it holds the sent content since the very request that the exporter noted, since
    many data spaces may hold the same catalog.
    """
    asked: dict[str, list[Disagreement]] = defaultdict(list)
    for one in found:
        if one.kind is MISSING and one.sent and one.sent["request_id"]:
            asked[one.feed].append(one)
    proven: dict[Name, dict[str, Any]] = {}
    for feed, missing in asked.items():
        wanted = {one.key: one.sent for one in missing}
        for there in received.elsewhere(feed, list(wanted)):
            sent = wanted[there.key] or {}
            if (there.hash, there.request_id) == (sent["hash"], sent["request_id"]):
                proven[feed, there.key] = {
                    "data_space_id": there.data_space_id,
                    "hash": there.hash,
                    "deleted": False,
                    "received_at": there.received_at,
                    "request_id": there.request_id,
                }
    return proven


def moved(one: Disagreement, there: Disagreement) -> Disagreement:
    """A missing identity as it is told: misrouted to where another was unexpected."""
    facts = {**(there.received or {}), "identity": there.identity, "key": there.key}
    return replace(one, kind=DiscrepancyKind.MISROUTED, received=facts)


class _Candidate(NamedTuple):
    """An unexpected identity that is the only one of its kind, and the missing ones like it."""

    there: Disagreement
    missing: list[Disagreement]


def _candidates(reconciliation: Reconciliation, feeds: Iterable[str]) -> Iterator[_Candidate]:
    unexpected: dict[tuple[str, ...], list[Disagreement]] = defaultdict(list)
    for one in reconciliation.disagreements(UNEXPECTED):
        if one.feed in feeds and (name := _scopeless(one)):
            unexpected[name].append(one)
    missing: dict[tuple[str, ...], list[Disagreement]] = defaultdict(list)
    for one in reconciliation.disagreements(MISSING):
        if (name := _scopeless(one)) and len(unexpected.get(name, ())) == 1:
            missing[name].append(one)
    for name, alike in missing.items():
        yield _Candidate(unexpected[name][0], alike)


def _kept_items(sent: SentSide, candidates: Iterable[_Candidate]) -> dict[Name, Item]:
    """The whole items that the exporter kept of what is missing, by feed and locator."""
    locators: dict[str, list[str]] = defaultdict(list)
    for one in candidates:
        locators[one.there.feed] += [m.locator for m in one.missing if m.locator is not None]
    return {
        (feed, locator): item
        for feed, wanted in locators.items()
        for locator, item in sent.items(ALL_FEEDS[feed], wanted).items()
    }


def _held(received: ReceivedSide, one: _Candidate) -> Item | None:
    versions = received.versions(one.there.feed, one.there.key)
    return versions[-1].item if versions else None


def _meant(
    one: _Candidate, held: Item | None, kept: Mapping[Name, Item], policy: Policy
) -> Disagreement | None:
    """The missing item whose content the service holds there; None if there is none, or more."""
    if held is None:
        return None
    feed = ALL_FEEDS[one.there.feed]
    scopeless = replace(policy, ignore=(*policy.ignore, *_scope_pointers(feed)))
    equal = [
        missing
        for missing in one.missing
        if _is_same_but_scope(
            feed, missing, held, kept.get((feed.name, missing.locator or "")), scopeless
        )
    ]
    return equal[0] if len(equal) == 1 else None


def _is_same_but_scope(
    feed: Feed, one: Disagreement, held: Item, kept: Item | None, scopeless: Policy
) -> bool:
    if kept is not None:
        return not scopeless.differences(feed, kept, held)
    # Without the content its hash tells, if the names of the scope are all that differs.
    wanted = one.sent["hash"] if one.sent else None
    return content_hash(feed, _renamed(held, one.identity)) == wanted


def _renamed(item: Item, identity: Mapping[str, str]) -> Item:
    """The item under another identity."""
    renamed = deepcopy(item)
    for path, value in identity.items():
        *steps, last = path.split(".")
        holder: Any = renamed
        for step in steps:
            holder = holder[step]
        if str(holder.get(last)) != value:
            holder[last] = value
    return renamed


def _scopeless(one: Disagreement) -> tuple[str, ...] | None:
    """Feed and identity without its scopes; None if nothing or all of it is scope."""
    rest = [value for path, value in one.identity.items() if not _is_scope(path)]
    return (one.feed, *rest) if 0 < len(rest) < len(one.identity) else None


def _is_scoped(feed: Feed) -> bool:
    return any(map(_is_scope, feed.identity))


def _scope_pointers(feed: Feed) -> list[str]:
    paths = [path for path in feed.identity if _is_scope(path)]
    return [f"/{path.replace('.', '/')}" for path in (*paths, *SCOPES)]


def _is_scope(path: str) -> bool:
    return path.rpartition(".")[2] in SCOPES
