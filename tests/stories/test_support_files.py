"""What a customer's shop leaves behind, as a support engineer gets it: bundle and logs."""

import zipfile
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from mcs.contract.feeds import SEED_FEEDS
from mcs.exporter.run import Exporter, Resync
from mcs.harness.cases.casefile import opened_case
from mcs.harness.cases.minimising import Minimum, minimise, minimum, write_minimum
from mcs.harness.cases.replaying import stage
from mcs.harness.cases.symptom import symptom_of
from tests.server.faulty import put_in_force
from tests.server.running import RunningService
from tests.stories.cases import captured, document, run
from tests.stories.paired import PairedShop, VirtualClock, paired_shop


def _log_everything(shop: PairedShop) -> Exporter:
    settings = replace(shop.exporter.settings, extended_log=True, profiler=True)
    return Exporter(shop.engine, settings, VirtualClock().time())


def test_a_bundle_has_all_that_a_ticket_needs_and_no_secret(
    service: RunningService, tmp_path: Path
) -> None:
    with paired_shop(tmp_path / "shop", service.data_space(), products=6) as shop:
        put_in_force(shop.data_space, "reject", feed="prices", nth=2)
        exporter = _log_everything(shop)
        for feed in SEED_FEEDS:
            exporter.resync(feed, Resync())
        space = shop.data_space

    told = run(
        *("--var", str(tmp_path / "shop"), "-o", str(tmp_path / "bundle.zip"), "--json"),
        group="support-bundle",
    )

    assert told.exit_code == 0, told.output
    with zipfile.ZipFile(tmp_path / "bundle.zip") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    assert set(parts) >= {
        "README.txt",
        "summary.json",
        "configuration.json",
        "indexers.csv",
        "feeds.csv",
        "failed-items.ndjson",
        "profiler.csv",
        "service.json",
        "logs/saas-export.log",
        "logs/saas-export-errors.log",
        "logs/commerce-data-export.log",
    }
    everything = b"".join(parts.values())
    assert space.api_key.encode() not in everything
    assert space.private_key.splitlines()[1].encode() not in everything
    assert b"catalog_data_exporter_products,valid" in parts["indexers.csv"]
    assert b"mcs.exporter.indexers.products,6," in parts["profiler.csv"]
    assert document(told)["feeds"]["prices"]["1"] == 1
    assert document(told)["requests"]["400"] == 1
    assert document(told)["missing"] == []


def test_a_bundle_says_what_it_could_not_get(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()

    told = run(
        *("--var", str(tmp_path), "-o", str(tmp_path / "bundle.zip")), group="support-bundle"
    )

    assert told.exit_code == 0, told.output
    assert "not in it: the shop's database was not read: there is none" in told.output
    with zipfile.ZipFile(tmp_path / "bundle.zip") as file:
        assert "the service was not asked" in file.read("README.txt").decode()


def test_a_customers_logs_bring_back_what_was_refused(
    service: RunningService, tmp_path: Path
) -> None:
    with paired_shop(tmp_path / "shop", service.data_space(), products=30) as shop:
        put_in_force(shop.data_space, "reject", feed="products", nth=3)
        put_in_force(shop.data_space, "throttle", feed="prices")
        exporter = _log_everything(shop)
        for feed in SEED_FEEDS:
            exporter.resync(feed, Resync())
        log = shop.exporter.settings.log_dir

    told = run("import", str(log), "-o", str(tmp_path / "case.zip"), "--json")

    assert told.exit_code == 0, told.output
    done = document(told)
    assert done["unread"] == 0, done["findings"]
    assert done["symptom"] == "refused products"
    throttled = [one["text"] for one in done["explanations"] if one["text"].startswith("prices")]
    assert "Too Many Requests" in throttled[0]
    replayed = run("replay", str(tmp_path / "case.zip"), "--to", service.url)
    assert replayed.exit_code == 0, replayed.output
    assert "were answered otherwise" not in replayed.output


def test_an_interrupted_search_keeps_the_best_so_far(
    service: RunningService, tmp_path: Path
) -> None:
    with paired_shop(tmp_path / "shop", service.data_space(), products=30) as shop:
        put_in_force(shop.data_space, "lose", feed="products", nth=5)
        for feed in SEED_FEEDS:
            shop.exporter.resync(feed, Resync())
        captured(shop, tmp_path / "case.zip")

    def interrupted(phase: str, found: Minimum) -> None:
        if phase == "items":
            raise KeyboardInterrupt

    with opened_case(tmp_path / "case.zip") as opened, stage(service.url) as on:
        found = minimum(opened, symptom_of("discrepancy missing products"))
        with pytest.raises(KeyboardInterrupt):
            minimise(found, opened.case, on, interrupted)
        write_minimum(found, opened, tmp_path / "small.zip")

    with opened_case(tmp_path / "small.zip") as small:
        assert [request.feed for request, _ in small.requests()] == ["products"]
    assert run("replay", str(tmp_path / "small.zip"), "--to", service.url).exit_code == 0
    clock = service.http.request("GET", service.url + "/control/clock").json()
    assert clock["clock"] == "real"


def test_what_went_to_another_data_space_is_there_again(
    service: RunningService, tmp_path: Path
) -> None:
    right, wrong = service.data_space(), service.data_space()
    with paired_shop(tmp_path / "shop", wrong, products=3) as shop:
        shop.resync("products")
        shop.move_to(right)
        captured(shop, tmp_path / "case.zip")
        expected = {(one.feed, one.key) for one in shop.diff().discrepancies}

    replayed = run("replay", str(tmp_path / "case.zip"), "--json")

    found = document(replayed)["discrepancies"]
    assert replayed.exit_code == 0, replayed.output
    assert {one["kind"] for one in found} == {"misrouted"}
    assert {(one["feed"], one["key"]) for one in found} == expected != set()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip", orjson.dumps({"a": 1})])
def test_a_damaged_case_ends_every_command_with_2_and_writes_nothing(
    tmp_path: Path, content: bytes
) -> None:
    case = tmp_path / "case.zip"
    case.write_bytes(content)

    for command in (["replay"], ["minimise", "--while", "discrepancy"], ["to-test"]):
        told = run(*command, str(case))
        assert told.exit_code == 2
        assert "cannot be read as a case file" in told.output
    assert list(tmp_path.iterdir()) == [case]
