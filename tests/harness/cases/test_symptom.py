"""A symptom is met by just what it names."""

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.cases.symptom import Shown, symptom_of

SHOWN = Shown(
    discrepancies={
        ("missing", "products", "0a"): {"sku": "24-MB01", "storeViewCode": "default"},
        ("changed", "prices", "1b"): {"sku": "WSH 12"},
    },
    answers=[("200", "products"), ("429", "prices"), ("cut", "prices")],
    refusals=[("prices", "invalid_value")],
    expected=[("missing", "products", "0a"), ("changed", "prices", "1b")],
)


@pytest.mark.parametrize(
    ("text", "is_met"),
    [
        ("same discrepancies", True),
        ("discrepancy", True),
        ("discrepancy missing", True),
        ("discrepancy products", True),
        ("discrepancy missing products 24-MB01", True),
        ("discrepancy missing products 0a", True),
        ("discrepancy changed prices WSH 12", True),
        ("discrepancy missing prices", False),
        ("discrepancy missing products 24-MB02", False),
        ("answer 429", True),
        ("answer 429 products", False),
        ("answer cut prices", True),
        ("refused", True),
        ("refused prices", True),
        ("refused invalid_value", True),
        ("refused products", False),
        ("discrepancy missing and answer 429", True),
        ("discrepancy missing and answer 500", False),
    ],
)
def test_conditions_name_what_they_are_met_by(text: str, is_met: bool) -> None:
    assert symptom_of(text).holds(SHOWN) is is_met


def test_the_same_discrepancies_are_no_more_and_no_fewer() -> None:
    fewer = Shown(dict(list(SHOWN.discrepancies.items())[:1]), expected=SHOWN.expected)
    unknown = Shown(SHOWN.discrepancies, expected=None)

    assert not symptom_of("same discrepancies").holds(fewer)
    assert not symptom_of("same discrepancies").holds(unknown)


@pytest.mark.parametrize("text", ["", "answer", "answer many", "answer 429 shoes", "refused a b"])
def test_what_is_no_symptom_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no symptom"):
        symptom_of(text)
