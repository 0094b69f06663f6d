"""Support cases of clients of the ingestion API: out of an HTTP archive, and out of a service."""

import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.harness.sources.recorded_calls import Recorder
from tests.server.catalog_client import LOCALE, book, catalog_client, price, product
from tests.server.faulty import put_in_force
from tests.server.running import RunningService
from tests.stories.cases import document, pytest_says, run

NAMED_A = {"sku": "A", "source": LOCALE}


@pytest.fixture
def recorder(service: RunningService) -> Recorder:
    """A client of which an update was lost, after calls of all kinds."""
    recorder = Recorder(catalog_client(service))
    recorder.call("catalogProducts", [product("A", description="long"), product("B")])
    recorder.call("catalogPriceBooks", [book("eu"), book("de", "eu")])
    recorder.call("catalogPrices", [price("A", "eu"), price("A", "de")])
    recorder.call("catalogPrices", [{**price("B", "eu"), "regular": "much"}])
    recorder.call("catalogProducts", [{"sku": "B", "source": LOCALE}], delete=True)
    recorder.call("catalogPriceBooks", [{"priceBookId": "de"}], delete=True)
    put_in_force(recorder.client.space, "lose", feed="catalogProducts")
    recorder.call("catalogProducts", [{**NAMED_A, "name": "New"}], "PATCH")
    return recorder


def replayed(*args: str) -> dict[str, Any]:
    return document(run("replay", *args, "--json"))


def test_an_archive_becomes_a_case_that_is_replayed_call_by_call(
    recorder: Recorder, tmp_path: Path
) -> None:
    case = str(tmp_path / "case.zip")

    imported = run("import", recorder.write(tmp_path), "-o", case)
    told = replayed(case, "--symptom", "answer 400 catalogPrices")

    assert imported.exit_code == 0, imported.output
    assert told["reproduced"] is True
    assert told["answered_otherwise"] == []
    # The update was lost by the service it was recorded with, and by no other.
    assert [one["feed"] for one in told["discrepancies"]] == ["catalogPrices"]


def test_what_a_service_lost_is_lost_again_when_its_data_space_is_replayed(
    recorder: Recorder, tmp_path: Path
) -> None:
    case, space = str(tmp_path / "case.zip"), recorder.client.space
    wanted = ("--url", space.url, "--data-space", space.id, "--var", str(tmp_path))

    captured = run("capture", *wanted, "-o", case, "--title", "A lost update")
    told = replayed(case)

    assert captured.exit_code == 0, captured.output
    assert told["reproduced"] is True
    assert told["held_otherwise"] == 0
    assert told["answered_otherwise"] == []


def test_a_redacted_case_has_other_names_and_no_token_and_comes_back_all_the_same(
    recorder: Recorder, tmp_path: Path
) -> None:
    case = tmp_path / "case.zip"

    imported = run("import", recorder.write(tmp_path), "-o", str(case), "--redact", "names")
    told = replayed(str(case), "--symptom", "answer 400")

    assert imported.exit_code == 0, imported.output
    assert told["answered_otherwise"] == []
    assert [one["feed"] for one in told["discrepancies"]] == ["catalogPrices"]
    with zipfile.ZipFile(case) as file:
        everything = b"".join(file.read(name) for name in file.namelist())
    assert b"secret-token" not in everything
    assert b'"long"' not in everything


@pytest.mark.parametrize("symptom", ["answer 400 catalogPrices", "discrepancy catalogPrices"])
def test_calls_are_made_fewer_until_the_one_that_shows_it_is_left(
    recorder: Recorder, tmp_path: Path, symptom: str
) -> None:
    case, small = str(tmp_path / "case.zip"), str(tmp_path / "small.zip")
    run("import", recorder.write(tmp_path), "-o", case)

    smaller = run("minimise", case, "--while", symptom, "-o", small, "--json")
    told = replayed(small, "--symptom", symptom)

    assert smaller.exit_code == 0, smaller.output
    last = document(smaller)["phases"][-1]
    assert (last["requests"], last["items"]) == (1, 1)
    assert told["reproduced"] is True
    assert [one["feed"] for one in told["discrepancies"]] == ["catalogPrices"]


def test_a_lost_update_keeps_the_call_that_created_its_item(
    recorder: Recorder, tmp_path: Path
) -> None:
    case, small = str(tmp_path / "case.zip"), str(tmp_path / "small.zip")
    space, archive = recorder.client.space, recorder.write(tmp_path)
    wanted = ("--url", space.url, "--data-space", space.id, "--var", str(tmp_path))
    captured = run("capture", *wanted, "--sent", archive, "-o", case, "--title", "A lost update")

    smaller = run(
        "minimise", case, "--while", "discrepancy changed catalogProducts", "-o", small, "--json"
    )

    assert captured.exit_code == 0, captured.output
    assert smaller.exit_code == 0, smaller.output
    last = document(smaller)["phases"][-1]
    assert (last["requests"], last["items"]) == (2, 2)
    assert replayed(small)["reproduced"] is True
    with zipfile.ZipFile(small) as file:
        created, updated = map(orjson.loads, file.read("requests.ndjson").splitlines())
    assert "description" not in created["body"]
    assert orjson.loads(updated["body"]) == [{**NAMED_A, "name": "New"}]


def test_items_alone_are_sent_by_the_calls_that_make_them(tmp_path: Path) -> None:
    file = tmp_path / "sent.ndjson"
    lines = [
        {"feed": "catalogProducts", "item": product("A"), "deleted": False},
        {"feed": "catalogProducts", "item": {"sku": "B", "source": LOCALE}, "deleted": True},
    ]
    file.write_bytes(b"".join(map(orjson.dumps, lines)).replace(b"}{", b"}\n{"))
    case = str(tmp_path / "case.zip")

    imported = run("import", str(file), "-o", case)
    told = replayed(case)

    assert imported.exit_code == 0, imported.output
    assert told["discrepancies"] == []
    assert [one["status"] for one in told["answered_otherwise"]] == []


def test_calls_become_a_test_that_fails_as_the_service_did(
    recorder: Recorder, tmp_path: Path
) -> None:
    case, test = str(tmp_path / "case.zip"), tmp_path / "test_case.py"
    space, archive = recorder.client.space, recorder.write(tmp_path)
    wanted = ("--url", space.url, "--data-space", space.id, "--var", str(tmp_path))
    run("capture", *wanted, "--sent", archive, "-o", case, "--title", "A lost update")

    written = run("to-test", case, "-o", str(test))

    assert written.exit_code == 0, written.output
    said = pytest_says(test)
    assert "1 failed in" in said, said
    assert "changed: catalogProducts sku=A" in said
