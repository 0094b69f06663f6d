"""The page of discrepancies is what the rules say."""

from pathlib import Path

from mcs.harness.causes_page import MEANINGS, discrepancies_page
from mcs.harness.discrepancy import DiscrepancyKind

PAGE = Path(__file__).parents[2] / "docs" / "discrepancies.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == discrepancies_page(), "run `make docs`"


def test_every_kind_is_on_the_page_and_has_a_cause() -> None:
    rows = [line for line in discrepancies_page().splitlines() if line.startswith("| ")]

    assert list(MEANINGS) == list(DiscrepancyKind)
    assert all("](#" in row for row in rows[2:])
