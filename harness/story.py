"""What happened to an item, a sentence each in order of time. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mcs.contract.status import ExportStatus
from mcs.harness.evidence import BEFORE_ALL, Evidence, faults_of_all, moment
from mcs.harness.wording import answer_of, messages, place_of, request_name, shown_time

MODIFIED = "{at}: {deleted} at the source and sent in {request}{known}."
SENT = "The exporter sent it."
BATCH = ", a batch of {items}, which the service answered with {answer} ({outcome})"
OUTCOME = "{accepted} accepted, {rejected} refused"
NEVER_CAME = ", which the service never had"
HIT = "{at}: a fault of this mock hit it in request {request_id}: {action}."
HIT_REQUEST = "{at}: a fault of this mock hit request {request_id}: {action}."
WRITTEN = "{at}: the service recorded {what} ({place})."
HELD = "{at}: the service recorded {what}, the last of {versions} writes ({place})."
REFUSED = "{at}: the service refused it ({place}): {reasons}"
HOLDS = "The service holds {what}."
EARLIER = "The service recorded {count} more writes, before those told here."
NO_ROW = "The exporter has no row of it."
NOTHING_HELD = "The service holds nothing of it."
NOT_AMONG = "It is not among the items sent."
KEEPS = "The exporter keeps it with export status {status}: {meaning}{noted}."
MEANING: Mapping[int, str] = {
    ExportStatus.AWAITING: "never submitted",
    ExportStatus.SUBMITTED: "sent with success",
    ExportStatus.BAD_REQUEST: "refused with its batch, not sent again until it changes",
    ExportStatus.FAILED_ITEM: "refused, not sent again until it changes",
}
TO_BE_RETRIED = "to be sent again by the next retry"
SENT_CONTENT, OTHER_CONTENT, A_DELETION = "the content that was sent", "other content", "a deletion"
SHOWN_WRITES = 6


@dataclass(frozen=True, slots=True)
class _Happening:
    at: datetime | None
    text: str


def story(evidence: Evidence) -> tuple[str, ...]:
    """What is known to have happened, oldest first, and how both sides left it."""
    happenings = [*_sent(evidence), *_faults(evidence), *_at_the_service(evidence)]
    happenings.sort(key=_when)
    return (*(one.text for one in happenings), *_left(evidence))


def _when(happening: _Happening) -> datetime:
    return happening.at or BEFORE_ALL


def _sent(evidence: Evidence) -> Iterator[_Happening]:
    if not evidence.sent or evidence.status == ExportStatus.AWAITING:
        return
    at = evidence.sent["modified_at"]
    if not at and not evidence.sent_request_id:
        yield _Happening(None, SENT)
        return
    request = evidence.sent_request
    known = NEVER_CAME if evidence.never_came else ""
    if request:
        outcome = OUTCOME.format(accepted=request.accepted, rejected=request.rejected)
        known = BATCH.format(
            items=request.items, answer=answer_of(request), outcome=request.message or outcome
        )
    text = MODIFIED.format(
        at=shown_time(at),
        deleted="deleted" if evidence.sent["deleted"] else "modified",
        request=request_name(evidence.sent_request_id),
        known=known,
    )
    yield _Happening(moment(at), text)


def _faults(evidence: Evidence) -> Iterator[_Happening]:
    for hit in evidence.history.faults:
        text = HIT.format(at=shown_time(hit.at), request_id=hit.request_id, action=hit.action)
        yield _Happening(moment(hit.at), text)
    for request in dict.fromkeys(filter(None, map(evidence.requests.get, _request_ids(evidence)))):
        for action in faults_of_all(request):
            at, request_id = request.received_at, request.request_id
            text = HIT_REQUEST.format(at=shown_time(at), request_id=request_id, action=action)
            yield _Happening(moment(at), text)


def _request_ids(evidence: Evidence) -> list[str]:
    sides = (evidence.sent, evidence.received)
    return [str(side["request_id"]) for side in sides if side and side["request_id"]]


def _at_the_service(evidence: Evidence) -> Iterator[_Happening]:
    for refusal in evidence.history.refusals:
        text = REFUSED.format(
            at=shown_time(refusal.received_at),
            place=place_of(refusal.request_id, refusal.index),
            reasons=messages(refusal.errors),
        )
        yield _Happening(moment(refusal.received_at), text)
    writes = evidence.history.writes[-SHOWN_WRITES:]
    for write in writes:
        text = WRITTEN.format(
            at=shown_time(write.received_at),
            what=_what(evidence, write.hash, deleted=write.deleted),
            place=place_of(write.request_id, write.index),
        )
        yield _Happening(moment(write.received_at), text)
    # Of an item in another data space only where it is is known.
    if evidence.received and "versions" in evidence.received:
        yield from _held(evidence, len(writes))


def _held(evidence: Evidence, told: int) -> Iterator[_Happening]:
    received = evidence.received or {}
    versions = received["versions"] or told
    if told:
        if versions > told:
            yield _Happening(None, EARLIER.format(count=versions - told))
        return
    what = _what(evidence, received["hash"], deleted=received["deleted"])
    if not received["received_at"] and not received["request_id"]:
        yield _Happening(None, HOLDS.format(what=what))
        return
    text = (HELD if versions > 1 else WRITTEN).format(
        at=shown_time(received["received_at"]),
        what=what,
        versions=versions,
        place=place_of(received["request_id"], received["index"]),
    )
    yield _Happening(moment(received["received_at"]), text)


def _what(evidence: Evidence, content_hash: str, *, deleted: bool) -> str:
    if deleted:
        return A_DELETION
    is_sent = evidence.sent is not None and evidence.sent["hash"] == content_hash
    return SENT_CONTENT if is_sent else OTHER_CONTENT


def _left(evidence: Evidence) -> Iterator[str]:
    if not evidence.received:
        yield NOTHING_HELD
    if evidence.sent is None or evidence.status is None:
        yield NOT_AMONG if evidence.plain else NO_ROW
        return
    if evidence.plain:
        return
    status = evidence.status
    meaning = MEANING.get(status, TO_BE_RETRIED)
    noted = f" ({evidence.noted})" if evidence.noted else ""
    yield KEEPS.format(status=status, meaning=meaning, noted=noted)
