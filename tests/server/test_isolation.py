"""Whatever is asked of one data space, nothing of another is shown."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from mcs.contract.signature import sign
from mcs.server import credentials
from mcs.server.app import close, create_app, service_of
from mcs.server.config import Settings
from mcs.server.store.repository import utc_now
from tests.server.running import config, product

OURS = "3f1c0000-0000-4000-8000-00000000000a"
THEIRS = "3f1c0000-0000-4000-8000-00000000000b"
SECRET = "only-theirs"
CHUNKS = 2
"""Of a stream that does not end."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Two data spaces. All that is in theirs bears the secret; ours is empty."""
    folder: Path = tmp_path_factory.mktemp("isolation")
    app = create_app(config(folder))
    store = service_of(app).store
    credentials.issue(store, OURS, "ours", Settings())
    issued = credentials.issue(store, THEIRS, "theirs", Settings())
    assert issued is not None
    with app.test_client() as client:
        control = f"/control/data-spaces/{THEIRS}"
        for action in ("reject", "lose"):
            rule = {"action": action, "count": 1, "note": SECRET}
            assert client.post(f"{control}/faults", json=rule).status_code == 201
        run = {"feed": "products", "operation": SECRET}
        assert client.post(f"{control}/runs", json=run).status_code == 201
        headers = {
            "x-api-key": issued.api_key,
            "x-gw-signature": sign(issued.private_key or "", utc_now()),
            "X-Request-Id": SECRET,
        }
        for number in range(4):
            item = product(f"{SECRET}-{number}", name=SECRET)
            bad = {"sku": SECRET}
            path = f"/feeds/catalog/v2/products/{THEIRS}"
            assert client.post(path, json=[item, bad], headers=headers).status_code == 400
    yield app
    close(app)


def test_no_address_of_one_data_space_shows_another(app: Flask) -> None:
    client = app.test_client()
    asked = [path for rule in _of_a_data_space(app) for path in _paths(app, rule, OURS)]

    showing = [path for path in asked if SECRET in _shown(client, path)]

    assert len(asked) > 40
    assert showing == []


def test_the_same_addresses_of_the_other_do_show_it(app: Flask) -> None:
    client = app.test_client()
    asked = [path for rule in _of_a_data_space(app) for path in _paths(app, rule, THEIRS)]

    showing = [path for path in asked if SECRET in _shown(client, path)]

    assert len(showing) > 20


def _of_a_data_space(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "data_space" in rule.arguments
    ]


def _paths(app: Flask, rule: Rule, data_space: str) -> list[str]:
    """The addresses of a view, for each thing of theirs that it could be asked for."""
    [key] = {
        item.key
        for item in service_of(app).store.received.items(THEIRS)
        if SECRET in str(item.identity) and "-3" in str(item.identity)
    }
    known = {
        "feed": "products",
        "key": key,
        "sku": f"{SECRET}-3",
        "route": "feeds/products/v1/prices",
    }
    paths = []
    for number in (1, 2, 4):
        values = {name: known.get(name, number) for name in rule.arguments - {"data_space"}}
        with app.test_request_context():
            paths.append(
                app.url_map.bind("localhost").build(
                    rule.endpoint, {**values, "data_space": data_space}
                )
            )
    return list(dict.fromkeys(paths))


def _shown(client: FlaskClient, path: str) -> str:
    """What an address answers, without what was asked for."""
    name = f"{SECRET}-3"
    asked = {"payload": "1", "service": "live_search", "name": name} if "/control" in path else {}
    with client.get(path, query_string=asked, buffered=False) as answer:
        is_endless = answer.mimetype == "text/event-stream"
        chunks = islice(answer.iter_encoded(), CHUNKS if is_endless else None)
        text = b"".join(chunks).decode("utf-8", "replace")
    return text.replace(name, "")
