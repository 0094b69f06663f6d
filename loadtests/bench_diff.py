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
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from mcs.contract.digests import BUCKET_DIGITS, MODULUS, Bucket, unequal
from mcs.contract.feeds import FEEDS
from mcs.harness.engines.engine import opened_engine
from mcs.harness.options import MEMORY_LIMIT, Options
from mcs.harness.reconcile import Lists, Reconciliation
from mcs.loadtests.commands import measured
from mcs.loadtests.diff_contenders import CONTENDERS, Contender
from mcs.loadtests.diff_data import EVERY, Folder, write_data
from mcs.loadtests.figures import Figure, tell

HOME = Path("var/bench-diff")
ITEMS = 1_000_000
PROVEN_ITEMS = 10_000_000
DATACOMPY = "datacompy (Polars)"
RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class Pace:
    """How a contender did. speed: items per second."""

    items: int
    speed: float
    peak_mb: float


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
        ours: Pace | None = None
        for contender in CONTENDERS.values():
            pace = _compare(contender, items, home, ours)
            ours = ours or pace
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)


def _compare(contender: Contender, items: int, home: Path, ours: Pace | None) -> Pace | None:
    """Prints how a contender did, and returns it; None if it is not installed. ours: None for the
    first, which is ours."""
    if contender.needs and importlib.util.find_spec(contender.needs) is None:
        print(f"{contender.name:30} not installed: pip install 'mock-commerce-services[bench]'")
        return None
    some = min(items, contender.most)
    command = [sys.executable, "-m", "mcs.loadtests.bench_diff", "--contender", contender.name]
    usage = measured([*command, "--items", str(some), "--folder", str(home)], home)
    if usage.exit_code:
        raise SystemExit(f"{contender.name} ended with {usage.exit_code}")
    result = json.loads((home / RESULT).read_text())
    pace = Pace(some, some / result["seconds"], usage.peak_mb)
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(result["found"].items()))
    print(
        f"{contender.name:30} {pace.speed:>10,.0f} items/s {pace.peak_mb:7,.0f} MB peak"
        f"{pace.speed / (ours or pace).speed:8.3f} x ours; of {some:,} items: {found}",
        flush=True,
    )
    if ours and contender.name == DATACOMPY:
        _tell_beside(ours, pace)
    return pace


def _tell_beside(ours: Pace, other: Pace) -> None:
    basis = (
        f"{ours.speed:,.0f} items/s and {ours.peak_mb:,.0f} MB for {ours.items:,} items against "
        f"{other.speed:,.0f} and {other.peak_mb:,.0f} for {other.items:,}"
    )
    tell(Figure("diff with payloads", f"× {DATACOMPY}", ours.speed / other.speed, 3, basis=basis))
    memory = ours.peak_mb / other.peak_mb
    what = f"× the memory of {DATACOMPY}"
    tell(Figure("diff with payloads", what, memory, 0.1, at_most=True, basis=basis))


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
        bare_s = _bare_join_s(lists)
    _tell_rows(rows, seconds, bare_s, peak_mb)
    _tell_proof(PROVEN_ITEMS)
    print(
        f"{rows:,} identities a side reconciled in {seconds:.0f} s with {MEMORY_LIMIT} for DuckDB: "
        f"{2 * rows / seconds:,.0f} rows/s, {found:,} disagreements, {peak_mb:,.0f} MB peak; "
        f"a bare join takes {bare_s:.1f} s"
    )


def _tell_proof(items: int) -> None:
    """What it takes to prove both sides equal by digests that are at hand: 4,096 buckets a feed."""
    names = [f"{number:03x}" for number in range(16**BUCKET_DIGITS)]
    alive = items // len(names) // len(FEEDS)
    sent, received = (
        {
            feed: {name: Bucket(alive, hash((feed, name)) % MODULUS) for name in names}
            for feed in FEEDS
        }
        for _ in range(2)
    )
    started = time.perf_counter()
    different = [name for feed in FEEDS for name in unequal(sent[feed], received[feed])]
    seconds = time.perf_counter() - started
    if different:
        raise SystemExit("equal digests were not proven equal")
    print(f"digests of {items:,} items proven equal in {seconds:.3f} s")
    what, basis = "seconds, both sides at hand", f"{len(names):,} buckets in each of {len(FEEDS)}"
    stage = f"in-sync proof by digests of {items:,} items"
    tell(Figure(stage, what, seconds, 1, at_most=True, basis=f"{basis} feeds"))


def _bare_join_s(lists: Lists) -> float:
    """What DuckDB takes to join both lists and count what differs, with all the memory there is."""
    query = (
        f"select count(*) from '{lists.sent}' sent full join '{lists.received}' received "  # noqa: S608 - our own files
        "using (feed, key) where sent.hash is distinct from received.hash"
    )
    started = time.perf_counter()
    with duckdb.connect() as engine:
        engine.execute(query).fetchall()
    return time.perf_counter() - started


def _tell_rows(rows: int, seconds: float, bare_s: float, peak_mb: float) -> None:
    stage = f"join of {2 * rows:,} rows"
    basis = f"{seconds:.1f} s against {bare_s:.1f} s"
    what = "× the time of a bare DuckDB join"
    tell(Figure(stage, what, seconds / bare_s, 2, at_most=True, basis=basis))
    tell(Figure(stage, "MB of memory", peak_mb, 1_200, at_most=True))


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
