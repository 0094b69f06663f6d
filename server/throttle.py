"""How many requests a minute a data space may send: a token bucket each, on the service's clock."""

import math
from dataclasses import dataclass
from datetime import datetime

from mcs.contract.errors import ContractError

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Bucket:
    """The tokens of a data space at a moment. It holds one minute's requests when it is full."""

    tokens: float
    at: datetime


def full(requests_per_minute: int, now: datetime) -> Bucket:
    """A bucket of which nothing was taken."""
    return Bucket(float(requests_per_minute), now)


def taken(bucket: Bucket, requests_per_minute: int, now: datetime) -> tuple[Bucket, int]:
    """The bucket with one token less, and 0; or with none to take, and the seconds until one is.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 22, tzinfo=UTC)
    >>> empty, wait_s = taken(full(1, now), 1, now)
    >>> wait_s, taken(empty, 1, now)[1]
    (0, 60)
    """
    per_s = requests_per_minute / MINUTE_S
    # A clock that was turned back takes no tokens away.
    passed_s = max(0.0, (now - bucket.at).total_seconds())
    tokens = min(float(requests_per_minute), bucket.tokens + passed_s * per_s)
    if tokens < 1:
        return Bucket(tokens, now), math.ceil((1 - tokens) / per_s)
    return Bucket(tokens - 1, now), 0


def too_many(
    requests_per_minute: int, wait_s: int, setting: str = "requests_per_minute"
) -> ContractError:
    """The refusal of a request for which there is no token. setting: what changes the limit."""
    return ContractError(
        429,
        "too_many_requests",
        "Too Many Requests",
        f"This data space takes {requests_per_minute} requests a minute. Come again in "
        f"{wait_s} s, or change its setting {setting}.",
        retry_after_s=wait_s,
    )
