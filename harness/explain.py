"""One plain sentence for each discrepancy, and the next step. All texts stand at the top."""

from typing import Any

from mcs.contract.feeds import FEEDS
from mcs.contract.status import ExportStatus
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.reconcile import Disagreement

LOST = (
    "The exporter noted it as sent ({sent_request}), yet the service never recorded it. "
    "Send it again: {resend}."
)
REFUSED_UNNOTICED = (
    "The exporter noted it as sent ({sent_request}), yet the service refused it: {reasons} "
    "Correct the item in the catalog; it is sent again when its content changes."
)
DELETED_THERE = (
    "The exporter noted it as sent, yet the service holds it deleted since {received_at} "
    "({received_request}): a deletion came after it. Send it again: {resend}."
)
WAITING = (
    "It waits for a retry with export status {status}{why}, so the service does not have its "
    "present content. Run {sync}, or wait for the exporter's retry."
)
UNKNOWN_TO_EXPORTER = (
    "The service holds it since {received_at} ({received_request}), yet the exporter has no row "
    "for it: another exporter sent it, or the feed table was emptied. If it should go, reset the "
    "data space and run {sync} with --cleanup-feed."
)
OVERWRITTEN = (
    "The service had the sent content, then recorded another one over it at {received_at} "
    "({received_request}). Find what sent that request, then send the item again: {resend}."
)
OTHER_CONTENT = (
    "The exporter sent one content ({sent_request}, modified {sent_modified_at}), the service "
    "holds another one, recorded at {received_at} ({received_request}), and never had the one "
    "that was sent. Send it again: {resend}."
)
REJECTED = (
    "The service refused it{why}; the exporter does not send it again by itself. Correct the item "
    "in the catalog; it is sent again when its content changes."
)
REJECTED_WITH_BATCH = (
    "Its batch was answered with 400 for other items' faults and the service did not record it; "
    "the exporter does not send it again by itself. Send it again: {resend}."
)
DELETION_LOST = (
    "It is deleted at the source and the deletion was noted as sent ({sent_request}), yet the "
    "service holds it alive. Send the deletion again: {force}."
)
DELETION_WAITING = (
    "It is deleted at the source, but the deletion waits for a retry with export status "
    "{status}{why}, and the service holds it alive. Run {sync}, or wait for the exporter's retry."
)
TWICE = (
    "{repeats} of the {versions} writes the service recorded came in a request that had already "
    "carried this identity, the last write in {received_request}. Look for the identity twice in "
    "one batch, under two source entities."
)
AGAIN = (
    "{resends} of the {versions} writes the service recorded came in a later request and changed "
    "nothing, the last write in {received_request}. Look for what sends content again whose hash "
    "is unchanged; a full resync with --force does so by intent."
)
IN_OTHER_SCOPE = (
    "The service does not hold it, but holds its content under another scope, {there}, since "
    "{received_at} ({received_request}). Correct the scope in the exporter, then send it again: "
    "{resend}."
)
IN_OTHER_DATA_SPACE = (
    "The service does not hold it here, but since {received_at} in data space {data_space_id} "
    "({received_request}), where the exporter was connected to. Check the data space that the shop "
    "is configured with, then send everything again: {cleanup}."
)
TOO_LATE = (
    "It is in order, but arrived {late_s:.0f} s after its modification ({sent_modified_at}), which "
    "is longer than is allowed. Look for retries and for the length of the sync window."
)
NOT_COMPARED = (
    "{explanation} Its fields cannot be compared: payload not kept; run the exporter with "
    "PERSIST_EXPORTED_FEED=1."
)


def explanation(found: Disagreement, kind: DiscrepancyKind) -> str:
    """What is the matter with this identity, and what to do next."""
    return _text(found, kind).format(**_facts(found))


def without_comparison(text: str) -> str:
    """The explanation of an item whose fields could not be compared."""
    return NOT_COMPARED.format(explanation=text)


def _text(found: Disagreement, kind: DiscrepancyKind) -> str:
    submitted = found.sent is not None and found.sent["status"] == ExportStatus.SUBMITTED
    if kind is DiscrepancyKind.MISSING:
        return _missing(found) if submitted else WAITING
    if kind is DiscrepancyKind.UNDELETED:
        return DELETION_LOST if submitted else DELETION_WAITING
    if kind is DiscrepancyKind.REJECTED:
        return REJECTED if _why(found) else REJECTED_WITH_BATCH
    if kind is DiscrepancyKind.DUPLICATED:
        return TWICE if (found.received or {}).get("repeats") else AGAIN
    if kind is DiscrepancyKind.MISROUTED:
        is_here = "identity" in (found.received or {})
        return IN_OTHER_SCOPE if is_here else IN_OTHER_DATA_SPACE
    return {
        DiscrepancyKind.UNEXPECTED: UNKNOWN_TO_EXPORTER,
        DiscrepancyKind.STALE: OVERWRITTEN,
        DiscrepancyKind.CHANGED: OTHER_CONTENT,
        DiscrepancyKind.LATE: TOO_LATE,
    }[kind]


def _missing(found: Disagreement) -> str:
    if found.received is not None:
        return DELETED_THERE
    return REFUSED_UNNOTICED if found.reasons else LOST


def _facts(found: Disagreement) -> dict[str, Any]:
    sent, received = found.sent or {}, found.received or {}
    there = received.get("identity", {})
    feed = FEEDS.get(found.feed)
    sync = f"`bin/magento saas:resync --feed {feed.cli_names[-1] if feed else found.feed}"
    return {
        "sync": f"{sync}`",
        "resend": f"{sync} --no-reindex`",
        "force": f"{sync} --force`",
        "cleanup": f"{sync} --cleanup-feed`",
        "sent_request": _request(sent),
        "received_request": _request(received),
        "sent_modified_at": sent.get("modified_at"),
        "received_at": received.get("received_at"),
        "status": sent.get("status"),
        "why": f" ({why})" if (why := _why(found)) else "",
        "reasons": _reasons(found),
        "versions": received.get("versions"),
        "repeats": received.get("repeats"),
        "resends": received.get("resends"),
        "there": ", ".join(f"{path}={value}" for path, value in there.items()),
        "data_space_id": received.get("data_space_id"),
        "late_s": found.late_s or 0.0,
    }


def _request(side: dict[str, Any]) -> str:
    request_id = side.get("request_id")
    return f"request {request_id}" if request_id else "request unknown"


def _why(found: Disagreement) -> str:
    """The service's reasons for a refused item, else what the exporter noted."""
    if found.kind is DiscrepancyKind.REJECTED and found.reasons:
        return _reasons(found)
    noted = found.sent["errors"] if found.sent else None
    return str(noted) if noted else ""


def _reasons(found: Disagreement) -> str:
    return " ".join(str(reason["message"]) for reason in found.reasons)
