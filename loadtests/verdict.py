"""The end of a load test: what was sent, computed again, against what was received; then the
verdict on each threshold."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mcs.contract.conversions import CONVERSIONS
from mcs.contract.dialects import CATALOG_DIALECT
from mcs.contract.feeds import FEEDS
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.sources.opening import open_sent
from mcs.harness.sources.service import Service
from mcs.loadtests.measures import Measures
from mcs.loadtests.plan import Plan, Tenant
from mcs.loadtests.thresholds import Check, Thresholds, checks

PASSED, NOT_IN_SYNC, COULD_NOT_TELL, MISSED = 0, 1, 3, 4
PROFILE = "profile.yaml"


@dataclass(frozen=True, slots=True)
class Compared:
    """A tenant's feeds of one version, and how they compare."""

    tenant: str
    version: int
    result: DiffResult


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a run. ending: how Locust ended, see plan_file.read_measured."""

    plan: Plan
    measures: Measures
    ending: Mapping[str, Any]
    compared: tuple[Compared, ...]
    checks: tuple[Check, ...]

    @property
    def in_sync(self) -> bool:
        """True if every item that was to be sent is there as it was sent, and nothing else is."""
        return all(one.result.in_sync for one in self.compared)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 discrepancies, 4 a threshold was missed, or an answer came that no exporter
        should get."""
        if not self.in_sync:
            return NOT_IN_SYNC
        return PASSED if all(check.met for check in self.checks) else MISSED


def judged(
    plan: Plan,
    measures: Measures,
    ending: Mapping[str, Any],
    wanted: Thresholds,
    folder: Path,
    token: str | None = None,
) -> Verdict:
    """The verdict on a run. folder: where the profile is. Raises CouldNotTell."""
    compared = tuple(_compared(plan, folder, token))
    found: Counter[DiscrepancyKind] = Counter(
        discrepancy.kind for one in compared for discrepancy in one.result.discrepancies
    )
    return Verdict(plan, measures, ending, compared, tuple(checks(wanted, measures, found)))


def _compared(plan: Plan, folder: Path, token: str | None) -> Iterator[Compared]:
    for tenant in plan.tenants:
        for version, feeds in plan.feeds_by_version.items():
            is_called = plan.dialect == CATALOG_DIALECT.name
            kinds = (CONVERSIONS[one].target if is_called else FEEDS[one] for one in feeds)
            options = Options(feeds=tuple(dict.fromkeys(kinds)), digests=True)
            sources = feeds if is_called else []
            with (
                open_sent(_place(tenant, version, folder, sources)) as sent,
                Service(plan.url, tenant.data_space_id, token) as received,
            ):
                yield Compared(tenant.name, version, diff(sent, received, options))


def _place(tenant: Tenant, version: int, folder: Path, called: Sequence[str]) -> str:
    """called: the feeds whose items were sent as those of the ingestion API."""
    query = urlencode(
        {"seed": tenant.seed, "version": version} | ({"called": ",".join(called)} if called else {})
    )
    return f"generated:{folder / PROFILE}?{query}"
