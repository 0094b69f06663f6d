"""The choice of the line that counts, of more lines than memory holds."""

from pathlib import Path

from mcs.harness.sources.item_lines import latest_lines

LINES = 100_000
WIDE = "x" * 3_000


def test_more_lines_than_memory_holds_are_chosen_from(tmp_path: Path) -> None:
    path = tmp_path / "sent.ndjson"

    with latest_lines(path) as lines:
        for number in range(LINES):
            key = str(number % (LINES - 1))
            lines.add({"feed": "prices", "key": key, "locator": str(number), "errors": WIDE})

    with path.open("rb") as file:
        found = [line for line in file if b'"locator":"0"' in line or b'"key":"0"' in line]
        file.seek(0)
        assert sum(1 for _ in file) == LINES - 1
    assert len(found) == 1
    assert f'"locator":"{LINES - 1}"'.encode() in found[0]
