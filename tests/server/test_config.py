"""The server's configuration, and what happens when its database is not as it should be."""

import sqlite3
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

from mcs.contract.errors import UsageError
from mcs.server.app import create_app, service_of
from mcs.server.config import ServerConfig, Settings
from mcs.server.store.repository import Store
from mcs.server.store.tables import SCHEMA_VERSION
from tests.server.running import config, product, running


def test_environment_sets_every_option() -> None:
    environ = {f"MCS_{option.name.upper()}": "7" for option in fields(ServerConfig)}

    configured = ServerConfig.from_env(environ)

    kinds = {"int": 7, "str": "7", "Path": Path("7")}
    for option in fields(ServerConfig):
        kind = getattr(option.type, "__name__", str(option.type).split(" ")[0].rpartition(".")[2])
        assert getattr(configured, option.name) == kinds[kind]


def test_empty_and_foreign_variables_change_nothing() -> None:
    assert ServerConfig.from_env({"MCS_PORT": "", "PATH": "/bin"}) == ServerConfig()


@pytest.mark.parametrize("value", ["x", "-1", "1.5"])
def test_number_that_is_none_is_explained(value: str) -> None:
    with pytest.raises(UsageError) as refused:
        ServerConfig.from_env({"MCS_PORT": value})

    assert str(refused.value) == (f'MCS_PORT: got "{value}", expected a whole number of 0 or more.')


@pytest.mark.parametrize("program", [ServerConfig, Settings])
def test_every_setting_has_a_help_text(program: type[ServerConfig] | type[Settings]) -> None:
    assert all(option.metadata["help"] for option in fields(program))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:80/"),  # noqa: S104 - nothing listens there
        ("::", "http://[::1]:80/"),
        ("10.0.0.1", "http://10.0.0.1:80/"),
    ],
)
def test_url_is_one_that_exporters_reach(host: str, url: str) -> None:
    assert ServerConfig(host=host, port=80).url == url


def test_database_of_another_schema_version_is_refused(tmp_path: Path) -> None:
    url = config(tmp_path).database_url
    Store(url).close()
    with closing(sqlite3.connect(tmp_path / "server.sqlite")) as database:
        database.execute("UPDATE schema_version SET version = 99")
        database.commit()

    expected = f"its schema version is 99, this program needs {SCHEMA_VERSION}"
    with pytest.raises(UsageError, match=expected):
        Store(url)


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "server.sqlite").write_bytes(b"something else " * 100)

    with pytest.raises(UsageError, match=r"cannot open .*file is not a database"):
        Store(config(tmp_path).database_url)


def test_database_that_stops_working_is_answered_with_503(tmp_path: Path) -> None:
    with running(config(tmp_path)) as service:
        data_space = service.data_space()
        with closing(sqlite3.connect(tmp_path / "server.sqlite")) as database:
            database.execute("DROP TABLE payloads")

        answer = data_space.post("products", [product("A")])

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "store_unavailable"


def test_fault_of_our_own_is_answered_without_its_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(config(tmp_path))
    app.add_url_rule("/boom", view_func=lambda: str(1 // 0))

    answer = app.test_client().get("/boom", headers={"X-Request-Id": "r-1"})
    service_of(app).store.close()

    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "ZeroDivisionError" not in answer.text
    assert "request r-1: GET /boom failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
