"""/control/data-spaces/<id>/runs: the sync runs of an exporter, as it reports them."""

from typing import Any

from flask import Blueprint, Response

from mcs.contract.errors import ContractError, UsageError
from mcs.contract.feeds import FEEDS
from mcs.server.answers import json_answer
from mcs.server.asked import (
    LARGEST_NUMBER,
    admit,
    is_number,
    json_body,
    known_data_space,
    wanted_feed,
    wanted_number,
)
from mcs.server.service import current_service
from mcs.server.store.runs import RunState

control_runs = Blueprint(
    "control_runs", __name__, url_prefix="/control/data-spaces/<data_space>/runs"
)
control_runs.before_request(admit)

LARGEST_PAGE = 1_000
TEXT_LENGTH = 2_000
COUNTS = ("sources", "sources_done", "submitted", "failed")


@control_runs.get("")
def list_runs(data_space: str) -> Response:
    """The runs that began last, newest first."""
    space, limit = known_data_space(data_space), min(wanted_number("limit", 100) or 1, LARGEST_PAGE)
    found = current_service().store.runs.newest(space, wanted_feed(), limit)
    return json_answer({"runs": found})


@control_runs.post("")
def begin_run(data_space: str) -> Response:
    """Notes that a sync of a feed has begun."""
    space, given = known_data_space(data_space), json_body("feed", "operation", "sources")
    feed = given.get("feed")
    if feed not in list(FEEDS):
        raise UsageError(f"feed: got {feed!r}, expected one of: {', '.join(FEEDS)}.")
    operation = _text("operation", given.get("operation"))
    _check_counts({"sources": given.get("sources", 0)})
    store = current_service().store
    return json_answer(store.runs.begin(space, feed, operation, given.get("sources", 0)), 201)


@control_runs.put("/<number>")
def report_run(data_space: str, number: str) -> Response:
    """Notes how far a run is, or how it ended."""
    space, known = known_data_space(data_space), json_body("state", "reason", *COUNTS)
    if known.get("state", RunState.RUNNING) not in list(RunState):
        expected = ", ".join(RunState)
        raise UsageError(f"state: got {known['state']!r}, expected one of: {expected}.")
    if known.get("reason") is not None:
        _text("reason", known["reason"])
    _check_counts({name: known[name] for name in COUNTS if name in known})
    runs = current_service().store.runs
    found = runs.report(space, int(number), known) if is_number(number) else None
    if found is None:
        raise ContractError(404, "unknown_run", f'No run "{number}" was begun here.')
    return json_answer(found)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_LENGTH:
        raise UsageError(f"{name}: expected a text of 1 to {TEXT_LENGTH:,} characters.")
    return value


def _check_counts(counts: dict[str, Any]) -> None:
    for name, value in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < LARGEST_NUMBER:
            raise UsageError(f"{name}: got {value!r}, expected a whole number of 0 or more.")
