"""A client that is not ours, run by hand: the shell script of the docs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcs.harness.conformance.clauses import CLAUSES
from mcs.harness.conformance.judging import Jury, Outcome
from mcs.harness.conformance.listening import Until, break_as, heard
from mcs.harness.conformance.scenarios import SCENARIOS, Pace, Scenario
from mcs.harness.conformance.service import LiveService
from mcs.harness.conformance.verdict import Ruling
from tests.server.running import RunningService

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "post-products.sh"
PACE = Pace(retry_after_s=1)
NEEDED = ("sh", "curl", "openssl", "gzip")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason=f"needs {', '.join(NEEDED)}"
)


@pytest.fixture
def live(service: RunningService) -> Iterator[LiveService]:
    """The service as the suite uses it."""
    with LiveService(service.url) as live:
        yield live


def listened(live: LiveService, work: Path, *scenarios: Scenario) -> Outcome:
    space, key_file = live.new_data_space("shell"), work / "key.pem"
    key_file.write_text(space.private_key, "utf-8")
    break_as(live, space, scenarios, PACE)
    told = {
        "MCS_URL": live.url,
        "MCS_DATA_SPACE": space.id,
        "MCS_API_KEY": space.api_key,
        "MCS_PRIVATE_KEY_FILE": str(key_file),
    }
    subprocess.run(["sh", str(SCRIPT)], env={**os.environ, **told}, check=True, timeout=60)
    jury = Jury(CLAUSES.values())
    for seen in heard(live, space, Until(seconds=60, requests=1), PACE, scenarios):
        jury.hear(seen)
    return jury.outcome({})


def test_a_client_of_shell_and_curl_meets_what_can_be_seen_of_it(
    live: LiveService, tmp_path: Path
) -> None:
    outcome = listened(live, tmp_path)

    passed = [one.clause.id for one in outcome.having(Ruling.PASS, must=True)]
    assert (outcome.exit_code, outcome.requests) == (0, 1)
    assert passed == [
        *("AUTH-1", "AUTH-2", "AUTH-3", "WIRE-1", "WIRE-3", "WIRE-4", "WIRE-5", "LIMIT-1"),
        *("ITEM-1", "ITEM-3", "ITEM-7", "SECRET-1", "SECRET-2"),
    ]


def test_faults_of_a_scenario_show_more_of_it(live: LiveService, tmp_path: Path) -> None:
    outcome = listened(live, tmp_path, SCENARIOS["throttled"])

    passed = [one.clause.id for one in outcome.having(Ruling.PASS)]
    assert {"RETRY-2", "RETRY-4"} <= set(passed)
