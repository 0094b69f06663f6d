"""A request is kept as a file that others read."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcs.harness.sources.opening import open_sent
from tests.harness.sources.written import sent_lines
from tests.server.dashboard.conftest import Visitor
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, product

BAD = {"sku": "BAD", "storeViewCode": "default", "name": ["no", "name"]}


def saved(visitor: Visitor, data_space: DataSpaceClient, home: str) -> bytes:
    """The file of the newest request."""
    number = data_space.requests()[0]["id"]
    answer = visitor.get(f"{home}inspect/requests/{number}/case")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="request-{number}.har"'
    return answer.data


def read(file: bytes, folder: Path) -> list[dict[str, Any]]:
    path = folder / "request.har"
    path.write_bytes(file)
    with open_sent(str(path)) as side:
        return sent_lines(side, folder)


def test_a_saved_request_is_read_as_what_was_sent(
    visitor: Visitor, data_space: DataSpaceClient, home: str, tmp_path: Path
) -> None:
    data_space.post("products", [product("A"), BAD, product("Ü")], compress=True)

    lines = read(saved(visitor, data_space, home), tmp_path)

    # In a batch that failed in part the exporter keeps the HTTP status for all others.
    sent = {line["identity"]["sku"]: line["status"] for line in lines}
    assert (sent.pop("BAD"), sent) == (1, {"A": 400, "Ü": 400})


def test_a_request_that_was_refused_whole_is_saved_with_its_reason(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    body = b"[\xff"
    data_space.post("products", body)

    [entry] = json.loads(saved(visitor, data_space, home))["log"]["entries"]

    assert entry["request"]["postData"]["_encoding"] == "base64"
    assert entry["response"]["status"] == 400
    assert json.loads(entry["response"]["content"]["text"])["message"]


def test_a_saved_request_names_what_faults_did_and_holds_no_secret(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    put_in_force(data_space, "lose", nth=2)
    data_space.post("products", [product("A"), product("B")])

    file = saved(visitor, data_space, home)

    told = json.loads(file)["log"]["entries"][0]["_mcs"]
    assert [(fault["action"], fault["index"]) for fault in told["faults"]] == [("lose", 1)]
    assert (told["items"], told["accepted"], told["feed"]) == (2, 2, "products")
    assert data_space.api_key.encode() not in file
    assert b"eyJhbGci" not in file


@pytest.mark.parametrize("number", [0, 99_999, 2**60])
def test_a_request_that_is_not_there_cannot_be_saved(
    visitor: Visitor, home: str, number: int
) -> None:
    assert visitor.get(f"{home}inspect/requests/{number}/case").status == 404
