"""Inspector: one request, looked into, and sent again."""

import json

import jwt
import pytest

from mcs.server.store.repository import utc_now
from tests.server.dashboard.conftest import Visitor
from tests.server.dashboard.inspecting import BAD, listed, newest
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, product

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def test_each_item_has_its_verdict_with_the_value_at_the_pointer(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A"), BAD])

    bad, good = newest(visitor, home)["verdicts"]["rows"]

    assert (good["verdict"], good["sku"]) == ("accepted", "A")
    assert (bad["verdict"], bad["identity"]) == ("refused", "sku BAD, storeViewCode default")
    assert bad["errors"][0]["pointer"] == "/name"
    assert bad["errors"][0]["value"] == '["no","name"]'


def test_a_lost_item_is_told_apart_from_a_recorded_one(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    put_in_force(data_space, "lose", nth=2)
    data_space.post("products", [product("A"), product("B")])

    lost, kept = newest(visitor, home)["verdicts"]["rows"]

    assert (kept["verdict"], kept["faults"]) == ("accepted", "")
    assert (lost["verdict"], lost["faults"]) == ("not recorded", "lose")


def test_of_many_items_those_that_failed_are_shown_first(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [*(product(str(n)) for n in range(250)), BAD])

    view = newest(visitor, home)

    assert [row["index"] for row in view["verdicts"]["rows"]][:2] == [250, 0]
    assert len(view["verdicts"]["rows"]) == 200
    assert view["verdicts_note"].startswith("200 of 251 items")


def test_a_large_body_is_cut_and_the_download_has_all(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    batch = [product("A", description="x" * 100_000)]
    data_space.post("products", batch, compress=True)

    view = newest(visitor, home)
    whole = visitor.get(f"{home}inspect/requests/{view['request']['id']}/body")

    text, note = view["body"]["text"], view["body"]["note"]
    assert len(text) == 60_000
    size = f"{len(whole.data) / 1_000:.1f} kB"
    assert note.startswith(f"The first {text.count(chr(10))} of ")
    assert note.endswith(f" lines are shown; the download has all {size}.")
    assert json.loads(whole.data) == batch
    assert whole.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("ahead_s", "factor", "note"),
    [(300, 1, ""), (300, 1_000, "exp looks like milliseconds"), (10**12, 1_000, "ten years ahead")],
)
def test_a_token_that_hardly_ever_expires_is_noted(
    visitor: Visitor, data_space: DataSpaceClient, home: str, ahead_s: int, factor: int, note: str
) -> None:
    claims = {"exp": (int(utc_now().timestamp()) + ahead_s) * factor}
    token = jwt.encode(claims, data_space.private_key, algorithm="RS256")

    answer = data_space.post("products", [product("A")], headers={"x-gw-signature": token})

    view = newest(visitor, home)
    assert answer.status == 200
    assert note in view["claims_note"]
    assert bool(note) == bool(view["claims_note"])
    page = visitor.page(f"{home}inspect/requests/{view['request']['id']}")
    assert view["claims_note"] in page


def test_secrets_are_neither_in_headers_nor_in_the_curl_command(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])
    number = listed(visitor, home + "inspect")[0]["id"]

    page = visitor.page(f"{home}inspect/requests/{number}")

    assert data_space.api_key not in page
    assert "eyJhbGci" not in page
    assert "$MCS_API_KEY" in page


def test_a_hostile_payload_is_shown_as_text(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product(HOSTILE, name=HOSTILE), {**BAD, "sku": HOSTILE}])
    number = listed(visitor, home + "inspect")[0]["id"]
    put_in_force(data_space, "lose", note=HOSTILE)

    paths = (f"inspect/requests/{number}", "inspect/refused", "inspect/faults", "inspect?q=<img")

    for path in paths:
        assert "<script>alert" not in visitor.page(home + path)


def test_a_resent_body_is_judged_again(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A"), BAD])
    number = listed(visitor, home + "inspect")[0]["id"]
    page = f"{home}inspect/requests/{number}"

    answer = visitor.send(page, page + "/resend")
    again = visitor.json(answer.headers["Location"])

    assert answer.status == 303
    assert (again["resent_from"], again["request"]["rejected"]) == (str(number), 1)
    assert [row["verdict"] for row in again["verdicts"]["rows"]] == ["refused", "accepted"]
    assert data_space.received()[0]["versions"] == 2


def test_a_fault_hits_a_resent_body_but_not_the_visitors_connection(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])
    number = listed(visitor, home + "inspect")[0]["id"]
    page = f"{home}inspect/requests/{number}"
    put_in_force(data_space, "reset", parameters={"recorded": False})

    answer = visitor.send(page, page + "/resend")
    again = visitor.json(answer.headers["Location"])["request"]

    assert (again["answered"], again["faults"]) == (False, ["reset"])


def test_a_body_that_was_no_batch_is_refused_again(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", b"{nope")
    number = listed(visitor, home + "inspect")[0]["id"]
    page = f"{home}inspect/requests/{number}"

    answer = visitor.send(page, page + "/resend")

    assert visitor.json(answer.headers["Location"])["code"] == "invalid_json"
