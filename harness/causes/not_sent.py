"""Causes of what the exporter knows it did not get through."""

from mcs.harness import clues
from mcs.harness.causes.sources import CASES, CLIENTS, CODES, LIFE, STATUSES, WIRE
from mcs.harness.clues import Clue
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.harness.rule import Rule

_NOT_THERE = (Kind.MISSING, Kind.UNDELETED)
_RETRY = "run {sync}, or wait for the exporter's retry."


def _waiting(
    name: str, title: str, applies: Clue, what: str, next_step: str, log_code: str, source: str
) -> Rule:
    sentence = f"{{waits}}{{noted_status}}{{why}}: {what}{{so}}{{fault}}"
    return Rule(name, _NOT_THERE, title, applies, sentence, next_step, source, log_code)


NOT_SENT: tuple[Rule, ...] = (
    Rule(
        "never_generated",
        (Kind.MISSING,),
        "the exporter never made an item of it",
        clues.was_never_generated,
        "The exporter never generated it: its feed table has nothing of it that was sent{why}.",
        "Look for codes CDE01 in commerce-data-export-errors.log, check that the entity belongs to "
        "this website and store view, then run {sync}.",
        f'{WIRE}, "Constants" (status -7), and {CODES}, group 01',
    ),
    Rule(
        "too_many_items",
        (*_NOT_THERE, Kind.REJECTED),
        "one item too many in a request",
        clues.is_beyond_the_limit,
        "{waits}{noted_status}: it was one item too many in {sent_request}{index} "
        "(items_limit_exceeded){so}",
        "Send fewer items at once (--batch-size, or commerce_data_export/feeds/{feed}/batch_size), "
        "then run {sync}.",
        f'{WIRE}, "Limits", and {CASES}, "batch-too-big"',
        "CDE02-09",
    ),
    Rule(
        "cut_after_acceptance",
        (*_NOT_THERE, None),
        "accepted, but the answer never reached the exporter",
        clues.was_accepted_unnoticed,
        "{waits}{noted_status}{why}, yet the service answered {sent_request} with "
        "200: the answer was lost, or the connection was cut after it had accepted the batch"
        "{so}{fault}",
        "Sending it once more does no harm: " + _RETRY,
        CLIENTS,
        "CDE02-11",
    ),
    _waiting(
        "throttled",
        "turned away as one request too many (429)",
        clues.was_answered([429]),
        "the service took no more requests when {sent_request} came",
        "Use fewer threads (--thread-count), then " + _RETRY + " It does not read Retry-After.",
        "CDE02-07",
        f'{CODES}, and {CASES}, "threads-429"',
    ),
    _waiting(
        "maintenance",
        "the service was under maintenance (503)",
        clues.was_answered([503]),
        "the service was not available when {sent_request} came",
        "When the service is back, " + _RETRY,
        "CDE02-08",
        CODES,
    ),
    _waiting(
        "service_failed",
        "the service failed (5xx)",
        clues.was_answered(range(500, 600)),
        "the service failed at {sent_request}",
        "Look into the service's log, then " + _RETRY,
        "CDE02-08",
        CODES,
    ),
    _waiting(
        "turned_away",
        "turned away for who sent it, where to, or how much (4xx)",
        clues.was_answered(range(401, 500)),
        "{sent_request} was turned away, and each retry will be{answer}",
        "Correct keys, data space id or routes of the shop, or send smaller batches, then run "
        "{sync}.",
        "CDE02-10",
        STATUSES,
    ),
    _waiting(
        "not_success",
        "answered, but not with exactly 200",
        clues.was_answered(range(201, 400)),
        "{sent_request} was answered with another status than 200, which an exporter takes for no "
        "success",
        "Have the service answer 200, then run {sync}.",
        "CDE02-12",
        STATUSES,
    ),
    _waiting(
        "unanswered",
        "no answer",
        clues.was_not_answered,
        "{sent_request} was not answered",
        "Check that the service can be reached, then " + _RETRY,
        "CDE02-11",
        f"{STATUSES} (network error, timeout)",
    ),
    Rule(
        "waiting",
        _NOT_THERE,
        "waits for a retry",
        clues.waits,
        "{waits}{noted_status}{why}{so}{fault}",
        "To send it, " + _RETRY,
        f'{LIFE}, "Retry"',
    ),
)
