"""The JSON document: complete, stable, and read back as what it was made of."""

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, SEED_FEEDS
from mcs.harness.discrepancy import DiffResult, DiscrepancyKind
from mcs.harness.reports.document import load_result, schema, to_document
from mcs.harness.reports.formats import Format
from tests.harness.reports.verdicts import discrepancy, failure, verdict, verdicts, written
from tests.harness.sides import DataSpace, Exporter, identity_of, price

STOCK = {"stockId": "1", "sku": "A", "qty": 1, "deleted": False}


def test_the_document_has_the_nine_feeds_in_order_always(
    data_space: DataSpace, exporter: Exporter
) -> None:
    document = to_document(data_space.diff(exporter))

    zeros = {"sent": 0, "received": 0, "in_sync": 0, "resent": 0}
    assert document["feeds"] == {feed.name: zeros for feed in SEED_FEEDS}
    assert list(document["feeds"]) == [feed.name for feed in SEED_FEEDS]
    assert document["discrepancies"] == []


def test_the_document_has_a_further_feed_if_a_side_has_any_of_it(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(STOCK, feed=FEEDS["inventoryStockStatus"])

    feeds = to_document(data_space.diff(exporter))["feeds"]

    assert list(feeds)[-1] == "inventoryStockStatus"
    assert feeds["inventoryStockStatus"].items() >= {"sent": 1, "received": 0}.items()


def test_a_discrepancy_in_the_document_names_places_and_both_values(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A", 12, discounts=None), keep=True)
    data_space.receive(price("A", 10, regularPrice=[1]))

    document = orjson.loads(orjson.dumps(to_document(data_space.diff(exporter))))

    [found] = document["discrepancies"]
    assert (found["feed"], found["kind"]) == ("prices", "changed")
    assert found["identity"] == identity_of("A")
    assert found["differences"] == [
        {"pointer": "/discounts", "sent": None, "received": None, "absent": "received"},
        {"pointer": "/regular", "sent": 12, "received": 10},
        {"pointer": "/regularPrice", "sent": None, "received": [1], "absent": "sent"},
    ]
    assert found["sent"]["status"] == 200
    assert found["received"]["versions"] == 1


def test_no_report_but_the_screen_is_ever_capped() -> None:
    result = verdict(*(discrepancy(f"p{number}") for number in range(1200)))

    assert len(to_document(result)["discrepancies"]) == 1200
    assert len(written(Format.NDJSON, result).splitlines()) == 1200
    assert len(written(Format.CSV, result).splitlines()) == 1201
    assert written(Format.TEXT, result).count(b"never recorded it") == 1200
    assert written(Format.HTML, result).count(b'class="one"') == 1200


@settings(max_examples=50)
@given(verdicts)
def test_a_document_is_as_its_schema_says_and_read_back_as_it_was(result: DiffResult) -> None:
    document = orjson.loads(written(Format.JSON, result))

    jsonschema_rs.validate(schema(), document)
    assert load_result(document) == result
    assert load_result(to_document(result)) == result


def test_the_schema_knows_every_kind() -> None:
    assert schema()["$defs"]["discrepancy"]["properties"]["kind"]["enum"] == list(DiscrepancyKind)


def test_every_field_of_the_document_is_described() -> None:
    document = to_document(verdict(discrepancy()))

    described = schema()["$defs"]["discrepancy"]["properties"]
    assert document.keys() == schema()["properties"].keys()
    assert document["discrepancies"][0].keys() == described.keys()
    assert all("description" in part for part in described.values())


def test_a_document_of_the_first_release_is_read() -> None:
    document = to_document(verdict(discrepancy()))
    early = {"feeds": {"prices": {"sent": 1, "received": 0, "in_sync": 0}}, "discrepancies": []}

    assert load_result(early).feeds["prices"].sent == 1
    assert load_result({**document, "demo": {"a later": "addition"}}).discrepancies


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "x.json is no report of `mcs diff --json`: at its root"),
        ({"feeds": {"prices": {"sent": -1}}}, "x.json is no report"),
        ({"feeds": {}, "discrepancies": [{"kind": "lost"}]}, "at /discrepancies/0"),
        ({"version": 2}, "a report of version 2, and this mcs reads up to 1"),
        (orjson.loads(failure(Format.JSON, "no answer.")), "could not tell: no answer"),
    ],
    ids=["no-object", "negative-count", "unknown-kind", "newer", "no-verdict"],
)
def test_what_is_no_report_is_refused(document: object, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load_result(document, "x.json")


def test_a_line_of_ndjson_is_an_entry_of_the_document() -> None:
    result = verdict(discrepancy("A"), discrepancy("B"))

    lines = [orjson.loads(line) for line in written(Format.NDJSON, result).splitlines()]

    assert lines == to_document(result)["discrepancies"]
    assert written(Format.NDJSON, verdict()) == b""
