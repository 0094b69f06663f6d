"""Sends items as a small genuine client would, and reads the answers as an exporter does.

Source: contract/wire.md, "Request" and "Responses".
"""

import gzip as gzip_format
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import orjson
import urllib3

from mcs.contract.answer import Outcome, read_answer
from mcs.contract.canonical import identity
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed
from mcs.contract.signature import sign
from mcs.contract.status import ExportStatus
from mcs.harness.client import TIMEOUT, USER_AGENT, checked_url, refusal, unreachable
from mcs.harness.credentials import Credentials
from mcs.harness.errors import CouldNotTell

TURNED_AWAY = (
    "{url} answered {refusal} Items before index {first_index} were sent, the rest was not. "
    "{advice}"
)
_ADVICE = {
    401: "Check the credentials: `mcs dataspace create NAME` writes a file that fits the service.",
    403: "Check the credentials: `mcs dataspace create NAME` writes a file that fits the service.",
    404: "Check --url and the data space in the credentials.",
    413: "Send smaller batches with --batch-size.",
    429: "Send again later: the service takes no more requests now.",
}
_OTHER_ADVICE = "Send again when the service answers."
_JUDGED = (200, 400)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one batch.

    first_index: of its first item among all that were sent. identities: empty where an item has
    none. outcomes: one per item, in order.
    """

    first_index: int
    request_id: str
    http_status: int
    identities: Sequence[dict[str, str]]
    outcomes: Sequence[Outcome]

    @property
    def accepted(self) -> int:
        """How many items the service took."""
        return sum(outcome.status == ExportStatus.SUBMITTED for outcome in self.outcomes)

    @property
    def refused(self) -> list[tuple[int, dict[str, str], Outcome]]:
        """The items with a reason against them: index among all, identity, outcome."""
        return [
            (self.first_index + place, self.identities[place], outcome)
            for place, outcome in enumerate(self.outcomes)
            if outcome.status != ExportStatus.SUBMITTED and not _is_unnamed(outcome)
        ]

    @property
    def unconfirmed(self) -> int:
        """How many items stood unnamed in a batch answered 400 for other items' faults.

        The service may have recorded them; an exporter notes them as not exported.
        """
        return sum(map(_is_unnamed, self.outcomes))


def send(
    items: Iterable[Any],
    feed: Feed,
    credentials: Credentials,
    url: str | None = None,
    batch_size: int = 100,
    gzip: bool = True,
    on_batch: Callable[[BatchResult], None] | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[BatchResult]:
    """Posts the items to the feed's route in batches, each signed afresh; nothing is retried.

    url: of the service; default: that of the credentials. on_batch: told each result as it comes.

    Raises CouldNotTell if the service is away, or answers anything but 200 and 400: every further
    batch would meet the same. Raises UsageError if the private key cannot sign.
    """
    base = checked_url(url or credentials.url)
    target = f"{base}/{feed.route}/{quote(credentials.data_space_id, safe='')}"
    results: list[BatchResult] = []
    with urllib3.PoolManager(maxsize=1, timeout=TIMEOUT, retries=False) as pool:
        for first_index, batch in _batches(items, batch_size):
            headers = _headers(credentials, clock())
            result = _post(pool, target, headers, feed, first_index, batch, gzip=gzip)
            results.append(result)
            if on_batch:
                on_batch(result)
    return results


def _post(
    pool: urllib3.PoolManager,
    url: str,
    headers: dict[str, str],
    feed: Feed,
    first_index: int,
    batch: list[Any],
    *,
    gzip: bool,
) -> BatchResult:
    body = orjson.dumps(batch)
    if gzip:
        body = gzip_format.compress(body, mtime=0)
        headers = {**headers, "Content-Encoding": "gzip"}
    try:
        answer = pool.request("POST", url, body=body, headers=headers, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise CouldNotTell(unreachable(url, error)) from None
    if answer.status not in _JUDGED:
        raise CouldNotTell(
            TURNED_AWAY.format(
                url=url,
                refusal=refusal(answer.status, answer.data),
                first_index=first_index,
                advice=_ADVICE.get(answer.status, _OTHER_ADVICE),
            )
        )
    return BatchResult(
        first_index=first_index,
        request_id=headers["X-Request-Id"],
        http_status=answer.status,
        identities=[_identity(feed, item) for item in batch],
        outcomes=read_answer(answer.status, answer.data, len(batch)),
    )


def _headers(credentials: Credentials, now: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "x-api-key": credentials.api_key,
        "x-gw-signature": sign(credentials.private_key, now),
        "X-Request-Id": str(uuid4()),
        "User-Agent": USER_AGENT,
    }


def _batches(items: Iterable[Any], size: int) -> Iterator[tuple[int, list[Any]]]:
    remaining = iter(items)
    first_index = 0
    while batch := list(islice(remaining, size)):
        yield first_index, batch
        first_index += len(batch)


def _is_unnamed(outcome: Outcome) -> bool:
    return outcome.status == ExportStatus.BAD_REQUEST and not outcome.error


def _identity(feed: Feed, item: Any) -> dict[str, str]:
    try:
        return identity(feed, item)
    except MissingIdentity:
        return {}
