"""A judge is worth what it catches: each mutant exporter fails its clause, and no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mcs.harness.conformance.clauses import CLAUSES
from mcs.harness.conformance.service import LiveService
from mcs.harness.conformance.verdict import Ruling
from tests.mutants.exporter import SmallExporter
from tests.mutants.mutations import MUTATIONS, Mutation
from tests.mutants.page import mutants_page
from tests.mutants.trial import failures, telling, tried
from tests.server.running import RunningService


@pytest.fixture
def live(service: RunningService) -> Iterator[LiveService]:
    """The service as the suite uses it; its clock returns to real time afterwards."""
    with LiveService(service.url) as live:
        try:
            yield live
        finally:
            live.run_real()


def test_the_sound_exporter_passes_every_clause(live: LiveService, tmp_path: Path) -> None:
    outcome = tried(SmallExporter(), live, tmp_path)

    assert [one.clause.id for one in outcome.having(Ruling.PASS)] == list(CLAUSES)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: f"{one.clause} {one.wrong}")
def test_a_mutant_fails_its_clause_and_no_other(
    mutation: Mutation, live: LiveService, tmp_path: Path
) -> None:
    outcome = tried(SmallExporter(mutation.ways), live, tmp_path, telling(mutation.clause))

    assert failures(outcome) == [mutation.clause]


def test_every_clause_has_a_mutant() -> None:
    assert {mutation.clause for mutation in MUTATIONS} == set(CLAUSES)


def test_the_page_of_mutants_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "mutants.md"

    assert page.read_text("utf-8") == mutants_page(), (
        "run `python -m tests.mutants docs/mutants.md`"
    )
