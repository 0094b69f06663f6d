"""The words that fill a rule's templates, taken from the evidence."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from mcs.contract.answer import reason_phrase
from mcs.harness import remedies
from mcs.harness.causes import Rule
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.evidence import Evidence, moment
from mcs.harness.sides import RequestFacts

SHOWN_TIME = "%Y-%m-%d %H:%M:%S UTC"
WAITS = {
    DiscrepancyKind.UNDELETED: ("It is deleted at the source, but the deletion waits for a retry"),
    DiscrepancyKind.REJECTED: "It was refused",
    None: "The exporter holds it for a retry",
}
IT_WAITS = "It waits for a retry"
SO = {
    DiscrepancyKind.MISSING: ", so the service does not have its present content.",
    DiscrepancyKind.UNDELETED: ", and the service holds it alive.",
}
NOTHING_FOLLOWS = "."
NEVER_RECORDED = "never recorded it"
HOLDS_OTHER = (
    "never had the content that was sent, and holds another one, recorded at {received_at} "
    "({received_request})"
)
ANSWERED = "it answered that request with {status}"
KNOWS_NOTHING = "it knows nothing of that request"
NOT_KNOWN = "what became of that request is not known here"
BY_A_FAULT = " A fault of this mock hit it on the way: {faults}."
PLACE = ", at index {index} of request {request_id}"
INDEX = ", at index {index},"
BY_NOW = "{service} will from {since} on"
NOT_SHOWN = "{service} does not"
DAY_S = 86_400


def explanation(rule: Rule, evidence: Evidence) -> str:
    """What happened and what to do next, as one text."""
    words = words_of(evidence)
    return f"{rule.sentence.format_map(words)} {rule.next_step.format_map(words)}"


def next_step(rule: Rule, evidence: Evidence) -> str:
    """What to do next."""
    return rule.next_step.format_map(words_of(evidence))


def words_of(evidence: Evidence) -> dict[str, Any]:
    """Every word that a template may ask for."""
    sent, received = evidence.sent or {}, evidence.received or {}
    kind, refusal = evidence.kind, evidence.refusal
    words: dict[str, Any] = {
        "feed": evidence.feed,
        "status": evidence.status,
        "sent_request": request_name(sent.get("request_id")),
        "sent_modified_at": shown_time(sent.get("modified_at")),
        "received_request": request_name(received.get("request_id")),
        "received_at": shown_time(received.get("received_at")),
        "received_modified_at": shown_time(received.get("modified_at")),
        "versions": received.get("versions"),
        "repeats": received.get("repeats"),
        "resends": received.get("resends", "some"),
        "data_space": received.get("data_space_id"),
        "scope": _scope(received.get("identity")),
        "waits": WAITS.get(kind, IT_WAITS),
        "so": SO.get(kind, NOTHING_FOLLOWS) if kind else NOTHING_FOLLOWS,
        "why": _why(evidence),
        "reasons": messages(evidence.errors),
        "answer": _message(evidence.sent_request),
        "place": PLACE.format(index=refusal.index, request_id=refusal.request_id)
        if refusal
        else "",
        "index": INDEX.format(index=refusal.index) if refusal else "",
        "became": _became(evidence),
        "fault": BY_A_FAULT.format(faults=", ".join(evidence.faults)) if evidence.faults else "",
        "latency": _latency(sent.get("modified_at"), received.get("received_at")),
        "invisible": _invisible(evidence),
        "sync": remedies.sync(evidence.feed),
        "resend": remedies.resend(evidence.feed, evidence.identity),
        "force": remedies.force(evidence.feed),
        "cleanup": remedies.cleanup(evidence.feed),
    }
    changed = kind is DiscrepancyKind.CHANGED
    words["lack"] = HOLDS_OTHER.format_map(words) if changed else NEVER_RECORDED
    return words


def shown_time(text: str | None) -> str:
    """A time as people read it, to the second; what is none stays as it is.

    >>> shown_time("2026-11-22T20:00:00.250000+01:00"), shown_time(None)
    ('2026-11-22 19:00:00 UTC', 'at an unknown time')
    """
    parsed = moment(text)
    if parsed is None:
        return text or "at an unknown time"
    return parsed.astimezone(UTC).strftime(SHOWN_TIME)


def request_name(request_id: str | None) -> str:
    """How sentences call a request."""
    return f"request {request_id}" if request_id else "request unknown"


def place_of(request_id: str | None, index: int | None) -> str:
    """Where in its request an item stood, as far as that is known."""
    request = request_name(request_id)
    return request if index is None else f"{request}, index {index}"


def answer_of(request: RequestFacts) -> str:
    """How a request was answered, as `503 Service Unavailable`."""
    return f"{request.status} {reason_phrase(request.status)}"


def messages(errors: Any) -> str:
    """The messages of refusals, one after the other."""
    return " ".join(str(error["message"]) for error in errors)


def _why(evidence: Evidence) -> str:
    """The service's reasons for a refused item, else what the exporter noted, in parentheses."""
    refused = evidence.kind is DiscrepancyKind.REJECTED and evidence.errors
    why = messages(evidence.errors) if refused else evidence.noted
    return f" ({why})" if why else ""


def _message(request: RequestFacts | None) -> str:
    return f": {request.message}" if request and request.message else ""


def _became(evidence: Evidence) -> str:
    if request := evidence.sent_request:
        return ANSWERED.format(status=answer_of(request))
    return KNOWS_NOTHING if evidence.never_came else NOT_KNOWN


def _scope(identity: Mapping[str, str] | None) -> str:
    if not identity:
        return ""
    return f" ({', '.join(f'{path}={value}' for path, value in identity.items())})"


def _latency(sent_at: str | None, received_at: str | None) -> str:
    sent, received = moment(sent_at), moment(received_at)
    if sent is None or received is None:
        return "long"
    return duration((received - sent).total_seconds())


def duration(seconds: float) -> str:
    """A duration for people, in its two largest units.

    >>> duration(42.4), duration(3_725), duration(200_000)
    ('42 s', '1 h 2 min', '2 d 7 h')
    """
    whole = round(seconds)
    units = (("d", whole // DAY_S), ("h", whole // 3600 % 24), ("min", whole // 60 % 60))
    parts = [f"{count} {unit}" for unit, count in (*units, ("s", whole % 60)) if count]
    return " ".join(parts[:2]) or "0 s"


def _invisible(evidence: Evidence) -> str:
    return ", ".join(
        BY_NOW.format(service=one.service, since=shown_time(one.since))
        if one.since
        else NOT_SHOWN.format(service=one.service)
        for one in evidence.visibility
        if not one.visible
    )
