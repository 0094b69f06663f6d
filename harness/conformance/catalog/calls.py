"""The call itself: where it goes, what it says of its body, and how much it carries."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

import orjson

from mcs.harness.conformance.clause import Clause, Judge, each_request
from mcs.harness.conformance.clauses import CLAUSES as FEED_CLAUSES
from mcs.harness.conformance.observation import Observation, Posted, SeenRequest
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

LARGEST_PRODUCT = 200_000
"""Bytes (contract/ingestion-api.md, "Further facts": 200 kB per product)."""
MOST_DISCOUNTS = 10
PER_MINUTE, MINUTE = 300, timedelta(minutes=1)

_CALLS = 'contract/ingestion-api.md, "Calls"'
_FURTHER = 'contract/ingestion-api.md, "Further facts"'
_NO_CALL = ("unknown_route", "method_not_allowed")


def _known_call(request: SeenRequest) -> str | None:
    if request.code in _NO_CALL:
        return f"{request.method} /{request.route} is no call, answered {request.status}"
    return None


def _not_too_often(seen: Observation) -> Verdict:
    calls = seen.requests
    crowded = (
        (first, last)
        for first, last in zip(calls, calls[PER_MINUTE:], strict=False)
        if last.at - first.at < MINUTE
    )
    complaints = [
        f"{first} to {last.number} came within {(last.at - first.at).total_seconds():.0f} s"
        for first, last in islice(crowded, 1)
    ]
    return ruled(complaints, len(calls), "calls")


def _no_larger(seen: Observation) -> Verdict:
    products = (
        item for item in seen.posted if item.name[0] == "catalogProducts" and not item.deleted
    )
    return _counted(
        ((item, len(orjson.dumps(item.item))) for item in products),
        lambda size: f"has {size:,} bytes" if size > LARGEST_PRODUCT else None,
        "products",
    )


def _few_discounts(seen: Observation) -> Verdict:
    prices = (item for item in seen.posted if item.name[0] == "catalogPrices")
    return _counted(
        ((item, len(found)) for item in prices if (found := _discounts(item.item))),
        lambda count: f"has {count} discounts" if count > MOST_DISCOUNTS else None,
        "prices with discounts",
    )


def _discounts(item: dict[str, Any]) -> list[Any]:
    found = item.get("discounts")
    return found if isinstance(found, list) else []


def _counted(
    measured: Iterator[tuple[Posted, int]], complaint: Callable[[int], str | None], of_what: str
) -> Verdict:
    found = list(measured)
    complaints = [f"{item} {said}" for item, count in found if (said := complaint(count))]
    return ruled(complaints, len(found), of_what)


def _judge_of(clause: str) -> Judge:
    return FEED_CLAUSES[clause].judge


CLAUSES = (
    Clause(
        "CAT-CALL-1",
        "Nothing is sent to the tenant but the calls there are, each by its method.",
        _CALLS,
        each_request(_known_call),
    ),
    Clause("CAT-CALL-2", "Content-Type is application/json.", _FURTHER, _judge_of("WIRE-3")),
    Clause(
        "CAT-CALL-3",
        "Content-Encoding says gzip if and only if the body is gzip, once.",
        _CALLS,
        _judge_of("WIRE-4"),
    ),
    Clause("CAT-CALL-4", "A body is a JSON array.", _CALLS, _judge_of("WIRE-5")),
    Clause(
        "CAT-LIMIT-1",
        "No call has more items than a batch: 100, of prices and price books 500.",
        'contract/ingestion-api.md, "Batches"',
        _judge_of("LIMIT-1"),
        grade=Grade.ADVICE,
        why="it is what connectors keep to, the service names no limit",
    ),
    replace(FEED_CLAUSES["LIMIT-2"], id="CAT-LIMIT-2", source=_FURTHER),
    Clause(
        "CAT-LIMIT-3",
        "No product has more than 200 kB.",
        _FURTHER,
        _no_larger,
        grade=Grade.ADVICE,
        why="what the service makes of a larger one is unknown",
    ),
    Clause(
        "CAT-LIMIT-4",
        f"No price has more than {MOST_DISCOUNTS} discounts.",
        _FURTHER,
        _few_discounts,
        grade=Grade.ADVICE,
        why="what the service makes of more is unknown",
    ),
    Clause(
        "CAT-LIMIT-5",
        f"No more than {PER_MINUTE} calls come within a minute.",
        'contract/ingestion-api.md, "429"',
        _not_too_often,
        grade=Grade.ADVICE,
        why="whoever waits as the 429 says loses nothing",
    ),
)
