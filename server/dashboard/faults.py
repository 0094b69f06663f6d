"""Faults: what the service does wrong on purpose, switched on and off."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import ContractError
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.fault_page import fault_page, rule_of_form
from mcs.server.dashboard.navigation import known_data_space
from mcs.server.dashboard.negotiation import show
from mcs.server.service import current_service

UNKNOWN_FAULT = 'There is no fault "{number}" here any more.'
LARGEST_NUMBER = 2**53

pages = page_blueprint("faults")


@pages.get("/inspect/faults")
def overview(data_space: str) -> Response:
    """The faults, what they did, and a form for another one."""
    view = fault_page(current_service().store, known_data_space(data_space).id)
    return show("faults.html", view, view.events)


@pages.post("/inspect/faults")
def add(data_space: str) -> AnyResponse:
    """Puts a fault in force."""
    space = known_data_space(data_space)
    current_service().store.faults.add(space.id, rule_of_form(request.form.to_dict()))
    return _back(space.id)


@pages.post("/inspect/faults/<int:number>")
def switch(data_space: str, number: int) -> AnyResponse:
    """Switches one fault on or off, or ends it."""
    space, store = known_data_space(data_space), current_service().store
    if number >= LARGEST_NUMBER:
        found = None
    elif request.form.get("do") == "end":
        found = store.faults.end(space.id, number)
    else:
        found = store.faults.enable(space.id, number, request.form.get("do") == "on")
    if found is None:
        message = UNKNOWN_FAULT.format(number=number)
        raise ContractError(404, "unknown_fault", "Not Found", message)
    return _back(space.id)


@pages.post("/inspect/faults/clear")
def clear(data_space: str) -> AnyResponse:
    """Ends all faults; what they did stays known."""
    space = known_data_space(data_space)
    current_service().store.faults.clear(space.id)
    return _back(space.id)


def _back(data_space: str) -> AnyResponse:
    return redirect(url_for(".overview", data_space=data_space), 303)
