"""/control: one data space, and the settings that it is treated by."""

from flask import Blueprint, Response

from mcs.server import gateway, listings
from mcs.server.answers import json_answer
from mcs.server.asked import admit, json_body
from mcs.server.service import current_service
from mcs.server.store.values import DataSpace

control_settings = Blueprint("control_settings", __name__, url_prefix="/control")
control_settings.before_request(admit)


@control_settings.get("/data-spaces/<data_space>")
def show_data_space(data_space: str) -> Response:
    """One data space with its settings."""
    return json_answer(listings.data_space(asked_data_space(data_space)))


@control_settings.patch("/data-spaces/<data_space>")
def change_settings(data_space: str) -> Response:
    """Puts the given settings in place of those the data space has, from the next request on."""
    space, given = asked_data_space(data_space), json_body("settings").get("settings")
    changed = current_service().store.data_spaces.change_settings(space.id, given)
    return json_answer(listings.data_space(changed or space))


def asked_data_space(data_space: str) -> DataSpace:
    """The data space of this id. Raises ContractError 404."""
    found = current_service().store.data_spaces.find(gateway.normalised_id(data_space) or "")
    if found is None:
        raise gateway.unknown_data_space(data_space)
    return found
