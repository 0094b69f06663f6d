"""Did everything arrive? Reads both sides, reconciles them, and explains every discrepancy."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS, SEED_FEEDS, Feed
from mcs.harness.compare import Comparison, compare
from mcs.harness.database import exporter_database
from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind, FeedCounts
from mcs.harness.explain import explanation, without_comparison
from mcs.harness.received import CONNECTIONS, ReceivedSide, Version
from mcs.harness.reconcile import MEMORY_LIMIT, Disagreement, Reconciliation
from mcs.harness.sent import kept_items, write_sent

__all__ = ["DiffResult", "diff"]

COMPARED_AT_ONCE = 500
_KIND_ORDER = {kind: place for place, kind in enumerate(DiscrepancyKind)}
_FEED_ORDER = {name: place for place, name in enumerate(FEEDS)}


def diff(
    sent_database: str | Path,
    service_url: str,
    data_space_id: str,
    feeds: Sequence[Feed] | None = None,
    token: str | None = None,
    *,
    ignore: Sequence[str] = (),
    memory_limit: str = MEMORY_LIMIT,
) -> DiffResult:
    """Every difference between what the exporter says it sent and what the service received.

    sent_database: path of a SQLite file or a SQLAlchemy URL. feeds: None compares all. token: sent
    as bearer token. ignore: pointers of fields that do not count; an item whose contents are at
    hand and differ in nothing else is in sync. memory_limit: of the reconciliation.

    Raises CouldNotTell if a side cannot be read to its end, UsageError for a URL that is none.
    """
    feeds = None if feeds is None else list(dict.fromkeys(feeds))
    names = None if feeds is None else [feed.name for feed in feeds]
    with (
        TemporaryDirectory(prefix="mcs-diff-") as temporary,
        exporter_database(sent_database) as connection,
        ReceivedSide(service_url, data_space_id, token) as service,
    ):
        folder = Path(temporary)
        sent, received, rejected = (
            folder / f"{side}.ndjson" for side in ("sent", "received", "rejected")
        )
        # The shortest list goes first: it tells at once that the service is away.
        service.write_rejected(names, rejected)
        write_sent(connection, FEEDS.values() if feeds is None else feeds, sent)
        service.write_received(names, received)
        with Reconciliation(sent, received, rejected, folder, memory_limit) as reconciliation:
            counts = reconciliation.counts()
            comparisons = _compared(reconciliation.disagreements(), connection, service, ignore)
            return _result(feeds, counts, comparisons, drop_equal=bool(ignore))


def _compared(
    found: Iterator[Disagreement],
    connection: Connection,
    service: ReceivedSide,
    ignore: Sequence[str],
) -> Iterator[tuple[Disagreement, Comparison | None]]:
    """Each disagreement, with a comparison of the contents if they differ."""
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        while chunk := list(islice(found, COMPARED_AT_ONCE)):
            changed = [one for one in chunk if one.kind is DiscrepancyKind.CHANGED]
            kept = _kept_items(connection, changed)
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


def _kept_items(
    connection: Connection, changed: Sequence[Disagreement]
) -> dict[tuple[str, str], Item]:
    """The whole items that the exporter kept, by feed and key."""
    rows: dict[str, dict[int, str]] = {}
    for one in changed:
        if one.row is not None:
            rows.setdefault(one.feed, {})[one.row] = one.key
    return {
        (name, keys[row]): item
        for name, keys in rows.items()
        for row, item in kept_items(connection, FEEDS[name], list(keys)).items()
    }


def _versions(service: ReceivedSide, one: Disagreement, kept: Item | None) -> list[Version]:
    # A single version is the one listed, which differs: there is only something to learn from it
    # if there is an item to compare it with.
    if kept is None and one.received and one.received["versions"] == 1:
        return []
    return service.versions(one.feed, one.key)


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
