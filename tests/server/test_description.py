"""Schemathesis reads the served description and tries what it allows, and what it does not:
no server error, and no answer that is not described."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.parameters import ParameterLocation

from mcs.server.openapi import document
from tests.server.catalog_client import catalog_client
from tests.server.running import RunningService
from tests.telling import CASES_TRIED

CASES = int(os.environ.get("MCS_FUZZ_CASES", "10"))
"""Of each operation; `make fuzz` tries more."""
NOT_MEANT = {
    # Much is refused for reasons that no schema can say, such as two settings that do not go
    # together, or a feed that has no item of a name.
    "positive_data_acceptance",
}
# `journal` and `lookup` stand where others have a number, and what is allowed there is allowed
# here, as far as the library that routes is concerned.
BESIDE_A_NUMBER = ("/faults/journal", "/requests/lookup")
METHODS_BESIDE_A_NUMBER = {"allow_header_conformance", "unsupported_method"}

# Without its key nothing else could be tried.
RETIRES_KEYS = "/keys/{number}"

load_all_checks()


schema = schemathesis.openapi.from_dict(document())


@schema.parametrize()
@settings(
    max_examples=CASES,
    deadline=None,
    # What was tried is counted over all cases of an operation.
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
def test_no_request_gets_an_answer_that_is_not_described(
    case: schemathesis.Case[Any],
    service: RunningService,
    fuzzed: dict[str, str],
    tried: list[str],
) -> None:
    tried.append(case.path)
    headers = {**case.headers, **fuzzed} if case.headers else dict(fuzzed)
    data_space_id, other_id = headers.pop("data-space-id"), headers.pop("other-data-space-id")
    if case.path.endswith(RETIRES_KEYS):
        data_space_id = other_id
    if "data_space_id" in (case.path_parameters or {}):
        case.path_parameters["data_space_id"] = data_space_id
    left_out = set(NOT_MEANT)
    # What was wrong by intent may be put right above.
    if _made_wrong(case) <= {ParameterLocation.PATH, ParameterLocation.HEADER}:
        left_out |= {"negative_data_rejection", "missing_required_header"}
    if case.path.endswith(BESIDE_A_NUMBER):
        left_out |= METHODS_BESIDE_A_NUMBER
    checks: Any = [check for check in CHECKS.get_all() if check.__name__ not in left_out]

    try:
        case.call_and_validate(base_url=service.url, headers=headers, checks=checks)
    finally:
        if case.path == "/control/clock":
            # All tests share this service, and their signatures hold for minutes only.
            service.http.request("PUT", service.url + case.path, json={"real": True})


@pytest.fixture(scope="session")
def fuzzed(service: RunningService) -> dict[str, str]:
    """The headers of a data space that all tried requests go to, its id, and that of another."""
    client = catalog_client(service, catalog_requests_per_minute=None)
    headers = {
        name: value for name, value in client.space.headers().items() if name != "Content-Type"
    }
    token = client.ask_for_token().json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    ids = {"data-space-id": client.space.id, "other-data-space-id": service.data_space().id}
    return {**headers, **bearer, **ids}


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The path of each case of one operation; how many there were is told at the end."""
    cases: list[str] = []
    yield cases
    request.node.user_properties.append((CASES_TRIED, len(cases)))


def _made_wrong(case: schemathesis.Case[Any]) -> set[ParameterLocation]:
    if case.meta is None:
        return set()
    return {place for place, made in case.meta.components.items() if made.mode.is_negative}
