"""Inspector: what came in and how it is found again; what was refused; charts."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from mcs.server.dashboard.charts import lines
from mcs.server.dashboard.traffic_charts import BARS, traffic
from mcs.server.store.journal import Filter, Sample, Show
from mcs.server.store.journal_search import search, spellings
from mcs.server.store.repository import utc_now
from tests.server.dashboard.conftest import Visitor
from tests.server.dashboard.inspecting import BAD, listed
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, RunningService, config, product, running


def test_requests_are_listed_newest_first_with_all_columns(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A"), BAD])
    data_space.post("prices", b"{nope")

    broken, mixed = listed(visitor, home + "inspect")

    assert (mixed["feed"], mixed["items"], mixed["rejected"]) == ("products", 2, 1)
    assert (mixed["method"], mixed["signature"]) == ("POST", "RS256, verified")
    assert mixed["duration_ms"] > 0
    assert mixed["body_bytes"] > 50
    assert broken["status"] == 400
    assert "no JSON" in broken["outcome"]


def test_only_failed_requests_are_one_link_away(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])
    data_space.post("products", [BAD])
    view = visitor.json(home + "inspect")["requests"]

    [row] = listed(visitor, view["failed_url"])

    assert row["rejected"] == 1
    assert 'data-key="f"' in visitor.page(home + "inspect")


@pytest.mark.parametrize(
    ("query", "found"),
    [("feed=prices", 1), ("status=400", 1), ("show=faulty", 1), ("limit=2", 2)],
    ids=["feed", "status", "faulty", "limit"],
)
def test_requests_are_filtered(
    visitor: Visitor, data_space: DataSpaceClient, home: str, query: str, found: int
) -> None:
    data_space.post("products", [product("A")])
    data_space.post("prices", b"[]")
    put_in_force(data_space, "lose")
    data_space.post("products", [product("B")])

    assert len(listed(visitor, f"{home}inspect?{query}")) == found


def test_a_page_leads_to_the_older_ones(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    for number in range(5):
        data_space.post("products", [product(str(number))])

    first = visitor.json(home + "inspect?limit=3")["requests"]
    second = visitor.json(first["pager"]["next_url"])["requests"]

    numbers = [row["id"] for row in first["table"]["rows"] + second["table"]["rows"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 5
    assert (second["pager"]["next_url"], second["first"]) == (None, False)


def test_a_rare_filter_looks_at_a_bounded_number_and_goes_on(
    service: RunningService, data_space: DataSpaceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcs.server.store.journal.SCANNED_REQUESTS", 2)
    data_space.post("products", [BAD])
    for number in range(3):
        data_space.post("products", [product(str(number))])
    journal = service.store.journalled

    nothing = journal.page(data_space.id, Filter(show=Show.FAILED))
    found = journal.page(data_space.id, Filter(show=Show.FAILED, before=nothing.next))

    assert (nothing.entries, nothing.exhausted) == ([], False)
    assert [entry.rejected for entry in found.entries] == [1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("blue suede", "body"),
        ("24-mb01", "body"),
        ("größe", "body"),
        ("a/b", "body"),
        ("is not a string", "errors"),
        ("fixed-id-1", "request"),
    ],
)
def test_a_text_is_found_in_items_errors_and_ids(
    visitor: Visitor, data_space: DataSpaceClient, home: str, text: str, place: str
) -> None:
    data_space.post("products", [product("X")])
    found = product("24-MB01", name="Blue Suede GRÖSSE Größe a/b")
    data_space.post("products", [found, BAD], headers={"X-Request-Id": "fixed-id-1"})

    rows = listed(visitor, f"{home}inspect?everywhere=1&q={text.replace(' ', '+')}")

    assert [place in row["found_in"] for row in rows] == [True]


def test_the_requests_of_a_sku_are_known_whatever_became_of_its_items(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    sku = "24-MB01"
    data_space.post("products", [product(sku), product("24-MB02", name=f"like {sku}")])
    data_space.post("products", [product("24-MB02", name=f"as {sku}")])
    data_space.post("products", [product(sku, name=["no", "name"])])
    put_in_force(data_space, "lose")
    data_space.post("products", [product(sku, storeViewCode="de")])
    view = visitor.json(f"{home}inspect?limit=2&q={sku}")["requests"]
    following = listed(visitor, view["pager"]["next_url"])
    everywhere = listed(visitor, view["everywhere_url"].replace("limit=2", "limit=9"))
    failed = listed(visitor, f"{home}inspect?q={sku}&show=failed")

    newest, *_ = [request["id"] for request in data_space.requests()]
    shown = [row["id"] for row in (*view["table"]["rows"], *following)]
    assert shown == [newest, newest - 1, newest - 3]
    assert len(everywhere) == 4
    assert [row["id"] for row in failed] == [newest - 1]


def test_a_search_says_what_it_searched(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])

    note = visitor.json(home + "inspect?q=nothing-like-it")["requests"]["note"]

    assert "bodies, errors and answers of 1 requests" in note
    assert "all that the journal has" in note


def test_a_search_ends_after_its_time_and_goes_on_from_there(
    service: RunningService, data_space: DataSpaceClient
) -> None:
    data_space.post("products", [product("NEEDLE")])
    for number in range(25):
        data_space.post("products", [product(str(number))])
    time = iter(range(1000))

    first = search(service.store.journalled, data_space.id, "needle", Filter(), lambda: next(time))
    rest = search(
        service.store.journalled,
        data_space.id,
        "needle",
        Filter(before=first.next),
        lambda: next(time),
    )

    assert (first.hits, first.searched) == ([], 20)
    assert len(rest.hits) == 1


def test_escapes_of_other_writers_are_known() -> None:
    text = "Größe a/b ☃ 😀"

    written = [json.dumps(text), json.dumps(text, ensure_ascii=False).replace("/", "\\/")]

    for one in written:
        assert any(way in one.lower() for way in spellings(text))


@pytest.mark.parametrize("path", ["inspect/requests/1/resend", "inspect/reset", "inspect/faults"])
def test_another_site_cannot_change_anything(
    visitor: Visitor, data_space: DataSpaceClient, home: str, path: str
) -> None:
    data_space.post("products", [product("A")])

    answer = visitor.post(home + path, sure="yes", action="lose")

    assert answer.status == 403
    assert len(data_space.requests()) == 1


def test_another_data_spaces_request_is_not_found(
    visitor: Visitor, service: RunningService, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])
    number = listed(visitor, home + "inspect")[0]["id"]
    other = f"/data-spaces/{service.data_space('other').id}/"

    for path in (f"inspect/requests/{number}", f"inspect/requests/{number}/body"):
        assert visitor.get(other + path).status == 404
    assert listed(visitor, other + "inspect?q=A") == []


def test_refused_items_are_listed_with_their_errors_in_pages(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [{**BAD, "sku": f"B{n}"} for n in range(60)])

    first = visitor.json(home + "inspect/refused?feed=products")
    second = visitor.json(first["pager"]["next_url"])

    rows = first["table"]["rows"] + second["table"]["rows"]
    assert [row["index"] for row in rows] == list(range(59, -1, -1))
    assert "/name" in rows[0]["errors"][0]


def test_all_can_be_forgotten_by_who_ticks_the_box(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])
    page = home + "inspect"

    refused = visitor.send(page, page + "/reset")
    done = visitor.send(page, page + "/reset", sure="yes")

    assert (refused.status, done.status) == (400, 303)
    assert data_space.requests() == []
    assert data_space.received() == []


def test_what_is_remembered_is_said(tmp_path: Path) -> None:
    with running(config(tmp_path, journal_size=7)) as service:
        space = service.data_space()
        space.post("products", [product("A")])

        view = Visitor(service.url, service.http).json(f"/data-spaces/{space.id}/inspect")

    assert "has 1 request of this data space" in view["retention"]
    assert "newest 7" in view["retention"]


def test_charts_count_each_request_once() -> None:
    now = utc_now()
    samples = [Sample(now.isoformat(), 10, 1, 2000, 5.0), Sample(now.isoformat(), 5, 0, 1000, 9.0)]

    items, refused, latency, size = traffic(samples, now).charts

    assert sum(value or 0 for value in items.series["items"]) == 15
    assert sum(value or 0 for value in refused.series["refused"]) == 1
    assert latency.latest == "p50 5.0, p95 9.0, p99 9.0"
    assert len(items.labels) == BARS
    assert sum(value or 0 for value in size.series["kB"]) == 3


def test_moments_without_requests_are_a_gap_in_the_latencies_and_a_lone_request_is_a_dot() -> None:
    now = utc_now()
    earlier = (now - timedelta(seconds=20)).isoformat()
    samples = [Sample(now.isoformat(), 1, 0, 9, 5.0), Sample(earlier, 1, 0, 9, 9.0)]

    latency = traffic(samples, now).charts[2]
    drawn = lines(latency.title, latency.labels, latency.series)

    assert [value for value in latency.series["p50"] if value is not None] == [9.0, 5.0]
    assert drawn.count("<circle") == 2 * len(latency.series)
    assert 'class="line reactive' not in drawn


def test_without_requests_there_are_no_charts(visitor: Visitor, home: str) -> None:
    view = visitor.json(home + "inspect")

    assert view["traffic"]["charts"] == []
    assert "No request came yet." in visitor.page(home + "inspect")


@pytest.mark.parametrize("query", ["feed=orders", "show=some", "status=x", "before=-1"])
def test_a_query_that_makes_no_sense_is_refused(visitor: Visitor, home: str, query: str) -> None:
    assert visitor.get(f"{home}inspect?{query}").status == 400


@pytest.mark.parametrize("path", ["inspect", "inspect/refused", "inspect/faults"])
def test_each_list_is_there_as_csv(
    visitor: Visitor, data_space: DataSpaceClient, home: str, path: str
) -> None:
    data_space.post("products", [product("A"), BAD])

    answer = visitor.get(f"{home}{path}?format=csv")

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.data.count(b"\r\n") >= 1
