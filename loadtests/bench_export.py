"""How much memory a full sync takes as catalogs grow, and how fast it is: `make bench-export`.

    python -m mcs.loadtests.bench_export 10000 100000

Exporter and service are processes of their own; the exporter's peak is the operating system's
account of it. Ratios are to the first size.
"""

import sys
from pathlib import Path

from mcs.loadtests.commands import (
    MAGENTO,
    Usage,
    configure_shop,
    create_data_space,
    generate_catalog,
    measured,
    service,
)

HOME = Path("var/bench-export")
DEFAULT_SIZES = ("10000", "100000")
RESYNC = [*MAGENTO, "saas:resync", "--feed", "products"]


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


def _full_sync(products: int) -> Usage:
    with service(HOME) as url:
        configure_shop(HOME, url, create_data_space(HOME, "bench"))
        generate_catalog(HOME, products)
        return measured(RESYNC, HOME)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:] or DEFAULT_SIZES])
