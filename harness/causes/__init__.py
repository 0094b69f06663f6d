"""Why an item is not as it was sent: rules, tried in order; the first that fits is the cause.

A rule looks at the evidence and nothing else. Its sentence says what happened, its next step what
to do about it; `harness.wording` fills both. docs/discrepancies.md is made of this table.
"""

from mcs.harness.causes.content import BY_CONTENT, UNNAMED
from mcs.harness.causes.elsewhere import ELSEWHERE
from mcs.harness.causes.lost import LOST
from mcs.harness.causes.not_sent import NOT_SENT
from mcs.harness.causes.refused import REFUSED
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.harness.evidence import Evidence
from mcs.harness.rule import Rule


def cause_of(evidence: Evidence) -> Rule | None:
    """The first rule that fits; every discrepancy has one, an item in order as a rule has none."""
    return next((rule for rule in _RULES_OF[evidence.kind] if rule.applies(evidence)), None)


RULES: tuple[Rule, ...] = (*BY_CONTENT, *UNNAMED, *NOT_SENT, *REFUSED, *LOST, *ELSEWHERE)
"""Every cause, in the order in which they are tried."""

_RULES_OF = {kind: tuple(rule for rule in RULES if kind in rule.kinds) for kind in (*Kind, None)}
