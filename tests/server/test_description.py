"""Schemathesis reads the served description and tries what it allows, and what it does not:
no server error, and no answer that is not described."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mcs.server.openapi import document
from tests.server.catalog_client import catalog_client
from tests.server.running import RunningService

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


schema = schemathesis.openapi.from_dict(document())


@schema.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_no_request_gets_an_answer_that_is_not_described(
    case: schemathesis.Case[Any], service: RunningService, fuzzed: dict[str, str]
) -> None:
    headers = {**case.headers, **fuzzed} if case.headers else dict(fuzzed)
    data_space_id = headers.pop("data-space-id")
    if "data_space_id" in (case.path_parameters or {}):
        case.path_parameters["data_space_id"] = data_space_id

    try:
        case.call_and_validate(base_url=service.url, headers=headers, checks=CHECKS)
    finally:
        if case.path == "/control/clock":
            # All tests share this service, and their signatures hold for minutes only.
            service.http.request("PUT", service.url + case.path, json={"real": True})


@pytest.fixture(scope="session")
def fuzzed(service: RunningService) -> dict[str, str]:
    """The headers of a data space that all tried requests go to, and its id."""
    client = catalog_client(service, catalog_requests_per_minute=None)
    headers = {
        name: value for name, value in client.space.headers().items() if name != "Content-Type"
    }
    token = client.ask_for_token().json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    return {**headers, **bearer, "data-space-id": client.space.id}
