"""What an item costs as a data space grows: `make bench-size`.

    python -m mcs.loadtests.bench_size 10000 1000000 10000000

A data space is filled to each size. Then packed batches of products come, half of them known and
half new: they are unpacked, judged and recorded, which is what comes before the answer, and sorted
in as under load that never ends. What that takes of the processor is printed per item, with the
ratio to the first size; HTTP and signatures are left out, which know of no size. On PostgreSQL
(`--database`) the time of its own processes is not seen.

Filling goes past the bodies and the inbox, with rows of the same widths in the same tables, whose
keys are hashes as well; the known items lie scattered among them.
"""

import gzip
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha1
from itertools import chain
from pathlib import Path
from uuid import uuid4

import click
import orjson
from isal import isal_zlib
from rich.progress import Progress

from mcs.contract.feeds import FEEDS
from mcs.fixtures.catalog import Catalog
from mcs.loadtests.batches import product_item
from mcs.loadtests.figures import Figure, tell
from mcs.server.config import Settings
from mcs.server.decoding import GZIP_WINDOW
from mcs.server.judging import call_of, judge
from mcs.server.store.item_writes import Place, Writes
from mcs.server.store.recording import add_request, write_items
from mcs.server.store.repository import Store, timestamp, utc_now
from mcs.server.store.values import AcceptedItem, Arrival, Batch
from mcs.server.unparsed import unparsed_items

BATCH_ITEMS = 100
KNOWN = NEW = 10_000
"""Items of each kind in a round."""
ROUNDS = 3
OF_SIZE = KNOWN + ROUNDS * NEW
FILLED_AT_ONCE = 200_000
WANTED = 1.25
DEFAULT_SIZES = (10_000, 1_000_000)
CALL = call_of(FEEDS["products"])


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of the processor per item."""

    answer: float
    sorting_in: float

    @property
    def together(self) -> float:
        """What an item costs."""
        return self.answer + self.sorting_in


@click.command()
@click.argument("sizes", type=click.IntRange(min=KNOWN), nargs=-1)
@click.option("--database", metavar="URL", help="[default: SQLite, in a temporary folder]")
def main(sizes: tuple[int, ...], database: str | None) -> None:
    """Measure what an item costs at each size."""
    sizes = tuple(sorted(sizes or DEFAULT_SIZES))
    with _opened(database) as store:
        data_space = str(uuid4())
        store.data_spaces.add(data_space, "bench", Settings())
        costs = list(_costs(store, data_space, sizes))
    _tell(sizes, costs[0], costs[-1])


@contextmanager
def _opened(database: str | None) -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{Path(folder) / 'server.sqlite'}"
        # Sorted in when this program says so, that both parts are told apart.
        with Store(url, journal_size=10**9, backlog=10**9) as store:
            yield store


def _costs(store: Store, data_space: str, sizes: tuple[int, ...]) -> Iterator[Cost]:
    catalog = Catalog(seed=42, products=OF_SIZE * len(sizes))
    held, first = 0, None
    for place, size in enumerate(sizes):
        made = [
            _packed(catalog, range(start, start + BATCH_ITEMS))
            for start in range(OF_SIZE * place, OF_SIZE * (place + 1), BATCH_ITEMS)
        ]
        known, new = made[: KNOWN // BATCH_ITEMS], made[KNOWN // BATCH_ITEMS :]
        _fill(
            store, data_space, range(held, size), [item for body in known for item in _kept(body)]
        )
        rounds = (new[start : start + len(known)] for start in range(0, len(new), len(known)))
        cost = _median(
            [
                _cost(store, data_space, list(chain(*zip(known, some, strict=True))))
                for some in rounds
            ]
        )
        held = size + ROUNDS * NEW
        first = first or cost
        click.echo(
            f"{size:>12,} items held: until the answer {cost.answer:6.1f} µs an item, sorting in "
            f"{cost.sorting_in:6.1f}, together {cost.together:6.1f}: "
            f"{cost.together / first.together:.2f} x"
        )
        yield cost


def _packed(catalog: Catalog, numbers: range) -> bytes:
    items = [product_item(catalog.product(number)) for number in numbers]
    return gzip.compress(orjson.dumps(items), mtime=0)


def _cost(store: Store, data_space: str, bodies: list[bytes]) -> Cost:
    """What it takes to take these batches."""
    database = store.journalled.database
    began = time.process_time()
    for body in bodies:
        _take(store, data_space, body)
    answered = time.process_time()
    database.sort_in(data_space)
    ended = time.process_time()
    us = 1e6 / (len(bodies) * BATCH_ITEMS)
    return Cost((answered - began) * us, (ended - answered) * us)


def _take(store: Store, data_space: str, body: bytes) -> None:
    text, accepted = _judged(body)
    arrival = replace(_arrival(data_space), body_bytes=len(body), decoded_bytes=len(text))
    store.intake.record(arrival, Batch("products", text, accepted, packed=body))


def _judged(body: bytes) -> tuple[bytes, Collection[AcceptedItem]]:
    text = isal_zlib.decompress(body, GZIP_WINDOW)
    items = unparsed_items(CALL, text)
    if items is None:
        raise AssertionError("a batch is not valid")
    return text, judge(CALL, items, Settings()).accepted


def _kept(body: bytes) -> Iterable[AcceptedItem]:
    return _judged(body)[1]


def _median(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.together)[len(costs) // 2]


def _tell(sizes: tuple[int, ...], first: Cost, last: Cost) -> None:
    stage = f"cost per item, {sizes[-1]:,} held against {sizes[0]:,}"
    for what, now, before, wanted in (
        ("× together", last.together, first.together, WANTED),
        ("× until the answer", last.answer, first.answer, None),
        ("× sorting in", last.sorting_in, first.sorting_in, None),
    ):
        basis = f"{now:.1f} against {before:.1f} µs"
        tell(Figure(stage, what, now / before, wanted, at_most=True, basis=basis))


def _fill(store: Store, data_space: str, numbers: range, known: Sequence[AcceptedItem]) -> None:
    """Writes so many items; some of them are the known ones."""
    step = len(numbers) // len(known)
    with Progress(transient=True) as progress:
        task = progress.add_task(f"filling to {numbers.stop:,}", total=len(numbers))
        for start in range(0, len(numbers), FILLED_AT_ONCE):
            part = range(start, min(start + FILLED_AT_ONCE, len(numbers)))
            items = [
                known[place // step]
                if place % step == 0 and place // step < len(known)
                else _item(numbers[place])
                for place in part
            ]
            _write(store, data_space, items)
            progress.advance(task, len(part))


def _write(store: Store, data_space: str, items: Sequence[AcceptedItem]) -> None:
    arrival = _arrival(data_space)
    with store.journalled.database.writing() as connection:
        batches = []
        for start in range(0, len(items), BATCH_ITEMS):
            request = add_request(connection, arrival, None)
            place = Place(data_space, request, arrival.received_at)
            some = enumerate(items[start : start + BATCH_ITEMS])
            writes = [(request, item._replace(index=index)) for index, item in some]
            batches.append(Writes(place, "products", writes))
        write_items(connection, batches)


def _item(number: int) -> AcceptedItem:
    sku = f"{number:09}"
    key = sha1(sku.encode(), usedforsecurity=False).hexdigest()
    identity = {"sku": sku, "storeViewCode": "default"}
    return AcceptedItem(0, key, identity, key, False, "2026-11-22 19:10:15")


def _arrival(data_space: str) -> Arrival:
    return Arrival(
        request_id=uuid4().hex,
        received_at=timestamp(utc_now()),
        route="feeds/catalog/v2/products",
        headers={"User-Agent": "bench"},
        data_space=data_space,
        feed="products",
        items=BATCH_ITEMS,
        accepted=BATCH_ITEMS,
    )


if __name__ == "__main__":
    main()
