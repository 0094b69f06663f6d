"""How fast an extended log is read, and in how much memory: `make bench-log`.

    python -m mcs.loadtests.bench_log 300

The argument is the size of the log in MB. A plain scan of the same file, which only counts lines,
is the ceiling. The peak is the operating system's account of the reading process.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import orjson

from mcs.contract.canonical import Item
from mcs.fixtures.catalog import Catalog
from mcs.loadtests.batches import SENT_AT, price_batches, product_item
from mcs.loadtests.commands import MCS, measured
from mcs.loadtests.figures import Figure, tell

HOME = Path("var/bench-log")
DEFAULT_MB = 300
PRODUCTS_PER_BATCH = 100
PRICES_PER_BATCH = 500
CHUNK_BYTES = 1 << 20
AT = "2026-11-22T19:10:15.123456+00:00"


def main(megabytes: int) -> None:
    """Prints size, speeds and peak memory of reading the entries, of a diff in sync, and of making
    a support case."""
    HOME.mkdir(parents=True, exist_ok=True)
    log, items = HOME / "saas-export.log", HOME / "items.ndjson"
    count_of_items = write_log(log, items, megabytes * 1_000_000)
    size = log.stat().st_size / 1_000_000
    print(f"{size:,.0f} MB, {count_of_items:,} items; MB of the log per second of cpu, and of time")
    cpu_s, wall_s = _scan_s(log)
    print(f"{'plain scan':16} {size / cpu_s:6.0f} {size / wall_s:6.0f}")
    reading = [sys.executable, "-m", "mcs.harness.logs", str(log)]
    sides = ["--sent", str(log), "--received", str(items), "--json"]
    importing = [*MCS, "case", "import", str(log), "-o", str(HOME / "case.zip"), "--json"]
    commands = {
        "entries": reading,
        "mcs diff": [*MCS, "diff", *sides],
        "mcs case import": importing,
    }
    for name, command in commands.items():
        usage = measured(command, HOME)
        if usage.exit_code:
            raise SystemExit(f"{name} ended with {usage.exit_code}")
        speeds = f"{size / usage.cpu_s:6.0f} {size / usage.wall_s:6.0f}"
        print(f"{name:16} {speeds} {usage.peak_mb:8.0f} MB peak")
        basis = f"{size:,.0f} MB in {usage.cpu_s:.1f} s of cpu, {usage.peak_mb:.0f} MB peak"
        tell(Figure(f"extended log, {name}", "MB/s", size / usage.cpu_s, basis=basis))


def write_log(path: Path, items: Path, size_bytes: int) -> int:
    """Writes an extended log of about this size; returns how many items it tells of.

    items: where the same items go, as lines that a diff can read.
    """
    catalog = Catalog(seed=42, products=100_000)
    written = 0
    with path.open("w", encoding="utf-8") as log, items.open("wb") as lines:
        for feed, batch in _batches(catalog):
            payload = json.dumps({"feed": feed, "data": batch}, indent=4).replace("/", "\\/")
            log.write(f"[{AT}] report.INFO: {payload} [] []\n")
            line = {"feed": feed, "data": batch}
            lines.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            written += len(batch)
            if log.tell() >= size_bytes:
                break
    return written


def _batches(catalog: Catalog) -> Iterator[tuple[str, list[Item]]]:
    prices = price_batches(catalog, PRICES_PER_BATCH)
    for start in count(0, PRODUCTS_PER_BATCH):
        numbers = range(start, start + PRODUCTS_PER_BATCH)
        products = (catalog.product(number % catalog.products) for number in numbers)
        yield "products", [{**product_item(one), "modifiedAt": SENT_AT} for one in products]
        yield "prices", next(prices)


def _scan_s(path: Path) -> tuple[float, float]:
    """The seconds of cpu and of time that it takes to count the lines."""
    cpu, wall = time.process_time(), time.perf_counter()
    with path.open("rb") as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK_BYTES), b""))
    if not lines:
        raise SystemExit(f"{path} is empty")
    return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else DEFAULT_MB)
