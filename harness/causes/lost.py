"""Causes of what was sent with success, and is not what the service holds."""

from mcs.harness import clues
from mcs.harness.causes.sources import CASES, LIFE, RECORD
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.harness.rule import Rule

LOST: tuple[Rule, ...] = (
    Rule(
        "deleted_after",
        (Kind.MISSING,),
        "a deletion came after it",
        clues.was_deleted_after,
        "The exporter noted it as sent, yet the service holds it deleted{since}: a deletion came "
        "after it.",
        "Find what sent that deletion, then send the item again: {resend}.",
        f'{LIFE}, "Deletion"',
    ),
    Rule(
        "revived",
        (Kind.UNDELETED,),
        "written again after its deletion",
        clues.was_revived,
        "It is deleted at the source and the service recorded the deletion, then another write "
        "over it at {received_at} ({received_request}), and holds it alive.",
        "Find what sent that request, then send the deletion again: {force}.",
        f'{CASES}, "deleted-still-there"',
    ),
    Rule(
        "deletion_lost",
        (Kind.UNDELETED,),
        "the deletion was lost",
        clues.always,
        "It is deleted at the source and the deletion was noted as sent{noted}, yet the service "
        "holds it alive{became}.{fault}",
        "Send the deletion again: {force}.",
        f'{CASES}, "deleted-still-there"',
    ),
    Rule(
        "data_space_switched",
        (Kind.MISSING, Kind.MISROUTED),
        "skipped by its hash: the feed table tells of another data space",
        clues.went_to_another_data_space,
        "The exporter noted it as sent ({sent_request}) and skips it as long as its hash is equal, "
        "yet the service never recorded it, nor anything else of this feed, and knows nothing of "
        "that request: the data space was switched or emptied, and the feed table tells of the "
        "time before.",
        "If this data space is the right one, send the feed anew: {cleanup}.",
        f'{CASES}, "data-space-switched"',
    ),
    Rule(
        "never_arrived",
        (Kind.MISSING, Kind.CHANGED),
        "noted as sent in a request that never arrived",
        clues.never_came,
        "The exporter noted it as sent ({sent_request}), yet the service {lack}, and knows nothing "
        "of that request: it went to another service or data space, or the journal has forgotten "
        "it.",
        "Check the data space id and the URL of the shop, then send it again: {resend}.",
        RECORD,
    ),
    Rule(
        "overwritten_by_older",
        (Kind.STALE,),
        "overwritten by an older write",
        clues.is_older,
        "The service had the sent content, then recorded an older one over it at {received_at} "
        "({received_request}): modified at {received_modified_at}, before what was sent "
        "({sent_modified_at}).",
        "Look for requests that overtake each other (threads, retries), then send the item again: "
        "{resend}.",
        RECORD,
    ),
    Rule(
        "changed_on_the_way",
        (Kind.STALE, Kind.CHANGED),
        "recorded with other content than was sent",
        clues.came_in_its_request,
        "The exporter sent one content, and the service recorded another one of the very same "
        "request ({received_request}, at {received_at}).{fault}",
        "Compare the fields: what stands between the two changed the item, or the exporter hashes "
        "other content than it sends. Then send it again: {resend}.",
        RECORD,
    ),
    Rule(
        "lost_after_200",
        (Kind.MISSING, Kind.CHANGED),
        "answered as accepted, then lost",
        clues.was_answered_at_all,
        "The exporter noted it as sent{noted}, yet the service {lack}{became}.{fault}",
        "Send it again: {resend}.",
        f'{RECORD}, and {CASES}, "interrupted-resync"',
    ),
    Rule(
        "lost",
        (Kind.MISSING, Kind.CHANGED),
        "noted as sent, and not there",
        clues.always,
        "The exporter noted it as sent{noted}, yet the service {lack}{became}.",
        "Send it again: {resend}.",
        RECORD,
    ),
    Rule(
        "overwritten",
        (Kind.STALE,),
        "overwritten by another write",
        clues.always,
        "The service had the sent content, then recorded another one over it at {received_at} "
        "({received_request}).",
        "Find what sent that request, then send the item again: {resend}.",
        RECORD,
    ),
)
