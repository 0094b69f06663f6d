"""One name's timeline: every step of its items on both sides, and `mcs explain` as a command."""

import json
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from mcs.contract.canonical import Item, content_hash, identity_key
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.harness.explain_cli import explain
from mcs.harness.fields import ABSENT, Difference, difference
from mcs.harness.known import Wanted, received_of, sent_of
from mcs.harness.likeness import Likeness, likeness
from mcs.harness.sources.exporter_database import ExporterDatabase, opened
from mcs.harness.sources.service import Service
from mcs.harness.timeline import ItemTimeline, Timeline, timeline
from mcs.harness.timeline_report import render_timeline
from tests.harness.causes.telling import Lists, refused
from tests.harness.sides import CATEGORIES, PRICES, PRODUCTS, DataSpace, Exporter, deletion, price

VARIANTS = FEEDS["variants"]
KEY_OF_A = identity_key(PRICES, price("A"))


def product(sku: str, view: str = "default", **fields: object) -> Item:
    """A valid item of the feed products."""
    return {"sku": sku, "storeViewCode": view, "deleted": False, **fields}


def told(exporter: Exporter, data_space: DataSpace, wanted: Wanted) -> Timeline:
    """The timeline from a database and a service."""
    with opened(exporter.path) as sent, Service(data_space.url, data_space.id) as received:
        return timeline(sent, received, wanted)


def the_only(found: Timeline) -> ItemTimeline:
    [item] = found.items
    return item


def text_of(found: Timeline) -> str:
    console = Console(file=StringIO(), width=160)
    render_timeline(found, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_every_version_is_told_with_its_request_and_its_changes(
    data_space: DataSpace, exporter: Exporter
) -> None:
    first = data_space.receive(price("A", 10))
    second = data_space.receive(price("A", 12, discounts=None))
    exporter.note(price("A", 12, discounts=None), request_id=second.request_id)

    item = the_only(told(exporter, data_space, Wanted(name="A")))

    assert [step.version.request_id for step in item.steps] == [first.request_id, second.request_id]
    assert item.steps[1].differences == (
        Difference("/discounts", ABSENT, None),
        Difference("/regular", 10, 12),
    )
    assert [step.is_sent for step in item.steps] == [False, True]
    assert set(item.requests) == {first.request_id, second.request_id}
    assert (item.discrepancies, item.wrong_since) == ((), None)


def test_the_write_that_first_made_it_wrong_is_marked(
    data_space: DataSpace, exporter: Exporter
) -> None:
    good = data_space.receive(price("A", 12))
    wrong = data_space.receive(price("A", 10))
    data_space.receive(price("A", 9))
    exporter.note(price("A", 12), request_id=good.request_id)

    item = the_only(told(exporter, data_space, Wanted(name="A")))

    assert item.wrong_since == wrong.request_id
    assert [step.is_wrong for step in item.steps] == [False, True, False]
    assert [found.kind.value for found in item.discrepancies] == ["stale"]


def test_where_nothing_arrived_the_request_that_should_have_brought_it_is_named(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.client.control("POST", "/faults", json={"action": "lose"})
    batch = data_space.receive(price("A"))
    exporter.note(price("A"), request_id=batch.request_id)

    item = the_only(told(exporter, data_space, Wanted(name="A")))

    assert item.wrong_since == batch.request_id
    assert [hit.action for hit in item.faults] == ["lose"]
    assert [found.cause for found in item.discrepancies] == ["lost_after_200"]


def test_a_name_is_told_over_all_feeds_in_their_order(
    data_space: DataSpace, exporter: Exporter
) -> None:
    variant = {"parentSku": "P", "productSku": "A", "deleted": False}
    for feed, items in ((PRODUCTS, [product("A"), product("A", "fr")]), (VARIANTS, [variant])):
        batch = data_space.receive(*items, feed=feed)
        for item in items:
            exporter.note(item, feed=feed, request_id=batch.request_id)
    exporter.note(price("A"))

    found = told(exporter, data_space, Wanted(name="A"))

    assert [item.feed for item in found.items] == ["products", "products", "prices", "variants"]
    assert [bool(item.discrepancies) for item in found.items] == [False, False, True, False]


def test_a_scope_leaves_out_items_of_others(data_space: DataSpace, exporter: Exporter) -> None:
    data_space.receive(product("A"), product("A", "fr"), feed=PRODUCTS)
    exporter.note(product("A", "de"), feed=PRODUCTS)
    data_space.receive(price("A"))

    found = told(exporter, data_space, Wanted(name="A", scopes={"storeViewCode": "fr"}))

    assert [(item.feed, item.identity.get("storeViewCode")) for item in found.items] == [
        ("products", "fr"),
        ("prices", None),
    ]


def test_an_item_is_found_by_its_key(data_space: DataSpace, exporter: Exporter) -> None:
    data_space.receive(price("A"), price("B"))
    exporter.note(price("A"))

    item = the_only(told(exporter, data_space, Wanted(key=KEY_OF_A)))

    assert (item.feed, item.identity["sku"]) == ("prices", "A")


def test_an_item_that_the_exporter_alone_knows_is_told(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"), status=2, errors="Too Many Requests")

    item = the_only(told(exporter, data_space, Wanted(name="A")))

    assert (item.received, item.steps) == (None, ())
    assert [found.cause for found in item.discrepancies] == ["throttled"]


def test_a_refused_item_is_told_with_each_refusal(
    data_space: DataSpace, exporter: Exporter
) -> None:
    batches = [data_space.receive(refused("A")) for _ in range(2)]
    exporter.note(refused("A"), status=1, request_id=batches[1].request_id)

    item = the_only(told(exporter, data_space, Wanted(name="A")))

    assert [refusal.request_id for refusal in item.refusals] == [
        batch.request_id for batch in batches
    ]
    assert item.wrong_since == batches[1].request_id
    assert [found.cause for found in item.discrepancies] == ["refused"]


def test_a_lost_answer_is_told_of_an_item_in_order(
    data_space: DataSpace, exporter: Exporter
) -> None:
    batch = data_space.receive(price("A"))
    exporter.note(price("A"), status=2, errors="Broken pipe", request_id=batch.request_id)

    item = the_only(told(exporter, data_space, Wanted(name="A")))

    assert item.discrepancies == ()
    assert item.note is not None
    assert item.note.cause == "cut_after_acceptance"


def test_a_deletion_has_no_content_that_counts(data_space: DataSpace, exporter: Exporter) -> None:
    data_space.receive(price("A"))
    batch = data_space.receive(deletion(PRICES, price("A")))
    exporter.note(price("A"), deleted=True, request_id=batch.request_id)

    item = the_only(told(exporter, data_space, Wanted(name="A")))

    assert [step.is_sent for step in item.steps] == [False, True]
    assert "version 2, a deletion," in text_of(Timeline("A", (item,)))


def test_a_name_that_nobody_knows_comes_with_names_close_to_it(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(*(price(sku) for sku in ("24-MB01", "24-MB02", "24-WB07")))

    found = told(exporter, data_space, Wanted(name="24-mb1"))

    assert (found.items, found.in_sync) == ((), False)
    assert found.near[:2] == ("24-MB01", "24-MB02")
    assert "Close to it: 24-MB01, 24-MB02" in text_of(found)


def test_sides_that_are_files_tell_what_their_lists_hold(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A", 10))
    data_space.receive(refused("B"))
    exporter.note(price("A", 12))

    with opened(exporter.path) as sent, Service(data_space.url, data_space.id) as service:
        lists = Lists(service)
        item = the_only(timeline(sent, lists, Wanted(name="A")))
        other = the_only(timeline(sent, lists, Wanted(name="B")))
        nothing = timeline(sent, lists, Wanted(name="AA"))

    assert [found.kind.value for found in item.discrepancies] == ["changed"]
    assert (other.received, len(other.refusals)) == (None, 1)
    assert nothing.near == ("A",)


def test_the_text_tells_the_steps_in_order_of_time(
    data_space: DataSpace, exporter: Exporter
) -> None:
    good = data_space.receive(price("A", 12))
    wrong = data_space.receive(price("A", 10))
    data_space.receive(refused("A"))
    exporter.note(price("A", 12), request_id=good.request_id)

    text = text_of(told(exporter, data_space, Wanted(name="A")))

    places = [
        text.index(part)
        for part in (
            "stale  sku=A, customerGroupCode=0, websiteCode=base",
            f"the exporter sent it in request {good.request_id} (batch of 1, 200 OK)",
            f"version 1 in request {good.request_id}  = what was sent",
            f"version 2 in request {wrong.request_id} (batch of 1, 200 OK)  < from here on",
            "/regular: 12 -> 10",
            "refused in request",
            "feed table: export status 200 (sent with success)",
            f"first made wrong by request {wrong.request_id}",
            "stale: overwritten",
        )
    ]
    assert places == sorted(places)


def test_an_item_in_order_takes_one_line(data_space: DataSpace, exporter: Exporter) -> None:
    batch = data_space.receive(price("A"))
    exporter.note(price("A"), request_id=batch.request_id)

    lines = text_of(told(exporter, data_space, Wanted(name="A"))).splitlines()

    assert lines[0] == "A: 1 item, all in order"
    assert len(lines) == 4, "\n".join(lines)
    assert f"sent and recorded in request {batch.request_id} (batch of 1, 200 OK)" in lines[3]


@pytest.mark.parametrize(
    "name", ["24-MB01", "7", 'quo"ted', "sla/sh", "Čapka 100%_x", "\\", "a'; drop table x"]
)
@pytest.mark.parametrize("as_php", [False, True], ids=["plain", "as-php"])
def test_a_feed_table_is_searched_for_any_name(
    exporter: Exporter, name: str, *, as_php: bool
) -> None:
    category: Item = {"categoryId": name, "storeViewCode": "default", "deleted": False}
    text = json.dumps(category, ensure_ascii=as_php)
    for number, data in enumerate([text.replace("/", "\\/") if as_php else text, "{}"]):
        row = {"feed_id": f"{number}" * 40, "feed_data": data, "feed_hash": "", "is_deleted": 0}
        exporter.insert(CATEGORIES, {**row, "status": 200, "errors": "", "metadata": "[]"})

    with opened(exporter.path) as sent:
        found = sent_of(sent, Wanted(name=name), [])

    assert [line["identity"]["categoryId"] for line in found] == [name]


def test_a_number_names_a_category_however_it_is_written(exporter: Exporter) -> None:
    for number, data in enumerate(
        ['{"categoryId":7,"storeViewCode":"a"}', '{"categoryId": 7, "storeViewCode":"b"}']
    ):
        row = {"feed_id": f"{number}" * 40, "feed_data": data, "feed_hash": "", "is_deleted": 0}
        exporter.insert(CATEGORIES, {**row, "status": 200, "errors": "", "metadata": "[]"})

    with opened(exporter.path) as sent:
        assert isinstance(sent, ExporterDatabase)
        assert len(sent_of(sent, Wanted(name="7"), [])) == 2


def test_a_service_and_its_lists_know_the_same_of_a_name(data_space: DataSpace) -> None:
    data_space.receive(price("A", 10), price("B"))
    data_space.receive(price("A", 12))

    with Service(data_space.url, data_space.id) as service:
        asked = received_of(service, Wanted(name="A"))
        listed = received_of(Lists(service), Wanted(name="A"))

    assert [one.received for one in asked] == [one.received for one in listed]
    assert asked[0].history.writes[1].hash == content_hash(PRICES, price("A", 12))


@settings(deadline=None, max_examples=50)
@given(
    values=st.lists(
        st.fixed_dictionaries({"a": st.integers(-(2**63), 2**63 - 1), "b": st.text(max_size=3)})
    ),
    data=st.data(),
)
def test_reordered_lists_are_told_from_other_differences(
    values: list[dict[str, object]], data: st.DataObject
) -> None:
    reordered = data.draw(st.permutations(values))

    found = difference({"list": values}, {"list": reordered})

    assert likeness(found) in ((None,) if values == reordered else tuple(Likeness))
    assert likeness([*found, Difference("/name", "x", "y")]) is None


def run(*args: str) -> Result:
    return CliRunner().invoke(explain, args)


@pytest.fixture
def configured(
    exporter: Exporter, data_space: DataSpace, monkeypatch: pytest.MonkeyPatch
) -> DataSpace:
    """The data space, for which the shop in the folder that MCS_VAR names is configured."""
    monkeypatch.setenv("MCS_VAR", str(exporter.path.parent))
    monkeypatch.delenv("MCS_CONTROL_TOKEN", raising=False)
    exporter.configure(
        services_connector__services_id__environment_id=data_space.id,
        services_connector__production_gateway_url=data_space.url,
    )
    return data_space


def test_explain_exits_with_1_if_anything_is_wrong(
    configured: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"))
    batch = configured.receive(price("B"))
    exporter.note(price("B"), request_id=batch.request_id)

    results = [run("A"), run("B"), run("C"), run("A", "--feed", "products")]

    assert [result.exit_code for result in results] == [1, 0, 1, 1]
    assert "missing: never_arrived" in results[0].stdout
    assert "never generated an item of it" in results[2].stdout


def test_explain_prints_a_document_if_asked(configured: DataSpace, exporter: Exporter) -> None:
    configured.receive(price("A", 10))
    batch = configured.receive(price("A", 12))
    exporter.note(price("A", 12), request_id=batch.request_id)

    document = json.loads(run("A", "--json", "--website", "base").stdout)

    [item] = document["items"]
    assert (document["in_sync"], item["identity"]["websiteCode"]) == (True, "base")
    assert item["versions"][1]["differences"] == [
        {"pointer": "/regular", "before": 10, "after": 12}
    ]
    assert [request["request_id"] for request in item["requests"]][-1:] != []


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("args", "told_text"),
    [
        ((), "Name what is to be explained"),
        (("A", "--key", KEY_OF_A), "One of them, not both"),
        (("--key", "abc"), "is no identity key"),
        (("A", "--feed", "orders"), 'unknown feed "orders"'),
    ],
    ids=["nothing", "both", "no-key", "unknown-feed"],
)
def test_wrong_usage_of_explain_is_told(args: tuple[str, ...], told_text: str) -> None:
    result = run(*args)

    with pytest.raises(UsageError, match=told_text):
        raise result.exception or AssertionError(result.output)


@pytest.mark.usefixtures("configured")
def test_explain_exits_with_3_if_the_service_is_away(tmp_path: Path) -> None:
    result = run("A", "--url", "http://127.0.0.1:9")

    assert result.exit_code == 3
    assert "no answer from" in result.stderr
    assert (tmp_path / "commerce.sqlite").exists()
