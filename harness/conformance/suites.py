"""What exporters are held to, by the API family that they speak."""

from collections.abc import Mapping
from dataclasses import dataclass

from mcs.contract.dialects import CATALOG_DIALECT, FEEDS_DIALECT, Dialect
from mcs.harness.conformance.catalog import CATALOG_CLAUSES, CATALOG_THEMES
from mcs.harness.conformance.catalog.scenarios import CATALOG_SCENARIOS
from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.clauses import CLAUSES, THEMES
from mcs.harness.conformance.scenarios import SCENARIOS, Scenario


@dataclass(frozen=True, slots=True)
class Suite:
    """The clauses for one dialect by id, and the scenarios that show them by name.

    themes: titles by the letters of ids. label: what a badge says.
    """

    dialect: Dialect
    label: str
    themes: Mapping[str, str]
    clauses: Mapping[str, Clause]
    scenarios: Mapping[str, Scenario]


FEEDS_SUITE = Suite(FEEDS_DIALECT, "feed conformance", THEMES, CLAUSES, SCENARIOS)
CATALOG_SUITE = Suite(
    CATALOG_DIALECT,
    "catalog ingestion conformance",
    CATALOG_THEMES,
    CATALOG_CLAUSES,
    CATALOG_SCENARIOS,
)
SUITES: Mapping[str, Suite] = {suite.dialect.name: suite for suite in (FEEDS_SUITE, CATALOG_SUITE)}
"""Every suite by the name of its dialect."""

ALL_CLAUSES: Mapping[str, Clause] = {
    name: clause for suite in SUITES.values() for name, clause in suite.clauses.items()
}
ALL_THEMES: Mapping[str, str] = {
    name: title for suite in SUITES.values() for name, title in suite.themes.items()
}
