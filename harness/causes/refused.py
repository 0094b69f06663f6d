"""Causes of what the service refused."""

from mcs.harness import clues
from mcs.harness.causes.sources import CASES, CLIENTS, STATUSES, WIRE
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.harness.rule import Rule

REFUSED: tuple[Rule, ...] = (
    Rule(
        "refused_with_all",
        (Kind.REJECTED,),
        "the whole batch was refused (400)",
        clues.was_refused_with_all,
        "The service refused all of {sent_request}{why}{answer}; the exporter does not send it "
        "again by itself.",
        "Correct what is wrong with the request, then send the item again: {resend}.",
        f"{STATUSES} (400 without a usable node)",
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
        CLIENTS,
        "CDE02-09",
    ),
    Rule(
        "refused",
        (Kind.REJECTED,),
        "refused by the service",
        clues.always,
        "The service refused it{why}{place}; the exporter does not send it again by itself.",
        "Correct the item in the catalog; it is sent again when its content changes.",
        f'{STATUSES}, and {CASES}, "invalid-item-stuck"',
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
        f'{WIRE}, "Bodies"',
    ),
)
