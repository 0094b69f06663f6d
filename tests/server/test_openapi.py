"""The served description of the API, and whether the service keeps to it."""

import re
from pathlib import Path

import jsonschema_rs
import pytest

from mcs.contract.feeds import FEEDS
from mcs.server.app import create_app, service_of
from mcs.server.asked import QUERY
from mcs.server.openapi import document
from mcs.server.openapi_values import VALUES
from tests.server.running import DataSpaceClient, RunningService, config

PRICE = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}


def conforms(name: str, value: object) -> bool:
    """True if a value is what the document says of the schema with this name."""
    schemas = document()["components"]["schemas"]
    root = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    return jsonschema_rs.Draft202012Validator(root).is_valid(value)


def test_the_document_is_served_and_names_every_route(service: RunningService) -> None:
    answer = service.http.request("GET", service.url + "/openapi.json")

    served = answer.json()
    assert served["openapi"].startswith("3.1")
    for feed in FEEDS.values():
        assert f"/{feed.route}/{{data_space_id}}" in served["paths"]


def test_every_view_of_the_server_is_in_the_document(tmp_path: Path) -> None:
    app = create_app(config(tmp_path))
    service_of(app).store.close()
    described = {(path, method) for path, item in document()["paths"].items() for method in item}

    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(("control", "registry")):
            continue
        path = re.sub("<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        path = path.replace("{data_space}", "{data_space_id}").replace("{cloud}", "{cloud_id}")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert (path, method.lower()) in described


@pytest.mark.parametrize("feed_name", FEEDS)
@pytest.mark.parametrize("grade", ["", "?grade=strict"], ids=["lenient", "strict"])
def test_each_feed_has_a_json_schema_of_its_own(
    service: RunningService, feed_name: str, grade: str
) -> None:
    answer = service.http.request("GET", f"{service.url}/schemas/{feed_name}.json{grade}")

    assert answer.status == 200
    assert not jsonschema_rs.Draft202012Validator(answer.json()).is_valid({})


def test_an_unknown_feeds_schema_is_not_found(service: RunningService) -> None:
    answer = service.http.request("GET", service.url + "/schemas/orders.json")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_feed")


@pytest.mark.parametrize("path", ["/docs/", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"])
def test_the_page_to_read_it_is_served_from_an_installed_package(
    service: RunningService, path: str
) -> None:
    answer = service.http.request("GET", service.url + path)

    assert answer.status == 200


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Requests", "/requests"),
        ("Faults", "/faults"),
        ("FaultJournal", "/faults/journal"),
        ("Resyncs", "/resyncs"),
        ("DataSpace", ""),
        ("Runs", "/runs"),
    ],
)
def test_answers_of_the_control_api_are_as_described(
    data_space: DataSpaceClient, name: str, path: str
) -> None:
    data_space.control("POST", "/faults", json={"action": "lose", "count": 1})
    data_space.control("POST", "/resyncs", json={"feeds": ["prices"]})
    data_space.control("POST", "/runs", json={"feed": "prices", "operation": "full sync"})
    data_space.post("prices", [PRICE, {**PRICE, "regular": "many"}])

    answer = data_space.control("GET", path)

    assert conforms(name, answer.json())


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ReceivedItem", "/received?payload=1"),
        ("RejectedItem", "/rejected"),
        ("VisibleItem", "/visible?service=live_search&payload=1"),
    ],
)
def test_each_line_of_a_listing_is_as_described(
    data_space: DataSpaceClient, name: str, path: str
) -> None:
    data_space.post("prices", [PRICE, {**PRICE, "regular": "many"}])

    lines = data_space.lines(path)

    assert lines
    assert all(conforms(name, line) for line in lines)


def test_all_described_values_are_valid_schemas() -> None:
    for name in VALUES:
        conforms(name, None)


def test_every_described_query_parameter_may_be_asked() -> None:
    described = {
        parameter["name"]
        for path, item in document()["paths"].items()
        for operation in item.values()
        for parameter in operation.get("parameters", [])
        if path.startswith("/control") and parameter["in"] == "query"
    }

    assert described == set(QUERY)


def test_a_misspelt_query_parameter_is_refused(data_space: DataSpaceClient) -> None:
    answer = data_space.control("GET", "/received?feeds=products")

    assert answer.status == 400
    assert "feeds" in answer.json()["message"]
