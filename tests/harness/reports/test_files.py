"""Where reports go: told by name, written whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.harness.reports.formats import Destination, Format, destination, write_file


def writing(content: bytes) -> Callable[[IO[bytes]], None]:
    """What writes this content."""

    def write(out: IO[bytes]) -> None:
        out.write(content)

    return write


def half(out: IO[bytes]) -> None:
    """Writes half of it, then fails as a full disk does."""
    out.write(b"half")
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("junit:out/report.txt", Destination(Format.JUNIT, Path("out/report.txt"))),
        ("report.HTML", Destination(Format.HTML, Path("report.HTML"))),
        ("report.jsonl", Destination(Format.NDJSON, Path("report.jsonl"))),
        (r"C:\report.csv", Destination(Format.CSV, Path(r"C:\report.csv"))),
    ],
    ids=["named", "by-suffix", "ndjson", "drive"],
)
def test_a_destination_names_a_format_or_suggests_it(text: str, expected: Destination) -> None:
    assert destination(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [("report", "does not say which format"), ("html:", "names no file"), ("json:.", "a folder")],
)
def test_a_destination_that_leads_nowhere_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        destination(text)


def test_folders_are_made_and_an_older_report_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "report.json"

    for content in (b"first", b"second"):
        write_file(path, writing(content))

    assert path.read_bytes() == b"second"
    assert os.listdir(path.parent) == ["report.json"]


def test_a_report_that_breaks_off_leaves_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"older")

    with pytest.raises(CouldNotTell, match=r"cannot write .*No space left"):
        write_file(path, half)

    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_link_leads_to_what_is_replaced_and_a_device_is_written_to(tmp_path: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    target.write_bytes(b"older")
    link.symlink_to(target)

    write_file(link, writing(b"newer"))
    write_file(Path(os.devnull), writing(b"gone"))

    assert link.is_symlink()
    assert target.read_bytes() == b"newer"
    assert Path(os.devnull).is_char_device()
