"""Who may see the pages and send their forms."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mcs.server.app import close, create_app, service_of
from tests.server.dashboard.conftest import Visitor
from tests.server.running import DataSpaceClient, RunningService, config, running

TOKEN = "open-sesame"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - said, not done: tests listen on loopback


@pytest.fixture(scope="module")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that believes it is reached by other machines."""
    options = {"host": EVERYWHERE, "dashboard_token": TOKEN}
    with running(config(tmp_path_factory.mktemp("open"), **options)) as service:
        yield service


@pytest.fixture
def stranger(open_service: RunningService) -> Visitor:
    """A visitor of that service."""
    return Visitor(open_service.url, open_service.http)


def resyncs(data_space: DataSpaceClient) -> int:
    return len(data_space.control("GET", "/resyncs").json()["resyncs"])


def test_a_page_of_another_site_cannot_send_a_form(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    foreign = {"Origin": "http://evil.example"}

    blind = visitor.post(f"{home}settings/resync", when="now")
    cross = visitor.send(f"{home}settings", f"{home}settings/resync", headers=foreign)

    assert [blind.status, cross.status] == [403, 403]
    assert resyncs(data_space) == 0


def test_a_page_of_another_site_cannot_use_the_control_api(
    data_space: DataSpaceClient,
) -> None:
    foreign = {"Origin": "http://evil.example"}

    answer = data_space.control("POST", "/resyncs", json={}, headers=foreign)

    assert (answer.status, answer.json()["code"]) == (403, "control_forbidden")


def test_a_forms_token_is_good_for_its_own_browser_only(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    visitor.page(f"{home}settings")
    other = Visitor(visitor.url, visitor.http)
    own = other.send(f"{home}settings", f"{home}settings/resync")
    visitor.cookies["mcs_browser"], stolen = "mine", other.cookies["mcs_browser"]

    foreign = visitor.post(f"{home}settings/resync", form_token=stolen)

    assert [own.status, foreign.status] == [303, 403]
    assert resyncs(data_space) == 1


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "[::1", ""])
def test_a_foreign_name_for_this_machine_is_refused(visitor: Visitor, home: str, host: str) -> None:
    answer = visitor.get(home, Host=host)

    assert answer.status in (400, 403)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8080"])
def test_names_of_this_machine_are_taken(visitor: Visitor, home: str, host: str) -> None:
    assert visitor.get(home, Host=host).status == 200


@pytest.mark.parametrize("path", ["", "settings", "products/none", "?format=json"])
def test_every_answer_says_what_a_page_may_load(visitor: Visitor, home: str, path: str) -> None:
    headers = visitor.get(home + path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["", "settings", "?fragment=status", "products/none"])
def test_no_page_has_script_or_style_within(visitor: Visitor, home: str, path: str) -> None:
    html = visitor.get(home + path).data.decode()

    assert "<script>" not in html
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick" not in html


def test_pages_that_others_reach_demand_a_login(stranger: Visitor) -> None:
    page, twin = stranger.get("/data-spaces/"), stranger.get("/data-spaces/", "application/json")

    assert (page.status, page.headers["Location"]) == (303, "/dashboard/login?next=/data-spaces/")
    assert (twin.status, twin.json()["code"]) == (401, "login_needed")


def test_the_printed_token_opens_the_pages_until_logout(stranger: Visitor) -> None:
    login = stranger.send("/dashboard/login", "/dashboard/login", token=TOKEN, next="/data-spaces/")
    inside = stranger.get("/data-spaces/")
    stranger.send("/data-spaces/", "/dashboard/logout")
    outside = stranger.get("/data-spaces/")

    assert (login.status, login.headers["Location"]) == (303, "/data-spaces/")
    assert "HttpOnly" in login.headers["Set-Cookie"]
    assert "SameSite=Strict" in login.headers["Set-Cookie"]
    assert [inside.status, outside.status] == [200, 303]


def test_a_wrong_token_opens_nothing(stranger: Visitor) -> None:
    login = stranger.send("/dashboard/login", "/dashboard/login", token="guessed")

    assert login.status == 403
    assert stranger.get("/data-spaces/").status == 303


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_login_leads_to_no_other_site(stranger: Visitor, wanted: str) -> None:
    login = stranger.send("/dashboard/login", "/dashboard/login", token=TOKEN, next=wanted)

    assert login.headers["Location"] == "/"


def test_the_token_itself_is_kept_nowhere(open_service: RunningService, tmp_path: Path) -> None:
    app = create_app(config(tmp_path, host=EVERYWHERE, dashboard_token=TOKEN))
    kept = repr(service_of(app).config) + repr(vars(app.extensions["mcs_dashboard"].admission))
    close(app)

    assert TOKEN not in kept
