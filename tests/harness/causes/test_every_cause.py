"""No cause is without a test, and no discrepancy without a cause."""

from mcs.harness.causes import RULES
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.evidence import Evidence
from mcs.harness.explain import explanation_of
from tests.harness.causes import (
    test_causes_of_content,
    test_causes_of_elsewhere,
    test_causes_of_lost,
    test_causes_of_unsent,
)
from tests.harness.causes.telling import TESTED

BROUGHT_ABOUT_BY = (
    test_causes_of_content,
    test_causes_of_elsewhere,
    test_causes_of_lost,
    test_causes_of_unsent,
)
"""The modules that note what they test when they are imported."""


def test_every_cause_is_brought_about_by_a_test() -> None:
    assert {rule.name for rule in RULES} == TESTED


def test_every_kind_ends_with_a_rule_that_always_fits() -> None:
    nothing = {"errors": "", "status": 200, "modified_at": None, "request_id": None}
    for kind in DiscrepancyKind:
        for status in (-7, -1, 0, 1, 2, 200, 400, 403):
            row = {**nothing, "status": status, "deleted": False, "hash": ""}
            assert explanation_of(Evidence("prices", {}, "k", kind, sent=row)), (kind, status)
