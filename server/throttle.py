"""How many requests a minute a data space may send: a token bucket each, on the service's clock."""

import math
from datetime import datetime
from threading import Lock

from mcs.contract.errors import ContractError

MINUTE_S = 60


class Throttle:
    """The buckets of one server process. A bucket holds one minute's requests when it is full."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, datetime]] = {}
        self._lock = Lock()

    def admit(self, data_space: str, requests_per_minute: int | None, now: datetime) -> None:
        """Takes one token; None: there is no limit.

        Raises ContractError 429, with the seconds until the next token, if the bucket is empty.
        """
        if requests_per_minute is None:
            return
        per_s = requests_per_minute / MINUTE_S
        with self._lock:
            tokens, since = self._buckets.get(data_space, (float(requests_per_minute), now))
            # A clock that was turned back takes no tokens away.
            passed_s = max(0.0, (now - since).total_seconds())
            refilled = tokens + passed_s * per_s
            tokens = min(float(requests_per_minute), refilled)
            admitted = tokens >= 1
            self._buckets[data_space] = (tokens - 1 if admitted else tokens, now)
        if not admitted:
            wait_s = math.ceil((1 - tokens) / per_s)
            raise ContractError(
                429,
                "too_many_requests",
                "Too Many Requests",
                f"This data space takes {requests_per_minute} requests a minute. Come again in "
                f"{wait_s} s, or change its setting requests_per_minute.",
                retry_after_s=wait_s,
            )
