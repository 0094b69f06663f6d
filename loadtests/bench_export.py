"""How much memory a full sync takes as catalogs grow, and how fast it is: `make bench-export`.

    python -m mcs.loadtests.bench_export 10000 100000

Exporter and service are processes of their own; the exporter's peak is the operating system's
account of it. Ratios are to the first size.
"""

import sys
from pathlib import Path

from mcs.fixtures.estimate import PLANNED_REQUESTS_PER_S
from mcs.loadtests.commands import (
    MAGENTO,
    Usage,
    configure_shop,
    create_data_space,
    generate_catalog,
    measured,
    service,
)
from mcs.loadtests.figures import Figure, tell

HOME = Path("var/bench-export")
DEFAULT_SIZES = ("10000", "100000")
RESYNC = [*MAGENTO, "saas:resync", "--feed", "products"]
STORE_VIEWS, BATCH_ITEMS = 3, 100
STAGE = "exporter, full sync, one core"
RATE = "items/s"


def main(sizes: list[int]) -> None:
    """Prints a line per size: time, memory, and their ratios to the first."""
    first: tuple[int, Usage] | None = None
    for size in sizes:
        usage = _full_sync(size)
        if usage.exit_code:
            raise SystemExit(f"the sync of {size} products ended with {usage.exit_code}")
        base_size, base = first or (size, usage)
        first = (base_size, base)
        print(
            f"{size:>9,} products x 3 store views: {usage.wall_s:8.1f} s wall, "
            f"{usage.cpu_s:8.1f} s cpu, {usage.peak_mb:6.0f} MB peak; "
            f"{size / base_size:5.1f} x the catalog, "
            f"{usage.peak_mb / base.peak_mb:5.2f} x the memory"
        )
    _tell(size, usage, base_size, base)


def _tell(size: int, usage: Usage, base_size: int, base: Usage) -> None:
    """The figures of the largest size. By the exporter's own time, since the service shares the
    machine with it, and without what its start takes, which the first size has as well."""
    items, cpu_s = (size - base_size) * STORE_VIEWS, usage.cpu_s - base.cpu_s
    rate = items / cpu_s if items else size * STORE_VIEWS / usage.cpu_s
    basis = f"{items:,} products more in {cpu_s:.1f} s of cpu more"
    tell(Figure(STAGE, RATE, rate, 5_000, basis=basis))
    accepted = PLANNED_REQUESTS_PER_S * BATCH_ITEMS
    what = "× what the real service accepts"
    tell(Figure(STAGE, what, rate / accepted, 30, basis=f"planned with {accepted:,.0f} items/s"))
    what = f"× the memory at {size / base_size:.0f} × the catalog"
    basis = f"{usage.peak_mb:.0f} against {base.peak_mb:.0f} MB"
    tell(Figure(STAGE, what, usage.peak_mb / base.peak_mb, 1.25, at_most=True, basis=basis))


def _full_sync(products: int) -> Usage:
    with service(HOME) as url:
        configure_shop(HOME, url, create_data_space(HOME, "bench"))
        generate_catalog(HOME, products)
        return measured(RESYNC, HOME)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:] or DEFAULT_SIZES])
