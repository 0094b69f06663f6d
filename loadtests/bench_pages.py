"""How long the server takes for each page of the dashboard when a million products are recorded.

Run: python -m mcs.loadtests.bench_pages [--products 1000000] [--database URL] [--keep FOLDER]
A kept folder is filled once and measured again without that.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import orjson
from flask import Flask
from rich.progress import track

from mcs.contract.canonical import key_of_values
from mcs.contract.feeds import FEEDS
from mcs.loadtests.figures import Figure, tell
from mcs.server.app import close, create_app, service_of
from mcs.server.config import ServerConfig, Settings
from mcs.server.store.repository import Store, timestamp, utc_now
from mcs.server.store.values import AcceptedItem, Arrival, Batch

PER_REQUEST = 1_000
RUNS = 60
TARGET_MS = 100
NAME = "bench"
ADJECTIVES = ("Blue", "Warm", "Light", "Classic", "Foldable", "Robust", "Silent", "Modern")
NOUNS = ("Bag", "Shirt", "Lamp", "Boot", "Chair", "Camera", "Kettle", "Watch", "Jacket", "Rug")


@click.command()
@click.option("--products", default=1_000_000, show_default=True)
@click.option("--database", help="SQLAlchemy URL. [default: SQLite in the folder]")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder to fill once and use again.")
def main(products: int, database: str | None, keep: Path | None) -> None:
    """Fill a database, then time the pages."""
    folder = nullcontext(str(keep)) if keep else tempfile.TemporaryDirectory()
    with folder as name:
        app = create_app(ServerConfig(var=Path(name), database=database))
        try:
            data_space = _filled(service_of(app).store, products)
            times_ms = {}
            for page, ask in _pages(data_space, products).items():
                times_ms[page] = [_taken_ms(app, ask(number)) for number in range(RUNS)]
                _report(page, times_ms[page])
            _tell_slowest(products, times_ms)
        finally:
            close(app)


def _filled(store: Store, products: int) -> str:
    known = {space.name: space.id for space in store.data_spaces.all()}
    data_space = known.get(NAME) or _recorded(store, products)
    began, (listed, _) = time.perf_counter(), store.catalog.requests_behind(data_space)
    while store.catalog.step(data_space, 20).behind:
        pass
    taken_s = time.perf_counter() - began
    if not listed:
        print(f"listing took {taken_s:.0f} s, {products / taken_s:,.0f} products/s")
    return data_space


def _recorded(store: Store, products: int) -> str:
    data_space = str(uuid4())
    store.data_spaces.add(data_space, NAME, Settings())
    for start in track(range(0, products, PER_REQUEST), "recording"):
        numbers = range(start, min(start + PER_REQUEST, products))
        for feed, item in (("prices", _price), ("products", _product)):
            _record(store, data_space, feed, [item(number) for number in numbers])
    return data_space


def _record(store: Store, data_space: str, feed: str, items: list[Any]) -> None:
    arrival = Arrival(
        request_id=uuid4().hex,
        received_at=timestamp(utc_now()),
        route=FEEDS[feed].route,
        headers={},
        data_space=data_space,
        feed=feed,
        items=len(items),
        accepted=len(items),
    )
    accepted = [_accepted(feed, index, item) for index, item in enumerate(items)]
    store.intake.record(arrival, Batch(feed, orjson.dumps(items), accepted))


def _accepted(feed: str, index: int, item: dict[str, Any]) -> AcceptedItem:
    identity = {name: item[name] for name in FEEDS[feed].identity}
    key = key_of_values(identity.values())
    return AcceptedItem(index, key, identity, key, deleted=False, modified_at=None)


def _product(number: int) -> dict[str, Any]:
    adjective, noun = ADJECTIVES[number % 8], NOUNS[number // 8 % 10]
    return {
        "sku": f"{noun[:3].upper()}-{number:07}",
        "storeViewCode": "default",
        "websiteCode": "base",
        "productId": number + 1,
        "name": f"{adjective} {noun} {number * 7919 % 100_003}",
        "type": "configurable" if number % 10 == 0 else "simple",
        "visibility": "Catalog, Search" if number % 3 else "Not Visible Individually",
        "updatedAt": f"2026-{1 + number % 12:02}-{1 + number % 28:02} 10:00:00",
        "deleted": False,
    }


def _price(number: int) -> dict[str, Any]:
    sku = _product(number)["sku"]
    names = {"sku": sku, "customerGroupCode": "0", "websiteCode": "base"}
    return {**names, "regular": number % 5000 / 10, "deleted": False}


def _pages(data_space: str, products: int) -> dict[str, Callable[[int], str]]:
    home = f"/data-spaces/{data_space}/"

    requests = 2 * -(-products // PER_REQUEST)

    def sku(number: int) -> str:
        return str(_product(number * 7919 % products)["sku"])

    def key(number: int) -> str:
        return key_of_values((sku(number), "default"))

    return {
        "first page": lambda _: home,
        "sorted by price, descending": lambda _: f"{home}?sort=-price",
        "sorted by name, from the middle": lambda n: (
            f"{home}?sort=name&after={1 + n * 7919 % products}"
        ),
        "search by SKU": lambda n: f"{home}?q={sku(n)}",
        "search by words, few found": lambda n: f"{home}?q=blue+bag+{n * 16 * 7919 % 100_003}",
        "search by a word, many found": lambda n: f"{home}?q={NOUNS[n % 10]}&sort=name",
        "next page of many found": lambda n: f"{home}?q={NOUNS[n % 10]}&after={products // 2}",
        "search by a letter": lambda n: f"{home}?q={ADJECTIVES[n % 8][0]}&sort=-price",
        "status alone": lambda _: f"{home}?fragment=status",
        "settings": lambda _: f"{home}settings",
        "product": lambda n: f"{home}products/{sku(n)}",
        "500 products as CSV": lambda _: f"{home}?limit=500&format=csv",
        "feed sync status": lambda _: f"{home}feeds",
        "one feed": lambda _: f"{home}feeds/products",
        "one feed, from the middle": lambda n: f"{home}feeds/products?after={key(n)}",
        "one feed, an item by its names": lambda n: f"{home}feeds/products?q={sku(n)},default",
        "inspector": lambda _: f"{home}inspect",
        "inspector, only failed": lambda _: f"{home}inspect?show=failed",
        "inspector, the charts alone": lambda _: f"{home}inspect/charts",
        "inspector, search in items": lambda n: f"{home}inspect?q={sku(n)}",
        "request of 1,000 items": lambda n: f"{home}inspect/requests/{1 + n * 7919 % requests}",
        "refused items": lambda _: f"{home}inspect/refused",
        "faults": lambda _: f"{home}inspect/faults",
        "discrepancies": lambda _: f"{home}diff",
    }


def _taken_ms(app: Flask, path: str) -> tuple[float, float]:
    """By the clock, and of the processor alone: on a busy machine the clock counts others, too."""
    client = app.test_client()
    began, began_cpu = time.perf_counter(), time.process_time()
    answer = client.get(path, headers={"Accept": "text/html"})
    taken_ms = (time.perf_counter() - began) * 1000
    cpu_ms = (time.process_time() - began_cpu) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{path} was answered with {answer.status}")
    return taken_ms, cpu_ms


def _report(page: str, times_ms: list[tuple[float, float]]) -> None:
    clock, processor = ([time[kind] for time in times_ms] for kind in (0, 1))
    verdict = "ok" if _p95(clock) < TARGET_MS else f"over {TARGET_MS} ms"
    print(
        f"{page:34} median {sorted(clock)[len(clock) // 2]:7.1f} ms   p95 {_p95(clock):7.1f} ms   "
        f"p95 of processor time {_p95(processor):6.1f} ms   {verdict}"
    )


def _tell_slowest(products: int, times_ms: dict[str, list[tuple[float, float]]]) -> None:
    p95_ms = {
        page: [_p95(list(kind)) for kind in zip(*times, strict=True)]
        for page, times in times_ms.items()
    }
    slowest = max(p95_ms, key=lambda page: p95_ms[page][0])
    clock_ms, processor_ms = p95_ms[slowest]
    stage = f"dashboard at {products:,} products, slowest of {len(p95_ms)} pages"
    basis = f"{slowest}; {processor_ms:.1f} ms of processor time"
    tell(Figure(stage, "p95, ms", clock_ms, TARGET_MS, at_most=True, basis=basis))


def _p95(times_ms: list[float]) -> float:
    return sorted(times_ms)[len(times_ms) * 95 // 100]


if __name__ == "__main__":
    main()
