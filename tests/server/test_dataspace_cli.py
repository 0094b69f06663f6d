"""`mcs dataspace`: data spaces and their credentials, made straight in the database."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.contract.signature import key_pair, sign
from mcs.server.cli import dataspace
from tests.server.running import DataSpaceClient, RunningService, config, product, running


def _run(var: Path, *args: str) -> Result:
    result = CliRunner().invoke(dataspace, [*args, "--var", str(var)])
    assert result.exception is None or isinstance(result.exception, UsageError), result.output
    return result


def _credentials(var: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((var / "credentials" / f"{name}.json").read_text("utf-8"))
    return found


def _client(service: RunningService, credentials: dict[str, Any]) -> DataSpaceClient:
    return DataSpaceClient(
        service.url,
        service.http,
        credentials["data_space_id"],
        credentials["api_key"],
        credentials["private_key"],
    )


def test_made_data_space_is_good_at_a_running_server(tmp_path: Path) -> None:
    with running(config(tmp_path)) as service:
        _run(tmp_path, "create", "shop")
        credentials = _credentials(tmp_path, "shop")

        answer = _client(service, credentials).post("products", [product("A")])

    assert answer.status == 200
    assert set(credentials) == {
        "name",
        "data_space_id",
        "api_key",
        "private_key",
        "url",
        "client_id",
        "client_secret",
    }


def test_credentials_are_for_their_owner_alone(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop")

    files = sorted((tmp_path / "credentials").iterdir())

    assert [file.name for file in files] == ["shop.json", "shop.pem"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    assert files[1].read_text("utf-8") == _credentials(tmp_path, "shop")["private_key"]


def test_output_ends_with_how_to_configure_the_exporter(tmp_path: Path) -> None:
    result = _run(tmp_path, "create", "shop")

    made = _credentials(tmp_path, "shop")
    connector = "bin/magento config:set services_connector"
    integration = f"{connector}/services_connector_integration"
    assert result.output.splitlines()[-4:] == [
        f"{connector}/services_id/environment_id {made['data_space_id']}",
        f"{integration}/production_api_key {made['api_key']}",
        f"{integration}/production_private_key --from-file {tmp_path}/credentials/shop.pem",
        f"{connector}/production_gateway_url http://127.0.0.1:8080/",
    ]


@pytest.mark.parametrize("command", ["create", "rotate"])
def test_the_url_has_the_port_that_the_service_listens_on(tmp_path: Path, command: str) -> None:
    if command == "rotate":
        _run(tmp_path, "create", "shop")

    result = _run(tmp_path, command, "shop", "--port", "8180", "--json")

    written = Path(json.loads(result.output)["credentials_file"])
    assert json.loads(written.read_text("utf-8"))["url"] == "http://127.0.0.1:8180/"


def test_json_output_holds_no_private_key(tmp_path: Path) -> None:
    result = _run(tmp_path, "create", "shop", "--json")

    shown = json.loads(result.output)
    assert shown["data_space_id"] == _credentials(tmp_path, "shop")["data_space_id"]
    assert Path(shown["credentials_file"]).exists()
    assert "PRIVATE" not in result.output


def test_settings_are_given_by_mode_and_pairs(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop", "--mode", "strict", "--set", "partial_failure=200")
    _run(tmp_path, "create", "other", "--set", 'items_limit={"prices": 9}', "--set", "mode=record")

    listed = json.loads(_run(tmp_path, "list", "--json").output)

    settings = {space["name"]: space["settings"] for space in listed}
    assert (settings["shop"]["mode"], settings["shop"]["partial_failure"]) == ("strict", 200)
    assert (settings["other"]["mode"], settings["other"]["items_limit"]) == (
        "record",
        {"prices": 9},
    )


def test_list_shows_a_line_each(tmp_path: Path) -> None:
    wanted = "3f1c0000-0000-4000-8000-000000000000"
    _run(tmp_path, "create", "shop", "--id", wanted.upper())

    result = _run(tmp_path, "list")

    assert result.output == f"{wanted}  lenient  shop\n"


def test_rotated_keys_are_good_beside_the_old_ones(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop")
    _run(tmp_path, "rotate", "shop")
    _run(tmp_path, "rotate", _credentials(tmp_path, "shop")["data_space_id"])

    with running(config(tmp_path)) as service:
        statuses = [
            _client(service, _credentials(tmp_path, name)).post("products", [product("A")]).status
            for name in ("shop", "shop-2", "shop-3")
        ]

    assert statuses == [200, 200, 200]


def test_a_retired_key_is_refused_by_a_running_server_at_once(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop")

    with running(config(tmp_path)) as service:
        old = _client(service, _credentials(tmp_path, "shop"))
        before = old.post("products", [product("A")])
        _run(tmp_path, "rotate", "shop", "--retire-old")
        after = old.post("products", [product("A")])
        new = _client(service, _credentials(tmp_path, "shop-2")).post("products", [product("A")])

    assert (before.status, after.status, new.status) == (200, 403, 200)
    assert after.json()["message"] == "Client ID is invalid"
    assert "was retired at 20" in after.json()["detail"]


def test_keys_are_listed_and_retired_by_number(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop")
    _run(tmp_path, "rotate", "shop")
    shown = _credentials(tmp_path, "shop")["api_key"][:4] + "…"

    retired = _run(tmp_path, "retire", "shop", "1")
    listed = json.loads(_run(tmp_path, "keys", "shop", "--json").output)

    assert retired.output == "retired 1, 1 good keys are left\n"
    assert [key["retired_at"] is None for key in listed] == [False, True]
    assert listed[0]["shown"] == shown
    assert f"1  {shown}" in _run(tmp_path, "keys", "shop").output


def test_a_key_of_ones_own_is_taken_and_its_private_half_never_seen(tmp_path: Path) -> None:
    private_key, public_key = key_pair()
    pem = tmp_path / "public.pem"
    pem.write_text(public_key, "ascii")
    own = "an-api-key-of-mine"

    _run(tmp_path, "create", "shop", "--public-key", str(pem), "--api-key", own)

    known = _credentials(tmp_path, "shop")
    assert "private_key" not in known
    assert not (tmp_path / "credentials" / "shop.pem").exists()
    with running(config(tmp_path)) as service:
        client = _client(service, {**known, "private_key": private_key})
        assert client.post("products", [product("A")]).status == 200
    assert known["api_key"] == own


def test_keys_of_two_rotations_cannot_be_mixed(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop")
    _run(tmp_path, "rotate", "shop")
    token = sign(_credentials(tmp_path, "shop-2")["private_key"], datetime.now(UTC))

    with running(config(tmp_path)) as service:
        first = _client(service, _credentials(tmp_path, "shop"))
        answer = first.post("products", [product("A")], headers={"x-gw-signature": token})

    assert answer.status == 401


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["create", "shop"], "exists already"),
        (["create", "../shop"], "files are called so"),
        (["create", "new", "--id", "7"], "expected a UUID"),
        (["create", "new", "--id", "3f1c0000-0000-4000-8000-000000000000"], "already"),
        (["create", "new", "--set", "mode"], "expected KEY=VALUE"),
        (["create", "new", "--set", "moed=strict"], '"moed" is no setting'),
        (["create", "new", "--set", "mode=lax"], "expected one of strict"),
        (["rotate", "nobody"], 'there is no data space "nobody"'),
        (["rotate", "shop", "--api-key", "short"], "expected 16 to 200"),
        (["rotate", "shop", "--public-key", "setup.cfg"], "no PEM text"),
        (["rotate", "shop", "--public-key", "/nowhere"], "cannot read"),
        (["retire", "shop", "7"], "shop has no key 7"),
        (["list", "--database", "mysql://x/y"], "database"),
        (["list", "--database", "sqlite://"], "SQLite needs a file"),
        (["list", "--database", "no url"], "database: cannot use"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_explained_in_one_line(tmp_path: Path, args: list[str], reason: str) -> None:
    _run(tmp_path, "create", "shop", "--id", "3f1c0000-0000-4000-8000-000000000000")

    error = _run(tmp_path, *args).exception

    assert isinstance(error, UsageError)
    assert reason in str(error)
    assert "\n" not in str(error)


def test_name_is_not_given_twice_when_its_file_is_gone(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop")
    for file in (tmp_path / "credentials").iterdir():
        file.unlink()

    error = _run(tmp_path, "create", "shop").exception

    assert "there is a data space called" in str(error)


def test_failed_creation_leaves_no_files(tmp_path: Path) -> None:
    same = ["--id", "3f1c0000-0000-4000-8000-000000000000"]
    _run(tmp_path, "create", "shop", *same)

    _run(tmp_path, "create", "other", *same)

    assert not (tmp_path / "credentials" / "other.json").exists()


def test_changed_setting_is_in_force_in_a_running_server(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop", "--mode", "strict")
    with running(config(tmp_path)) as service:
        client = _client(service, _credentials(tmp_path, "shop"))

        _run(tmp_path, "set", "shop", "partial_failure=200", 'visibility_lag_s={"live_search": 9}')

        shown = client.control("GET", "").json()["settings"]
    assert (shown["mode"], shown["partial_failure"]) == ("strict", 200)
    assert shown["visibility_lag_s"] == {"live_search": 9}


def test_shown_data_space_names_every_setting_with_its_meaning(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop", "--set", "requests_per_minute=300")

    told = _run(tmp_path, "show", "shop").output
    document = json.loads(_run(tmp_path, "show", "shop", "--json").output)

    assert "requests_per_minute = 300\n      Requests that are taken per minute" in told
    assert document["settings"]["requests_per_minute"] == 300
    assert "visibility_lag_s = null" in told


def test_setting_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    _run(tmp_path, "create", "shop")

    refused = [_run(tmp_path, "set", "shop", pair) for pair in ("mode=loud", "mode", "volume=9")]

    assert "expected one of strict" in str(refused[0].exception)
    assert 'NAME=VALUE: got "mode"' in str(refused[1].exception)
    assert '"volume" is no setting' in str(refused[2].exception)
    assert json.loads(_run(tmp_path, "show", "shop", "--json").output)["settings"]["mode"] == (
        "lenient"
    )
