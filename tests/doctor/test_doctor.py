"""`mcs doctor` names what is wrong with a set-up, and what to do."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner

from mcs.contract.signature import key_pair
from mcs.doctor.cli import doctor
from mcs.exporter import service as gateway
from mcs.exporter.commerce.database import write_config
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.pairing import connect_shop
from tests.server.catalog_client import CatalogClient, catalog_client
from tests.server.running import DataSpaceClient, RunningService

LONG_AGO = "Sat, 01 Jan 2000 00:00:00 GMT"


@dataclass(frozen=True, slots=True)
class Examined:
    """What the doctor said, and how it ended."""

    exit_code: int
    checks: dict[str, dict[str, str]]

    def state(self, check: str) -> str:
        return self.checks[check]["state"]

    def told(self, check: str) -> str:
        return f"{self.checks[check]['said']} {self.checks[check]['next']}"


def examined(var: Path, port: int = 0) -> Examined:
    """Runs `mcs doctor --json`; port 0 is one that nobody holds."""
    done = CliRunner().invoke(
        doctor, ["--var", str(var), "--port", str(port), "--json"], env={"MCS_COMMERCE": ""}
    )
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["well"] == (done.exit_code == 0)
    return Examined(done.exit_code, {found["check"]: found for found in document["checks"]})


def connected(var: Path, data_space: DataSpaceClient, **config: str | None) -> None:
    """A shop that is connected to a data space. config: paths, dots for slashes, set otherwise."""
    engine = open_shop(Settings(var=var))
    made = {
        "id": data_space.id,
        "api_key": data_space.api_key,
        "private_key": data_space.private_key,
    }
    connect_shop(engine, data_space.url, made)
    with engine.begin() as connection:
        for path, value in config.items():
            write_config(connection, path, value)
    engine.dispose()


@pytest.fixture
def client(service: RunningService) -> CatalogClient:
    return catalog_client(service)


def test_an_empty_folder_is_well_and_stays_empty(tmp_path: Path) -> None:
    found = examined(tmp_path)

    assert found.exit_code == 0
    assert found.state("service's database") == found.state("commerce database") == "absent"
    assert "mcs serve" in found.told("service's database")
    assert list(tmp_path.iterdir()) == []


def test_a_connected_shop_is_well(tmp_path: Path, data_space: DataSpaceClient) -> None:
    connected(tmp_path, data_space)

    found = examined(tmp_path)

    assert found.exit_code == 0, found
    assert data_space.id in found.told("gateway: keys")
    assert found.state("gateway: clock") == "good"


def test_a_shop_without_keys_is_told_which_are_missing(tmp_path: Path) -> None:
    open_shop(Settings(var=tmp_path)).dispose()

    found = examined(tmp_path)

    assert found.exit_code == 1
    assert gateway.api_key_path("production") in found.told("exporter")


@pytest.mark.parametrize(
    ("path", "value", "check", "said"),
    [
        (gateway.api_key_path("production"), "unknown", "gateway: keys", "Client ID is invalid"),
        (gateway.private_key_path("production"), key_pair()[0], "gateway: keys", "JWT is invalid"),
        (gateway.private_key_path("production"), "no key", "gateway: keys", "credentials file"),
        (gateway.DATA_SPACE_ID, "elsewhere", "gateway: data space", "elsewhere"),
        (gateway.gateway_path("production"), "http://127.0.0.1:1/", "gateway", "does not answer"),
    ],
    ids=["API key", "private key", "no PEM", "data space", "gateway"],
)
def test_what_does_not_match_the_service_is_named(
    tmp_path: Path, data_space: DataSpaceClient, path: str, value: str, check: str, said: str
) -> None:
    connected(tmp_path, data_space, **{path: value})

    found = examined(tmp_path)

    assert (found.exit_code, found.state(check)) == (1, "bad")
    assert said in found.told(check)


def test_a_gateway_that_nobody_set_is_not_asked(
    tmp_path: Path, data_space: DataSpaceClient
) -> None:
    connected(tmp_path, data_space, **{gateway.gateway_path("production"): None})

    found = examined(tmp_path)

    assert found.state("gateway") == "absent"
    assert "gateway: keys" not in found.checks


def test_a_gateway_of_another_time_is_named(tmp_path: Path, data_space: DataSpaceClient) -> None:
    with _answering(_LongAgo) as port:
        connected(tmp_path, replace(data_space, url=f"http://127.0.0.1:{port}"))

        found = examined(tmp_path)

    assert found.state("gateway: clock") == "bad"
    assert "behind" in found.told("gateway: clock")


def test_a_shop_connected_to_the_ingestion_api_is_well(
    tmp_path: Path, client: CatalogClient
) -> None:
    speaking_ingestion(tmp_path, client)

    found = examined(tmp_path)

    assert found.exit_code == 0, found
    assert client.space.id in found.told("exporter")
    checks = ("token service", "token", "ingestion API", "tenant", "ingestion API: clock")
    assert {found.state(check) for check in checks} == {"good"}
    assert client.space.received() == []


@pytest.mark.parametrize(
    ("path", "value", "check", "said"),
    [
        (gateway.IMS_URL, "http://127.0.0.1:1", "token service", "does not answer"),
        (gateway.IMS_URL, "{url}/elsewhere", "token service", "no token service"),
        (gateway.CLIENT_ID, "unknown", "token", "not known here"),
        (gateway.CLIENT_SECRET, "unknown", "token", "credentials file"),
        (gateway.INGESTION_URL, "http://127.0.0.1:1", "ingestion API", "does not answer"),
        (gateway.INGESTION_URL, "{url}/tenant", "ingestion API", gateway.TENANT_ID),
        (gateway.TENANT_ID, "elsewhere", "ingestion API", "elsewhere"),
    ],
)
def test_what_does_not_match_the_ingestion_api_is_named(
    tmp_path: Path, client: CatalogClient, path: str, value: str, check: str, said: str
) -> None:
    speaking_ingestion(tmp_path, client, **{path: value.format(url=client.space.url)})

    found = examined(tmp_path)

    assert (found.exit_code, found.state(check)) == (1, "bad")
    assert said in found.told(check)


def test_a_client_without_the_scope_is_named(tmp_path: Path, client: CatalogClient) -> None:
    made = client.space.control("POST", "/clients", json={"scopes": ["openid"]}).json()
    speaking_ingestion(
        tmp_path,
        client,
        **{
            gateway.CLIENT_ID: made["client_id"],
            gateway.CLIENT_SECRET: made["client_secret"],
        },
    )

    found = examined(tmp_path)

    assert found.state("tenant") == "bad"
    assert "commerce.aco.ingestion" in found.told("tenant")


def test_urls_that_nobody_set_are_not_asked_and_a_client_is_asked_for(
    tmp_path: Path, client: CatalogClient
) -> None:
    speaking_ingestion(tmp_path, client, **{gateway.IMS_URL: None, gateway.INGESTION_URL: None})
    unset = examined(tmp_path)
    speaking_ingestion(tmp_path, client, **{gateway.CLIENT_SECRET: None})
    unnamed = examined(tmp_path)

    assert (unset.state("token service"), unset.state("ingestion API")) == ("absent", "absent")
    assert "token" not in unset.checks
    assert unnamed.state("exporter") == "bad"
    assert gateway.CLIENT_SECRET in unnamed.told("exporter")


def speaking_ingestion(var: Path, client: CatalogClient, **config: str | None) -> None:
    """A shop that is connected to a tenant. config: as for `connected`."""
    engine = open_shop(Settings(var=var))
    values: dict[str, str | None] = {
        gateway.TENANT_ID: client.space.id,
        gateway.CLIENT_ID: client.client_id,
        gateway.CLIENT_SECRET: client.client_secret,
        gateway.IMS_URL: client.space.url,
        gateway.INGESTION_URL: client.space.url,
    }
    with engine.begin() as connection:
        for path, value in (values | config).items():
            write_config(connection, path, value)
    engine.dispose()


def test_a_port_that_another_program_holds_is_named(tmp_path: Path) -> None:
    with _answering(_LongAgo) as port:
        found = examined(tmp_path, port)

    assert (found.exit_code, found.state("port")) == (1, "bad")
    assert "--port" in found.told("port")


def test_our_service_on_its_port_is_recognised(tmp_path: Path, data_space: DataSpaceClient) -> None:
    port = int(data_space.url.rpartition(":")[2])

    assert "our service" in examined(tmp_path, port).told("port")


def test_a_database_of_another_release_is_named(tmp_path: Path) -> None:
    open_shop(Settings(var=tmp_path)).dispose()
    with sqlite3.connect(tmp_path / "commerce.sqlite") as database:
        database.execute("UPDATE commerce_schema_version SET version = 99")
    database.close()

    assert "99" in examined(tmp_path).told("commerce database")


def test_a_folder_may_have_any_name(tmp_path: Path, data_space: DataSpaceClient) -> None:
    connected(tmp_path / "50% off? #1", data_space)

    assert examined(tmp_path / "50% off? #1").exit_code == 0


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "server.sqlite").write_text("not a database, " * 100)

    found = examined(tmp_path)

    assert found.state("service's database") == "bad"
    assert "MCS_DATABASE" in found.told("service's database")


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")

    found = examined(tmp_path / "var")

    assert found.exit_code == 1
    assert "is a file" in found.told("var folder")


def test_credentials_that_no_service_takes_are_named(
    tmp_path: Path, data_space: DataSpaceClient
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    stale = {
        "name": "stale",
        "data_space_id": data_space.id,
        "api_key": "gone",
        "private_key": data_space.private_key,
        "url": data_space.url,
    }
    (folder / "stale.json").write_text(json.dumps(stale))
    (folder / "torn.json").write_text("{")

    found = examined(tmp_path)

    assert "Client ID is invalid" in found.told("credentials stale: keys")
    assert "no credentials file" in found.told("credentials torn")


def test_people_read_signs_and_what_to_do_next(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")

    told = CliRunner().invoke(doctor, ["--var", str(tmp_path), "--port", "0"])

    assert told.exit_code == 1
    assert "✓ python" in told.stdout
    assert "✗ log folder" in told.stdout
    assert "\n    → " in told.stdout


class _LongAgo(BaseHTTPRequestHandler):
    """A gateway whose clock stands."""

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Date", LONG_AGO)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def _answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()
