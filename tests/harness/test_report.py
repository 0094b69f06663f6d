"""The verdict as people and as programs read it."""

from io import StringIO

import orjson
from rich.console import Console

from mcs.contract.feeds import FEEDS, SEED_FEEDS
from mcs.harness.discrepancy import DiffResult, FeedCounts
from mcs.harness.report import render_text, to_document
from tests.harness.sides import DataSpace, Exporter, identity_of, price

STOCK = {"stockId": "1", "sku": "A", "qty": 1, "deleted": False}


def text_of(result: DiffResult, shown: int = 20, width: int = 160) -> str:
    console = Console(file=StringIO(), width=width)
    render_text(result, console, shown)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_document_has_the_nine_feeds_in_order_always(
    data_space: DataSpace, exporter: Exporter
) -> None:
    document = to_document(data_space.diff(exporter))

    zeros = {"sent": 0, "received": 0, "in_sync": 0}
    assert document == {"feeds": {feed.name: zeros for feed in SEED_FEEDS}, "discrepancies": []}
    assert list(document["feeds"]) == [feed.name for feed in SEED_FEEDS]


def test_the_document_has_a_further_feed_if_a_side_has_any_of_it(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(STOCK, feed=FEEDS["inventoryStockStatus"])

    feeds = to_document(data_space.diff(exporter))["feeds"]

    assert list(feeds)[-1] == "inventoryStockStatus"
    assert feeds["inventoryStockStatus"] == {"sent": 1, "received": 0, "in_sync": 0}


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


def test_the_document_is_never_capped(data_space: DataSpace, exporter: Exporter) -> None:
    for number in range(1200):
        exporter.note(price(f"p{number}"))

    assert len(to_document(data_space.diff(exporter))["discrepancies"]) == 1200


def test_the_text_tells_counts_places_and_values(data_space: DataSpace, exporter: Exporter) -> None:
    exporter.note(price("A", 12, discounts=None), keep=True)
    exporter.note(price("[red]B"))
    data_space.receive(price("A", 10))

    text = text_of(data_space.diff(exporter))

    assert "missing (1)" in text
    assert "sku=[red]B, customerGroupCode=0, websiteCode=base" in text
    assert "/regular: sent 12, received 10" in text
    assert "/discounts: sent null, received nothing" in text
    [counts] = [line.split() for line in text.splitlines() if line.startswith("  prices ")][:1]
    assert counts == ["prices", "2", "1", "0", "1", "1"]


def test_numbers_are_whole_on_a_narrow_console() -> None:
    counts = FeedCounts(sent=1234567, received=1234568, in_sync=1234569)

    text = text_of(DiffResult({"productAttributes": counts}, ()), width=20)

    assert "productAttributes   1234567    1234568   1234569" in text


def test_the_text_shows_some_of_each_kind_and_how_many_more(
    data_space: DataSpace, exporter: Exporter
) -> None:
    for sku in "ABCDE":
        exporter.note(price(sku))
    data_space.receive(price("F"))

    text = text_of(data_space.diff(exporter), shown=2)

    assert text.count("yet the service never recorded it") == 2
    assert "and 3 more" in text
    assert "unexpected (1)" in text


def test_the_text_says_so_if_all_is_in_sync(data_space: DataSpace, exporter: Exporter) -> None:
    assert "In sync" in text_of(data_space.diff(exporter))
