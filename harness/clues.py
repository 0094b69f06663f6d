"""What a piece of evidence tells: the questions that the rules of `harness.causes` ask."""

from collections.abc import Callable, Iterable

from mcs.contract.answer import reason_phrase
from mcs.contract.status import ExportStatus
from mcs.harness.evidence import Evidence, moment
from mcs.harness.likeness import Likeness
from mcs.harness.sides import UNNAMED

Clue = Callable[[Evidence], bool]


def always(_: Evidence) -> bool:
    """True: what is left when nothing more special fits."""
    return True


def differs_only_in(likeness: Likeness) -> Clue:
    """True if the contents differ in nothing else."""
    return lambda evidence: evidence.likeness is likeness


def is_unnamed(evidence: Evidence) -> bool:
    """True if it was sent with success, or is held, without what names it."""
    is_due = evidence.sent is not None and not evidence.is_submitted
    return evidence.key.startswith(UNNAMED) and not is_due


def was_never_generated(evidence: Evidence) -> bool:
    """True if the exporter has no row, or one that was never submitted."""
    return evidence.sent is None or evidence.status == ExportStatus.AWAITING


# The exporter knows that it did not get through


def waits(evidence: Evidence) -> bool:
    """True if the exporter will send it again by itself."""
    return not evidence.is_submitted


def is_beyond_the_limit(evidence: Evidence) -> bool:
    """True if its request held too many items."""
    return not evidence.is_submitted and evidence.has_code("items_limit_exceeded")


def was_accepted_unnoticed(evidence: Evidence) -> bool:
    """True if the service answered its request with 200 and the exporter noted no answer."""
    request = evidence.sent_request
    return waits(evidence) and request is not None and request.status == ExportStatus.SUBMITTED


def was_answered(statuses: Iterable[int]) -> Clue:
    """True if it waits, and its request was answered with one of these."""
    wanted = frozenset(statuses)
    return lambda evidence: waits(evidence) and evidence.http_status in wanted


def was_not_answered(evidence: Evidence) -> bool:
    """True if the exporter noted an error that is no answer's."""
    unsent = (ExportStatus.RETRYABLE, ExportStatus.APPLICATION_ERROR)
    return evidence.status in unsent and evidence.http_status is None and bool(evidence.noted)


def was_refused_with_all(evidence: Evidence) -> bool:
    """True if no item of its request was judged at all."""
    request = evidence.sent_request
    whole = request is not None and request.code is not None
    noted = evidence.noted == reason_phrase(ExportStatus.BAD_REQUEST)
    return evidence.status == ExportStatus.BAD_REQUEST and not evidence.errors and (whole or noted)


def is_unnamed_in_its_batch(evidence: Evidence) -> bool:
    """True if its request was refused for others' faults: status 400 without any error."""
    return (
        evidence.status == ExportStatus.BAD_REQUEST and not evidence.noted and not evidence.errors
    )


# The exporter noted it as sent with success


def was_refused_unnoticed(evidence: Evidence) -> bool:
    """True if the service refused what the exporter noted as accepted."""
    return evidence.is_submitted and bool(evidence.errors)


def was_deleted_after(evidence: Evidence) -> bool:
    """True if the service holds a deletion."""
    return evidence.received is not None and bool(evidence.received["deleted"])


def was_revived(evidence: Evidence) -> bool:
    """True if the service recorded a deletion, then another write over it."""
    deletions = [write.deleted for write in evidence.history.writes]
    return True in deletions and not deletions[-1]


def went_to_another_data_space(evidence: Evidence) -> bool:
    """True if neither its request nor anything else of the feed ever came."""
    return evidence.never_came and evidence.feed_is_empty


def never_came(evidence: Evidence) -> bool:
    """True if the service is sure that it never had its request."""
    return evidence.never_came


def came_in_its_request(evidence: Evidence) -> bool:
    """True if what the service holds came in the very request that it was sent in."""
    held_by = evidence.received["request_id"] if evidence.received else None
    return held_by is not None and held_by == evidence.sent_request_id


def was_answered_at_all(evidence: Evidence) -> bool:
    """True if the service had its request."""
    return evidence.sent_request is not None


def is_older(evidence: Evidence) -> bool:
    """True if what the service holds was modified before what was sent."""
    sent = moment(evidence.sent["modified_at"]) if evidence.sent else None
    held = moment(evidence.received["modified_at"]) if evidence.received else None
    return sent is not None and held is not None and held < sent


# Too often, elsewhere, or not shown


def is_twice_in_a_batch(evidence: Evidence) -> bool:
    """True if one request carried it more than once."""
    return bool(evidence.received and evidence.received.get("repeats"))


def is_in_another_data_space(evidence: Evidence) -> bool:
    """True if it is known which data space has it."""
    return bool(evidence.received and evidence.received.get("data_space_id"))


def is_not_visible(evidence: Evidence) -> bool:
    """True if a consuming service does not show it."""
    alive = evidence.received is not None and not evidence.received["deleted"]
    return alive and any(not one.visible for one in evidence.visibility)
