"""`mcs diff` and `mcs send` as commands: what they ask, print, and exit with."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.cli import diff, send
from tests.harness.sides import DataSpace, Exporter, identity_of, price

DATA_SPACE_ID = "services_connector__services_id__environment_id"
GATEWAY_URL = "services_connector__production_gateway_url"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that MCS_VAR names; the exporter's database is in it."""
    monkeypatch.setenv("MCS_VAR", str(tmp_path))
    monkeypatch.delenv("MCS_CONTROL_TOKEN", raising=False)
    return tmp_path


@pytest.fixture
def credentials(var: Path, data_space: DataSpace) -> Path:
    """The one credentials file."""
    path = var / "credentials" / "shop.json"
    path.parent.mkdir()
    path.write_text(json.dumps(asdict(data_space.credentials)))
    return path


def run_diff(*args: str) -> Result:
    return CliRunner().invoke(diff, args)


def run_send(*args: str, stdin: object = None) -> Result:
    return CliRunner().invoke(send, args, input=None if stdin is None else json.dumps(stdin))


def configure(exporter: Exporter, data_space: DataSpace) -> None:
    exporter.configure(**{DATA_SPACE_ID: data_space.id, GATEWAY_URL: f"{data_space.url}/"})


@pytest.mark.usefixtures("var")
def test_a_configured_shop_needs_no_options(exporter: Exporter, data_space: DataSpace) -> None:
    configure(exporter, data_space)
    exporter.note(price("A"))
    data_space.receive(price("A"))

    result = run_diff()

    assert result.exit_code == 0, result.output
    assert "In sync" in result.output


@pytest.mark.usefixtures("var", "credentials")
def test_without_a_configured_shop_the_only_credentials_tell(exporter: Exporter) -> None:
    exporter.note(price("A"))

    result = run_diff("--json")

    assert result.exit_code == 1
    assert [found["kind"] for found in json.loads(result.stdout)["discrepancies"]] == ["missing"]


@pytest.mark.usefixtures("var")
def test_options_come_before_what_the_shop_has(exporter: Exporter, data_space: DataSpace) -> None:
    exporter.configure(**{DATA_SPACE_ID: "elsewhere", GATEWAY_URL: "http://127.0.0.1:9"})
    exporter.note(price("A", 1, discounts=None), keep=True)
    data_space.receive(price("A", 2))
    where = ("--commerce", f"sqlite:///{exporter.path}", "--data-space", data_space.id)

    result = run_diff(*where, "--url", data_space.url, "--feed", "prices", "--ignore", "/discounts")

    assert result.exit_code == 1
    assert "/regular: sent 1, received 2" in result.output
    assert "/discounts" not in result.output
    assert "products" not in result.output


@pytest.mark.usefixtures("var", "exporter")
@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "which data space?.*no credentials files"),
        (("--feed", "orders"), 'unknown feed "orders"'),
        (("--ignore", "modifiedAt"), "no JSON pointer"),
        (("--data-space", "x", "--url", "localhost"), "is no URL"),
    ],
    ids=["no-data-space", "unknown-feed", "no-pointer", "no-url"],
)
def test_wrong_usage_of_diff_is_told(args: tuple[str, ...], told: str) -> None:
    result = run_diff(*args)

    with pytest.raises(UsageError, match=told):
        raise result.exception or AssertionError(result.output)


@pytest.mark.usefixtures("var")
def test_diff_exits_with_3_if_it_could_not_tell(
    exporter: Exporter, data_space: DataSpace, canned: Callable[[bytes], str]
) -> None:
    broken = canned(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}\n")
    here = ("--data-space", data_space.id)

    results = [
        run_diff(*here, "--url", "http://127.0.0.1:9"),
        run_diff(*here, "--url", broken),
        run_diff(*here, "--url", data_space.url, "--commerce", "away.sqlite"),
        run_diff("--url", data_space.url, "--data-space", "unknown"),
    ]

    assert [result.exit_code for result in results] == [3, 3, 3, 3]
    for result, told in zip(
        results,
        ["no answer from", "broke off", "there is no such file", "There is no data space"],
        strict=True,
    ):
        assert told in result.stderr
        assert result.stdout == ""
    assert exporter.path.exists()


@pytest.mark.usefixtures("credentials")
def test_accepted_items_are_counted() -> None:
    result = run_send("-", "--feed", "prices", "--batch-size", "2", stdin=list(map(price, "ABC")))

    assert result.exit_code == 0, result.output
    assert result.output == "accepted 3 of 3 items, refused 0; requests: 2.\n"


@pytest.mark.usefixtures("credentials")
def test_refused_items_are_printed_with_the_reasons() -> None:
    items = [price("A"), {**price("B"), "regular": "12,50"}]

    result = run_send("-", "--feed", "prices", "--plain", stdin=items)

    assert result.exit_code == 1
    told, counts, unconfirmed = result.output.splitlines()
    assert told == (
        "item 1 sku=B, customerGroupCode=0, websiteCode=base: "
        '/regular is not a number, got "12,50".'
    )
    assert counts == "accepted 0 of 2 items, refused 1; requests: 1."
    assert unconfirmed.startswith("1 more share a batch that was answered 400")


def test_send_prints_a_document_if_asked(var: Path, credentials: Path) -> None:
    file = var / "items.json"
    file.write_text(json.dumps({**price("B"), "regular": "12,50"}))

    result = run_send(str(file), "--feed", "prices", "--json", "--credentials", str(credentials))

    document = json.loads(result.stdout)
    assert result.exit_code == 1
    [error] = document.pop("errors")
    assert document == {
        "feed": "prices",
        "items": 1,
        "requests": 1,
        "accepted": 0,
        "refused": 1,
        "unconfirmed": 0,
    }
    assert (error["index"], error["identity"], error["status"]) == (0, identity_of("B"), 1)


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("-", "--feed", "orders"), 'unknown feed "orders"'),
        (("-", "--feed", "prices", "--credentials", "away.json"), "away.json: no credentials"),
        (("-", "--feed", "prices"), "<stdin>: line 1, column 1: got 7"),
    ],
    ids=["feed", "credentials", "items"],
)
def test_wrong_usage_of_send_is_told(args: tuple[str, ...], told: str) -> None:
    result = run_send(*args, stdin=7)

    with pytest.raises(UsageError, match=told):
        raise result.exception or AssertionError(result.output)


@pytest.mark.usefixtures("credentials")
def test_a_file_that_is_away_is_wrong_usage() -> None:
    result = run_send("away.json", "--feed", "prices")

    assert result.exit_code == 2
    assert "away.json" in result.stderr


@pytest.mark.usefixtures("credentials")
def test_send_exits_with_3_if_the_service_is_away() -> None:
    result = run_send("-", "--feed", "prices", "--url", "http://127.0.0.1:9", stdin=[price("A")])

    assert result.exit_code == 3
    assert "no answer from http://127.0.0.1:9/feeds/products/v1/prices/" in result.stderr
