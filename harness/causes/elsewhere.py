"""Causes of what is somewhere else, there twice, late, or not shown."""

from mcs.harness import clues
from mcs.harness.causes.sources import CASES, RECORD, WIRE
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.harness.rule import Rule

ELSEWHERE: tuple[Rule, ...] = (
    Rule(
        "unknown_to_exporter",
        (Kind.UNEXPECTED,),
        "unknown to the exporter",
        clues.always,
        "The service holds it{since}, yet the exporter has no row for it: another exporter sent "
        "it, or the feed table was emptied.",
        "If it should go, reset the data space and run {cleanup}.",
        RECORD,
    ),
    Rule(
        "wrong_data_space",
        (Kind.MISROUTED,),
        "in another data space",
        clues.is_in_another_data_space,
        "What was sent is alive in data space {data_space}, and not in this one.",
        "Correct services_connector/services_id/environment_id, then send the feed anew: "
        "{cleanup}.",
        f'{WIRE}, "Request", and {CASES}, "data-space-switched"',
    ),
    Rule(
        "wrong_scope",
        (Kind.MISROUTED,),
        "under another store view, website or customer group",
        clues.always,
        "The content that was sent is alive under another store view, website or customer "
        "group{scope}, and not under its own.",
        "Look at how the exporter chooses scopes, then send it again: {resend}.",
        f'{CASES}, "price-scope-matrix"',
    ),
    Rule(
        "twice_in_a_batch",
        (Kind.DUPLICATED,),
        "twice in one request",
        clues.is_twice_in_a_batch,
        "{repeats} of the {versions} writes the service recorded came in a request that had "
        "already carried this identity, the last write in {received_request}.{fault}",
        "Look for the identity twice in one batch, under two source entities.",
        RECORD,
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
        f'{CASES}, "phantom-changes" and "interrupted-resync"',
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
        f'{CASES}, "cron-or-indexer-mode"',
    ),
    Rule(
        "not_visible_yet",
        (None,),
        "accepted, and not visible",
        clues.is_not_visible,
        "The service accepted it, yet not every consuming service shows it: {invisible}.",
        "Wait: 200 means accepted, not visible. If it stays away, check that the storefront looks "
        "at this data space and scope.",
        f'{CASES}, "accepted-not-visible"',
    ),
)
