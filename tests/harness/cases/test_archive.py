"""A case file is taken whole and unharmed, or refused with what is wrong; nothing is left over."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.harness.cases import archive
from mcs.harness.cases.casefile import opened_case, write_document
from mcs.harness.cases.document import Case, steps_of
from mcs.harness.cases.logged import request_of_items
from mcs.harness.cases.requests import request_line


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case of one request."""
    path = tmp_path / "case.zip"
    with archive.written(path) as folder:
        request = request_of_items(FEEDS["products"], [{"sku": "A"}], 1, "2026-11-22T10:00:00Z")
        (folder / archive.REQUESTS).write_bytes(request_line(request))
        write_document(folder, Case("One request", steps=steps_of([(1, request.shown())])))
    return path


def _rewritten(
    path: Path, change: Callable[[zipfile.ZipFile, zipfile.ZipInfo, bytes], None]
) -> None:
    with zipfile.ZipFile(path) as old:
        members = [(info, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info, content in members:
            change(new, info, content)


def test_a_case_is_read_as_it_was_written(case: Path) -> None:
    with opened_case(case) as opened:
        [(request, at)] = opened.requests()

    assert request.batch() == [{"sku": "A"}]
    assert at.isoformat() == "2026-11-22T10:00:00+00:00"


def test_the_document_may_be_edited(case: Path) -> None:
    def edited(new: zipfile.ZipFile, info: zipfile.ZipInfo, content: bytes) -> None:
        new.writestr(info, content.replace(b"One request", b"Another title"))

    _rewritten(case, edited)

    with opened_case(case) as opened:
        assert opened.case.title == "Another title"


def test_a_payload_may_not_be(case: Path) -> None:
    def edited(new: zipfile.ZipFile, info: zipfile.ZipInfo, content: bytes) -> None:
        new.writestr(info, content.replace(b'"A\\"', b'"B\\"').replace(b"A", b"B"))

    _rewritten(case, edited)

    with pytest.raises(UsageError, match="checksum differs"), opened_case(case):
        pass


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused(case: Path, share: float) -> None:
    whole = case.read_bytes()
    case.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(UsageError, match="cut off"), opened_case(case):
        pass


def test_a_flipped_byte_is_found_wherever_it_is(case: Path) -> None:
    whole = case.read_bytes()
    for place in range(0, len(whole), 37):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        case.write_bytes(damaged)
        try:
            with opened_case(case) as opened:
                [(request, _)] = opened.requests()
        except UsageError:
            continue
        # It hit what says nothing, such as a time of the zip.
        assert request.batch() == [{"sku": "A"}]


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil", "logs/../../evil", "..\\evil", "C:\\evil", "C:/evil"]
)
def test_a_path_that_climbs_out_is_refused(case: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(case, "a") as file:
        info = zipfile.ZipInfo("x")
        info.filename = name
        file.writestr(info, b"evil")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(UsageError, match="outside of its folder"), opened_case(case):
        pass

    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_is_refused(case: Path) -> None:
    with zipfile.ZipFile(case, "a") as file:
        info = zipfile.ZipInfo("logs/passwd.log")
        info.external_attr = 0o120777 << 16
        file.writestr(info, b"/etc/passwd")

    with pytest.raises(UsageError, match="is a link"), opened_case(case):
        pass


def test_a_member_that_is_there_twice_is_refused(case: Path) -> None:
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(case, "a") as file,
    ):
        file.writestr(archive.REQUESTS, b"")

    with pytest.raises(UsageError, match="is there twice"), opened_case(case):
        pass


def test_a_bomb_is_refused_before_it_is_unpacked(case: Path) -> None:
    with (
        zipfile.ZipFile(case, "a", zipfile.ZIP_DEFLATED) as file,
        file.open("logs/a.log", "w") as log,
    ):
        for _ in range(100):
            log.write(bytes(1 << 20))

    with pytest.raises(UsageError, match="a bomb, not a case"), opened_case(case):
        pass


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04", b"\x1f\x8b\x08 gzip"])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(content)

    with pytest.raises(UsageError, match="cannot be read as a case file"), opened_case(path):
        pass


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", b"hello")

    with pytest.raises(UsageError, match=r"holds no case\.yaml"), opened_case(path):
        pass


def test_nothing_is_left_of_a_case_that_could_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), archive.written(tmp_path / "case.zip") as folder:
        (folder / "half").write_bytes(b"x" * (1 // 0))

    assert list(tmp_path.iterdir()) == []


def test_an_older_case_stays_if_a_new_one_fails(case: Path) -> None:
    before = case.read_bytes()

    with pytest.raises(ZeroDivisionError), archive.written(case):
        _ = 1 // 0

    assert case.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    begun = []

    with (
        pytest.raises(UsageError, match="in a folder that exists"),
        archive.written(tmp_path / "none" / "case.zip"),
    ):
        begun.append(True)

    assert begun == []
