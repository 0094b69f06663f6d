"""Discrepancies: a comparison is run, shown, looked into, and found resolved in the end."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from mcs.exporter.commerce.edits import rename_product
from mcs.server.dashboard.diff_runs import FORMATS, Sides, command
from mcs.server.dashboard.side_by_side import patched
from tests.server.dashboard.conftest import Visitor
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, RunningService, config, running
from tests.stories.paired import PairedShop, paired_shop

HOSTILE = "<script>alert(1)</script>"


@dataclass
class Compared:
    """A shop in the server's var folder, and a visitor of the server's pages."""

    shop: PairedShop
    visitor: Visitor
    page: str

    def start(self, **fields: str) -> int:
        """The status of the answer to the form."""
        return self.visitor.send(self.page, self.page, headers=None, **fields).status

    def compare(self) -> dict[str, Any]:
        """The page once a comparison has ended."""
        assert self.start() == 303
        return self.ended()

    def ended(self) -> dict[str, Any]:
        """The page once nothing runs."""
        deadline = monotonic() + 60
        while (view := self.visitor.json(self.page))["running"]:
            assert monotonic() < deadline
        found: dict[str, Any] = view
        return found

    def found(self, view: dict[str, Any], index: int = 0) -> dict[str, Any]:
        """A discrepancy's page."""
        number = view["verdict"]["run"]["number"]
        page: dict[str, Any] = self.visitor.json(f"{self.page}/{number}/{index}")
        return page


@contextmanager
def compared(var: Path, service: RunningService, products: int = 4) -> Iterator[Compared]:
    space = service.data_space(partial_failure=200)
    with paired_shop(var, space, products=products) as shop:
        yield Compared(shop, Visitor(service.url, service.http), f"/data-spaces/{space.id}/diff")


def upload_to(paired: Compared, upload: tuple[str, str, str]) -> int:
    """The status of the answer to the form with a file."""
    page = paired.visitor.page(paired.page)
    token = re.findall(r'name="form_token" value="(\w+)"', page)[0]
    cookies = "; ".join(f"{name}={value}" for name, value in paired.visitor.cookies.items())
    answer = paired.visitor.http.request(
        "POST",
        paired.visitor.url + paired.page,
        headers={"Cookie": cookies},
        fields={"form_token": token, "upload": upload},
        redirect=False,
    )
    return answer.status


@pytest.fixture
def paired(tmp_path: Path) -> Iterator[Compared]:
    """A service and a shop that share a var folder, as one machine has them."""
    with running(config(tmp_path)) as service, compared(tmp_path, service) as both:
        yield both


def test_both_sides_agree_and_the_reports_can_be_saved(
    tmp_path: Path, service: RunningService
) -> None:
    with compared(tmp_path, service) as both:
        both.shop.resync("products")
        both.start(path=str(tmp_path / "commerce.sqlite"))
        view = both.ended()["verdict"]
    number, visitor = view["run"]["number"], both.visitor
    saved = {n: visitor.get(f"{both.page}/{number}/report.{n}", "*/*") for n in FORMATS}
    other = f"/data-spaces/{service.data_space('other').id}/diff"

    assert (view["run"]["state"], view["found"]["rows"]) == ("in sync", [])
    products = next(row for row in view["feeds"]["rows"] if row["feed"] == "products")
    assert products["sent"] == products["received"] == products["in_sync"] > 0
    assert json.loads(saved["json"].data)["in_sync"] is True
    assert all("attachment" in a.headers["Content-Disposition"] for a in saved.values())
    assert visitor.get(f"{other}/{number}/report.json").status == 404


def test_what_was_lost_is_found_charted_and_filtered(paired: Compared) -> None:
    put_in_force(paired.shop.data_space, "lose", feed="products", count=2)
    paired.shop.resync("products")

    verdict = paired.compare()["verdict"]
    by_kind = paired.visitor.json(f"{paired.page}?kind=changed")["verdict"]
    table = paired.visitor.get(f"{paired.page}?feed=products&format=csv").data.decode()

    rows = verdict["found"]["rows"]
    assert [row["kind"] for row in rows] == ["missing", "missing"]
    assert (verdict["chart_labels"], verdict["chart"]) == (["products"], {"missing": [2]})
    assert "<svg" in paired.visitor.page(paired.page)
    assert by_kind["found"]["rows"] == []
    assert len(table.splitlines()) == 3


def test_the_page_of_a_lost_product_leads_to_no_product_page(paired: Compared) -> None:
    put_in_force(paired.shop.data_space, "lose", feed="products", count=1)
    paired.shop.resync("products")
    paired.compare()

    page = paired.visitor.page(f"{paired.page}/1/0")

    assert "The service holds nothing of it; below is what is known." in page
    assert "as the service holds it" not in page


def test_a_discrepancy_is_resolved_as_the_manual_says(paired: Compared) -> None:
    space, visitor = paired.shop.data_space, paired.visitor
    fault = {"pointer": "/name", "value": HOSTILE}
    put_in_force(space, "corrupt", feed="products", count=1, parameters=fault)
    paired.shop.resync("products")
    first = paired.compare()
    before = paired.found(first)
    product = f"/data-spaces/{space.id}/products/{before['sku']}?store_view={before['store_view']}"
    told = visitor.json(product)["discrepancies"]
    pages = [visitor.page(product), visitor.page(f"{paired.page}/1/0"), visitor.page(paired.page)]

    with paired.shop.engine.begin() as connection:
        rename_product(connection, before["sku"], "Another name.")
    paired.shop.partial_sync()
    second = paired.compare()

    after = visitor.json(f"{paired.page}/1/0")
    assert (before["kind"], told[0]["kind"]) == ("changed", "changed")
    assert all(HOSTILE not in page for page in pages)
    assert before["edit"].startswith("mcs catalog edit name ")
    assert (before["resolved"], after["resolved"]) == (None, True)
    assert second["verdict"]["run"]["state"] == "in sync"
    assert visitor.json(product)["discrepancies"] == []


def test_both_sides_stand_beside_each_other(paired: Compared) -> None:
    fault = {"pointer": "/name", "value": "Wrong"}
    put_in_force(paired.shop.data_space, "corrupt", feed="products", count=1, parameters=fault)
    paired.shop.resync("products")

    page = paired.found(paired.compare())

    [changed] = [line for line in page["lines"] if line["kind"] == "changed"]
    assert changed["received"].strip() == '"name": "Wrong",'
    assert changed["sent"].strip().startswith('"name": "')
    assert [row["pointer"] for row in page["differences"]["rows"]] == ["/name"]


def test_without_an_exporters_database_the_form_says_where_it_looked(tmp_path: Path) -> None:
    with running(config(tmp_path / "empty")) as service:
        page = f"/data-spaces/{service.data_space().id}/diff"
        visitor = Visitor(service.url, service.http)

        answer = visitor.send(page, page)

    assert answer.status == 400
    assert str(tmp_path / "empty" / "commerce.sqlite") in answer.data.decode()


def test_a_side_that_cannot_be_read_says_why(tmp_path: Path, service: RunningService) -> None:
    (tmp_path / "no.sqlite").write_text("nothing like it")
    page = f"/data-spaces/{service.data_space().id}/diff"
    visitor = Visitor(service.url, service.http)
    both = Compared.__new__(Compared)
    both.visitor, both.page = visitor, page

    both.start(path=str(tmp_path / "no.sqlite"))
    view = both.ended()

    assert view["failed"]["state"] == "could not tell"
    assert "no.sqlite" in view["failed"]["error"]


def test_one_comparison_runs_at_a_time_and_can_be_stopped(paired: Compared) -> None:
    first, second = paired.start(), paired.start()
    stopped = paired.visitor.send(paired.page, paired.page + "/stop").status
    runs = paired.ended()["runs"]["rows"]

    assert (first, second, stopped) == (303, 409, 303)
    assert [run["state"] for run in runs] == ["could not tell"]


def test_few_comparisons_are_kept_and_known_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcs.server.dashboard.diff_runs.RUNS_KEPT", 2)
    with running(config(tmp_path)) as service, compared(tmp_path, service) as both:
        both.shop.resync("products")
        for _ in range(3):
            both.compare()
    with running(config(tmp_path)) as again:
        visitor = Visitor(again.url, again.http)
        view = visitor.json(both.page)
        gone = visitor.get(f"{both.page}?run=1").status

    assert [run["number"] for run in view["runs"]["rows"]] == [3, 2]
    assert (view["verdict"]["run"]["state"], gone) == ("in sync", 404)


def test_the_token_is_no_argument_that_all_on_the_machine_see() -> None:
    sides = Sides(("--sent", "a.log"), "a.log", "http://127.0.0.1:1", "secret")

    arguments = command(Path("/var/diffs/1"), "an-id", sides)

    assert "secret" not in " ".join(arguments)
    assert arguments[3:6] == ["diff", "--sent", "a.log"]


@pytest.mark.parametrize(
    ("item", "place", "sent"),
    [
        ({"a": [1, 2]}, {"pointer": "/a/1", "absent": "sent"}, {"a": [1]}),
        ({"a": [1]}, {"pointer": "/a/1", "sent": 2, "absent": "received"}, {"a": [1, 2]}),
        ({"a/b": 1}, {"pointer": "/a~1b", "sent": None}, {"a/b": None}),
        ({"a": 1}, {"pointer": "/b", "sent": 2, "absent": "received"}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"pointer": "/b", "absent": "sent"}, {"a": 1}),
    ],
    ids=["shorter list", "longer list", "escaped", "lacking", "too much"],
)
def test_what_was_sent_follows_from_what_is_held(
    item: Any, place: dict[str, Any], sent: Any
) -> None:
    assert patched(item, [place]) == sent


def test_an_uploaded_file_is_the_sent_side(paired: Compared) -> None:
    paired.shop.resync("scopesWebsite")
    lines = [json.dumps(line["item"]) for line in paired.shop.data_space.received("?payload=1")]
    upload = ("../../scopesWebsite.ndjson", "\n".join(lines), "application/x-ndjson")
    paired.visitor.page(paired.page)

    answer = upload_to(paired, upload)
    view = paired.ended()

    assert answer == 303
    assert view["runs"]["rows"][0]["sent"] == "scopesWebsite.ndjson"


def test_pages_name_the_data_space_they_belong_to(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    assert visitor.json(home + "diff")["data_space"] == data_space.id
