"""The benchmark of the diff, at a size that takes no time: everyone finds what was put there."""

import re
from pathlib import Path

import pytest

from mcs.loadtests import bench_diff
from mcs.loadtests.diff_contenders import CONTENDERS


def test_every_contender_finds_what_was_injected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_diff.main(["--items", "1000", "--folder", str(tmp_path)])

    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("1,000 items of ")
    assert len(lines) == len(CONTENDERS)
    for line in lines:
        found = re.search(r"of 1,000 items: (.*)", line)
        assert "not installed" in line or (
            found and found[1] == "1 changed, 1 fields, 1 missing, 1 unexpected"
        )
    assert not any("not installed" in line for line in lines[:3])


def test_lists_of_many_rows_are_reconciled_without_items(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_diff.main(["--rows", "3000", "--folder", str(tmp_path)])

    assert "9 disagreements" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
