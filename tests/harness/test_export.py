"""An export of what was received stands for the service in a later diff."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.export_cli import export_received
from mcs.harness.sources.opening import open_received, open_sent
from mcs.harness.sources.service import Service
from tests.harness.sides import PRICES, DataSpace, Exporter, deletion, price
from tests.harness.sources.written import received_lines, rejected_lines, without
from tests.server.running import RunningService

FORMATS = ["export.ndjson", "export.ndjson.gz", "export.parquet"]


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shop is at hand."""
    monkeypatch.setenv("MCS_VAR", str(tmp_path / "var"))


@pytest.fixture
def filled(data_space: DataSpace) -> DataSpace:
    """A data space that holds and refused some items."""
    data_space.receive(price("A"), price("B", 2.0), price("B", 3))
    data_space.receive({**price("C"), "regular": "12,50"}, deletion(PRICES, price("D")))
    return data_space


def run_export(space: DataSpace, path: Path, *args: str) -> Result:
    where = ("--url", space.url, "--data-space", space.id)
    return CliRunner().invoke(export_received, ["-o", str(path), *where, *args])


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_lists_what_the_service_lists(
    filled: DataSpace, tmp_path: Path, name: str
) -> None:
    result = run_export(filled, tmp_path / name)

    assert result.output == f"{tmp_path / name}: 3 items and 1 refusals.\n"
    with open_received(str(tmp_path / name)) as kept, Service(filled.url, filled.id) as service:
        for lists in (received_lines, rejected_lines):
            asked = without(lists(service, tmp_path), "resends")
            assert without(lists(kept, tmp_path), "resends") == asked


@pytest.mark.parametrize("name", FORMATS)
def test_a_diff_with_an_export_is_the_diff_with_the_service(
    filled: DataSpace, exporter: Exporter, tmp_path: Path, name: str
) -> None:
    for item in (price("A", 7), price("D"), price("E")):
        exporter.note(item, keep=True)
    exporter.note(price("C", 1), status=1)
    run_export(filled, tmp_path / name, "--payload")

    with Service(filled.url, filled.id) as service:
        asked = compared(exporter, service)
    with open_received(str(tmp_path / name)) as kept:
        found = compared(exporter, kept)

    assert found.feeds == asked.feeds
    assert [(one.kind, one.identity, one.differences) for one in found.discrepancies] == [
        (one.kind, one.identity, one.differences) for one in asked.discrepancies
    ]
    assert len(found.discrepancies) >= 4


def compared(exporter: Exporter, received: Any) -> DiffResult:
    with open_sent(str(exporter.path)) as sent:
        return diff(sent, received, Options((PRICES,)))


def test_the_items_of_an_export_are_as_they_were_received(
    filled: DataSpace, tmp_path: Path
) -> None:
    path = tmp_path / "export.ndjson"
    filled.client.post("prices", json.dumps([price("X")], indent=1).encode())
    run_export(filled, path, "--payload", "--feed", "prices")

    [row] = [line for line in path.read_bytes().splitlines() if b'"sku": "X"' in line]

    assert b'"regular": 10,' in row
    assert json.loads(row)["item"] == price("X")
    assert json.loads(row)["data_space_id"] == filled.id


@pytest.mark.parametrize("name", FORMATS)
def test_two_exports_can_be_compared(filled: DataSpace, tmp_path: Path, name: str) -> None:
    before, after = tmp_path / f"before.{name}", tmp_path / f"after.{name}"
    run_export(filled, before, "--payload")
    filled.receive(price("A", 99))
    run_export(filled, after, "--payload")

    with open_sent(str(before)) as sent, open_received(str(after)) as received:
        result = diff(sent, received)

    [found] = [one for one in result.discrepancies if one.identity["sku"] == "A"]
    assert [(place.pointer, place.sent, place.received) for place in found.differences] == [
        ("/regular", 10, 99)
    ]


def test_an_export_may_be_limited_to_a_window_of_time(filled: DataSpace, tmp_path: Path) -> None:
    path = tmp_path / "received.ndjson"
    moment = max(line["received_at"] for line in filled.client.received())

    counts = [
        json.loads(run_export(filled, path, *window, "--json").stdout)["items"]
        for window in (("--since", moment), ("--until", moment), ())
    ]

    assert counts[0] + counts[1] == counts[2]
    assert counts[0] >= 1
    assert datetime.fromisoformat(moment).tzinfo is not None


def test_the_database_is_exported_as_the_service_is(
    service: RunningService, filled: DataSpace, tmp_path: Path
) -> None:
    database = service.store.shown_url.removeprefix("sqlite:///")
    place = ["--received", f"db:{database}", "--data-space", filled.id, "--payload"]
    run_export(filled, tmp_path / "a.ndjson", "--payload")

    CliRunner().invoke(export_received, ["-o", str(tmp_path / "b.ndjson"), *place])

    asked, read = (
        [json.loads(line) for line in (tmp_path / name).read_bytes().splitlines()]
        for name in ("a.ndjson", "b.ndjson")
    )
    assert without(read, "resends", "item") == without(asked, "resends", "item")
    assert [line.get("item") for line in read if line.get("hash")] == [
        line.get("item") for line in asked if line.get("hash")
    ]


@pytest.mark.parametrize(
    ("name", "told"), [("x.txt", "does not say how"), ("away/x.ndjson", "cannot be written")]
)
def test_a_file_that_cannot_be_written_is_wrong_usage(
    filled: DataSpace, tmp_path: Path, name: str, told: str
) -> None:
    result = run_export(filled, tmp_path / name)

    with pytest.raises(UsageError, match=told):
        raise result.exception or AssertionError(result.output)


def test_a_service_that_is_away_leaves_no_file(filled: DataSpace, tmp_path: Path) -> None:
    path = tmp_path / "received.ndjson"
    path.write_text("from before")

    arguments = ["-o", str(path), "--url", "http://127.0.0.1:9", "--data-space", filled.id]
    result = CliRunner().invoke(export_received, arguments)

    assert (result.exit_code, path.read_text()) == (3, "from before")
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".part")] == []
