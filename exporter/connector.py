"""One batch of a feed to the ingestion API: converted, with a bearer token, deletes on their own.

Source: contract/ingestion-api.md, "ACO Connector": a batch goes in two calls, whose statuses are
merged; the items that a 400 does not name are sent again with a later sync.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from uuid import uuid4

import orjson
import urllib3

from mcs.contract.answer import Outcome, reason_phrase
from mcs.contract.canonical import Item, identity_key
from mcs.contract.catalog_answer import read_catalog_answer
from mcs.contract.conversions import (
    CONVERSIONS,
    CannotName,
    Payload,
    Surroundings,
    all_names,
)
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus
from mcs.contract.token_request import TOKEN_PATH, token_form
from mcs.exporter.collect import BAD_DATA
from mcs.exporter.renames import frozen
from mcs.exporter.service import ImsClient, Service
from mcs.exporter.submit import (
    TIMEOUT,
    Reply,
    Submit,
    packed,
    refused_caller,
    retry_after_s,
    unanswered,
)

RENEWED_BEFORE = timedelta(minutes=5)
TURNED_AWAY = (
    "{url} gave no token ({reason}). Check aco_exporter/general/client_id and client_secret, then "
    "run this again: it sends what is still due."
)
NO_ANSWER = (
    "{url} gave no token ({reason}). Run this again once it does; it sends what is still due."
)
NOT_ISSUED = (
    "{url} gave no token: its answer is none of a token service. Check aco_exporter/general/"
    "ims_url, then run this again: it sends what is still due."
)
Around = Callable[[str, Sequence[Item]], Surroundings]
"""What the items of a feed refer to."""


class NoToken(Exception):
    """The token service gave none; the text says what to do. status: as it is told of the feed."""

    def __init__(self, text: str, status: int = 401) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Tokens:
    """The token of one sync, renewed before it expires. Safe to share between threads."""

    client: ImsClient
    pool: urllib3.PoolManager
    clock: Callable[[], datetime]
    _token: str = ""
    _good_until: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def token(self, *, instead_of: str = "") -> str:
        """A good token; another one than `instead_of`. Raises NoToken, or urllib3's HTTPError."""
        with self._lock:
            is_old = self._good_until is None or self.clock() >= self._good_until
            if is_old or self._token == instead_of:
                self._renew()
            return self._token

    def _renew(self) -> None:
        url = f"{self.client.ims_url.rstrip('/')}{TOKEN_PATH}"
        form = token_form(self.client.client_id, self.client.client_secret)
        answer = self.pool.request(
            "POST", url, fields=form, encode_multipart=False, retries=False, timeout=TIMEOUT
        )
        if answer.status != 200:
            reason = f"{answer.status} {reason_phrase(answer.status)}"
            if answer.status >= 500 or answer.status == 429:
                raise NoToken(NO_ANSWER.format(url=url, reason=reason), answer.status)
            raise NoToken(TURNED_AWAY.format(url=url, reason=reason))
        try:
            said = answer.json()
            self._token, life = (
                str(said["access_token"]),
                timedelta(seconds=int(said["expires_in"])),
            )
        except (ValueError, LookupError, TypeError):
            raise NoToken(NOT_ISSUED.format(url=url)) from None
        self._good_until = self.clock() + max(life - RENEWED_BEFORE, timedelta(0))


@dataclass(frozen=True, slots=True)
class _Part:
    """One call's payloads, each with the index of the item that it is made of."""

    route: str
    payloads: list[tuple[int, Payload]]


def connector(
    service: Service,
    pool: urllib3.PoolManager,
    clock: Callable[[], datetime],
    around: Around,
) -> Submit:
    """A function that posts batches to the ingestion API of a service that has a client."""
    if service.client is None:
        raise ValueError("the service has no client of the token service")
    tokens = Tokens(service.client, pool, clock)

    def submit(feed: Feed, items: Sequence[Item]) -> Reply:
        request_id = str(uuid4())
        outcomes: dict[int, list[Outcome]] = defaultdict(list)
        expected: Counter[int] = Counter()
        replies = []
        parts = _parts(feed, items, around(feed.name, items), outcomes)
        for index in (index for part in parts for index, _ in part.payloads):
            expected[index] += 1
        for part in parts:
            reply = _post(service, pool, tokens, part, request_id)
            replies.append(reply)
            for (index, _), outcome in zip(part.payloads, reply.outcomes, strict=True):
                outcomes[index].append(outcome)
            if reply.stop:
                break
        # Of an item whose payloads were not all sent nobody knows enough.
        for index in (index for index, count in expected.items() if len(outcomes[index]) < count):
            outcomes[index].append(_WAITING)
        return _merged(request_id, len(items), outcomes, replies)

    return submit


def _parts(
    feed: Feed,
    items: Sequence[Item],
    around: Surroundings,
    outcomes: dict[int, list[Outcome]],
) -> list[_Part]:
    """The calls that a batch needs. outcomes: gets those of items that no call is needed for."""
    conversion = CONVERSIONS[feed.name]
    live: list[tuple[int, Payload]] = []
    gone: list[tuple[int, Payload]] = []
    for index, item in enumerate(items):
        try:
            if item["deleted"]:
                names = list(all_names(conversion, item))
            else:
                live += [(index, payload) for payload in conversion.payloads(item, around)]
                names = list(around.former.get(identity_key(feed, item), ()))
            gone += [(index, name) for name in names if frozen(name) not in around.in_use]
        except CannotName as error:
            outcomes[index].append(Outcome(ExportStatus.FAILED_ITEM, str(error)))
        except BAD_DATA as error:
            reason = f"it cannot be converted: {type(error).__name__}: {error}"
            outcomes[index].append(Outcome(ExportStatus.FAILED_ITEM, reason))
    for index in set(range(len(items))) - {index for index, _ in [*live, *gone]}:
        # What has no place in the ingestion API is done with.
        outcomes[index] = outcomes[index] or [Outcome(ExportStatus.SUBMITTED, "")]
    route = conversion.target.route
    size = conversion.target.batch_size
    calls = [*_sized(route, live, size), *_sized(f"{route}/delete", gone, size)]
    return [part for part in calls if part.payloads]


def _sized(route: str, payloads: list[tuple[int, Payload]], size: int) -> list[_Part]:
    return [_Part(route, payloads[at : at + size]) for at in range(0, len(payloads), size)]


def _post(
    service: Service, pool: urllib3.PoolManager, tokens: Tokens, part: _Part, request_id: str
) -> Reply:
    url = f"{service.base_url.rstrip('/')}/{service.data_space_id}/{part.route}"
    body = orjson.dumps([payload for _, payload in part.payloads])
    headers = {"Content-Type": "application/json", "X-Request-Id": request_id}
    if service.compress:
        body, headers["Content-Encoding"] = packed(body), "gzip"
    count = len(part.payloads)
    try:
        token = tokens.token()
        answer = _sent(pool, url, body, headers, token)
        if answer.status == 401:
            # Tokens are revoked, or expire by the service's clock.
            answer = _sent(pool, url, body, headers, tokens.token(instead_of=token))
    except NoToken as error:
        reason = reason_phrase(error.status)
        waiting = Outcome(ExportStatus.RETRYABLE, reason)
        return Reply(request_id, [waiting] * count, error.status, reason, str(error))
    except urllib3.exceptions.HTTPError as error:
        return unanswered(error, url, request_id, count)
    return Reply(
        request_id,
        read_catalog_answer(answer.status, answer.data, count),
        answer.status,
        reason_phrase(answer.status),
        refused_caller(answer, url),
        retry_after_s(answer),
    )


def _sent(
    pool: urllib3.PoolManager, url: str, body: bytes, headers: Mapping[str, str], token: str
) -> urllib3.BaseHTTPResponse:
    bearer = {**headers, "Authorization": f"Bearer {token}"}
    return pool.request("POST", url, body=body, headers=bearer, retries=False, timeout=TIMEOUT)


_WAITING = Outcome(ExportStatus.RETRYABLE, "")
# What a person has to look at comes before what mends itself, and that before what is done.
_WORST_FIRST = (ExportStatus.FAILED_ITEM, ExportStatus.RETRYABLE, ExportStatus.SUBMITTED)


def _merged(
    request_id: str, count: int, outcomes: Mapping[int, Sequence[Outcome]], replies: list[Reply]
) -> Reply:
    """The calls as one reply: 200 if each was 200 or named its errors, else what went wrong."""
    worst = [
        min(outcomes.get(index) or [_WAITING], key=lambda one: _WORST_FIRST.index(one.status))
        for index in range(count)
    ]
    unsuccessful = [reply for reply in replies if reply.http_status not in (200, 400)]
    refused = [reply for reply in replies if reply.http_status == 400]
    told = next(iter([*unsuccessful, *refused, *replies]), None)
    waits = [reply.retry_after_s for reply in replies if reply.retry_after_s is not None]
    return Reply(
        request_id,
        worst,
        told.http_status if told else 200,
        told.reason if told else reason_phrase(200),
        next((reply.stop for reply in replies if reply.stop), None),
        max(waits, default=None),
    )
