"""`mcs diff` with sides that are files: where the other side is found, and what is told besides."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.cli import diff
from mcs.harness.explain_cli import explain
from tests.harness.logs.lines import payload
from tests.harness.sides import PRICES, DataSpace, deletion, price

OTHER = "3f1c7e1e-0000-4000-8000-000000000002"


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
    keep_credentials(var, data_space)
    data_space.receive(price("A"))

    assert run("--sent", log(var, "A")).exit_code == 0
    assert run("--sent", log(var, "A", "B")).exit_code == 1


def test_without_a_shop_it_is_said_whose_data_space_is_meant_and_what_is_lacking(
    var: Path, data_space: DataSpace
) -> None:
    keep_credentials(var, data_space)
    data_space.receive(price("A"))

    compared = run("--sent", log(var, "A"))
    unsent = run()

    where = f"data space {data_space.id} at {data_space.url}: the one of {var}/credentials"
    assert where in compared.stderr
    assert unsent.exit_code == 3
    assert where in unsent.stderr
    assert "or what was sent with --sent" in unsent.stderr


def test_an_item_is_explained_by_what_the_service_knows_where_nobody_says_what_was_sent(
    var: Path, data_space: DataSpace
) -> None:
    keep_credentials(var, data_space)
    data_space.receive(price("A", 1))
    data_space.receive(price("A", 2))

    alone = CliRunner().invoke(explain, ["A"])
    with_log = CliRunner().invoke(explain, ["A", "--sent", log(var, "A"), "--json"])

    assert alone.exit_code == 0, alone.output
    assert "A: 1 item, compared with nothing" in alone.stdout
    assert "feed table" not in alone.stdout
    assert "nobody says what was sent" in alone.stderr
    assert json.loads(with_log.stdout)["compared"] is True


def keep_credentials(var: Path, data_space: DataSpace, name: str = "shop", **other: str) -> None:
    (var / "credentials").mkdir(exist_ok=True)
    known = json.dumps({**asdict(data_space.credentials), **other})
    (var / "credentials" / f"{name}.json").write_text(known)


def test_the_credentials_of_a_data_space_that_is_named_tell_its_service(
    var: Path, data_space: DataSpace
) -> None:
    keep_credentials(var, data_space)
    keep_credentials(var, data_space, "else", data_space_id=OTHER, url="http://127.0.0.1:9")
    (var / "credentials" / "broken.json").write_text("{")
    data_space.receive(price("A"))

    assert run("--sent", log(var, "A"), "--data-space", data_space.id).exit_code == 0


def test_of_several_credentials_those_of_the_service_that_is_named_are_taken(
    var: Path, data_space: DataSpace
) -> None:
    keep_credentials(var, data_space)
    keep_credentials(var, data_space, "else", data_space_id=OTHER, url="http://127.0.0.1:9")
    data_space.receive(price("A"))

    unsaid = run("--sent", log(var, "A"))

    assert run("--sent", log(var, "A"), "--url", f"{data_space.url}/").exit_code == 0
    with pytest.raises(UsageError, match=rf"2 credentials files: {OTHER} \(else\.json\), "):
        raise unsaid.exception or AssertionError(unsaid.output)


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
    items.write_text(json.dumps(price("A", 2)))
    sent = log(var, "A", tail=payload("prices", [price("B")])[:-20])

    shown = run("--sent", sent, "--received", str(items))
    listed = run("--sent", sent, "--received", str(items), "--json")

    assert (shown.exit_code, listed.exit_code) == (1, 1)
    assert "its last line breaks off" in shown.output
    [finding] = json.loads(listed.stdout)["findings"]
    assert finding.startswith(f"{sent}, line ")
    assert "byte" in finding


def test_what_was_not_read_whole_is_not_in_sync_unless_that_is_allowed(var: Path) -> None:
    items = var / "prices.ndjson"
    items.write_text(json.dumps(price("A")))
    sent = log(var, "A", tail=payload("prices", [price("B")])[:-20])
    sides = ("--sent", sent, "--received", str(items))

    told, listed, lenient = run(*sides), run(*sides, "--json"), run(*sides, "--lenient")

    assert (told.exit_code, listed.exit_code, lenient.exit_code) == (3, 3, 0)
    assert "not all could be read: " in told.output
    assert "its last line breaks off" in json.loads(listed.stdout)["error"]["message"]


@pytest.mark.parametrize("side", ["--sent", "--received"])
def test_an_item_without_a_name_is_never_in_sync(var: Path, side: str) -> None:
    named, beside = var / "prices.ndjson", var / "odd.prices.ndjson"
    named.write_text(json.dumps(price("A")))
    beside.write_text(json.dumps(price("A")) + '\n{"sku": "A", "regular": 1}\n')
    other = "--received" if side == "--sent" else "--sent"

    result = run(side, str(beside), other, str(named))
    itself = run(side, str(beside), other, str(beside))

    assert (result.exit_code, itself.exit_code) == (1, 0)
    assert "line 2, byte" in result.output
    assert "It lacks what names it (customerGroupCode, websiteCode)" in result.output


def test_two_empty_sides_could_not_be_told_unless_that_is_allowed(var: Path) -> None:
    items = var / "prices.ndjson"
    items.touch()
    sides = ("--sent", str(items), "--received", str(items))

    told, allowed = run(*sides), run(*sides, "--allow-empty")

    assert (told.exit_code, allowed.exit_code) == (3, 0)
    assert "neither side has an item of these feeds. Check" in told.output
    assert "Nothing to compare" in allowed.output


def test_deletions_alone_are_something_to_compare(var: Path) -> None:
    items = var / "prices.ndjson"
    items.write_text(json.dumps(deletion(PRICES, price("A"))))

    result = run("--sent", str(items), "--received", str(items))

    assert result.exit_code == 0
    assert "In sync" in result.output


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
