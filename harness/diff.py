"""Did everything arrive? Reads both sides, reconciles them, and explains every discrepancy."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS, SEED_FEEDS, Feed
from mcs.harness.compare import Comparison, compare
from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind, FeedCounts
from mcs.harness.explain import explanation, without_comparison
from mcs.harness.reconcile import MEMORY_LIMIT, Disagreement, Reconciliation
from mcs.harness.sides import ReceivedSide, SentSide, Version

__all__ = ["EVERYTHING", "DiffResult", "Options", "diff"]

COMPARED_AT_ONCE = 500
COMPARING_THREADS = 8
_KIND_ORDER = {kind: place for place, kind in enumerate(DiscrepancyKind)}
_FEED_ORDER = {name: place for place, name in enumerate(FEEDS)}


@dataclass(frozen=True, slots=True)
class Options:
    """What a diff looks at and how it compares.

    feeds: None compares all. ignore: pointers of fields that do not count; an item whose contents
    are at hand and differ in nothing else is in sync. memory_limit: of the reconciliation.
    """

    feeds: tuple[Feed, ...] | None = None
    ignore: tuple[str, ...] = ()
    memory_limit: str = MEMORY_LIMIT

    @property
    def chosen(self) -> tuple[Feed, ...]:
        """The feeds that are compared, each once."""
        return tuple(dict.fromkeys(self.feeds or FEEDS.values()))

    @property
    def chosen_names(self) -> list[str] | None:
        """The names of the feeds, or None for all."""
        return None if self.feeds is None else [feed.name for feed in self.chosen]


EVERYTHING = Options()


def diff(sent: SentSide, received: ReceivedSide, options: Options = EVERYTHING) -> DiffResult:
    """Every difference between what an exporter says it sent and what a service received.

    Raises CouldNotTell if a side cannot be read to its end.
    """
    with TemporaryDirectory(prefix="mcs-diff-") as temporary:
        folder = Path(temporary)
        sent_list, received_list, rejected_list = (
            folder / f"{name}.ndjson" for name in ("sent", "received", "rejected")
        )
        # The shortest list goes first: it tells at once that the service is away.
        received.write_rejected(options.chosen_names, rejected_list)
        sent.write_sent(options.chosen, sent_list)
        received.write_received(options.chosen_names, received_list)
        with Reconciliation(
            sent_list, received_list, rejected_list, folder, options.memory_limit
        ) as reconciliation:
            counts = reconciliation.counts()
            comparisons = _compared(reconciliation.disagreements(), sent, received, options.ignore)
            return _result(options.feeds, counts, comparisons, drop_equal=bool(options.ignore))


def _compared(
    found: Iterator[Disagreement],
    sent: SentSide,
    service: ReceivedSide,
    ignore: Sequence[str],
) -> Iterator[tuple[Disagreement, Comparison | None]]:
    """Each disagreement, with a comparison of the contents if they differ."""
    with ThreadPoolExecutor(COMPARING_THREADS) as threads:
        while chunk := list(islice(found, COMPARED_AT_ONCE)):
            changed = [one for one in chunk if one.kind is DiscrepancyKind.CHANGED]
            kept = _kept_items(sent, changed)
            compared = threads.map(partial(_comparison, service, kept, ignore), changed)
            by_place = dict(zip(map(_name, changed), compared, strict=True))
            yield from ((one, by_place.get(_name(one))) for one in chunk)


def _name(one: Disagreement) -> tuple[str, str]:
    return one.feed, one.key


def _comparison(
    service: ReceivedSide,
    kept: Mapping[tuple[str, str], Item],
    ignore: Sequence[str],
    one: Disagreement,
) -> Comparison:
    item = kept.get(_name(one))
    versions = _versions(service, one, item)
    sent_hash = one.sent["hash"] if one.sent else ""
    return compare(FEEDS[one.feed], sent_hash, item, versions, ignore)


def _kept_items(sent: SentSide, changed: Sequence[Disagreement]) -> dict[tuple[str, str], Item]:
    """The whole items that the exporter kept, by feed and key."""
    keys_of: dict[str, dict[str, str]] = {}
    for one in changed:
        if one.locator is not None:
            keys_of.setdefault(one.feed, {})[one.locator] = one.key
    return {
        (name, keys[locator]): item
        for name, keys in keys_of.items()
        for locator, item in sent.items(FEEDS[name], list(keys)).items()
    }


def _versions(service: ReceivedSide, one: Disagreement, kept: Item | None) -> list[Version]:
    # A single version is the one listed, which differs: there is only something to learn from it
    # if there is an item to compare it with.
    if kept is None and one.received and one.received["versions"] == 1:
        return []
    return list(service.versions(one.feed, one.key))


def _result(
    feeds: Sequence[Feed] | None,
    counts: Mapping[str, FeedCounts],
    comparisons: Iterator[tuple[Disagreement, Comparison | None]],
    *,
    drop_equal: bool,
) -> DiffResult:
    discrepancies: list[Discrepancy] = []
    ignored: Counter[str] = Counter()
    for found, comparison in comparisons:
        if drop_equal and comparison and comparison.differences == ():
            ignored[found.feed] += 1
            found = replace(found, kind=None)
        discrepancies += _discrepancies(found, comparison)
    named = [feed.name for feed in SEED_FEEDS if feeds is None or feed in feeds]
    ordered = sorted({*named, *counts}, key=_feed_place)
    zero = FeedCounts()
    return DiffResult(
        feeds={name: _and_in_sync(counts.get(name, zero), ignored[name]) for name in ordered},
        discrepancies=tuple(sorted(discrepancies, key=_place)),
    )


def _discrepancies(found: Disagreement, comparison: Comparison | None) -> Iterable[Discrepancy]:
    if found.kind:
        kind = comparison.kind if comparison else found.kind
        text = explanation(found, kind)
        if comparison and comparison.differences is None:
            text = without_comparison(text)
        yield _discrepancy(found, kind, text, comparison)
    if found.duplicated:
        kind = DiscrepancyKind.DUPLICATED
        yield _discrepancy(found, kind, explanation(found, kind), None)


def _discrepancy(
    found: Disagreement, kind: DiscrepancyKind, text: str, comparison: Comparison | None
) -> Discrepancy:
    return Discrepancy(
        feed=found.feed,
        identity=found.identity,
        key=found.key,
        kind=kind,
        explanation=text,
        differences=(comparison.differences or ()) if comparison else (),
        sent=found.sent,
        received=found.received,
        errors=found.reasons if kind is not DiscrepancyKind.DUPLICATED else (),
    )


def _and_in_sync(counts: FeedCounts, more: int) -> FeedCounts:
    return replace(counts, in_sync=counts.in_sync + more)


def _place(found: Discrepancy) -> tuple[tuple[int, str], int, list[str], str]:
    identity = list(found.identity.values())
    return _feed_place(found.feed), _KIND_ORDER[found.kind], identity, found.key


def _feed_place(name: str) -> tuple[int, str]:
    return _FEED_ORDER.get(name, len(FEEDS)), name
