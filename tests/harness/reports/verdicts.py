"""Verdicts as tests of reports need them: by hand, and any at all."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from mcs.contract.feeds import FEEDS
from mcs.harness.discrepancy import (
    DiffResult,
    Discrepancy,
    DiscrepancyKind,
    FeedCounts,
    Latency,
)
from mcs.harness.fields import ABSENT, Difference
from mcs.harness.reports.formats import Format, form
from mcs.harness.reports.report import STRICT, Report, Threshold

HOSTILE = "</script><img src=x onerror=alert(1)>\x1b[2J\x00&\"'`"
EXPLANATION = "The service never recorded it. Send it again: `bin/magento saas:resync`."


def discrepancy(
    sku: str = "A",
    kind: DiscrepancyKind = DiscrepancyKind.MISSING,
    feed: str = "prices",
    **fields: Any,
) -> Discrepancy:
    """A discrepancy; `fields` beyond what is told of every one here."""
    told: dict[str, Any] = {
        "identity": {"sku": sku},
        "key": f"key-of-{sku}",
        "explanation": EXPLANATION,
        "differences": (),
        "sent": {"modified_at": "2026-11-22T10:00:00+00:00", "request_id": "r-1"},
        "received": None,
        "errors": (),
    }
    return Discrepancy(feed=feed, kind=kind, **told | fields)


def verdict(*found: Discrepancy, **fields: Any) -> DiffResult:
    """A verdict of these discrepancies, with ten prices sent, and no products on either side."""
    feeds = {"products": FeedCounts(), "prices": FeedCounts(sent=10, received=9, in_sync=8)}
    return DiffResult(**{"feeds": feeds, "discrepancies": found} | fields)


def written(format_: Format, result: DiffResult, threshold: Threshold = STRICT) -> bytes:
    """What a format makes of a verdict."""
    out = BytesIO()
    form(format_).write(Report(result, threshold), out)
    return out.getvalue()


def failure(format_: Format, message: str) -> bytes:
    """What a format makes of no verdict."""
    out = BytesIO()
    form(format_).write_failure(message, out)
    return out.getvalue()


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_differences = st.builds(
    lambda pointer, sent, received, gone: Difference(
        pointer,
        ABSENT if gone == "sent" else sent,
        ABSENT if gone == "received" else received,
    ),
    _texts,
    _values,
    _values,
    st.sampled_from(["", "sent", "received"]),
)
_tuples_of_texts = st.lists(_texts, max_size=3).map(tuple)
_known: st.SearchStrategy[Mapping[str, Any] | None] = st.none() | st.dictionaries(
    _texts, _values, max_size=3
)
_seconds = st.floats(-1e6, 1e6)
discrepancies = st.builds(
    Discrepancy,
    feed=st.sampled_from(list(FEEDS)),
    identity=st.dictionaries(_texts, _texts, max_size=2),
    key=_texts,
    kind=st.sampled_from(DiscrepancyKind),
    explanation=_texts,
    differences=st.lists(_differences, max_size=3).map(tuple),
    sent=_known,
    received=_known,
    errors=st.lists(st.dictionaries(_texts, _texts, max_size=2), max_size=2).map(tuple),
    cause=_texts,
    log_code=st.none() | _texts,
    story=_tuples_of_texts,
)
_counts = st.integers(0, 2**53)
verdicts = st.builds(
    DiffResult,
    feeds=st.dictionaries(_texts, st.builds(FeedCounts, _counts, _counts, _counts, _counts)),
    discrepancies=st.lists(discrepancies, max_size=4).map(tuple),
    latencies=st.dictionaries(
        _texts, st.builds(Latency, _counts, _seconds, _seconds, _seconds, _seconds), max_size=2
    ),
    sent_name=_texts,
    received_name=_texts,
    proven=_tuples_of_texts,
    findings=_tuples_of_texts,
    nothing_to_compare=st.booleans(),
)
"""Any verdict."""
