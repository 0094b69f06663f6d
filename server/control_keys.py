"""/control/data-spaces/<id>/keys: the API keys of a data space. None is ever shown whole."""

from dataclasses import asdict

from flask import Blueprint, Response

from mcs.contract.errors import ContractError
from mcs.server.answers import json_answer
from mcs.server.asked import admit, is_number, known_data_space
from mcs.server.service import current_service
from mcs.server.store.values import ListedKey

control_keys = Blueprint(
    "control_keys", __name__, url_prefix="/control/data-spaces/<data_space>/keys"
)
control_keys.before_request(admit)


@control_keys.get("")
def list_keys(data_space: str) -> Response:
    """The keys of a data space, oldest first, the retired ones included."""
    found = current_service().store.keys.of(known_data_space(data_space))
    return json_answer({"keys": [asdict(key) for key in found]})


@control_keys.delete("/<number>")
def retire_key(data_space: str, number: str) -> Response:
    """Makes a key good no more, from the next request on; one that is retired stays so."""
    return json_answer(asdict(retired(known_data_space(data_space), number)))


def retired(data_space: str, number: str) -> ListedKey:
    """A key of a data space, which is good no more. Raises ContractError 404."""
    keys = current_service().store.keys
    own = {key.number for key in keys.of(data_space)}
    wanted = int(number) if is_number(number) else None
    if wanted is None or wanted not in own:
        raise ContractError(
            404,
            "unknown_key",
            f'Data space {data_space} has no key "{number}". '
            f"GET /control/data-spaces/{data_space}/keys lists all.",
        )
    keys.retire(data_space, [wanted])
    return next(key for key in keys.of(data_space) if key.number == wanted)
