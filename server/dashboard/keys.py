"""Keys: who may send to a data space; and the requests that found no data space at all."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import ContractError
from mcs.server.control_keys import retired
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.keys_page import keys_page, misaddressed_page
from mcs.server.dashboard.navigation import known_data_space
from mcs.server.dashboard.negotiation import show
from mcs.server.dashboard.query import wanted_number
from mcs.server.service import current_service
from mcs.server.store.journal import PAGE_ROWS

NOT_CONFIRMED = "No key was retired: tick the box first."

pages = page_blueprint("keys")
lost = page_blueprint("misaddressed", prefix="")


@pages.get("/keys")
def overview(data_space: str) -> Response:
    """The keys by how they begin, and when each was used last."""
    space = known_data_space(data_space)
    view = keys_page(space.id, space.name, current_service().store.keys.of(space.id))
    return show("keys.html", view, view.table)


@pages.post("/keys/<int:number>/retire")
def retire(data_space: str, number: int) -> AnyResponse:
    """Makes a key good no more."""
    space = known_data_space(data_space)
    if request.form.get("sure") != "yes":
        raise ContractError(400, "not_confirmed", "Bad Request", NOT_CONFIRMED)
    retired(space.id, str(number))
    return redirect(url_for(".overview", data_space=space.id), 303)


@lost.get("/misaddressed")
def misaddressed() -> Response:
    """The requests that were addressed to no data space that there is, newest first."""
    before = wanted_number(request.args, "before")
    found = current_service().store.journalled.requests(None, before=before, limit=PAGE_ROWS + 1)
    view = misaddressed_page(found, request.path, before, PAGE_ROWS)
    return show("misaddressed.html", view, view.table)
