"""The request itself: where it goes, what it says of itself, and whether that is true."""

import re
from collections import defaultdict
from uuid import UUID

import orjson

from mcs.contract.feeds import FEEDS, Routes
from mcs.harness.conformance.clause import Clause, each_request, only
from mcs.harness.conformance.observation import Observation, SeenRequest
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

GZIP_BEGINS = b"\x1f\x8b"
NO_BATCH = ("invalid_json", "not_an_array", "empty_batch", "nested_too_deep")
METADATA = ("commerceEdition", "commerceVersion", "saasExporterVersion")
CONNECTOR = re.compile(r"Magento Services Connector \(Magento: .+ .+\)")

_REQUEST = 'contract/wire.md, "Request"'
_HEADERS = 'contract/wire.md, "Headers"'
_OPTIONAL = "the service takes requests without it"


def _known_route(request: SeenRequest) -> str | None:
    return f"posted to /{request.route}, no feed's route" if _is_lost(request) else None


def _exact_path(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        tidy = "/".join(part for part in request.route.split("/") if part)
        return None if request.route == tidy else f"posted to /{request.route}, expected /{tidy}"

    return only([request for request in seen.requests if not _is_lost(request)], complaint)


def _is_lost(request: SeenRequest) -> bool:
    return request.code == "unknown_route" or not (
        request.feed in FEEDS or Routes().feeds_at(request.route)
    )


def _json_type(request: SeenRequest) -> str | None:
    given = request.headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    return None if kind == "application/json" else f'Content-Type is "{given}"'


def _honest_gzip(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        said = request.headers.get("content-encoding", "none")
        if request.code == "invalid_gzip":
            return f"Content-Encoding: {said}, but the {request.body_bytes} bytes are no gzip"
        if request.code == "unsupported_content_encoding":
            return f"Content-Encoding: {said}, which the service cannot unpack"
        if (request.body or b"").startswith(GZIP_BEGINS):
            return f"Content-Encoding: {said}, but the body is packed once more than it says"
        return None

    read = [
        request
        for request in seen.requests
        if request.body is not None
        or request.code in ("invalid_gzip", "unsupported_content_encoding")
    ]
    return only(read, complaint)


def _array(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        if request.code in NO_BATCH:
            return f"answered 400 {request.code}; the body has {len(request.body or b'')} bytes"
        return None

    read = [
        request
        for request in seen.requests
        if request.body is not None and not request.body.startswith(GZIP_BEGINS)
    ]
    return only(read, complaint)


def _unique_ids(seen: Observation) -> Verdict:
    users: dict[str, list[int]] = defaultdict(list)
    for request in seen.requests:
        if given := request.headers.get("x-request-id"):
            users[given].append(request.number)
    complaints = [
        f"X-Request-Id {given} came with requests {', '.join(map(str, numbers))}"
        for given, numbers in users.items()
        if len(numbers) > 1
    ]
    requests = sum(len(numbers) for numbers in users.values())
    return ruled(complaints, requests if requests > 1 else 0, "requests with an id")


def _has_id(request: SeenRequest) -> str | None:
    given = request.headers.get("x-request-id")
    try:
        UUID(given or "")
    except ValueError:
        return f'X-Request-Id is "{given}", no UUID' if given else "without X-Request-Id"
    return None


def _user_agent(request: SeenRequest) -> str | None:
    given = request.headers.get("user-agent", "")
    return None if CONNECTOR.fullmatch(given) else f'User-Agent is "{given}"'


def _metadata(request: SeenRequest) -> str | None:
    given = request.headers.get("service-connector-metadata")
    if given is None:
        return "without service-connector-metadata"
    try:
        said = orjson.loads(given) if given else dict.fromkeys(METADATA)
    except orjson.JSONDecodeError:
        return f'service-connector-metadata is no JSON: "{given[:60]}"'
    missing = [name for name in METADATA if not isinstance(said, dict) or name not in said]
    return f"service-connector-metadata lacks {', '.join(missing)}" if missing else None


CLAUSES = (
    Clause(
        "WIRE-1",
        "Nothing is posted to the data space but to the routes of feeds.",
        'contract/wire.md, "Routes"',
        each_request(_known_route),
    ),
    Clause(
        "WIRE-2",
        "The path is exactly /<route>/<data space id>, without empty segments.",
        _REQUEST,
        _exact_path,
        grade=Grade.ADVICE,
        why="whether the service bears a double slash is unknown",
    ),
    Clause("WIRE-3", "Content-Type is application/json.", _HEADERS, each_request(_json_type)),
    Clause(
        "WIRE-4",
        "Content-Encoding says gzip if and only if the body is gzip, once.",
        _HEADERS,
        _honest_gzip,
    ),
    Clause("WIRE-5", "A body is a JSON array of one item or more.", _REQUEST, _array),
    Clause(
        "WIRE-6",
        "Request ids are unique, over retries, too.",
        _HEADERS,
        _unique_ids,
    ),
    Clause(
        "WIRE-7",
        "Every request carries an X-Request-Id, a UUID.",
        _HEADERS,
        each_request(_has_id),
        grade=Grade.ADVICE,
        why=_OPTIONAL,
    ),
    Clause(
        "WIRE-8",
        "User-Agent names the Magento Services Connector with edition and version.",
        _HEADERS,
        each_request(_user_agent),
        grade=Grade.ADVICE,
        why=_OPTIONAL,
    ),
    Clause(
        "WIRE-9",
        "service-connector-metadata is JSON that names edition and versions, or is empty.",
        _HEADERS,
        each_request(_metadata),
        grade=Grade.ADVICE,
        why=_OPTIONAL,
    ),
)
