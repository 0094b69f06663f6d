"""One batch over HTTP: what is sent, and what is made of the answer."""

from collections.abc import Iterator
from datetime import UTC, datetime

import jwt
import orjson
import pytest
import urllib3

from mcs.contract.feeds import FEEDS
from mcs.contract.signature import key_pair
from mcs.exporter.service import Service
from mcs.exporter.submit import Submit, submitter
from tests.exporter.scripted import Scripted, ScriptedService

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
PRIVATE, PUBLIC = key_pair()
DATA_SPACE = "3f1c7e1e-0000-4000-8000-000000000001"
PRODUCTS = FEEDS["products"]
ITEMS = [{"sku": sku, "storeViewCode": "default", "deleted": False} for sku in "ABC"]


@pytest.fixture
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager() as pool:
        yield pool


@pytest.fixture
def submit(closed_service: ScriptedService, pool: urllib3.PoolManager) -> Submit:
    service = Service(f"{closed_service.url}/", DATA_SPACE, "key", PRIVATE)
    return submitter(service, pool, lambda: NOW)


def test_a_batch_goes_out_as_the_genuine_connector_sends_it(
    closed_service: ScriptedService, submit: Submit
) -> None:
    reply = submit(PRODUCTS, ITEMS)

    [posted] = closed_service.posted
    assert posted.path == f"/feeds/catalog/v2/products/{DATA_SPACE}"
    assert posted.items == ITEMS
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["content-encoding"] == "gzip"
    assert posted.headers["x-api-key"] == posted.headers["magento-api-key"] == "key"
    assert posted.headers["x-request-id"] == reply.request_id
    assert posted.headers["user-agent"].startswith("Magento Services Connector (Magento: ")
    assert set(orjson.loads(posted.headers["service-connector-metadata"])) == {
        "commerceEdition",
        "commerceVersion",
        "saasExporterVersion",
    }


def test_every_batch_is_signed_for_five_minutes(
    closed_service: ScriptedService, submit: Submit
) -> None:
    submit(PRODUCTS, ITEMS)

    token = closed_service.posted[0].headers["x-gw-signature"]
    claims = jwt.decode(token, PUBLIC, algorithms=["RS256"], options={"verify_exp": False})
    assert claims == {"exp": int(NOW.timestamp()) + 300}


def test_compression_can_be_switched_off(
    closed_service: ScriptedService, pool: urllib3.PoolManager
) -> None:
    service = Service(closed_service.url, DATA_SPACE, "key", PRIVATE, compress=False)

    submitter(service, pool, lambda: NOW)(PRODUCTS, ITEMS)

    [posted] = closed_service.posted
    assert "content-encoding" not in posted.headers
    assert orjson.loads(posted.body) == ITEMS


def test_only_the_named_items_of_a_partial_failure_fail(
    closed_service: ScriptedService, submit: Submit
) -> None:
    entry = {"field": "/1/sku", "message": "not this one"}
    closed_service.answers = [Scripted(200, orjson.dumps({"invalidFeedItems": [entry]}))]

    reply = submit(PRODUCTS, ITEMS)

    assert [int(outcome.status) for outcome in reply.outcomes] == [200, 1, 200]
    assert reply.outcomes[1].error == "not this one"


@pytest.mark.parametrize("status", [202, 413, 429, 500, 503])
def test_other_answers_leave_the_batch_to_be_retried(
    closed_service: ScriptedService, submit: Submit, status: int
) -> None:
    closed_service.answers = [Scripted(status, b"<html>")]

    reply = submit(PRODUCTS, ITEMS)

    assert {int(outcome.status) for outcome in reply.outcomes} == {2}
    assert reply.stop is None
    assert len(closed_service.posted) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_being_turned_away_stops_the_sync_with_the_services_words(
    closed_service: ScriptedService, submit: Submit, status: int
) -> None:
    body = orjson.dumps({"message": "JWT is invalid", "detail": "It expired 60 s ago."})
    closed_service.answers = [Scripted(status, body)]

    reply = submit(PRODUCTS, ITEMS)

    assert {int(outcome.status) for outcome in reply.outcomes} == {2}
    assert reply.stop is not None
    assert f"answered {status}" in reply.stop
    assert "JWT is invalid. It expired 60 s ago." in reply.stop


def test_a_dropped_connection_leaves_the_batch_to_be_retried(
    closed_service: ScriptedService, submit: Submit
) -> None:
    closed_service.answers = [Scripted(status=None)]

    reply = submit(PRODUCTS, ITEMS)

    assert {int(outcome.status) for outcome in reply.outcomes} == {2}
    assert (reply.http_status, reply.stop) == (None, None)
    assert reply.outcomes[0].error


def test_a_service_that_is_away_stops_the_sync(pool: urllib3.PoolManager) -> None:
    service = Service("http://127.0.0.1:9", DATA_SPACE, "key", PRIVATE)

    reply = submitter(service, pool, lambda: NOW)(PRODUCTS, ITEMS)

    assert reply.stop is not None
    assert "cannot reach http://127.0.0.1:9/feeds/catalog/v2/products" in reply.stop
    assert "run this again" in reply.stop
