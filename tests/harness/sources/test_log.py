"""The extended log as a sent side: what counts, which failure is whose, what is told besides."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from mcs.contract.canonical import content_hash
from mcs.contract.catalog import CONVERTED_NOTE
from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import findings_of
from mcs.harness.sources.opening import open_sent
from tests.harness.logs.lines import DATA_SPACE, failure, log_line, payload, progress
from tests.harness.sides import PRICES, deletion, price
from tests.harness.sources.written import sent_lines

OTHER_SPACE = "3f1c7e1e-0000-4000-8000-000000000002"


def batch(*skus: str, regular: float = 10) -> bytes:
    return payload("prices", [price(sku, regular) for sku in skus])


def read(folder: Path, *parts: bytes, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The sent lines of a log, and its findings."""
    log = folder / "saas-export.log"
    log.write_bytes(b"".join(parts))
    with open_sent(str(log), **options) as side:
        return sent_lines(side, folder), [str(finding) for finding in findings_of(side)]


def statuses(lines: list[dict[str, Any]]) -> dict[str, int]:
    return {line["identity"]["sku"]: line["status"] for line in lines}


def test_a_batch_without_a_failure_was_sent_with_success(tmp_path: Path) -> None:
    lines, findings = read(tmp_path, batch("A", "B"))

    assert statuses(lines) == {"A": 200, "B": 200}
    assert findings == []


def test_the_last_that_was_sent_of_an_identity_counts_and_may_be_its_delete(
    tmp_path: Path,
) -> None:
    gone = payload("prices", [deletion(PRICES, price("A"))])

    lines, _ = read(tmp_path, batch("A", "B"), batch("B", regular=7), gone)

    told = {line["identity"]["sku"]: (line["deleted"], line["hash"]) for line in lines}
    assert told["A"][0] is True
    assert told["B"] == (False, content_hash(PRICES, price("B", 7)))


def test_a_failure_gives_the_named_items_their_own_status(tmp_path: Path) -> None:
    refused = {"1": {"message": "regular: not a number", "field": "regular", "status": 1}}

    lines, _ = read(tmp_path, batch("A", "B"), failure("prices", failedItems=refused))

    assert statuses(lines) == {"A": 400, "B": 1}
    told = {line["identity"]["sku"]: (line["errors"], line["request_id"]) for line in lines}
    assert told == {"A": ("", "r-1"), "B": ("regular: not a number", "r-1")}


@pytest.mark.parametrize(("code", "status"), [(2, 2), (503, 2), ("400", 400), (0, 0)])
def test_a_failure_that_names_no_item_is_that_of_all(
    tmp_path: Path, code: object, status: int
) -> None:
    lines, _ = read(tmp_path, batch("A"), failure("prices", status_code=code, reason="Away"))

    assert [(line["status"], line["errors"]) for line in lines] == [(status, "Away")]


def test_a_code_tells_what_a_failure_without_statuses_means(tmp_path: Path) -> None:
    refused = [{"message": "too many", "code": "items_limit_exceeded"}, {"message": "no"}]

    lines, _ = read(tmp_path, batch("A", "B"), failure("prices", failedItems=refused))

    assert statuses(lines) == {"A": 2, "B": 1}


def test_lines_of_other_processes_come_between_a_batch_and_its_failure(tmp_path: Path) -> None:
    others = payload("products", [{"sku": "P", "storeViewCode": "default"}])

    lines, _ = read(
        tmp_path, batch("A"), others, progress("products", "Complete"), failure("prices")
    )

    assert statuses(lines) == {"A": 400, "P": 200}


def test_a_failure_that_repeats_its_batch_is_tied_to_that_one(tmp_path: Path) -> None:
    lines, _ = read(
        tmp_path, batch("A"), batch("B"), failure("prices", payload=[price("A")]), batch("C")
    )

    assert statuses(lines) == {"A": 400, "B": 200, "C": 200}


def test_a_failure_that_is_repeated_does_not_touch_another_batch(tmp_path: Path) -> None:
    lines, _ = read(tmp_path, batch("A"), batch("B"), failure("prices"), failure("prices"))

    assert statuses(lines) == {"A": 200, "B": 400}


def test_a_failure_of_a_batch_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    lines, [finding] = read(tmp_path, failure("prices"), batch("A"))

    assert statuses(lines) == {"A": 200}
    assert finding.endswith("line 1, byte 0: the failure of a batch that is not in the log")


def test_a_line_under_way_is_a_finding_with_its_place(tmp_path: Path) -> None:
    lines, [finding] = read(tmp_path, batch("A"), batch("B")[:-30])

    assert statuses(lines) == {"A": 200}
    assert f"byte {len(batch('A'))}: its last line breaks off" in finding


def test_items_without_an_identity_and_unknown_feeds_are_findings(tmp_path: Path) -> None:
    odd = payload("prices", [{"sku": "", "websiteCode": "base"}, "text"])

    lines, findings = read(tmp_path, odd, payload("orders", [{"id": 1}]), batch("A"))

    assert [line["identity"].get("sku") for line in lines] == ["A", None]
    for told in ("without a usable sku", "no JSON object", 'feed "orders" is not known'):
        assert any(told in finding for finding in findings)


def test_a_log_without_payloads_does_not_pass_as_nothing_sent(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTell, match="EXPORTER_EXTENDED_LOG=1"):
        read(tmp_path, failure("prices"))


def test_a_damaged_gzip_file_is_told_unless_that_is_allowed(tmp_path: Path) -> None:
    log = tmp_path / "saas-export.log.1.gz"
    log.write_bytes(gzip.compress(batch("A") + batch("B"))[:-20])

    with pytest.raises(CouldNotTell, match=r"byte \d+: its gzip stream is damaged.*--lenient"):
        read_folder(tmp_path)
    lines, findings = read_folder(tmp_path, lenient=True)

    assert all("saas-export.log.1.gz" in finding for finding in findings)
    assert any("gzip stream is damaged" in finding for finding in findings)
    assert set(statuses(lines)) <= {"A", "B"}


def read_folder(folder: Path, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    with open_sent(str(folder), **options) as side:
        return sent_lines(side, folder), [str(finding) for finding in findings_of(side)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_log_in_another_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = (batch("A") + batch("B")).decode().encode(encoding)

    lines, findings = read(tmp_path, text)
    with open_sent(str(tmp_path / "saas-export.log")) as side:
        items = side.items(PRICES, [line["locator"] for line in lines])

    assert (statuses(lines), findings) == ({"A": 200, "B": 200}, [])
    assert sorted(item["sku"] for item in items.values()) == ["A", "B"]


def test_rotated_files_are_read_oldest_first_however_they_are_given(tmp_path: Path) -> None:
    older = payload("prices", [price("A", 1)], at="2026-11-20T00:00:00+00:00")
    (tmp_path / "saas-export.log.1.gz").write_bytes(gzip.compress(older))
    newer, _ = read(tmp_path, batch("A", regular=2))
    places = [str(tmp_path / name) for name in ("saas-export.log", "saas-export.log.1.gz")]

    for given in (places, places[::-1], [str(tmp_path)], [f"{tmp_path}/saas*"]):
        with open_sent(given) as side:
            assert [row["hash"] for row in sent_lines(side, tmp_path)] == [newer[0]["hash"]]


def test_a_log_of_several_data_spaces_is_refused_until_one_is_picked(tmp_path: Path) -> None:
    parts = (
        batch("A"),
        failure("prices"),
        batch("B"),
        failure("prices", environment_id=OTHER_SPACE, metadata=["r-2"]),
        batch("C"),
    )

    with pytest.raises(UsageError, match=f"mixes data spaces: {DATA_SPACE}, {OTHER_SPACE}"):
        read(tmp_path, *parts)
    picked, findings = read(tmp_path, *parts, data_space_id=OTHER_SPACE)
    mixed, _ = read(tmp_path, *parts, mixed=True)

    assert set(statuses(picked)) == {"B", "C"}
    assert any("1 items of other data spaces were left out" in told for told in findings)
    assert set(statuses(mixed)) == {"A", "B", "C"}


def test_a_log_of_another_data_space_only_is_read_and_said_so(tmp_path: Path) -> None:
    lines, [finding] = read(
        tmp_path,
        batch("A"),
        failure("prices"),
        data_space_id="3f1c7e1e-0000-4000-8000-00000000ffff",
    )

    assert statuses(lines) == {"A": 400}
    assert f"it is of data space {DATA_SPACE}" in finding


def test_a_log_that_breaks_off_in_its_first_payload_is_told_as_cut(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTell, match="breaks off within its first payload"):
        read(tmp_path, batch("A")[:-30])


@pytest.mark.parametrize("lenient", [False, True])
def test_the_log_of_a_shop_that_converts_what_it_sends_is_refused(
    tmp_path: Path, lenient: bool
) -> None:
    note = log_line(f"{CONVERTED_NOTE}{DATA_SPACE} [] []")

    with pytest.raises(UsageError, match=r"line 1: .*Run `mcs exporter sent sent\.ndjson`"):
        read(tmp_path, note, batch("A"), lenient=lenient)
