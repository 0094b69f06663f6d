"""What an item costs as a data space grows: `make bench-size`.

    python -m mcs.loadtests.bench_size 10000 1000000 10000000

A data space is filled to each size; then so many known and new items come, and what recording and
sorting in take per item is printed, with the ratio to the first size. Bodies are left out.
"""

import sys
import tempfile
import time
from hashlib import sha1
from pathlib import Path
from uuid import uuid4

from rich.progress import Progress

from mcs.loadtests.figures import Figure, tell
from mcs.server.config import Settings
from mcs.server.store.repository import Store, timestamp, utc_now
from mcs.server.store.values import AcceptedItem, Arrival, Batch

BATCH_ITEMS = 100
MEASURED_ITEMS = 100_000
DEFAULT_SIZES = ("10000", "1000000")
BODY = b"[]"


def main(sizes: list[int]) -> None:
    """Prints a line per size."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.sqlite"
        # Sorted in at the end of each part, so that both are told apart.
        with Store(f"sqlite:///{path}", journal_size=10**9, backlog=10**9) as store:
            _measure(store, sizes)


def _measure(store: Store, sizes: list[int]) -> None:
    data_space = str(uuid4())
    store.data_spaces.add(data_space, "bench", Settings())
    held = 0
    first: tuple[float, float] | None = None
    for size in sizes:
        _fill(store, data_space, held, size)
        held = size
        # Half of them are known, the others are new but for a small data space.
        start = max(0, size - MEASURED_ITEMS // 2)
        recorded_s = _recorded_s(store, data_space, start, start + MEASURED_ITEMS)
        sorted_s = _sorted_s(store)
        held = start + MEASURED_ITEMS
        found = recorded_s / MEASURED_ITEMS * 1e6, sorted_s / MEASURED_ITEMS * 1e6
        first = first or found
        print(
            f"{size:>12,} items held: recording {found[0]:6.1f} µs an item, sorting in "
            f"{found[1]:6.1f} µs; {found[0] / first[0]:.2f} x and {found[1] / first[1]:.2f} x"
        )
    _tell(sizes, first or found, found)


def _tell(sizes: list[int], first: tuple[float, float], last: tuple[float, float]) -> None:
    stage = f"cost per item, {sizes[-1]:,} held against {sizes[0]:,}"
    for place, what, wanted in ((0, "× recording", 1.25), (1, "× sorting in", None)):
        basis = f"{last[place]:.1f} against {first[place]:.1f} µs"
        ratio = last[place] / first[place]
        tell(Figure(stage, what, ratio, wanted, at_most=True, basis=basis))


def _fill(store: Store, data_space: str, start: int, end: int) -> None:
    with Progress(transient=True) as progress:
        task = progress.add_task(f"filling to {end:,}", total=max(end - start, 1))
        for part in range(start, end, MEASURED_ITEMS):
            until = min(part + MEASURED_ITEMS, end)
            _recorded_s(store, data_space, part, until)
            _sorted_s(store)
            progress.advance(task, until - part)


def _recorded_s(store: Store, data_space: str, start: int, end: int) -> float:
    batches = [
        [_item(number, index) for index, number in enumerate(range(at, min(at + BATCH_ITEMS, end)))]
        for at in range(start, end, BATCH_ITEMS)
    ]
    began = time.process_time()
    for items in batches:
        store.intake.record(_arrival(data_space, len(items)), Batch("products", BODY, items))
    return time.process_time() - began


def _sorted_s(store: Store) -> float:
    began = time.process_time()
    while not store.intake.sort_in(budget_s=1):
        pass
    return time.process_time() - began


def _item(number: int, index: int) -> AcceptedItem:
    sku = f"sku-{number}"
    key = sha1(sku.encode(), usedforsecurity=False).hexdigest()
    identity = {"sku": sku, "storeViewCode": "default"}
    return AcceptedItem(index, key, identity, key, False, "2026-11-22 19:10:15")


def _arrival(data_space: str, items: int) -> Arrival:
    return Arrival(
        request_id=uuid4().hex,
        received_at=timestamp(utc_now()),
        route="feeds/catalog/v2/products",
        headers={"User-Agent": "bench"},
        data_space=data_space,
        feed="products",
        items=items,
        accepted=items,
    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:] or DEFAULT_SIZES])
