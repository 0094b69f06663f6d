"""Why an item is not as it was sent: rules, tried in order; the first that fits is the cause.

A rule looks at the evidence and nothing else. Its sentence says what happened, its next step what
to do about it; `harness.wording` fills both. docs/discrepancies.md is made of this table.
"""

from mcs.harness import clues
from mcs.harness.clues import Clue
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.harness.evidence import Evidence
from mcs.harness.likeness import Likeness
from mcs.harness.rule import Rule

_WIRE, _LIFE = "contract/wire.md", "contract/lifecycle.md"
_CASES = "contract/support-cases.md"
_STATUSES = f'{_WIRE}, "What the exporter does per HTTP status"'
_CLIENTS = f'{_WIRE}, "Run against genuine clients"'
_CODES = f'{_LIFE}, "Log codes"'
_RECORD = "what this service recorded"


def cause_of(evidence: Evidence) -> Rule | None:
    """The first rule that fits; every discrepancy has one, an item in order as a rule has none."""
    return next((rule for rule in _RULES_OF[evidence.kind] if rule.applies(evidence)), None)


_NOT_THERE = (Kind.MISSING, Kind.UNDELETED)
_OTHER_CONTENT = (Kind.STALE, Kind.CHANGED)
_RETRY = "run {sync}, or wait for the exporter's retry."


def _waiting(
    name: str, title: str, applies: Clue, what: str, next_step: str, log_code: str, source: str
) -> Rule:
    sentence = f"{{waits}} with export status {{status}}{{why}}: {what}{{so}}{{fault}}"
    return Rule(name, _NOT_THERE, title, applies, sentence, next_step, source, log_code)


_BY_CONTENT = (
    Rule(
        "order_only",
        _OTHER_CONTENT,
        "the same values in another order",
        clues.differs_only_in(Likeness.ORDER),
        "The service holds the same values as were sent, in another order: an exporter that does "
        "not sort its lists changes the hash of items that nobody touched.",
        "Compare with --order-free and the pointers of these lists, or have the exporter sort "
        "them.",
        f'{_CASES}, "phantom-changes"',
    ),
    Rule(
        "precision_only",
        _OTHER_CONTENT,
        "the same numbers, rounded",
        clues.differs_only_in(Likeness.PRECISION),
        "The numbers that differ are the same but for rounding.",
        "Compare with --tolerance, such as --tolerance 0.005, or have the exporter round them as "
        "the catalog does.",
        f'{_WIRE}, "Real-life payload habits to bear"',
    ),
)
_UNNAMED = (
    Rule(
        "unnamed",
        (Kind.MISSING, Kind.UNEXPECTED),
        "an item without a name",
        clues.is_unnamed,
        "It lacks what names it ({lacking}), so that a service cannot keep it and nothing can be "
        "compared with it.",
        "Have the exporter send these fields as non-empty texts or numbers.",
        f'{_WIRE}, "Bodies"',
    ),
)
_NOT_SENT = (
    Rule(
        "never_generated",
        (Kind.MISSING,),
        "the exporter never made an item of it",
        clues.was_never_generated,
        "The exporter never generated it: its feed table has nothing of it that was sent{why}.",
        "Look for codes CDE01 in commerce-data-export-errors.log, check that the entity belongs to "
        "this website and store view, then run {sync}.",
        f'{_WIRE}, "Constants" (status -7), and {_CODES}, group 01',
    ),
    Rule(
        "too_many_items",
        (*_NOT_THERE, Kind.REJECTED),
        "one item too many in a request",
        clues.is_beyond_the_limit,
        "{waits} with export status {status}: it was one item too many in {sent_request}{index} "
        "(items_limit_exceeded){so}",
        "Send fewer items at once (--batch-size, or commerce_data_export/feeds/{feed}/batch_size), "
        "then run {sync}.",
        f'{_WIRE}, "Limits", and {_CASES}, "batch-too-big"',
        "CDE02-09",
    ),
    Rule(
        "cut_after_acceptance",
        (*_NOT_THERE, None),
        "accepted, but the answer never reached the exporter",
        clues.was_accepted_unnoticed,
        "{waits} with export status {status}{why}, yet the service answered {sent_request} with "
        "200: the answer was lost, or the connection was cut after it had accepted the batch"
        "{so}{fault}",
        "Sending it once more does no harm: " + _RETRY,
        _CLIENTS,
        "CDE02-11",
    ),
    _waiting(
        "throttled",
        "turned away as one request too many (429)",
        clues.was_answered([429]),
        "the service took no more requests when {sent_request} came",
        "Use fewer threads (--thread-count), then " + _RETRY + " It does not read Retry-After.",
        "CDE02-07",
        f'{_CODES}, and {_CASES}, "threads-429"',
    ),
    _waiting(
        "maintenance",
        "the service was under maintenance (503)",
        clues.was_answered([503]),
        "the service was not available when {sent_request} came",
        "When the service is back, " + _RETRY,
        "CDE02-08",
        _CODES,
    ),
    _waiting(
        "service_failed",
        "the service failed (5xx)",
        clues.was_answered(range(500, 600)),
        "the service failed at {sent_request}",
        "Look into the service's log, then " + _RETRY,
        "CDE02-08",
        _CODES,
    ),
    _waiting(
        "turned_away",
        "turned away for who sent it, where to, or how much (4xx)",
        clues.was_answered(range(401, 500)),
        "{sent_request} was turned away, and each retry will be{answer}",
        "Correct keys, data space id or routes of the shop, or send smaller batches, then run "
        "{sync}.",
        "CDE02-10",
        _STATUSES,
    ),
    _waiting(
        "not_success",
        "answered, but not with exactly 200",
        clues.was_answered(range(201, 400)),
        "{sent_request} was answered with another status than 200, which an exporter takes for no "
        "success",
        "Have the service answer 200, then run {sync}.",
        "CDE02-12",
        _STATUSES,
    ),
    _waiting(
        "unanswered",
        "no answer",
        clues.was_not_answered,
        "{sent_request} was not answered",
        "Check that the service can be reached, then " + _RETRY,
        "CDE02-11",
        f"{_STATUSES} (network error, timeout)",
    ),
    Rule(
        "waiting",
        _NOT_THERE,
        "waits for a retry",
        clues.waits,
        "{waits} with export status {status}{why}{so}{fault}",
        "To send it, " + _RETRY,
        f'{_LIFE}, "Retry"',
    ),
)
_REFUSED = (
    Rule(
        "refused_with_all",
        (Kind.REJECTED,),
        "the whole batch was refused (400)",
        clues.was_refused_with_all,
        "The service refused all of {sent_request}{why}{answer}; the exporter does not send it "
        "again by itself.",
        "Correct what is wrong with the request, then send the item again: {resend}.",
        f"{_STATUSES} (400 without a usable node)",
        "CDE02-09",
    ),
    Rule(
        "refused_with_its_batch",
        (Kind.REJECTED,),
        "not named in a batch of which others were refused",
        clues.is_unnamed_in_its_batch,
        "Its batch ({sent_request}) was answered with 400 for other items' faults and the service "
        "did not record it; the exporter keeps it with no error, and does not send it again by "
        "itself.",
        "Send it again: {resend}.",
        _CLIENTS,
        "CDE02-09",
    ),
    Rule(
        "refused",
        (Kind.REJECTED,),
        "refused by the service",
        clues.always,
        "The service refused it{why}{place}; the exporter does not send it again by itself.",
        "Correct the item in the catalog; it is sent again when its content changes.",
        f'{_STATUSES}, and {_CASES}, "invalid-item-stuck"',
        "CDE02-09",
    ),
    Rule(
        "refusal_unnoticed",
        (Kind.MISSING, Kind.CHANGED, Kind.UNDELETED),
        "refused, yet noted as sent",
        clues.was_refused_unnoticed,
        "The exporter noted it as sent{noted}, yet the service refused it: {reasons}",
        "Have the exporter read invalidFeedItems of the answer. Correct the item in the catalog; "
        "it is sent again when its content changes.",
        f'{_WIRE}, "Bodies"',
    ),
)
_LOST = (
    Rule(
        "deleted_after",
        (Kind.MISSING,),
        "a deletion came after it",
        clues.was_deleted_after,
        "The exporter noted it as sent, yet the service holds it deleted{since}: a deletion came "
        "after it.",
        "Find what sent that deletion, then send the item again: {resend}.",
        f'{_LIFE}, "Deletion"',
    ),
    Rule(
        "revived",
        (Kind.UNDELETED,),
        "written again after its deletion",
        clues.was_revived,
        "It is deleted at the source and the service recorded the deletion, then another write "
        "over it at {received_at} ({received_request}), and holds it alive.",
        "Find what sent that request, then send the deletion again: {force}.",
        f'{_CASES}, "deleted-still-there"',
    ),
    Rule(
        "deletion_lost",
        (Kind.UNDELETED,),
        "the deletion was lost",
        clues.always,
        "It is deleted at the source and the deletion was noted as sent{noted}, yet the service "
        "holds it alive{became}.{fault}",
        "Send the deletion again: {force}.",
        f'{_CASES}, "deleted-still-there"',
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
        f'{_CASES}, "data-space-switched"',
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
        _RECORD,
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
        _RECORD,
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
        _RECORD,
    ),
    Rule(
        "lost_after_200",
        (Kind.MISSING, Kind.CHANGED),
        "answered as accepted, then lost",
        clues.was_answered_at_all,
        "The exporter noted it as sent{noted}, yet the service {lack}{became}.{fault}",
        "Send it again: {resend}.",
        f'{_RECORD}, and {_CASES}, "interrupted-resync"',
    ),
    Rule(
        "lost",
        (Kind.MISSING, Kind.CHANGED),
        "noted as sent, and not there",
        clues.always,
        "The exporter noted it as sent{noted}, yet the service {lack}{became}.",
        "Send it again: {resend}.",
        _RECORD,
    ),
    Rule(
        "overwritten",
        (Kind.STALE,),
        "overwritten by another write",
        clues.always,
        "The service had the sent content, then recorded another one over it at {received_at} "
        "({received_request}).",
        "Find what sent that request, then send the item again: {resend}.",
        _RECORD,
    ),
)
_ELSEWHERE = (
    Rule(
        "unknown_to_exporter",
        (Kind.UNEXPECTED,),
        "unknown to the exporter",
        clues.always,
        "The service holds it{since}, yet the exporter has no row for it: another exporter sent "
        "it, or the feed table was emptied.",
        "If it should go, reset the data space and run {cleanup}.",
        _RECORD,
    ),
    Rule(
        "wrong_data_space",
        (Kind.MISROUTED,),
        "in another data space",
        clues.is_in_another_data_space,
        "What was sent is alive in data space {data_space}, and not in this one.",
        "Correct services_connector/services_id/environment_id, then send the feed anew: "
        "{cleanup}.",
        f'{_WIRE}, "Request", and {_CASES}, "data-space-switched"',
    ),
    Rule(
        "wrong_scope",
        (Kind.MISROUTED,),
        "under another store view, website or customer group",
        clues.always,
        "The content that was sent is alive under another store view, website or customer "
        "group{scope}, and not under its own.",
        "Look at how the exporter chooses scopes, then send it again: {resend}.",
        f'{_CASES}, "price-scope-matrix"',
    ),
    Rule(
        "twice_in_a_batch",
        (Kind.DUPLICATED,),
        "twice in one request",
        clues.is_twice_in_a_batch,
        "{repeats} of the {versions} writes the service recorded came in a request that had "
        "already carried this identity, the last write in {received_request}.{fault}",
        "Look for the identity twice in one batch, under two source entities.",
        _RECORD,
    ),
    Rule(
        "sent_again_unchanged",
        (Kind.DUPLICATED,),
        "sent again, unchanged",
        clues.always,
        "{resends} of the {versions} writes the service recorded repeated the content before them, "
        "the last write in {received_request}: the exporter sends what did not change, or an "
        "answer never reached it.",
        "Look for lists in random order, a resync with --force or --no-reindex, or connections "
        "that were cut. It is harmless but for the traffic.",
        f'{_CASES}, "phantom-changes" and "interrupted-resync"',
    ),
    Rule(
        "late",
        (Kind.LATE,),
        "received late",
        clues.always,
        "It is in order, but was received {latency} after it was modified ({sent_modified_at}, "
        "received {received_at} in {received_request}).",
        "Look at the exporter's cron and its backlog: changes go out every minute, retries every "
        "five.",
        f'{_CASES}, "cron-or-indexer-mode"',
    ),
    Rule(
        "not_visible_yet",
        (None,),
        "accepted, and not visible",
        clues.is_not_visible,
        "The service accepted it, yet not every consuming service shows it: {invisible}.",
        "Wait: 200 means accepted, not visible. If it stays away, check that the storefront looks "
        "at this data space and scope.",
        f'{_CASES}, "accepted-not-visible"',
    ),
)
RULES: tuple[Rule, ...] = (*_BY_CONTENT, *_UNNAMED, *_NOT_SENT, *_REFUSED, *_LOST, *_ELSEWHERE)
"""Every cause, in the order in which they are tried."""

_RULES_OF = {kind: tuple(rule for rule in RULES if kind in rule.kinds) for kind in (*Kind, None)}
