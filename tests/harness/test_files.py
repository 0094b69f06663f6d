"""Items out of files, in each form they come in; and where a broken file is broken."""

import gzip
from io import BytesIO

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.files import read_items


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("text", "items"),
    [
        ('[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        ('[\n  {"a": 1},\n  2\n]\n', [{"a": 1}, 2]),
        ("[]", []),
        ('{"a": 1}', [{"a": 1}]),
        ('{\n  "a": 1\n}\n', [{"a": 1}]),
        ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ('\n\n{"a": 1}\r\n\r\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('\ufeff[{"a": 1}]', [{"a": 1}]),
    ],
    ids=["array", "pretty", "none", "item", "pretty-item", "lines", "blank-lines", "bom"],
)
def test_every_form_is_read(text: str, items: list[object], packed: bool) -> None:
    content = gzip.compress(text.encode()) if packed else text.encode()

    assert list(read_items(BytesIO(content), "items.json")) == items


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "items.json: it is empty"),
        ("\n \n", "items.json: it is empty"),
        ('[{"a": 1},\n {"a": }]', "items.json: line 2, column 8: "),
        ("[1,", "items.json: line 1, column "),
        ('\n\n{"a": 1}\n{"a": }\n', "items.json: line 4, column 7: "),
        ('{"a": 1}\n[2]\n', r"items.json: line 2, column 1: got \[2\], expected an item"),
        ("[1]\n[2]\n", "items.json: line 2, column 1: more after the array"),
        ('"text"', 'items.json: line 1, column 1: got "text", expected an item'),
        ("[1,\n2]\n[3]", "items.json: line 3, column "),
    ],
)
def test_a_broken_file_is_told_with_line_and_column(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        list(read_items(BytesIO(text.encode()), "items.json"))


def test_bytes_that_are_no_text_are_told_with_the_first_of_them() -> None:
    told = r"items.json: line 2, column 2: the byte 0x92 is not UTF-8\."
    with pytest.raises(UsageError, match=told):
        list(read_items(BytesIO(b'[1,\n"\x92"]'), "items.json"))


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"[1, 2, 3]")[:-9], b"\x1f\x8bnot gzip at all"],
    ids=["cut", "other"],
)
def test_a_broken_gzip_is_told(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"items.json.gz: its gzip stream cannot be read"):
        list(read_items(BytesIO(content), "items.json.gz"))
