"""One batch over HTTP: signed, compressed, posted, and the answer read.

Failures are not retried here. As in Commerce, what failed stays in the feed table and goes with a
later sync (contract/wire.md, "What the exporter does per HTTP status"). Only where the service says
how long to wait, `patient` waits and tries again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import orjson
import urllib3
from isal import igzip

from mcs.called import MAGENTO
from mcs.contract.answer import Outcome, read_answer, reason_phrase
from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.contract.signature import sign
from mcs.contract.status import ExportStatus
from mcs.exporter.service import Service

COMMERCE_VERSION = "2.4.8"
EXPORTER_VERSION = "103.4.30"
USER_AGENT = f"Magento Services Connector (Magento: Community {COMMERCE_VERSION})"
CONNECTOR_METADATA = orjson.dumps(
    {
        "commerceEdition": "ce",
        "commerceVersion": COMMERCE_VERSION,
        "saasExporterVersion": EXPORTER_VERSION,
    }
).decode()
TIMEOUT = urllib3.Timeout(connect=10, read=60)
GZIP_LEVEL = 3
"""isal's thorough one: a seventh of zlib's time, for a seventh more bytes."""

UNREACHABLE = (
    "cannot reach {url} ({reason}). Start the service (`mcs serve`) or correct its URL "
    f"(`{MAGENTO} config:set services_connector/production_gateway_url URL`), then run this "
    "again: it sends what is still due."
)
TURNED_AWAY = (
    "{url} answered {status} {phrase}: {message} Every further batch would fail too. Correct it, "
    "then run this again: it sends what is still due."
)
# Statuses that say who is calling or where is wrong, not what is sent.
_TURNED_AWAY = (401, 403, 404)


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one batch.

    outcomes: one per item, in order. http_status: None if no answer came. reason: the phrase or
    error to log. stop: why sending more is pointless, in full; None to go on. retry_after_s: how
    long the service asks to be left alone.
    """

    request_id: str
    outcomes: Sequence[Outcome]
    http_status: int | None
    reason: str
    stop: str | None = None
    retry_after_s: float | None = None


Submit = Callable[[Feed, Sequence[Item]], Reply]
"""Sends one batch of a feed."""


def submitter(service: Service, pool: urllib3.PoolManager, clock: Callable[[], datetime]) -> Submit:
    """A function that posts batches to this service; a fresh token is signed for each."""

    def submit(feed: Feed, items: Sequence[Item]) -> Reply:
        url = service.url_of(feed.name, feed.route)
        request_id = str(uuid4())
        body = orjson.dumps(items)
        headers = _headers(service, request_id, clock())
        if service.compress:
            body = packed(body)
            headers["Content-Encoding"] = "gzip"
        try:
            answer = pool.request(
                "POST", url, body=body, headers=headers, retries=False, timeout=TIMEOUT
            )
        except urllib3.exceptions.HTTPError as error:
            return unanswered(error, url, request_id, len(items))
        return _answered(answer, url, request_id, len(items))

    return submit


def patient(
    submit: Submit, sleep: Callable[[float], None], longest_wait_s: float = 120, tries: int = 3
) -> Submit:
    """Sends a batch again after the time that the service asked for, a few times.

    A longer wait than `longest_wait_s` is left to a later sync.
    """

    def submit_patiently(feed: Feed, items: Sequence[Item]) -> Reply:
        for _ in range(tries - 1):
            reply = submit(feed, items)
            wait_s = reply.retry_after_s
            if wait_s is None or wait_s > longest_wait_s:
                return reply
            sleep(wait_s)
        return submit(feed, items)

    return submit_patiently


def packed(body: bytes) -> bytes:
    """A body as gzip, the same each time."""
    return igzip.compress(body, GZIP_LEVEL, mtime=0)


def dry_run(_: Feed, items: Sequence[Item]) -> Reply:
    """A submit function that sends nothing."""
    skipped = Outcome(ExportStatus.SKIPPED, "")
    return Reply("", [skipped] * len(items), None, "dry run")


def _headers(service: Service, request_id: str, now: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "x-api-key": service.api_key,
        "magento-api-key": service.api_key,
        "x-gw-signature": sign(service.private_key, now),
        "X-Request-Id": request_id,
        "service-connector-metadata": CONNECTOR_METADATA,
        "User-Agent": USER_AGENT,
    }


def _answered(answer: urllib3.BaseHTTPResponse, url: str, request_id: str, count: int) -> Reply:
    status = answer.status
    return Reply(
        request_id,
        read_answer(status, answer.data, count),
        status,
        reason_phrase(status),
        refused_caller(answer, url),
        retry_after_s(answer),
    )


def refused_caller(answer: urllib3.BaseHTTPResponse, url: str) -> str | None:
    """Why sending more is pointless, in full; None if it is not the caller that was refused."""
    status = answer.status
    if status not in _TURNED_AWAY:
        return None
    message = _message_in(answer.data)
    phrase = reason_phrase(status)
    return TURNED_AWAY.format(url=url, status=status, phrase=phrase, message=message)


def retry_after_s(answer: urllib3.BaseHTTPResponse) -> float | None:
    """How long the service asks to be left alone; None if it does not."""
    value = answer.headers.get("Retry-After")
    if value is None or answer.status not in (429, 503):
        return None
    try:
        return urllib3.Retry().parse_retry_after(value)
    except urllib3.exceptions.InvalidHeader:
        return None


def unanswered(error: urllib3.exceptions.HTTPError, url: str, request_id: str, count: int) -> Reply:
    """The reply for a request that got no answer."""
    reason = _plain(error)
    nobody_there = isinstance(
        error, urllib3.exceptions.NewConnectionError | urllib3.exceptions.LocationValueError
    )
    stop = UNREACHABLE.format(url=url, reason=reason) if nobody_there else None
    outcome = Outcome(ExportStatus.RETRYABLE, reason)
    return Reply(request_id, [outcome] * count, None, reason, stop)


def _message_in(body: bytes) -> str:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "(no JSON body)."
    if not isinstance(answer, dict):
        return "(no message)."
    parts = [str(answer[name]) for name in ("message", "detail") if answer.get(name)]
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts)


def _plain(error: urllib3.exceptions.HTTPError) -> str:
    cause = error.__cause__ or error.__context__ or error
    return str(cause).rpartition("] ")[2] or type(error).__name__
