"""One batch to the ingestion API: its calls, its token, and what is made of their answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import urllib3

from mcs.contract.canonical import identity_key
from mcs.contract.conversions import Surroundings
from mcs.contract.feeds import FEEDS
from mcs.exporter.connector import connector
from mcs.exporter.renames import frozen
from mcs.exporter.service import ImsClient, Service
from mcs.exporter.submit import Reply, Submit
from tests.exporter.scripted import Posted, Scripted, ScriptedService

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TOKEN = Scripted(body=b'{"access_token": "t-1", "token_type": "bearer", "expires_in": 86400}')
OTHER_TOKEN = Scripted(body=b'{"access_token": "t-2", "token_type": "bearer", "expires_in": 86400}')
PRICES = FEEDS["prices"]
AROUND = Surroundings(
    websites={f"w{number}": ("Website", "EUR") for number in range(501)}, groups={"b6": "Retail"}
)


def price(sku: str, deleted: bool = False) -> dict[str, Any]:
    least = {"sku": sku, "websiteCode": "base", "customerGroupCode": "0", "deleted": deleted}
    return least if deleted else {**least, "regular": 5}


LIVE = [price(sku) for sku in "ABC"]
MIXED = [price("A"), price("B", deleted=True), price("C")]


def refusing(*indexes: int) -> Scripted:
    """A 400 that names these items."""
    errors = [{"itemIndex": i, "code": "sku", "message": f"no {i}", "value": ""} for i in indexes]
    body = {"status": "FAILED", "message": "failed", "errors": errors}
    return Scripted(400, orjson.dumps(body))


def answering(status: int) -> Scripted:
    return Scripted(status, b"<html>")


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def submit(closed_service: ScriptedService, clock: Clock) -> Iterator[Submit]:
    client = ImsClient("client", "secret", closed_service.url)
    service = Service(closed_service.url, "tenant", "", "", client=client)
    with urllib3.PoolManager() as pool:
        yield connector(service, pool, clock, lambda *_: AROUND)


def statuses(reply: Reply) -> list[int]:
    return [int(outcome.status) for outcome in reply.outcomes]


def calls(service: ScriptedService) -> list[Posted]:
    """What was posted but for tokens."""
    return [posted for posted in service.posted if not posted.path.startswith("/ims")]


def test_deletes_go_in_a_call_of_their_own(closed_service: ScriptedService, submit: Submit) -> None:
    closed_service.answers = [TOKEN]

    reply = submit(PRICES, MIXED)

    creation, deletion = calls(closed_service)
    assert creation.path == "/tenant/v1/catalog/products/prices"
    assert [item["sku"] for item in creation.items] == ["A", "C"]
    assert deletion.path == "/tenant/v1/catalog/products/prices/delete"
    assert deletion.items == [{"sku": "B", "priceBookId": "base"}]
    assert creation.headers["authorization"] == "Bearer t-1"
    assert statuses(reply) == [200, 200, 200]


def test_a_token_is_asked_for_once_and_again_before_it_expires(
    closed_service: ScriptedService, submit: Submit, clock: Clock
) -> None:
    closed_service.answers = [TOKEN, Scripted(), Scripted(), OTHER_TOKEN]

    submit(PRICES, LIVE)
    submit(PRICES, LIVE)
    clock.now += timedelta(hours=24)
    submit(PRICES, LIVE)

    assert closed_service.posted[0].body == (
        b"client_id=client&client_secret=secret&grant_type=client_credentials"
        b"&scope=openid%2CAdobeID%2Cprofile%2Cemail%2Ccommerce.aco.ingestion"
    )
    used = [posted.headers["authorization"] for posted in calls(closed_service)]
    assert used == ["Bearer t-1", "Bearer t-1", "Bearer t-2"]


def test_a_token_that_is_not_good_any_more_is_replaced_once(
    closed_service: ScriptedService, submit: Submit
) -> None:
    closed_service.answers = [TOKEN, answering(401), OTHER_TOKEN]

    reply = submit(PRICES, LIVE)

    assert statuses(reply) == [200, 200, 200]
    assert calls(closed_service)[-1].headers["authorization"] == "Bearer t-2"


def test_a_refused_client_stops_the_sync_and_loses_nothing(
    closed_service: ScriptedService, submit: Submit
) -> None:
    closed_service.answers = [Scripted(401, b"{}")]

    reply = submit(PRICES, LIVE)

    assert statuses(reply) == [2, 2, 2]
    assert reply.stop is not None
    assert "client_secret" in reply.stop


def test_items_that_a_400_does_not_name_are_sent_again(
    closed_service: ScriptedService, submit: Submit
) -> None:
    closed_service.answers = [TOKEN, refusing(1)]

    reply = submit(PRICES, LIVE)

    assert statuses(reply) == [2, 1, 2]
    assert reply.outcomes[1].error == "no 1"
    assert reply.http_status == 400


@pytest.mark.parametrize(
    ("creation", "deletion", "expected", "http_status"),
    [
        (Scripted(), Scripted(), [200, 200, 200], 200),
        (Scripted(), refusing(0), [200, 1, 200], 400),
        (refusing(1), Scripted(), [2, 200, 1], 400),
        (answering(503), Scripted(), [2, 200, 2], 503),
        (Scripted(), answering(429), [200, 2, 200], 429),
    ],
    ids=["both", "delete refused", "item refused", "creation away", "delete throttled"],
)
def test_statuses_of_both_calls_are_merged_item_by_item(
    closed_service: ScriptedService,
    submit: Submit,
    creation: Scripted,
    deletion: Scripted,
    expected: list[int],
    http_status: int,
) -> None:
    closed_service.answers = [TOKEN, creation, deletion]

    reply = submit(PRICES, MIXED)

    assert statuses(reply) == expected
    assert reply.http_status == http_status


def test_an_unanswered_call_is_retried_later(
    closed_service: ScriptedService, submit: Submit
) -> None:
    closed_service.answers = [TOKEN, Scripted(None)]

    assert statuses(submit(PRICES, LIVE)) == [2, 2, 2]


def test_what_has_no_place_in_the_api_is_done_with(
    closed_service: ScriptedService, submit: Submit
) -> None:
    root = {"categoryId": "1", "storeViewCode": "fr", "level": 0, "deleted": False}

    reply = submit(FEEDS["categories"], [root])

    assert statuses(reply) == [200]
    assert closed_service.posted == []


def test_an_item_that_cannot_be_converted_does_not_stop_the_others(
    closed_service: ScriptedService, submit: Submit
) -> None:
    closed_service.answers = [TOKEN]
    broken = {name: value for name, value in price("B").items() if name != "regular"}

    reply = submit(PRICES, [price("A"), broken, price("C")])

    assert statuses(reply) == [200, 1, 200]
    assert "KeyError" in reply.outcomes[1].error


def test_an_item_whose_payloads_are_not_all_sent_is_sent_again(
    closed_service: ScriptedService, submit: Submit
) -> None:
    closed_service.answers = [TOKEN, Scripted(), answering(403)]
    websites = [f"w{number}" for number in range(501)]
    group = {"customerGroupId": "1", "customerGroupCode": "b6", "websites": websites}

    reply = submit(FEEDS["scopesCustomerGroup"], [{"customerGroup": group, "deleted": False}])

    assert len(calls(closed_service)) == 2
    assert statuses(reply) == [2]


def test_a_delete_that_cannot_be_named_is_told(
    closed_service: ScriptedService, submit: Submit
) -> None:
    nameless = {"categoryId": "1", "storeViewCode": "fr", "deleted": True}

    [outcome] = submit(FEEDS["categories"], [nameless]).outcomes

    assert int(outcome.status) == 1
    assert "--cleanup-feed" in outcome.error


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (answering(503), 503, "503 Service Unavailable"),
        (Scripted(429, b""), 429, "Run this again"),
        (Scripted(body=b"<html>"), 401, "ims_url"),
        (Scripted(body=b'{"access_token": "t"}'), 401, "ims_url"),
        (Scripted(body=b"[]"), 401, "ims_url"),
    ],
    ids=["away", "throttled", "no JSON", "no lifetime", "no object"],
)
def test_a_token_service_that_gives_no_token_is_told_and_all_waits(
    closed_service: ScriptedService, submit: Submit, answer: Scripted, status: int, said: str
) -> None:
    closed_service.answers = [answer]

    reply = submit(PRICES, LIVE)

    assert (statuses(reply), reply.http_status) == ([2, 2, 2], status)
    assert said in (reply.stop or "")


def category(number: str, path: str, deleted: bool = False) -> dict[str, Any]:
    named = {"categoryId": number, "storeViewCode": "fr", "urlPath": path, "name": path}
    return {**named, "level": 2, "deleted": deleted}


def test_what_an_item_is_no_longer_called_is_deleted_unless_another_is_called_so_now(
    closed_service: ScriptedService, clock: Clock
) -> None:
    closed_service.answers = [TOKEN]
    moved, other = category("1", "women/men"), category("2", "men")
    key = identity_key(FEEDS["categories"], moved)
    old, newer = ({"slug": slug, "source": {"locale": "fr"}} for slug in ("old", "men"))
    around = Surroundings(former={key: [old, newer]}, in_use=frozenset({frozen(newer)}))
    client = ImsClient("client", "secret", closed_service.url)
    service = Service(closed_service.url, "tenant", "", "", client=client)

    with urllib3.PoolManager() as pool:
        submit = connector(service, pool, clock, lambda *_: around)
        reply = submit(FEEDS["categories"], [moved, other, category("3", "men", deleted=True)])

    creation, deletion = calls(closed_service)
    assert [item["slug"] for item in creation.items] == ["women/men", "men"]
    assert deletion.items == [old]
    assert statuses(reply) == [200, 200, 200]
