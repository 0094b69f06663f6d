"""How fast both sides of a diff are compared, and in how much memory: `make bench-diff`.

    python -m mcs.loadtests.bench_diff --items 10000
    python -m mcs.loadtests.bench_diff --rows 10000000

Each contender is a process of its own and compares the same files; ratios to ours hold on any
machine. What cannot do all in reasonable time or memory is given a part, and so is ours beside it.
--rows: no items, but lists of so many identities and hashes on each side, reconciled in little
memory.
"""

import argparse
import importlib.util
import json
import resource
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from mcs.harness.engines.engine import opened_engine
from mcs.harness.options import MEMORY_LIMIT, Options
from mcs.harness.reconcile import Lists, Reconciliation
from mcs.loadtests.commands import measured
from mcs.loadtests.diff_contenders import CONTENDERS, Contender
from mcs.loadtests.diff_data import EVERY, Folder, write_data

HOME = Path("var/bench-diff")
ITEMS = 1_000_000
RESULT = "result.json"


def main(arguments: list[str]) -> None:
    """Prints a line per contender: items a second, memory, and the ratio to ours."""
    given = _parsed(arguments)
    if given.contender:
        _run_one(given.contender, given.items, given.folder)
    elif given.rows:
        _reconcile_rows(given.rows, given.folder)
    else:
        _compare_all(given.items, given.folder)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench_diff", description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=HOME)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _compare_all(items: int, home: Path) -> None:
    folder = Folder(home / "data")
    try:
        started = time.perf_counter()
        write_data(folder, items)
        size = folder.items("sent").stat().st_size / items
        print(
            f"{items:,} items of {size:,.0f} bytes a side, 1 in {EVERY:,} each changed, missing, "
            f"unexpected; written in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        speed_of_ours = 0.0
        for contender in CONTENDERS.values():
            speed_of_ours = _compare(contender, items, home, speed_of_ours) or speed_of_ours
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)


def _compare(contender: Contender, items: int, home: Path, speed_of_ours: float) -> float | None:
    """Prints how a contender did; returns its speed if it is the first, which is ours."""
    if contender.needs and importlib.util.find_spec(contender.needs) is None:
        print(f"{contender.name:30} not installed: pip install 'mock-commerce-services[bench]'")
        return None
    some = min(items, contender.most)
    command = [sys.executable, "-m", "mcs.loadtests.bench_diff", "--contender", contender.name]
    usage = measured([*command, "--items", str(some), "--folder", str(home)], home)
    if usage.exit_code:
        raise SystemExit(f"{contender.name} ended with {usage.exit_code}")
    result = json.loads((home / RESULT).read_text())
    speed = some / result["seconds"]
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(result["found"].items()))
    print(
        f"{contender.name:30} {speed:>10,.0f} items/s {usage.peak_mb:7,.0f} MB peak"
        f"{speed / (speed_of_ours or speed):8.3f} x ours; of {some:,} items: {found}",
        flush=True,
    )
    return None if speed_of_ours else speed


def _run_one(name: str, items: int, home: Path) -> None:
    started = time.perf_counter()
    found = CONTENDERS[name].run(Folder(home / "data"), items)
    seconds = time.perf_counter() - started
    (home / RESULT).write_text(json.dumps({"seconds": seconds, "found": dict(found)}))


def _reconcile_rows(rows: int, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home) as temporary:
        folder = Path(temporary)
        lists = Lists(*(folder / f"{name}.parquet" for name in ("sent", "received", "rejected")))
        _write_rows(rows, lists)
        started = time.perf_counter()
        with opened_engine("duckdb", folder, MEMORY_LIMIT) as engine:
            reconciliation = Reconciliation(engine, lists, Options())
            found = sum(1 for _ in reconciliation.disagreements())
        seconds = time.perf_counter() - started
    # To write the lists has its share in the peak.
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{rows:,} identities a side reconciled in {seconds:.0f} s with {MEMORY_LIMIT} for DuckDB: "
        f"{2 * rows / seconds:,.0f} rows/s, {peak_mb:,.0f} MB peak, {found:,} disagreements"
    )


def _write_rows(rows: int, lists: Lists) -> None:
    """Lists as Parquet: a thousandth each changed, missing and unexpected."""
    known = """
        'products' as feed, sha1(n::varchar) as key, false as deleted,
        json_object('sku', 'SKU-' || n)::varchar as identity,
        '2026-11-22 19:10:15' as modified_at, 'r-' || n // 100 as request_id
    """
    sent = f"{known}, sha1(n || 'a') as hash, n::varchar as locator, 200 as status, '' as errors"
    received = (
        f"{known}, sha1(n || if(n % 1000 = 1, 'b', 'a')) as hash, 1 as versions, 0 as repeats, "
        "'2026-11-22T19:10:20+00:00' as received_at, (n % 100)::integer as index, 0 as resends"
    )
    lists.rejected.touch()
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as engine:
        for columns, absent, path in ((sent, 3, lists.sent), (received, 2, lists.received)):
            engine.execute(
                f"copy (select {columns} from range({rows}) as r(n) "  # noqa: S608 - our own figures
                f"where n % 1000 <> {absent}) to '{path}' (format parquet)"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
