"""Keys and misaddressed requests: where somebody looks to whom nothing arrives."""

from tests.server.dashboard.conftest import Visitor
from tests.server.running import DataSpaceClient, RunningService, product

NOBODYS = "00000000-0000-4000-8000-00000000beef"


def lost_request(data_space: DataSpaceClient) -> str:
    """Sends a batch to a data space that there is none of; the request's id."""
    answer = data_space.post(
        "products",
        [product("A")],
        path=data_space.path("products").replace(data_space.id, NOBODYS),
    )
    assert answer.status == 404
    return answer.headers["x-request-id"]


def test_keys_are_shown_by_how_they_begin_with_their_last_use(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])

    page, [row] = visitor.page(home + "keys"), visitor.json(home + "keys")["table"]["rows"]

    assert row["shown"] == data_space.api_key[:4] + "…"
    assert (row["state"], row["last_used_at"] is None) == ("good", False)
    assert data_space.api_key not in page


def test_a_key_is_retired_by_a_form_that_asks_twice(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    [row] = visitor.json(home + "keys")["table"]["rows"]
    action = f"{home}keys/{row['number']}/retire"

    unsure = visitor.send(home + "keys", action)
    still = data_space.post("products", [product("A")])
    sure = visitor.send(home + "keys", action, sure="yes")
    refused = data_space.post("products", [product("A")])

    assert (unsure.status, still.status, sure.status, refused.status) == (400, 200, 303, 403)
    assert "No key is good" in visitor.page(home + "keys")


def test_a_key_is_not_retired_from_the_page_of_another_data_space(
    visitor: Visitor, data_space: DataSpaceClient, home: str, service: RunningService
) -> None:
    other = service.data_space()
    [others] = other.control("GET", "/keys").json()["keys"]

    answer = visitor.send(home + "keys", f"{home}keys/{others['number']}/retire", sure="yes")

    assert answer.status == 404
    assert other.post("products", [product("A")]).status == 200


def test_a_request_that_found_no_data_space_is_listed_with_the_reason(
    visitor: Visitor, data_space: DataSpaceClient
) -> None:
    request_id = lost_request(data_space)

    rows = visitor.json("/misaddressed")["table"]["rows"]

    [row] = [row for row in rows if row["request_id"] == request_id]
    assert row["key"] == data_space.api_key[:4] + "…"
    assert f'Data space "{NOBODYS}" is not known here' in row["reason"]


def test_misaddressed_requests_come_in_pages(visitor: Visitor, data_space: DataSpaceClient) -> None:
    for _ in range(51):
        lost_request(data_space)

    first = visitor.json("/misaddressed")
    second = visitor.json(first["pager"]["next_url"])

    assert len(first["table"]["rows"]) == 50
    ids = [row["request_id"] for page in (first, second) for row in page["table"]["rows"]]
    assert len(set(ids)) == len(ids) > 50


def test_where_nothing_arrives_pages_lead_to_both(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    first, inspector = visitor.page(home), visitor.page(home + "inspect")

    assert 'href="/misaddressed"' in first
    assert f'href="{home}keys"' in first
    assert 'href="/misaddressed"' in inspector
