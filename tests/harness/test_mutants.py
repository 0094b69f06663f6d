"""A judge is worth what it catches: each mutant exporter fails its clause, and no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mcs.harness.conformance.suites import ALL_CLAUSES, SUITES, Suite
from mcs.harness.conformance.verdict import Ruling
from tests.mutants.all_mutations import ALL_MUTATIONS, SOUND, spoilt
from tests.mutants.catalog_mutations import CatalogMutation
from tests.mutants.mutations import Mutation
from tests.mutants.page import mutants_page
from tests.mutants.trial import TrialService, failures, suite_of, telling, tried
from tests.server.running import RunningService


@pytest.fixture(scope="module")
def on_trial(service: RunningService) -> Iterator[TrialService]:
    """The service as the suite uses it."""
    with TrialService(service.url) as on_trial:
        yield on_trial


@pytest.fixture
def live(on_trial: TrialService) -> Iterator[TrialService]:
    """The same; its clock returns to real time afterwards."""
    with on_trial.trial() as live:
        yield live


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_the_sound_exporter_passes_every_clause(
    suite: Suite, live: TrialService, tmp_path: Path
) -> None:
    outcome = tried(SOUND[suite.dialect.name](), live, tmp_path, suite=suite)

    assert [one.clause.id for one in outcome.having(Ruling.PASS)] == list(suite.clauses)


@pytest.mark.parametrize("mutation", ALL_MUTATIONS, ids=lambda one: f"{one.clause} {one.wrong}")
def test_a_mutant_fails_its_clause_and_no_other(
    mutation: Mutation | CatalogMutation, live: TrialService, tmp_path: Path
) -> None:
    scenarios, suite = telling(mutation.clause), suite_of(mutation.clause)

    outcome = tried(spoilt(mutation), live, tmp_path, scenarios, suite)

    assert failures(outcome) == [mutation.clause]


def test_every_clause_has_a_mutant() -> None:
    assert {mutation.clause for mutation in ALL_MUTATIONS} == set(ALL_CLAUSES)


def test_the_page_of_mutants_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "mutants.md"

    assert page.read_text("utf-8") == mutants_page(), (
        "run `python -m tests.mutants docs/mutants.md`"
    )
