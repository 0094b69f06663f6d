"""Who sends: credentials files, and which one is meant."""

import json
from pathlib import Path

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.credentials import only_credentials, read_credentials

CONTENT = {"name": "a", "data_space_id": "b", "api_key": "c", "private_key": "d", "url": "e"}


def test_the_only_file_there_is_is_taken(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "shop.json").write_text(json.dumps({**CONTENT, "more": 1}))

    found = only_credentials(tmp_path)

    assert (found.data_space_id, found.url) == ("b", "e")
    assert "private_key" not in repr(found)


@pytest.mark.parametrize(("count", "told"), [(0, "no credentials files"), (2, "2 credentials")])
def test_one_has_to_be_named_unless_there_is_one(tmp_path: Path, count: int, told: str) -> None:
    (tmp_path / "credentials").mkdir()
    for number in range(count):
        (tmp_path / "credentials" / f"{number}.json").write_text(json.dumps(CONTENT))

    with pytest.raises(UsageError, match=f"{told}.*--credentials"):
        only_credentials(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "line 1, column 2"),
        ("[]", "got a JSON list"),
        (json.dumps({**CONTENT, "url": 1}), "no text at url"),
        ("{}", "no text at name, data_space_id, api_key, private_key, url"),
        (None, "No such file"),
    ],
    ids=["broken", "array", "number", "empty", "away"],
)
def test_a_file_that_is_no_credentials_is_told_why(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    path = tmp_path / "shop.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(UsageError, match=reason):
        read_credentials(path)
