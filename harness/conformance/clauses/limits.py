"""How much at once: items, bytes, and requests at the same time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.conformance.clause import Clause, only
from mcs.harness.conformance.observation import Observation, SeenRequest
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

LARGEST_ATTRIBUTE = 1_000_000
"""Bytes of one attribute's value (contract/wire.md, "Limits": 1 MB)."""
ROUNDING = 0.9
"""Part of a stall that surely lies between a request's arrival and its answer."""

_LIMITS = 'contract/wire.md, "Limits"'


def _batch_size(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        largest = ALL_FEEDS[request.feed or ""].batch_size
        items = len(request.posted)
        if items <= largest:
            return None
        return f"{items} items of {request.feed}, at most {largest} go into a batch"

    return only([one for one in seen.requests if one.feed in ALL_FEEDS and one.posted], complaint)


def _body_size(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        return f"{request.body_bytes:,} bytes, answered 413" if _is_too_large(request) else None

    return only([one for one in seen.requests if one.body or _is_too_large(one)], complaint)


def _is_too_large(request: SeenRequest) -> bool:
    return request.code == "body_too_large"


def _attribute_size(seen: Observation) -> Verdict:
    looked_at, complaints = 0, []
    for posted in seen.posted:
        for code, size in _attribute_sizes(posted.item):
            looked_at += 1
            if size > LARGEST_ATTRIBUTE:
                complaints.append(f'{posted}: attribute "{code}" has {size:,} bytes')
    return ruled(complaints, looked_at, "attribute values")


def _attribute_sizes(item: dict[str, Any]) -> Iterator[tuple[object, int]]:
    attributes = item.get("attributes")
    for attribute in attributes if isinstance(attributes, list) else ():
        if isinstance(attribute, dict):
            values = attribute.get("value")
            texts = values if isinstance(values, list) else [values]
            yield (
                attribute.get("attributeCode"),
                max((len(str(text).encode()) for text in texts), default=0),
            )


def _parallel(seen: Observation) -> Verdict:
    held = seen.hit_by("stall")
    under_way: list[tuple[SeenRequest, datetime]] = []
    complaints = []
    for request in held:
        under_way = [each for each in under_way if each[1] > request.at]
        under_way.append((request, request.at + timedelta(seconds=seen.held_s * ROUNDING)))
        if len(under_way) > seen.parallel:
            others = ", ".join(str(each[0].number) for each in under_way[:-1])
            complaints.append(f"{request} came while {others} had no answer yet")
    return ruled(complaints, len(held) if len(held) > 1 else 0, "held requests, one after another")


CLAUSES = (
    Clause(
        "LIMIT-1",
        "No request has more items than a batch: 100, of prices 500.",
        _LIMITS,
        _batch_size,
    ),
    Clause(
        "LIMIT-2",
        "No request is answered 413: its body is 16 MiB or less, and 128 MiB unpacked.",
        _LIMITS,
        _body_size,
        grade=Grade.ADVICE,
        why="the limit of the service is unknown, these are the mock's",
    ),
    Clause(
        "LIMIT-3",
        "No attribute of a product has a value of more than 1 MB.",
        _LIMITS,
        _attribute_size,
        grade=Grade.ADVICE,
        why="the limit is that of one consuming service",
    ),
    Clause(
        "LIMIT-4",
        "No more requests are under way at a time than allowed, one unless said otherwise.",
        _LIMITS,
        _parallel,
        scenarios=("parallel",),
        grade=Grade.ADVICE,
        why="an exporter may be configured to more threads; see --parallel",
    ),
)
