"""Did everything arrive? Reads both sides, reconciles them, and explains every discrepancy."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from mcs.contract.canonical import Item
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import SEED_FEEDS
from mcs.harness.compare import Comparison, Policy, compare
from mcs.harness.digests import Proof, prove
from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind, FeedCounts, Latency
from mcs.harness.engines.engine import opened_engine
from mcs.harness.explain import NOT_COMPARED, explained
from mcs.harness.misrouted import Moves, elsewhere, moved, moves
from mcs.harness.options import Options
from mcs.harness.reconcile import Disagreement, Lists, Reconciliation
from mcs.harness.sides import (
    DigestedReceived,
    DigestedSent,
    ReceivedSide,
    SentSide,
    Version,
    is_plain,
)

__all__ = ["EVERYTHING", "DiffResult", "Options", "diff"]

COMPARED_AT_ONCE = 500
COMPARING_THREADS = 8
EVERYTHING = Options()
_KIND_ORDER = {kind: place for place, kind in enumerate(DiscrepancyKind)}
_FEED_ORDER = {name: place for place, name in enumerate(ALL_FEEDS)}


class Compared(NamedTuple):
    """A disagreement, with a comparison of the contents if they differ."""

    found: Disagreement
    comparison: Comparison | None


def diff(sent: SentSide, received: ReceivedSide, options: Options = EVERYTHING) -> DiffResult:
    """Every difference between what an exporter says it sent and what a service received.

    Raises CouldNotTell if a side cannot be read to its end, UsageError for an unknown engine.
    """
    with TemporaryDirectory(prefix="mcs-diff-") as temporary:
        folder = Path(temporary)
        with opened_engine(options.engine, folder, options.memory_limit) as engine:
            proof = prove(sent, received, options)
            lists = _written(sent, received, options, proof, folder)
            reconciliation = Reconciliation(engine, lists, options)
            strays = moves(reconciliation, sent, received, options.policy)
            found = _told_of(reconciliation.disagreements(), strays, received)
            compared = _compared(found, sent, received, options.policy)
            discrepancies, equal, only = _discrepancies_and_equal(compared)
            counts = _sum(reconciliation.counts(), proof.counts)
            in_order = sorted(discrepancies, key=_place)
            return DiffResult(
                feeds=_by_feed(counts, equal, options),
                discrepancies=tuple(explained(in_order, received, only, plain=is_plain(sent))),
                # Of what is proven no time is known.
                latencies={} if proof.unequal else _in_order(reconciliation.latencies()),
                sent_name=sent.name,
                received_name=received.name,
                proven=tuple(sorted(proof.proven, key=_feed_place)),
                nothing_to_compare=not counts,
            )


def _written(
    sent: SentSide, received: ReceivedSide, options: Options, proof: Proof, folder: Path
) -> Lists:
    """Both sides' lists, without what is proven equal."""
    lists = Lists(*(folder / f"{name}.ndjson" for name in ("sent", "received", "rejected")))
    whole = tuple(feed for feed in options.chosen if feed.name not in proof.unequal)
    # Without a choice all is asked for, feeds that the registry does not know included.
    names = options.chosen_names
    if proof.unequal:
        names = [*(feed.name for feed in whole), *proof.unknown]
    # The shortest list goes first: it tells at once that the service is away.
    received.write_rejected(options.chosen_names, lists.rejected)
    sent.write_sent(whole, lists.sent)
    received.write_received(names, lists.received)
    if isinstance(sent, DigestedSent) and isinstance(received, DigestedReceived):
        buckets = {feed: some for feed, some in proof.unequal.items() if some}
        sent.write_sent_buckets(buckets, lists.sent)
        received.write_received_buckets(buckets, lists.received)
    return lists


def _sum(
    listed: Mapping[str, FeedCounts], proven: Mapping[str, FeedCounts]
) -> dict[str, FeedCounts]:
    zero = FeedCounts()
    return {feed: listed.get(feed, zero) + proven.get(feed, zero) for feed in {**listed, **proven}}


def _told_of(
    found: Iterator[Disagreement], strays: Moves, received: ReceivedSide
) -> Iterator[Disagreement]:
    """The disagreements, with what is missing here told as misrouted if it is elsewhere."""
    while chunk := list(islice(found, COMPARED_AT_ONCE)):
        lost = [one for one in chunk if one.name not in strays.to]
        in_other_spaces = elsewhere(lost, received)
        for one in chunk:
            if one.name in strays.to:
                yield moved(one, strays.to[one.name])
            elif one.name in strays.arrived:
                yield replace(one, kind=None)
            elif there := in_other_spaces.get(one.name):
                facts = {**(one.received or {}), **there}
                yield replace(one, kind=DiscrepancyKind.MISROUTED, received=facts)
            else:
                yield one


def _compared(
    found: Iterator[Disagreement], sent: SentSide, service: ReceivedSide, policy: Policy
) -> Iterator[Compared]:
    with ThreadPoolExecutor(COMPARING_THREADS) as threads:
        while chunk := list(islice(found, COMPARED_AT_ONCE)):
            changed = [one for one in chunk if _is_comparable(one)]
            kept = _kept_items(sent, changed)
            compared = threads.map(partial(_comparison, service, kept, policy), changed)
            by_name = dict(zip((one.name for one in changed), compared, strict=True))
            yield from (Compared(one, by_name.get(one.name)) for one in chunk)


def _is_comparable(one: Disagreement) -> bool:
    # A feed that the registry does not know has nothing to say what of an item counts.
    return one.kind is DiscrepancyKind.CHANGED and one.feed in ALL_FEEDS


def _comparison(
    service: ReceivedSide,
    kept: Mapping[tuple[str, str], Item],
    policy: Policy,
    one: Disagreement,
) -> Comparison:
    item, sent = kept.get(one.name), one.sent or {}
    versions = _versions(service, one, item)
    feed = ALL_FEEDS[one.feed]
    return compare(feed, sent.get("hash") or "", item, versions, policy, sent.get("modified_at"))


def _kept_items(sent: SentSide, changed: Sequence[Disagreement]) -> dict[tuple[str, str], Item]:
    """The whole items that the exporter kept, by feed and key."""
    keys_of: dict[str, dict[str, str]] = {}
    for one in changed:
        if one.locator is not None:
            keys_of.setdefault(one.feed, {})[one.locator] = one.key
    return {
        (name, keys[locator]): item
        for name, keys in keys_of.items()
        for locator, item in sent.items(ALL_FEEDS[name], list(keys)).items()
    }


def _versions(service: ReceivedSide, one: Disagreement, kept: Item | None) -> list[Version]:
    # A single version is the one listed, which differs: there is only something to learn from it
    # if there is an item to compare it with.
    if kept is None and one.received and one.received["versions"] == 1:
        return []
    return list(service.versions(one.feed, one.key))


def _discrepancies_and_equal(
    compared: Iterable[Compared],
) -> tuple[list[Discrepancy], Counter[str], dict[tuple[str, str], str]]:
    """What is to be told, how many items of each feed turned out to be equal after all, and which
    differ in their order or precision alone."""
    discrepancies: list[Discrepancy] = []
    equal: Counter[str] = Counter()
    only: dict[tuple[str, str], str] = {}
    for found, comparison in compared:
        if comparison and comparison.only:
            only[found.feed, found.key] = comparison.only
        if comparison and comparison.differences == ():
            equal[found.feed] += 1
            found = replace(found, kind=None)
        discrepancies += _discrepancies(found, comparison)
    return discrepancies, equal, only


def _in_order(latencies: Mapping[str, Latency]) -> dict[str, Latency]:
    return {feed: latencies[feed] for feed in sorted(latencies, key=_feed_place)}


def _by_feed(
    counts: Mapping[str, FeedCounts], equal: Mapping[str, int], options: Options
) -> dict[str, FeedCounts]:
    """The counts in the order of an initial sync, of the seed's feeds and all that occur."""
    named = [feed.name for feed in SEED_FEEDS if options.feeds is None or feed in options.feeds]
    ordered = sorted({*named, *counts}, key=_feed_place)
    by_feed = {name: counts.get(name, FeedCounts()) for name in ordered}
    return {
        name: replace(found, in_sync=found.in_sync + equal.get(name, 0))
        for name, found in by_feed.items()
    }


def _discrepancies(found: Disagreement, comparison: Comparison | None) -> Iterable[Discrepancy]:
    if found.kind:
        kind = comparison.kind if comparison else found.kind
        yield _discrepancy(found, kind, comparison)
    beside = ((found.duplicated, DiscrepancyKind.DUPLICATED), (found.late_s, DiscrepancyKind.LATE))
    for occurs, kind in beside:
        if occurs:
            yield _discrepancy(found, kind, None)


def _discrepancy(
    found: Disagreement, kind: DiscrepancyKind, comparison: Comparison | None
) -> Discrepancy:
    is_compared = comparison is None or comparison.differences is not None
    is_beside = kind in (DiscrepancyKind.DUPLICATED, DiscrepancyKind.LATE)
    return Discrepancy(
        feed=found.feed,
        identity=found.identity,
        key=found.key,
        kind=kind,
        explanation="" if is_compared else NOT_COMPARED,
        differences=(comparison.differences or ()) if comparison else (),
        sent=found.sent,
        received=found.received,
        errors=() if is_beside else found.reasons,
    )


def _place(found: Discrepancy) -> tuple[tuple[int, str], int, list[str], str]:
    identity = list(found.identity.values())
    return _feed_place(found.feed), _KIND_ORDER[found.kind], identity, found.key


def _feed_place(name: str) -> tuple[int, str]:
    return _FEED_ORDER.get(name, len(ALL_FEEDS)), name
