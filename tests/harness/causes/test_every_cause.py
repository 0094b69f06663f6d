"""No cause is without a test, and no discrepancy without a cause."""

from mcs.called import MAGENTO
from mcs.harness.causes import RULES
from mcs.harness.causes.plain import PLAIN
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


def test_of_plain_items_no_explanation_claims_notes_or_names_a_shops_command() -> None:
    sent = {"errors": "", "status": 200, "modified_at": None, "request_id": None, "hash": ""}
    came = {"received_at": None, "request_id": "r", "modified_at": None}
    held = {**came, "versions": 2, "hash": "h", "index": 0}
    told = [
        explanation_of(
            Evidence(
                "prices",
                {},
                "k",
                kind,
                sent={**sent, "deleted": kind is DiscrepancyKind.UNDELETED},
                received=received and {**held, **received},
                errors=errors,
                journalled=journalled,
                plain=True,
            )
        )
        for kind in set(DiscrepancyKind) - {DiscrepancyKind.REJECTED}
        for received in (None, {"deleted": True}, {"deleted": False, "data_space_id": "d"})
        for errors in ((), ({"code": "c", "message": "m"},))
        for journalled in (True, False)
    ]

    assert {rule.name for rule in RULES} > set(PLAIN)
    assert [one.text for one in told if one and (MAGENTO in one.text or "noted" in one.text)] == []
