"""A support case from trouble to a failing test: capture, replay, minimise, to-test."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from mcs.contract.feeds import SEED_FEEDS
from mcs.exporter.run import Resync
from tests.server.faulty import events, put_in_force
from tests.server.running import RunningService
from tests.stories.cases import captured, document, faulty_shop, pytest_says, run
from tests.stories.paired import paired_shop


@dataclass(frozen=True, slots=True)
class Frozen:
    """A captured case, and what is known of the shop that it was captured from."""

    path: Path
    hits: int
    discrepancies: set[tuple[str, str, str]]
    secrets: tuple[str, ...]


@pytest.fixture(scope="module")
def frozen(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frozen]:
    """A case with faults of every kind."""
    folder = tmp_path_factory.mktemp("frozen")
    with faulty_shop(service, folder / "shop", products=12) as shop:
        captured(shop, folder / "case.zip", "--title", "All goes wrong", "--seed", "42")
        result = shop.diff()
        space = shop.data_space
        yield Frozen(
            folder / "case.zip",
            len(events(space)),
            {(str(one.kind), one.feed, one.key) for one in result.discrepancies},
            (space.api_key, space.private_key.splitlines()[1]),
        )


def test_a_captured_case_comes_back_item_for_item(frozen: Frozen) -> None:
    replayed = run("replay", str(frozen.path), "--json")

    assert replayed.exit_code == 0, replayed.output
    told = document(replayed)
    assert told["reproduced"] is True
    assert told["faults"] == {"again": frozen.hits, "expected": frozen.hits, "unexpected": 0}
    found = {(one["kind"], one["feed"], one["key"]) for one in told["discrepancies"]}
    assert found == frozen.discrepancies
    assert len({kind for kind, _, _ in found}) > 2
    assert told["held_otherwise"] == 0
    assert told["answered_otherwise"] == []


def test_a_case_is_replayed_on_a_service_that_runs(frozen: Frozen, service: RunningService) -> None:
    before = service.data_space()

    replayed = run("replay", str(frozen.path), "--to", service.url, "--speed", "1000000")

    assert replayed.exit_code in (0, 1), replayed.output
    assert f"{frozen.hits:,} of {frozen.hits:,} hits done again" in replayed.output
    assert before.control("GET", "/requests").json()["requests"] == []


def test_another_symptom_may_be_looked_for(frozen: Frozen, service: RunningService) -> None:
    symptom = "discrepancy missing products NONE"

    replayed = run("replay", str(frozen.path), "--symptom", symptom, "--to", service.url)

    assert replayed.exit_code == 1
    assert "NOT reproduced: discrepancy missing products NONE" in replayed.output


def test_no_secret_enters_a_case(frozen: Frozen) -> None:
    with zipfile.ZipFile(frozen.path) as file:
        texts = [file.read(name) for name in file.namelist()]

    for text in texts:
        for secret in frozen.secrets:
            assert secret.encode() not in text
        assert b"PRIVATE KEY" not in text
        assert b"eyJ" not in text


def test_a_case_tells_a_person_what_it_is(frozen: Frozen) -> None:
    with zipfile.ZipFile(frozen.path) as file:
        text = file.read("case.yaml").decode()
        names = file.namelist()

    assert 'title: "All goes wrong"' in text
    assert "seed: 42" in text
    assert 'symptom: "same discrepancies"' in text
    assert "- {request: 1, feed: " in text
    assert "logs/saas-export.log" in names
    assert names[0] == "case.yaml"


def test_bodies_are_kept_byte_for_byte(frozen: Frozen) -> None:
    with zipfile.ZipFile(frozen.path) as file:
        lines = [orjson.loads(line) for line in file.open("requests.ndjson")]

    assert {line["body_is"] for line in lines} <= {"decoded", "unread"}
    assert all(line["body"].startswith("[") for line in lines if line["body_is"] == "decoded")


def test_redacted_cases_keep_their_discrepancies(service: RunningService, tmp_path: Path) -> None:
    with faulty_shop(service, tmp_path / "shop", products=5) as shop:
        plain = captured(shop, tmp_path / "plain.zip")
        redacted = captured(shop, tmp_path / "redacted.zip", "--redact", "names,emails,prices")
        with shop.engine.connect() as connection:
            names = connection.exec_driver_sql("select name from product_texts").scalars().all()

    replayed = run("replay", str(tmp_path / "redacted.zip"), "--json")

    assert redacted["discrepancies"] == plain["discrepancies"]
    assert document(replayed)["gone"] == document(replayed)["new"] == []
    assert replayed.exit_code == 0
    with zipfile.ZipFile(tmp_path / "redacted.zip") as file:
        text = b"".join(file.read(name) for name in file.namelist()).decode("utf-8", "replace")
    assert [name for name in names if name and f'"{name}"' in text] == []


def test_one_culprit_is_all_that_is_left_and_becomes_a_test_that_fails(
    service: RunningService, tmp_path: Path
) -> None:
    with paired_shop(tmp_path / "shop", service.data_space(), products=30) as shop:
        put_in_force(shop.data_space, "lose", feed="products", nth=17)
        for feed in SEED_FEEDS:
            shop.exporter.resync(feed, Resync())
        [lost] = events(shop.data_space)
        captured(shop, tmp_path / "case.zip", "--title", "One product is lost")

    smaller = run(
        "minimise", str(tmp_path / "case.zip"), "--while", "discrepancy missing products", "--json"
    )

    assert smaller.exit_code == 0, smaller.output
    told = document(smaller)
    last = told["phases"][-1]
    assert (last["requests"], last["items"]) == (1, 1)
    assert told["phases"][0]["items"] > 200
    assert told["replays"] < 40
    small = tmp_path / "case.min.zip"
    again = run("replay", str(small), "--json")
    assert again.exit_code == 0, again.output
    [found] = document(again)["discrepancies"]
    assert found["identity"] == lost["identity"]
    written = run("to-test", str(small), "-o", str(tmp_path / "test_case.py"))
    assert written.exit_code == 0, written.output
    said = pytest_says(tmp_path / "test_case.py")
    assert "1 failed in" in said
    assert f"missing: products sku={lost['identity']['sku']}" in said


def test_a_symptom_that_the_whole_case_has_not_is_told(
    frozen: Frozen, tmp_path: Path, service: RunningService
) -> None:
    told = run(
        *("minimise", str(frozen.path), "--while", "answer 599", "--to", service.url),
        *("-o", str(tmp_path / "small.zip")),
    )

    assert told.exit_code == 1
    assert "not even the whole case shows it: answer 599" in told.output
    assert not (tmp_path / "small.zip").exists()


def test_at_the_limit_of_replays_the_best_so_far_is_kept(
    frozen: Frozen, tmp_path: Path, service: RunningService
) -> None:
    small = tmp_path / "small.zip"

    told = run(
        *("minimise", str(frozen.path), "--while", "discrepancy missing", "-o", str(small)),
        *("--replays", "3", "--to", service.url),
    )

    assert told.exit_code == 0, told.output
    assert "It ended at the limit of 3 replays" in told.output
    assert run("replay", str(small), "--to", service.url).exit_code == 0


def test_all_discrepancies_together_cannot_be_made_smaller(frozen: Frozen) -> None:
    told = run("minimise", str(frozen.path))

    assert told.exit_code == 2
    assert "Say which one to keep: --while 'discrepancy" in told.output


def test_a_large_case_is_no_test(frozen: Frozen, tmp_path: Path) -> None:
    told = run("to-test", str(frozen.path), "-o", str(tmp_path / "test_it.py"))

    assert told.exit_code == 2
    assert "mcs case minimise" in told.output
    assert not (tmp_path / "test_it.py").exists()
