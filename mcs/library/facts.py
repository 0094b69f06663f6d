"""What can be seen in a case: a closed vocabulary. docs/case-library.md is made of this table."""

from collections.abc import Mapping

from mcs.library.case import Fact
from mcs.library.sides import SIDES
from mcs.library.sight import Finding, Sight
from mcs.library.stage import Stage
from mcs.library.traces import TRACES

FACTS: Mapping[str, Sight] = {sight.name: sight for sight in (*SIDES, *TRACES)}
"""Everything that can be seen, by name."""
NAMING = [sight.name for sight in SIDES]
"""What tells why; each case has one of them."""
BOTH_IN_SYNC = (Fact("diff", [], ""), Fact("catalog", [], ""))
"""What must be seen after each fix: what was exported and what the catalog has is there."""


def look(stage: Stage, fact: Fact) -> Finding:
    """Looks for a fact."""
    return FACTS[fact.name].look(stage, fact.expected)
