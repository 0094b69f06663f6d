"""The page of benchmarks: every figure with its target, and what the programs tell."""

from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mcs.loadtests import bench_diff
from mcs.loadtests.bench import BENCHES
from mcs.loadtests.bench_page import Measured, page, write_page
from mcs.loadtests.figures import FILE_VARIABLE, Figure, tell, told

FAST = Figure("ingest", "times the naive path", 31.94, 25, basis="33,800 against 1,060 items/cpu s")
FAT = Figure("diff", "MB of memory", 1450, 1200, at_most=True)
PLAIN = Figure("log", "MB/s", 88.2)


def test_each_figure_stands_beside_its_target() -> None:
    text = page({"all": Measured("quick", 12, (FAST, FAT, PLAIN))})

    basis = "33,800 against 1,060 items/cpu s"
    assert f"| ingest: times the naive path | 31.9 | ≥ 25.0 | ✓ | {basis} |" in text
    assert "| diff: MB of memory | 1,450 | ≤ 1,200 | ✗ |  |" in text
    assert "| log: MB/s | 88.2 |  |  |  |" in text
    assert "## all (quick, 12 s)" in text


def test_the_chart_has_a_bar_for_each_target(tmp_path: Path) -> None:
    write_page({"all": Measured("quick", 12, (FAST, FAT, PLAIN))}, tmp_path)

    svg = (tmp_path / "images" / "benchmarks.svg").read_text("utf-8")
    titles = [one.text for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("title")]  # noqa: S314 - made a line above
    assert {"ingest: times the naive path: 128", "diff: MB of memory: 83"} <= set(titles)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_figures_are_told_to_whoever_gathers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(FAST)
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "figures"))

    tell(FAST)
    tell(FAT)

    assert list(told(tmp_path / "figures")) == [FAST, FAT]


def test_a_benchmark_tells_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "figures"))

    bench_diff.main(["--rows", "3000", "--folder", str(tmp_path / "data")])

    assert [figure.what for figure in told(tmp_path / "figures")] == [
        "× the time of a bare DuckDB join",
        "MB of memory",
        "seconds, both sides at hand",
    ]


def test_every_benchmark_there_is_runs_with_the_others() -> None:
    folder = Path(bench_diff.__file__).parent
    programs = {path.stem for path in folder.glob("bench_*.py")} - {"bench_page"}

    assert {bench.module for bench in BENCHES.values()} == programs
    assert all(find_spec(f"mcs.loadtests.{name}") for name in programs)
