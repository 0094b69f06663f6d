"""/control/…/faults: scripted misbehaviour is put in force, watched and ended."""

from flask import Blueprint, Response

from mcs.contract.errors import ContractError, UsageError
from mcs.server import listings
from mcs.server.answers import json_answer
from mcs.server.asked import admit, is_number, json_body, known_data_space
from mcs.server.faults.rules import Rule, new_rule
from mcs.server.service import current_service

PREFIX = "/control/data-spaces/<data_space>/faults"

control_faults = Blueprint("control_faults", __name__)
control_faults.before_request(admit)


@control_faults.get(PREFIX)
def list_faults(data_space: str) -> Response:
    """The rules in force or switched off, and how far each has come."""
    rules = current_service().store.faults.rules(known_data_space(data_space))
    return json_answer({"faults": [rule.as_json() for rule in rules]})


@control_faults.post(PREFIX)
def add_fault(data_space: str) -> Response:
    """Puts a rule in force."""
    space = known_data_space(data_space)
    rule = new_rule(json_body())
    return json_answer(current_service().store.faults.add(space, rule).as_json(), 201)


@control_faults.delete(PREFIX)
def clear_faults(data_space: str) -> Response:
    """Ends all rules; their journal stays."""
    space = known_data_space(data_space)
    return json_answer({"cleared": current_service().store.faults.clear(space)})


@control_faults.delete(PREFIX + "/<number>")
def end_fault(data_space: str, number: str) -> Response:
    """Ends one rule; the answer shows how far it came."""
    space = known_data_space(data_space)
    ended = current_service().store.faults.end(space, int(number)) if is_number(number) else None
    return json_answer(_known(ended, number).as_json())


@control_faults.patch(PREFIX + "/<number>")
def switch_fault(data_space: str, number: str) -> Response:
    """Switches one rule on or off; its counters stay."""
    space = known_data_space(data_space)
    enabled = json_body("enabled").get("enabled")
    if not isinstance(enabled, bool):
        raise UsageError(f"enabled: got {enabled!r}, expected true or false.")
    store = current_service().store
    rule = store.faults.enable(space, int(number), enabled) if is_number(number) else None
    return json_answer(_known(rule, number).as_json())


@control_faults.get(PREFIX + "/journal")
def fault_journal(data_space: str) -> Response:
    """What the rules did, in order."""
    events = current_service().store.faults.events(known_data_space(data_space))
    return json_answer({"events": [listings.fault_event(event) for event in events]})


def _known(rule: Rule | None, number: str) -> Rule:
    if rule is None:
        raise ContractError(404, "unknown_fault", f'There is no fault "{number}" here.')
    return rule
