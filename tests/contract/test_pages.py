"""The reference pages are what the code says."""

from pathlib import Path

import pytest

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.reference import contract_page, feed_page
from tests.contract.sample_findings import page
from tests.contract.test_facts import needs_facts

DOCS = Path(__file__).parents[2] / "docs"


def test_the_contract_page_is_up_to_date() -> None:
    assert (DOCS / "contract.md").read_text("utf-8") == contract_page(), "run `make docs`"


@pytest.mark.parametrize("feed_name", ALL_FEEDS)
def test_a_feeds_page_is_up_to_date(feed_name: str) -> None:
    page = (DOCS / "feeds" / f"{feed_name}.md").read_text("utf-8")

    assert page == feed_page(ALL_FEEDS[feed_name]), "run `make docs`"


@needs_facts
def test_the_table_of_what_strict_mode_refuses_is_up_to_date() -> None:
    assert (DOCS / "strict-and-lenient.md").read_text("utf-8") == page()
