"""Who is calling: key and signature of each request."""

from mcs.contract.catalog import SCOPE
from mcs.contract.signature import LIFETIME_S
from mcs.harness.conformance.clause import Clause, each_request, only
from mcs.harness.conformance.observation import Observation, SeenRequest
from mcs.harness.conformance.verdict import Grade, Verdict

KEY_AND_SIGNATURE = ("x-api-key", "x-gw-signature")
WRONGLY_SIGNED = "jwt_invalid"
BEARER = "bearer"
EXPIRED = ("jwt_expired", "jwt_without_exp")
CLOCK_TOLERANCE_S = 30
"""What an exporter's clock may be ahead of the service's."""
STALE_S = 45
"""A token this much older than the others of a scenario was signed for an earlier request."""

_JWT = 'contract/wire.md, "JWT"'


def _complete(request: SeenRequest) -> str | None:
    missing = [name for name in KEY_AND_SIGNATURE if not request.headers.get(name)]
    return f"without {' and '.join(missing)}, answered {request.status}" if missing else None


def _verified(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        if request.code != WRONGLY_SIGNED:
            return None
        algorithm = (request.signature or {}).get("algorithm", "no JWT")
        return f"answered 401 {WRONGLY_SIGNED}; algorithm: {algorithm}"

    checked = [
        request
        for request in seen.requests
        if request.code == WRONGLY_SIGNED or (request.signature or {}).get("verified")
    ]
    return only(checked, complaint)


def _in_bounds(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        ahead = remaining_s(request)
        if ahead is None:
            return "its claim exp is no number"
        if 0 < ahead <= LIFETIME_S + CLOCK_TOLERANCE_S:
            return None
        return f"exp is {ahead:.0f} s ahead, expected 1 to {LIFETIME_S}"

    return only(_signed(seen), complaint)


def _fresh(seen: Observation) -> Verdict:
    known = {request: remaining_s(request) for request in _signed(seen)}
    youngest = max((ahead for ahead in known.values() if ahead is not None), default=0.0)

    def complaint(request: SeenRequest) -> str | None:
        ahead = known[request]
        if ahead is None or youngest - ahead < STALE_S:
            return None
        return f"its token has {ahead:.0f} s left, others come with {youngest:.0f} s"

    moments = [request.at for request in known]
    # Within less time a token that is kept looks like one that is signed anew.
    is_telling = moments and (max(moments) - min(moments)).total_seconds() >= STALE_S
    return only(list(known) if is_telling else [], complaint)


def _signed(seen: Observation) -> list[SeenRequest]:
    skewed = seen.hit_by("skew")
    return [
        request
        for request in seen.requests
        if request.signature is not None and request not in skewed
    ]


def is_strangers(request: SeenRequest) -> bool:
    """True if a request would be turned away without any fault, too, and for good."""
    said = request.signature or {}
    if said.get("algorithm") != BEARER:
        return request.code == WRONGLY_SIGNED
    return SCOPE not in said["claims"].get("scopes", ())


def remaining_s(request: SeenRequest) -> float | None:
    """How long a request's token was still good when it came, by the service's clock."""
    claims = (request.signature or {}).get("claims")
    exp = claims.get("exp") if isinstance(claims, dict) else None
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        return None
    return exp - request.at.timestamp()


CLAUSES = (
    Clause(
        "AUTH-1",
        "Every request carries x-api-key and x-gw-signature.",
        'contract/wire.md, "Headers"',
        each_request(_complete),
    ),
    Clause(
        "AUTH-2",
        "The signature is an RS256 JWT, signed by the private key registered for the API key.",
        _JWT,
        _verified,
    ),
    Clause(
        "AUTH-3",
        f"The token's exp is in the future, and at most {LIFETIME_S} s ahead.",
        _JWT,
        _in_bounds,
    ),
    Clause(
        "AUTH-4",
        "A token is signed for each request, not kept for later ones.",
        _JWT,
        _fresh,
        grade=Grade.ADVICE,
        why="older connectors keep a token for as long as their client lives",
    ),
)
