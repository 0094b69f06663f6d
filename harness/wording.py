"""The words that fill a rule's templates, taken from the evidence."""

from collections.abc import Callable, Mapping
from datetime import UTC
from functools import lru_cache
from typing import Any

from mcs.contract.answer import reason_phrase
from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.causes.plain import PLAIN
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.evidence import CACHED_TIMES, Evidence, moment
from mcs.harness.remedies import OF_ANY, OF_COMMERCE, Remedies
from mcs.harness.rule import Rule
from mcs.harness.sides import RequestFacts

SHOWN_TIME = "%Y-%m-%d %H:%M:%S UTC"
WAITS: Mapping[DiscrepancyKind | None, str] = {
    DiscrepancyKind.UNDELETED: ("It is deleted at the source, but the deletion waits for a retry"),
    DiscrepancyKind.REJECTED: "It was refused",
    None: "The exporter holds it for a retry",
}
IT_WAITS = "It waits for a retry"
NOTED_STATUS = " with export status {}"
# Whether another exporter than Commerce's tries again is not known.
NOT_TAKEN: Mapping[DiscrepancyKind | None, str] = {
    DiscrepancyKind.UNDELETED: "Its deletion was sent and not taken",
    DiscrepancyKind.REJECTED: "It was refused",
}
IT_WAS_NOT_TAKEN = "It was sent and not taken"
SO: Mapping[DiscrepancyKind | None, str] = {
    DiscrepancyKind.MISSING: ", so the service does not have its present content.",
    DiscrepancyKind.UNDELETED: ", and the service holds it alive.",
}
NOTHING_FOLLOWS = "."
NEVER_RECORDED = "never recorded it"
HOLDS_OTHER = "never had the content that was sent, and holds another one{recorded}"
# Of a side without a journal it is only known what it holds now.
HOLDS_NOTHING = "holds nothing of it"
HOLDS_OTHER_NOW = "holds another content than was sent{recorded}"
RECORDED = ", recorded at {at}"
SINCE = " since {at}"
MODIFIED = "modified {at}"
ANSWERED = "; it answered that request with {status}"
KNOWS_NOTHING = "; it knows nothing of that request"
NOT_KNOWN = "; what became of that request is not known here"
BY_A_FAULT = " A fault of this mock hit it on the way: {faults}."
PLACE = ", at index {index} of request {request_id}"
INDEX = ", at index {index},"
BY_NOW = "{service} will from {since} on"
NOT_SHOWN = "{service} does not"
DAY_S = 86_400


def explanation(rule: Rule, evidence: Evidence) -> str:
    """What happened and what to do next, as one text."""
    words = _Words(evidence)
    told = PLAIN.get(rule.name, rule) if evidence.plain else rule
    sentence = told.sentence or rule.sentence
    return f"{sentence.format_map(words)} {told.next_step.format_map(words)}"


class _Words(dict[str, Any]):
    """The words for one piece of evidence; each is made when a template asks for it."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self._evidence = evidence

    def __missing__(self, word: str) -> Any:
        return WORDS[word](self._evidence)


@lru_cache(CACHED_TIMES)
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


def duration(seconds: float) -> str:
    """A duration for people, in its two largest units.

    >>> duration(42.4), duration(3_725), duration(200_000)
    ('42 s', '1 h 2 min', '2 d 7 h')
    """
    whole = round(seconds)
    units = (("d", whole // DAY_S), ("h", whole // 3600 % 24), ("min", whole // 60 % 60))
    parts = [f"{count} {unit}" for unit, count in (*units, ("s", whole % 60)) if count]
    return " ".join(parts[:2]) or "0 s"


def _of_sent(name: str) -> Callable[[Evidence], Any]:
    return lambda evidence: (evidence.sent or {}).get(name)


def _of_received(name: str) -> Callable[[Evidence], Any]:
    return lambda evidence: (evidence.received or {}).get(name)


def _sent_at(evidence: Evidence) -> str:
    return shown_time(_of_sent("modified_at")(evidence))


def _received_at(evidence: Evidence) -> str:
    return shown_time(_of_received("received_at")(evidence))


def _noted(evidence: Evidence) -> str:
    """In which request it was sent, and when modified; of what is not known nothing is said."""
    request_id, modified_at = evidence.sent_request_id, _of_sent("modified_at")(evidence)
    known = [request_name(request_id)] if request_id else []
    known += [MODIFIED.format(at=shown_time(modified_at))] if modified_at else []
    return f" ({', '.join(known)})" if known else ""


def _recorded(evidence: Evidence, template: str) -> str:
    """When the service recorded what it holds, and in which request, as far as it is known."""
    received_at = _of_received("received_at")(evidence)
    request_id = _of_received("request_id")(evidence)
    at = template.format(at=shown_time(received_at)) if received_at else ""
    return f"{at} ({request_name(request_id)})" if request_id else at


def _since(evidence: Evidence) -> str:
    return _recorded(evidence, SINCE)


def _received_request(evidence: Evidence) -> str:
    return request_name(_of_received("request_id")(evidence))


def _waits(evidence: Evidence) -> str:
    if evidence.plain:
        return NOT_TAKEN.get(evidence.kind, IT_WAS_NOT_TAKEN)
    return WAITS.get(evidence.kind, IT_WAITS)


def _so(evidence: Evidence) -> str:
    return SO.get(evidence.kind, NOTHING_FOLLOWS)


def _why(evidence: Evidence) -> str:
    """The service's reasons for a refused item, else what the exporter noted, in parentheses."""
    refused = evidence.kind is DiscrepancyKind.REJECTED and evidence.errors
    why = messages(evidence.errors) if refused else evidence.noted
    return f" ({why})" if why else ""


def _answer(evidence: Evidence) -> str:
    request = evidence.sent_request
    return f": {request.message}" if request and request.message else ""


def _place(evidence: Evidence) -> str:
    refusal = evidence.refusal
    return PLACE.format(index=refusal.index, request_id=refusal.request_id) if refusal else ""


def _index(evidence: Evidence) -> str:
    return INDEX.format(index=evidence.refusal.index) if evidence.refusal else ""


def _lack(evidence: Evidence) -> str:
    if evidence.kind is not DiscrepancyKind.CHANGED:
        return NEVER_RECORDED if evidence.journalled else HOLDS_NOTHING
    holds = HOLDS_OTHER if evidence.journalled else HOLDS_OTHER_NOW
    return holds.format(recorded=_recorded(evidence, RECORDED))


def _became(evidence: Evidence) -> str:
    if request := evidence.sent_request:
        return ANSWERED.format(status=answer_of(request))
    if evidence.never_came:
        return KNOWS_NOTHING
    return NOT_KNOWN if evidence.sent_request_id else ""


def _fault(evidence: Evidence) -> str:
    return BY_A_FAULT.format(faults=", ".join(evidence.faults)) if evidence.faults else ""


def _lacking(evidence: Evidence) -> str:
    feed = ALL_FEEDS.get(evidence.feed)
    paths = feed.identity if feed else ()
    return ", ".join(path for path in paths if path not in evidence.identity)


def _scope(evidence: Evidence) -> str:
    identity: Mapping[str, str] | None = _of_received("identity")(evidence)
    if not identity:
        return ""
    return f" ({', '.join(f'{path}={value}' for path, value in identity.items())})"


def _latency(evidence: Evidence) -> str:
    sent = moment(_of_sent("modified_at")(evidence))
    received = moment(_of_received("received_at")(evidence))
    if sent is None or received is None:
        return "long"
    return duration((received - sent).total_seconds())


def _invisible(evidence: Evidence) -> str:
    return ", ".join(
        BY_NOW.format(service=one.service, since=shown_time(one.since))
        if one.since
        else NOT_SHOWN.format(service=one.service)
        for one in evidence.visibility
        if not one.visible
    )


def _remedies(evidence: Evidence) -> Remedies:
    return OF_ANY if evidence.plain else OF_COMMERCE


WORDS: Mapping[str, Callable[[Evidence], Any]] = {
    "feed": lambda evidence: evidence.feed,
    "status": lambda evidence: evidence.status,
    "sent_request": lambda evidence: request_name(evidence.sent_request_id),
    "sent_modified_at": _sent_at,
    "noted": _noted,
    "since": _since,
    "lacking": _lacking,
    "received_request": _received_request,
    "received_at": _received_at,
    "received_modified_at": lambda evidence: shown_time(_of_received("modified_at")(evidence)),
    "versions": _of_received("versions"),
    "repeats": _of_received("repeats"),
    "resends": _of_received("resends"),
    "data_space": _of_received("data_space_id"),
    "scope": _scope,
    "waits": _waits,
    "noted_status": lambda evidence: "" if evidence.plain else NOTED_STATUS.format(evidence.status),
    "so": _so,
    "why": _why,
    "reasons": lambda evidence: messages(evidence.errors),
    "answer": _answer,
    "place": _place,
    "index": _index,
    "became": _became,
    "fault": _fault,
    "lack": _lack,
    "latency": _latency,
    "invisible": _invisible,
    "sync": lambda evidence: _remedies(evidence).sync(evidence.feed),
    "resend": lambda evidence: _remedies(evidence).resend(evidence.feed, evidence.identity),
    "force": lambda evidence: _remedies(evidence).force(evidence.feed),
    "cleanup": lambda evidence: _remedies(evidence).cleanup(evidence.feed),
}
"""Every word that a template may ask for."""
