"""/control/data-spaces/<id>/schedule: when the windows of an exporter open, as it tells it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response

from mcs.contract.errors import ContractError, UsageError
from mcs.server.answers import json_answer
from mcs.server.asked import admit, json_body, known_data_space
from mcs.server.service import current_service

LONGEST_S = 31 * 24 * 3600
EVERY = "every_s: got {value!r}, expected a whole number of seconds from 1 to {longest:,}."
NEXT = "next_at: got {value!r}, expected an ISO 8601 time with a zone, of the years 1970 to 9998."
NOT_TOLD = (
    "No exporter has told when its windows open; pages take them to open on the hour. Tell it with "
    "PUT."
)

control_schedule = Blueprint(
    "control_schedule", __name__, url_prefix="/control/data-spaces/<data_space>/schedule"
)
control_schedule.before_request(admit)


@control_schedule.get("")
def show_schedule(data_space: str) -> Response:
    """What the exporter told last."""
    found = current_service().store.schedules.of(known_data_space(data_space))
    if found is None:
        raise ContractError(404, "unknown_schedule", "Not Found", NOT_TOLD)
    return json_answer(found)


@control_schedule.put("")
def report_schedule(data_space: str) -> Response:
    """Keeps when the windows open, in the place of what was said before."""
    space, given = known_data_space(data_space), json_body("every_s", "next_at")
    every_s, next_at = given.get("every_s"), given.get("next_at")
    if not (isinstance(every_s, int) and every_s is not True and 1 <= every_s <= LONGEST_S):
        raise UsageError(EVERY.format(value=every_s, longest=LONGEST_S))
    told = current_service().store.schedules.report(space, every_s, _moment(next_at))
    return json_answer(told)


def _moment(value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(NEXT.format(value=value)) from None
    if moment.tzinfo is None or not 1970 <= moment.year <= 9998:
        raise UsageError(NEXT.format(value=value))
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
