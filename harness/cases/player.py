"""Plays the requests of a case against a data space, in order, each with what befell it."""

import gzip
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import urllib3

from mcs.contract.catalog_answer import INVALID_TOKEN, MISSING_TOKEN
from mcs.contract.dialects import CATALOG_DIALECT, address, dialect_of
from mcs.contract.signature import sign
from mcs.harness.cases.reinjection import rules_for
from mcs.harness.cases.requests import Request
from mcs.harness.cases.service import CaseService
from mcs.harness.client import TIMEOUT, unreachable
from mcs.harness.conformance.service import DataSpace
from mcs.harness.errors import CouldNotTell

CUT = "cut"
THROTTLED = "too_many_requests"
BAD_GZIP = "invalid_gzip"
_NO_KEY, _NO_SIGNATURE = "missing_api_key", "missing_signature"
_OTHER_KEY = ("unknown_api_key", "key_not_for_data_space")
_SIGNATURE = ("jwt_invalid", "jwt_expired", "jwt_without_exp")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a case is played. speed: 1 as it was, 10 ten times as fast, None without waiting.

    turns_clock: the service's clock is set to the time of each request; only on a service of one's
    own. by_time: see `rules_for`.
    """

    speed: float | None = None
    by_time: bool = False
    turns_clock: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request of a case was answered. status: None if the connection was cut."""

    request: Request
    status: int | None

    @property
    def word(self) -> str:
        """The status as a text, or "cut"."""
        return CUT if self.status is None else str(self.status)

    @property
    def is_as_before(self) -> bool:
        """True if it was answered so when the case was captured, or nobody knows how it was."""
        before = self.request
        if before.status is None:
            return True
        if not before.answered:
            # A client that lost the connection behind the status line may still have that.
            return self.status is None or self.status == before.status
        return self.status == before.status


def play(
    requests: Iterable[tuple[Request, datetime]],
    service: CaseService,
    space: DataSpace,
    pace: Pace,
    watch: Callable[[Answer], None],
    wait: Callable[[float], None] = time.sleep,
) -> list[Answer]:
    """Sends the requests one after another; returns how each was answered.

    watch: told each answer. Raises CouldNotTell if the service is away.
    """
    answers = []
    begun = time.monotonic()
    first: datetime | None = None
    with urllib3.PoolManager(maxsize=1, timeout=TIMEOUT, retries=False) as http:
        for request, at in requests:
            first = first or at
            if pace.speed is not None:
                due_s = (at - first).total_seconds() / pace.speed
                wait(max(0.0, due_s - (time.monotonic() - begun)))
            answer = _played(request, at, service, space, pace, http)
            watch(answer)
            answers.append(answer)
    return answers


def _played(
    request: Request,
    at: datetime,
    service: CaseService,
    space: DataSpace,
    pace: Pace,
    http: urllib3.PoolManager,
) -> Answer:
    if pace.turns_clock:
        service.set_clock(at)
    rules = rules_for(request, pace.speed, by_time=pace.by_time)
    if request.code == THROTTLED and not rules:
        rules = [{"action": "throttle"}]
    for rule in rules:
        service.add_fault(space.id, rule)
    try:
        now = at if pace.turns_clock else datetime.now(UTC)
        headers = _headers(request, service, space, now)
        status = _sent(request, headers, service.url, space, http)
    finally:
        if rules:
            service.clear_faults(space.id)
    return Answer(request, status)


def _sent(
    request: Request,
    headers: dict[str, str],
    url: str,
    space: DataSpace,
    http: urllib3.PoolManager,
) -> int | None:
    target = url + quote(address(request.feed, request.route, space.id))
    is_cut = not request.answered
    try:
        answer = http.request(
            request.method, target, body=_body(request), headers=headers, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:
        if is_cut:
            return None
        raise CouldNotTell(unreachable(target, error)) from None
    return answer.status


def _headers(
    request: Request, service: CaseService, space: DataSpace, now: datetime
) -> dict[str, str]:
    """The headers as they came, with the key and a fresh signature of the new data space, or with a
    token of it; or the like of what made the service turn the request away."""
    headers = {"X-Request-Id": request.request_id or str(uuid4()), **request.headers}
    code = request.code
    if dialect_of(request.feed) is CATALOG_DIALECT:
        return headers | _bearer(code, service, space)
    is_skewed = any(event.action == "skew" for event in request.events)
    if code != _NO_KEY:
        headers["x-api-key"] = "unknown" if code in _OTHER_KEY else space.api_key
    if code in _SIGNATURE and not is_skewed:
        headers["x-gw-signature"] = "expired"
    elif code != _NO_SIGNATURE:
        headers["x-gw-signature"] = sign(space.private_key, now)
    return headers


def _bearer(code: str | None, service: CaseService, space: DataSpace) -> dict[str, str]:
    if code == MISSING_TOKEN[2]:
        return {}
    # A token of its own for each call: between two of them the clock may be turned by days.
    token = "unknown" if code == INVALID_TOKEN[2] else service.token(space)
    return {"Authorization": f"Bearer {token}"}


def _body(request: Request) -> bytes:
    if request.body is None:
        return _STANDING_IN.get(request.code or "", b"[]")
    return gzip.compress(request.body, mtime=0) if request.is_packed else request.body


# A body that was never read is stood in for by one that meets the same end.
_STANDING_IN = {BAD_GZIP: b"no gzip", THROTTLED: b"[{}]"}
