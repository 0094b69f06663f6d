"""Observations as a service would have made them, for judges alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from mcs.harness.conformance.observation import Observation, SeenRequest
from mcs.harness.conformance.seen import seen_request
from mcs.harness.conformance.steps import StepKind

START = datetime(2030, 1, 1, tzinfo=UTC)
SENT_AT = "2030-01-01 00:00:00"


def product(sku: str, **fields: Any) -> dict[str, Any]:
    """A product as a genuine exporter sends it."""
    return {
        "sku": sku,
        "storeViewCode": "default",
        "storeCode": "main",
        "websiteCode": "base",
        "productId": 1,
        "modifiedAt": SENT_AT,
        "deleted": False,
        **fields,
    }


def request(
    number: int,
    items: list[dict[str, Any]],
    *,
    step: int = 0,
    after_s: float = 0.0,
    status: int = 200,
    answered: bool = True,
    faults: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
    code: str | None = None,
    refused: tuple[int, ...] = (),
) -> SeenRequest:
    """A request of products. refused: the indexes of items that the answer names."""
    at = (START + timedelta(seconds=after_s)).isoformat()
    body = orjson.dumps(items)
    entry = {
        "id": number,
        "request_id": str(number),
        "received_at": at,
        "method": "POST",
        "route": "feeds/catalog/v2/products",
        "headers": headers or {},
        "status": status,
        "feed": "products",
        "code": code,
        "answered": answered,
        "fault": [{"id": 1, "action": action} for action in faults],
        "signature": None,
        "body_bytes": len(body),
    }
    named = {(str(number), at, index): "invalid_value" for index in refused}
    return seen_request(entry, body, step, named)


def observation(
    scenario: str, *requests: SeenRequest, steps: tuple[StepKind, ...] = (StepKind.INITIAL,)
) -> Observation:
    """What was seen in a scenario, in virtual time."""
    return Observation(scenario, steps, requests, virtual=True, retry_after_s=60.0)
