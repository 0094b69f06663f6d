"""Discrepancies as view models, made of the document that `mcs diff --json` writes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcs.contract.dialects import ALL_FEEDS
from mcs.server.dashboard.diff_runs import DiffRuns
from mcs.server.dashboard.filters import plural
from mcs.server.dashboard.query import link, wanted_feed, wanted_number
from mcs.server.dashboard.table import Column, Pager, Table
from mcs.server.store.comparisons import DiffRun, DiffState

PAGE_ROWS = 50
TONES = {
    DiffState.RUNNING: "busy",
    DiffState.IN_SYNC: "good",
    DiffState.DISCREPANCIES: "bad",
    DiffState.FAILED: "bad",
}
FEED_COLUMNS = (
    Column("feed", "Feed"),
    Column("sent", "Sent", numeric=True),
    Column("received", "Received", numeric=True),
    Column("in_sync", "In sync", numeric=True),
    Column("discrepancies", "Discrepancies", numeric=True),
)
COLUMNS = (
    Column("kind", "Kind"),
    Column("feed", "Feed"),
    Column("identity", "Identity"),
    Column("explanation", "What is the matter"),
)
RUN_COLUMNS = (
    Column("number", "Comparison", numeric=True),
    Column("state", "Verdict"),
    Column("sent", "Sent side"),
    Column("started_at", "Began"),
    Column("took_s", "Took"),
    Column("error", "Why"),
)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A comparison. took_s: None while it runs."""

    number: int
    state: str
    tone: str
    sent: str
    started_at: str
    took_s: float | None
    error: str
    has_report: bool


@dataclass(frozen=True, slots=True)
class FeedCount:
    """The counts of a feed."""

    feed: str
    sent: int
    received: int
    in_sync: int
    discrepancies: int


@dataclass(frozen=True, slots=True)
class DiscrepancyRow:
    """One discrepancy. index: its place in the report."""

    index: int
    kind: str
    feed: str
    identity: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A comparison that has ended well. chart: discrepancies of each kind, by feed."""

    run: RunRow
    summary: str
    findings: tuple[str, ...]
    feeds: Table
    chart_labels: tuple[str, ...]
    chart: Mapping[str, tuple[int, ...]]
    feed: str | None
    kind: str | None
    kinds: tuple[str, ...]
    search: str
    found: Table
    pager: Pager


@dataclass(frozen=True, slots=True)
class DiffPage:
    """The comparisons of a data space. running: the one under way; expected_s: how long the last
    took. default_sent: where the exporter's database would be; may_name_path: whether the visitor
    may name another. newest: the number of the comparison that ended last."""

    data_space: str
    running: RunRow | None
    expected_s: float | None
    failed: RunRow | None
    default_sent: str
    default_exists: bool
    may_name_path: bool
    verdict: Verdict | None
    runs: Table


def verdict(
    runs: DiffRuns, data_space: str, run: DiffRun, url: str, query: Mapping[str, str]
) -> Verdict:
    """A comparison's result, of the discrepancies those that a query asks for."""
    document = runs.document(data_space, run.number)
    found: Sequence[Mapping[str, Any]] = document["discrepancies"]
    feed, kind = wanted_feed(query), query.get("kind") or None
    search, page = query.get("q", "").strip(), wanted_number(query, "page") or 1
    chosen = [
        _row(index, one)
        for index, one in enumerate(found)
        if (feed in (None, one["feed"]) and kind in (None, one["kind"]) and _matches(one, search))
    ]
    shown = chosen[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    asked = {"run": query.get("run"), "feed": feed, "kind": kind, "q": search}
    kinds = tuple(dict.fromkeys(one["kind"] for one in found))
    labels, chart = _chart(found, kinds)
    return Verdict(
        run=run_row(run),
        summary=plural(len(found), "discrepancy").replace("discrepancys", "discrepancies"),
        findings=tuple(str(one) for one in document.get("findings", ())),
        feeds=Table("Feeds", FEED_COLUMNS, _counts(document)),
        chart_labels=labels,
        chart=chart,
        feed=feed,
        kind=kind,
        kinds=kinds,
        search=search,
        found=Table("Discrepancies", COLUMNS, shown),
        pager=Pager(
            first_url=link(url, asked) if page > 1 else None,
            previous_url=link(url, {**asked, "page": page - 1}) if page > 1 else None,
            next_url=link(url, {**asked, "page": page + 1})
            if len(chosen) > page * PAGE_ROWS
            else None,
        ),
    )


def run_row(run: DiffRun) -> RunRow:
    """A comparison at a glance."""
    return RunRow(
        run.number,
        run.state,
        TONES[run.state],
        run.sent,
        run.started_at,
        run.took_s,
        run.error,
        run.has_report,
    )


def identity_of(one: Mapping[str, Any]) -> str:
    """The identity of an entry of the document, for people."""
    return ", ".join(f"{path} {value}" for path, value in one["identity"].items()) or one["key"]


def _row(index: int, one: Mapping[str, Any]) -> DiscrepancyRow:
    return DiscrepancyRow(index, one["kind"], one["feed"], identity_of(one), one["explanation"])


def _matches(one: Mapping[str, Any], search: str) -> bool:
    text = f"{identity_of(one)} {one['key']} {one['explanation']} {one.get('log_code') or ''}"
    return search.lower() in text.lower()


def _counts(document: Mapping[str, Any]) -> list[FeedCount]:
    by_feed = Counter(one["feed"] for one in document["discrepancies"])
    return [
        FeedCount(
            feed,
            counts.get("sent", 0),
            counts.get("received", 0),
            counts.get("in_sync", 0),
            by_feed[feed],
        )
        for feed, counts in document["feeds"].items()
    ]


def _chart(
    found: Sequence[Mapping[str, Any]], kinds: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    count = Counter((one["feed"], one["kind"]) for one in found)
    labels = tuple(feed for feed in ALL_FEEDS if any(count[feed, kind] for kind in kinds))
    return labels, {kind: tuple(count[feed, kind] for feed in labels) for kind in kinds}
