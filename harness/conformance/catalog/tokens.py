"""Who is calling: the bearer token of each call, its scope and its life."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mcs.contract.catalog import SCOPE
from mcs.contract.catalog_answer import INVALID_TOKEN
from mcs.harness.conformance.clause import Clause, each_request, only
from mcs.harness.conformance.observation import Observation, SeenRequest
from mcs.harness.conformance.verdict import NOT_OBSERVED, Grade, Verdict, ruled

NOT_GOOD = INVALID_TOKEN[2]
"""The code of a call whose token is unknown, revoked or expired."""
_NOT_FOR_THIS = "403000"
_AUTH = 'contract/ingestion-api.md, "Auth"'


def _bears(request: SeenRequest) -> str | None:
    given = request.headers.get("authorization", "")
    # The journal keeps no more of it than this.
    if given.lower().startswith("bear"):
        return None
    found = f'Authorization begins with "{given[:4]}"' if given else "without Authorization"
    return f"{found}, answered {request.status}"


def _made_for_this(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        scopes = claims_of(request).get("scopes")
        if scopes is None:
            return f"its token was never made here, answered {request.status}"
        if SCOPE not in scopes:
            return f"its token lacks the scope {SCOPE}, answered {request.status}"
        if request.code == _NOT_FOR_THIS:
            return f"its token is for another tenant, answered {request.status}"
        return None

    return only([request for request in seen.requests if request.signature], complaint)


def _serves_several(seen: Observation) -> Verdict:
    by_step: dict[int, list[SeenRequest]] = defaultdict(list)
    for request in seen.requests:
        if request.signature:
            by_step[request.step].append(request)
    # Where a token was refused, another one is right.
    telling = [
        requests
        for requests in by_step.values()
        if len(requests) > 1 and all(request.code != NOT_GOOD for request in requests)
    ]
    complaints = [
        f"{requests[0]} to {requests[-1].number}, {len(requests)} calls with a token each"
        for requests in telling
        if len({claims_of(request)["token"] for request in requests}) == len(requests)
    ]
    return ruled(complaints, len(telling), "syncs of several calls")


def _another_after_401(seen: Observation) -> Verdict:
    refused = [one for one in seen.requests if one.code == NOT_GOOD and _is_for_this(one)]
    last = max((request.number for request in seen.requests), default=0)
    complaints = [
        f"{later} comes with the token that was answered 401 in {request}"
        for request in refused
        for later in seen.requests
        if later.number > request.number
        and claims_of(later).get("token") == claims_of(request)["token"]
    ]
    followed = sum(request.number < last for request in refused)
    # Whoever takes a token per sync replaces one before it is refused.
    tokens = len({claims_of(request)["token"] for request in seen.requests if request.signature})
    return ruled(complaints, followed or max(0, tokens - 1), "times another token was due")


def _in_its_time(seen: Observation) -> Verdict:
    ends = {
        request: datetime.fromisoformat(claims_of(request)["expires_at"])
        for request in seen.requests
        if _is_for_this(request)
    }
    if not any(request.at >= min(ends.values()) for request in ends):
        return NOT_OBSERVED
    complaints = [
        f"{request} comes {(request.at - end).total_seconds():.0f} s after its token's end"
        for request, end in ends.items()
        if request.at >= end
    ]
    return ruled(complaints, len(ends), "calls")


def claims_of(request: SeenRequest) -> Mapping[str, Any]:
    """What is known of the token that a request came with: `token` tells it from others."""
    claims: Mapping[str, Any] = (request.signature or {}).get("claims") or {}
    return claims


def _is_for_this(request: SeenRequest) -> bool:
    return SCOPE in claims_of(request).get("scopes", ())


CLAUSES = (
    Clause(
        "CAT-TOKEN-1",
        "Every call carries a bearer token in Authorization.",
        _AUTH,
        each_request(_bears),
    ),
    Clause(
        "CAT-TOKEN-2",
        f"The token is one that the token service gave for this tenant, with the scope {SCOPE}.",
        _AUTH,
        _made_for_this,
    ),
    Clause(
        "CAT-TOKEN-3",
        "A token serves the calls of a sync: not each has its own.",
        _AUTH,
        _serves_several,
        grade=Grade.ADVICE,
        why="how many tokens the token service gives in a time is unknown",
    ),
    Clause(
        "CAT-TOKEN-4",
        "A token that was answered 401 is not used again: another one is asked for.",
        _AUTH,
        _another_after_401,
        scenarios=("revoked", "turned-away"),
    ),
    Clause(
        "CAT-TOKEN-5",
        "A token is replaced before it expires.",
        _AUTH,
        _in_its_time,
        scenarios=("aged",),
        grade=Grade.ADVICE,
        why="one that is replaced after a 401 does as well",
    ),
)
