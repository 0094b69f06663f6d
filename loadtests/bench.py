"""All benchmarks, one after the other, and a page of their figures: `make bench`.

    python -m mcs.loadtests.bench --quick
    python -m mcs.loadtests.bench --full --only ingest --only load

Each is a program of its own, which measures its ceiling in the same run. What a target is set for
goes to docs/benchmarks.md with a chart; figures of benchmarks that are left out stay as they were.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from mcs.fixtures.measured import write_measured
from mcs.loadtests.bench_export import RATE
from mcs.loadtests.bench_page import Measured, write_page
from mcs.loadtests.figures import FILE_VARIABLE, Figure, told

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
KEPT = DOCS / "benchmarks.json"


@dataclass(frozen=True, slots=True)
class Bench:
    """A program, and what it is given. Several lists of arguments are several runs. under: a
    command it needs around it, which may not be there."""

    module: str
    under: tuple[str, ...] = ()
    quick: Sequence[Sequence[str]] = ((),)
    full: Sequence[Sequence[str]] = ((),)


BENCHES = {
    "validate": Bench("bench_validate"),
    "ingest": Bench("bench_ingest", quick=[["--rounds", "3", "--seconds", "2", "--batches", "50"]]),
    "stores": Bench("bench_stores", ("pg_virtualenv", "--"), [["--rounds", "2", "--seconds", "2"]]),
    "size": Bench(
        "bench_size", quick=[["10000", "200000"]], full=[["10000", "1000000", "10000000"]]
    ),
    "overhead": Bench("bench_overhead", quick=[["--rounds", "3", "--seconds", "2"]]),
    "load": Bench(
        "bench_load",
        quick=[["--items", "40000", "--rounds", "1"]],
        full=[["--items", "200000", "--rounds", "3"]],
    ),
    "generate": Bench("bench_generate", quick=[["5000"]], full=[["20000"]]),
    "export": Bench("bench_export", quick=[["1000", "5000"]], full=[["10000", "100000"]]),
    "diff": Bench(
        "bench_diff",
        quick=[["--items", "20000"], ["--rows", "1000000"]],
        full=[["--items", "1000000"], ["--rows", "10000000"]],
    ),
    "log": Bench("bench_log", quick=[["30"]], full=[["300"]]),
    "pages": Bench(
        "bench_pages", quick=[["--products", "20000"]], full=[["--products", "1000000"]]
    ),
}


@click.command()
@click.option("--quick/--full", default=True, show_default=True, help="Minutes, or an hour.")
@click.option("--only", multiple=True, type=click.Choice(list(BENCHES)), help="Repeatable.")
def main(quick: bool, only: tuple[str, ...]) -> None:
    """Run the benchmarks and write docs/benchmarks.md."""
    measured, failed = _kept(), []
    for name in only or BENCHES:
        click.echo(f"\n{name}")
        started = time.monotonic()
        figures = _figures(BENCHES[name], quick=quick)
        if figures is None:
            failed.append(name)
            continue
        size = "quick" if quick else "full"
        measured[name] = Measured(size, round(time.monotonic() - started), tuple(figures))
    ordered = {name: measured[name] for name in BENCHES if name in measured}
    _keep(ordered)
    write_page(ordered, DOCS)
    click.echo(f"\nwritten to {DOCS / 'benchmarks.md'}")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _figures(bench: Bench, *, quick: bool) -> list[Figure] | None:
    """What a benchmark told; None if it failed. Its own words go to the screen."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures"
        file.touch()
        if bench.under and not shutil.which(bench.under[0]):
            click.echo(f"there is no {bench.under[0]}")
            return None
        for arguments in bench.quick if quick else bench.full:
            done = subprocess.run(  # noqa: S603 - our own programs
                [*bench.under, sys.executable, "-m", f"mcs.loadtests.{bench.module}", *arguments],
                env={**os.environ, FILE_VARIABLE: str(file)},
                cwd=ROOT,
                check=False,
            )
            if done.returncode:
                return None
        return list(told(file))


def _kept() -> dict[str, Measured]:
    if not KEPT.exists():
        return {}
    document = json.loads(KEPT.read_text("utf-8"))
    return {name: Measured.of_document(one) for name, one in document.items()}


def _keep(measured: dict[str, Measured]) -> None:
    document = {name: asdict(one) for name, one in measured.items()}
    KEPT.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    # What `mcs estimate` reckons with is installed; the documentation is not.
    for figure in measured["export"].figures if "export" in measured else ():
        if figure.what == RATE:
            write_measured(figure.value, ROOT / "fixtures")


if __name__ == "__main__":
    main()
