"""Who calls the catalog data ingestion API in a test: a client of its data space, with tokens."""

from typing import Any

from mcs.contract.errors import UsageError
from mcs.contract.token_request import TOKEN_PATH, token_form
from mcs.harness.client import refusal
from mcs.testing.control import Control
from mcs.testing.told import speaks_for_itself

__tracebackhide__ = speaks_for_itself

TURNED_AWAY = (
    "{url} gave no token: {refusal}. Look at which faults are in force, and whether the data space "
    "is still there."
)


def new_client(control: Control, data_space_id: str) -> dict[str, Any]:
    """A client of a data space: client_id and client_secret."""
    return control.call("POST", f"/data-spaces/{data_space_id}/clients", {})


def new_token(control: Control, client: dict[str, Any]) -> str:
    """A token that is good from now on. Raises UsageError if there is none."""
    url = f"{control.url}{TOKEN_PATH}"
    fields = token_form(client["client_id"], client["client_secret"])
    # Without the headers of the control API, which say JSON.
    answer = control.http.request("POST", url, fields=fields, encode_multipart=False, headers={})
    if answer.status != 200:
        raise UsageError(TURNED_AWAY.format(url=url, refusal=refusal(answer.status, answer.data)))
    return str(answer.json()["access_token"])
