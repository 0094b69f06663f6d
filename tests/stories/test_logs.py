"""What a support engineer finds in var/log after a sync."""

import json
import re
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import Product
from mcs.exporter.feed_table import rows_between
from mcs.exporter.run import Exporter, Resync
from tests.contract.test_facts import FACTS, needs_facts
from tests.server.running import RunningService
from tests.stories.paired import PairedShop, paired_shop

PRODUCTS = FEEDS["products"]
MOMENT = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00\] "


def log(shop: PairedShop, name: str) -> str:
    path = shop.exporter.settings.log_dir / name
    return path.read_text("utf-8") if path.exists() else ""


def sync_with(shop: PairedShop, **switches: object) -> None:
    settings = replace(shop.exporter.settings, **switches)  # type: ignore[arg-type]  # of Settings
    Exporter(shop.engine, settings).resync(PRODUCTS, Resync())


def progress_lines(shop: PairedShop) -> list[dict[str, str]]:
    lines = log(shop, "commerce-data-export.log").splitlines()
    found = [re.fullmatch(MOMENT + r"report\.INFO: (\{.*\}) \[\] \[\]", line) for line in lines]
    return [json.loads(match[1]) for match in found if match]


def test_a_syncs_progress_is_told_from_its_start_to_its_end(shop: PairedShop) -> None:
    sync_with(shop)

    told = progress_lines(shop)

    assert [line["status"] for line in told] == [
        "Initialize",
        "start processing `40` items in `1` threads with `100` batch size",
        "Progress 1/1, processed 40, synced " + str(_received(shop)),
        "Complete",
    ]
    assert {line["operation"] for line in told} == {"resync"}
    assert {line["feed"] for line in told} == {"products"}
    assert all(re.fullmatch(r"\d+ ms|\d\d:\d\d:\d\d \d+ ms", line["elapsed"]) for line in told)


def test_payloads_are_logged_only_when_asked_for(shop: PairedShop) -> None:
    sync_with(shop)
    assert '"data"' not in log(shop, "saas-export.log")

    sync_with(shop, extended_log=True)
    Exporter(shop.engine, replace(shop.exporter.settings, extended_log=True)).resync(
        PRODUCTS, Resync(force=True)
    )

    text = log(shop, "saas-export.log")
    payloads = re.findall(r"report\.INFO: (\{\n.*?\n\}) \[\] \[\]", text, re.DOTALL)
    assert sum(len(json.loads(payload)["data"]) for payload in payloads) == _received(shop)
    assert '\n    "feed": "products",\n    "data": [\n' in text


@needs_facts
def test_the_extended_log_has_the_layout_of_the_genuine_one(shop: PairedShop) -> None:
    sync_with(shop, extended_log=True)
    genuine = (FACTS / "samples" / "saas-export.log").read_text("utf-8").splitlines()

    own = log(shop, "saas-export.log").splitlines()

    assert [re.sub(MOMENT, "", line) for line in own[:3]] == [
        re.sub(MOMENT, "", line) for line in genuine[:3]
    ]
    assert own[-1] == "} [] []"


def test_a_refusal_is_logged_as_an_error_with_its_code_and_no_secret(
    service: RunningService, tmp_path: Path
) -> None:
    with paired_shop(tmp_path, service.data_space(), products=20) as shop:
        with shop.engine.begin() as connection:
            connection.execute(
                update(Product).where(Product.product_id == 3).values(visibility="Everywhere")
            )
        sync_with(shop)
        errors = log(shop, "saas-export-errors.log")
        everything = "".join(log(shop, path.name) for path in (tmp_path / "log").iterdir())

    [line] = errors.splitlines()
    match = re.fullmatch(MOMENT + r"report\.ERROR: (CDE02-09) .*? (\{.*\}) \[\]", line)
    assert match is not None
    context = json.loads(match[2])
    assert (context["feed"], context["environment_id"]) == ("products", shop.data_space.id)
    assert "is not one of" in str(context["failedItems"])
    assert shop.data_space.api_key not in everything
    assert "PRIVATE KEY" not in everything


def test_a_product_that_cannot_be_collected_is_named_in_the_collecting_errors(
    shop: PairedShop,
) -> None:
    with shop.engine.begin() as connection:
        connection.execute(update(Product).where(Product.product_id == 15).values(data={}))

    progress = shop.resync("products")

    errors = log(shop, "commerce-data-export-errors.log")
    assert set(progress.uncollected) == {15}
    assert progress.submitted > 80
    assert '"source_entity_id":15' in errors


def test_the_profiler_writes_provider_entities_milliseconds_and_megabytes(
    shop: PairedShop,
) -> None:
    sync_with(shop, profiler=True)

    lines = log(shop, "commerce-data-export.log").splitlines()
    profiles = [line for line in lines if "indexers.products" in line]

    assert profiles
    number = r"\d+\.\d\d"
    pattern = rf"{MOMENT}report\.INFO: mcs\.exporter\.indexers\.products, 40, {number}, {number}"
    assert all(re.fullmatch(pattern, line) for line in profiles)


def test_minimal_data_is_kept_unless_the_payload_is_to_be_persisted(shop: PairedShop) -> None:
    sync_with(shop, persist_payload=False)
    minimal = _kept_fields(shop)

    Exporter(shop.engine, replace(shop.exporter.settings, persist_payload=True)).resync(
        PRODUCTS, Resync(force=True)
    )

    assert minimal == set(PRODUCTS.delete_payload)
    assert {"name", "images", "attributes"} <= _kept_fields(shop)


def _received(shop: PairedShop) -> int:
    return len(shop.data_space.received("?feed=products"))


def _kept_fields(shop: PairedShop) -> set[str]:
    with shop.engine.connect() as connection:
        rows = rows_between(connection, PRODUCTS, -1, None).values()
    return {name for row in rows for name in row.feed_data}
