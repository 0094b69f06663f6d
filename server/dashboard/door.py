"""The way in: /, login and logout, and what pages are made with (stylesheet, script, icon)."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import ContractError
from mcs.server.dashboard import guard
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.navigation import MENU, known_data_space
from mcs.server.dashboard.negotiation import Format, show, wanted_format
from mcs.server.dashboard.state import current_dashboard
from mcs.server.dashboard.table import Column, Table
from mcs.server.dashboard.views import DataSpaces, Login, SpaceLink
from mcs.server.service import current_service

NO_PAGE = "There is no page {page} here. Take one of the menu."
WRONG_TOKEN = "This is not the token that the server printed. Look at its first lines."  # noqa: S105 - a text

SPACE_COLUMNS = (Column("id", "ID"), Column("name", "Name"), Column("url", "URL"))

door = page_blueprint("door", prefix="", without_login=True)
door.static_folder = "static"
door.static_url_path = "/dashboard/static"

rooms: Blueprint = page_blueprint("rooms", prefix="")
elsewhere: Blueprint = page_blueprint("elsewhere")


@rooms.get("/")
def home() -> AnyResponse:
    """The first page of the oldest data space; all of them for who asks for JSON."""
    view = _data_spaces()
    if wanted_format() is Format.HTML and view.data_spaces:
        return redirect(view.data_spaces[0].url, 302)
    return show("data_spaces.html", view)


@rooms.get("/data-spaces/")
def data_spaces() -> Response:
    """All data spaces."""
    view = _data_spaces()
    return show("data_spaces.html", view, Table("Data spaces", SPACE_COLUMNS, view.data_spaces))


@rooms.get("/<any(inspect, faults, diff, feeds, keys, settings):name>")
def short(name: str) -> AnyResponse:
    """A page by its short URL, of the oldest data space."""
    spaces = current_service().store.data_spaces.all()
    entry = next((e for e in MENU if e.short == name), None)
    if entry is None or not spaces:
        abort(404)
    return redirect(url_for(entry.endpoint, data_space=spaces[0].id), 302)


@elsewhere.get("/<path:page>")
def unknown(data_space: str, page: str) -> AnyResponse:
    """What is no page of a data space. Raises ContractError 404."""
    known_data_space(data_space)
    raise ContractError(404, "not_found", "Not Found", NO_PAGE.format(page=page))


@door.get("/dashboard/login")
def login() -> Response:
    """The form that asks for the token."""
    return show("login.html", Login(_local(request.args.get("next"))))


@door.post("/dashboard/login")
def log_in() -> AnyResponse:
    """Opens a session, if the token is right, and leads to where the visitor wanted to go."""
    wanted = _local(request.form.get("next"))
    given = request.form.get("token", "")
    session = current_dashboard().admission.log_in(given, current_service().clock())
    if session is None:
        return show("login.html", Login(wanted, WRONG_TOKEN), status=403)
    answer = redirect(wanted, 303, Response)
    guard.set_cookie(answer, guard.SESSION_COOKIE, session)
    return answer


@door.post("/dashboard/logout")
def log_out() -> AnyResponse:
    """Ends the session."""
    current_dashboard().admission.log_out(request.cookies.get(guard.SESSION_COOKIE, ""))
    answer = redirect(url_for("door.login"), 303, Response)
    answer.delete_cookie(guard.SESSION_COOKIE)
    return answer


def _data_spaces() -> DataSpaces:
    return DataSpaces(
        tuple(
            SpaceLink(space.id, space.name, url_for(MENU[0].endpoint, data_space=space.id))
            for space in current_service().store.data_spaces.all()
        )
    )


def _local(path: str | None) -> str:
    # A link of a stranger must not lead away from here after login.
    parts = urlsplit(path or "")
    safe = path and path.startswith("/") and path[1:2] not in ("/", "\\")
    return path if path and safe and not parts.netloc and not parts.scheme else "/"
