"""The key check and the merchant registry that the Services Connector asks.

Source: contract/wire.md, "Key check" and "Merchant registry". The registry's answers beyond
`results` are assumed: nobody could see more of them.
"""

from typing import Any

from flask import Blueprint, Response, request

from mcs.contract.errors import ContractError
from mcs.server import gateway
from mcs.server.answers import json_answer, refusal_answer
from mcs.server.ingest import journal_refusal
from mcs.server.receipt import new_receipt
from mcs.server.service import current_service
from mcs.server.store.values import DataSpace

registry = Blueprint("registry", __name__)

PREFIX = "/merchant-registry/v1/registry"
ENVIRONMENT = PREFIX + "/environments/<data_space>"


@registry.get("/merchant-registry/v1/ping")
@registry.get("/merchant-registry/index.html")
@registry.get("/gateway/apikeycheck")
def check_key() -> Response:
    """200 if API key and signature are good."""
    gateway.authenticate(current_service(), request.headers, None)
    return json_answer({"status": 200, "message": "OK"})


@registry.get(PREFIX)
def environments() -> Response:
    """The data spaces that the caller's key may send to."""
    service = current_service()
    own = gateway.authenticate(service, request.headers, None)
    found = [space for space in service.store.data_spaces.all() if space.id in own]
    return json_answer({"results": [_environment(space) for space in found]})


@registry.get(ENVIRONMENT)
def environment(data_space: str) -> Response:
    """One data space."""
    return json_answer(_environment(_own_data_space(data_space)))


@registry.put(ENVIRONMENT + "/cloudid/<cloud>")
def set_cloud(data_space: str, cloud: str) -> Response:
    """Acknowledges which cloud project the shop is; nothing of ours depends on it."""
    return json_answer(_environment(_own_data_space(data_space)) | {"cloudId": cloud})


@registry.post(ENVIRONMENT + "/cleanup")
def cleanup(data_space: str) -> Response:
    """Wipes the data space, as `saas:catalog:cleanup` asks for; its keys stay."""
    space = _own_data_space(data_space)
    forgotten = current_service().store.data_spaces.reset(space.id)
    return json_answer({"status": 200, "message": "OK", "items": forgotten.items})


@registry.errorhandler(ContractError)
def refused(refusal: ContractError) -> Response:
    """Journals the refusal: a client that fails the key check never comes to send anything."""
    service = current_service()
    receipt = new_receipt(service, request.path.lstrip("/"))
    addressed = str((request.view_args or {}).get("data_space", ""))
    found = service.store.data_spaces.find(gateway.normalised_id(addressed) or "")
    receipt.note(data_space=found and found.id)
    journal_refusal(service, receipt, refusal)
    return refusal_answer(refusal)


def _own_data_space(data_space_id: str) -> DataSpace:
    service = current_service()
    found = service.store.data_spaces.find(gateway.normalised_id(data_space_id) or "")
    if found is None:
        raise gateway.unknown_data_space(data_space_id)
    gateway.authenticate(service, request.headers, found.id)
    return found


def _environment(space: DataSpace) -> dict[str, Any]:
    names: dict[str, Any] = {"environmentId": space.id, "environmentName": space.name}
    return names | {"environmentType": "Testing", "createdAt": space.created_at}
