"""`mcs diff` with sides that are files: where the other side is found, and what is told besides."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.cli import diff
from tests.harness.logs.lines import payload
from tests.harness.sides import DataSpace, price


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that MCS_VAR names; no shop is in it."""
    monkeypatch.setenv("MCS_VAR", str(tmp_path))
    monkeypatch.delenv("MCS_CONTROL_TOKEN", raising=False)
    monkeypatch.delenv("MCS_COMMERCE", raising=False)
    return tmp_path


def log(var: Path, *skus: str, tail: bytes = b"") -> str:
    path = var / "saas-export.log"
    path.write_bytes(payload("prices", [price(sku) for sku in skus]) + tail)
    return str(path)


def run(*args: str) -> Result:
    return CliRunner().invoke(diff, args)


def test_a_log_is_compared_with_the_service_of_the_only_credentials(
    var: Path, data_space: DataSpace
) -> None:
    (var / "credentials").mkdir()
    known = json.dumps(asdict(data_space.credentials))
    (var / "credentials" / "shop.json").write_text(known)
    data_space.receive(price("A"))

    assert run("--sent", log(var, "A")).exit_code == 0
    assert run("--sent", log(var, "A", "B")).exit_code == 1


def test_a_log_is_compared_with_the_service_that_is_named(var: Path, data_space: DataSpace) -> None:
    data_space.receive(price("A"))
    where = ("--url", data_space.url, "--data-space", data_space.id)

    result = run("--sent", log(var, "A"), *where, "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["findings"] == []


def test_without_a_shop_and_credentials_the_data_space_is_asked_for(var: Path) -> None:
    result = run("--sent", log(var, "A"))

    with pytest.raises(UsageError, match=r"There is no shop's database, and .* holds no"):
        raise result.exception or AssertionError(result.output)


def test_two_files_need_no_service(var: Path) -> None:
    items = var / "prices.ndjson"
    items.write_text(json.dumps(price("A")))

    in_sync = run("--sent", log(var, "A"), "--received", str(items))
    missing = run("--sent", log(var, "A", "B"), "--received", str(items))

    assert (in_sync.exit_code, missing.exit_code) == (0, 1)


def test_findings_are_shown_and_listed(var: Path) -> None:
    items = var / "prices.ndjson"
    items.write_text(json.dumps(price("A")))
    sent = log(var, "A", tail=payload("prices", [price("B")])[:-20])

    shown = run("--sent", sent, "--received", str(items))
    listed = run("--sent", sent, "--received", str(items), "--json")

    assert "its last line breaks off" in shown.output
    [finding] = json.loads(listed.stdout)["findings"]
    assert finding.startswith(f"{sent}, line ")
    assert "byte" in finding


def test_lenient_reads_on_where_otherwise_nothing_can_be_told(var: Path) -> None:
    items = var / "prices.ndjson"
    items.write_text(json.dumps(price("A")) + '\n{"sku"\n')
    sides = ("--sent", log(var, "A"), "--received", str(items))

    assert run(*sides).exit_code == 3
    assert run(*sides, "--lenient").exit_code == 0


def test_two_places_of_what_was_received_are_wrong_usage(var: Path) -> None:
    result = run("--sent", log(var, "A"), "--received", "x.ndjson", "--url", "http://127.0.0.1:9")

    with pytest.raises(UsageError, match="--url and --received both"):
        raise result.exception or AssertionError(result.output)
