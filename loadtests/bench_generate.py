"""How fast product items are made, beside Faker and Mimesis making the same fields, in one run.

    python -m mcs.loadtests.bench_generate 20000

`make bench-generate`. All make JSON bytes of the same keys, nesting and lengths of texts; only what
differs from product to product is made anew by the others. One process, so one core; medians.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import Any

import orjson
from faker import Faker

from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import read_profile
from mcs.loadtests.figures import Figure, tell

PROFILE = "10M"
OURS = "mcs.fixtures.items"
ROUNDS = 5
OTHERS_MAKE = 300
"""How many the others make in a round: they need longer."""

_CONSTANT = frozenset(
    {
        *("attributeCode", "storeCode", "storeViewCode", "websiteCode", "currency", "type"),
        *("weightUnit", "roles", "types", "status", "visibility", "taxClassId", "swatchType"),
        *("renderType", "priceType", "productType", "modifiedAt", "sortOrder"),
    }
)
_PROSE = frozenset({"description", "shortDescription", "metaDescription"})

Make = Callable[[str, Any], Any]
"""A new value for a field with such a value."""


def main(count: int) -> None:
    """Prints items per second and the ratio to Faker of each contender."""
    items = FeedItems(Catalog.of_profile(read_profile(PROFILE), seed=42))
    templates = [orjson.loads(item) for item in items.slice("products", 0, OTHERS_MAKE)]
    contenders: dict[str, tuple[int, Callable[[int], Iterator[bytes]]]] = {
        OURS: (count, lambda number: items.slice("products", 5000, 5000 + number)),
        "faker": (OTHERS_MAKE, _alike(templates, _faker())),
    }
    mimesis = _mimesis()
    if mimesis:
        contenders["mimesis"] = OTHERS_MAKE, _alike(templates, mimesis)
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    sizes: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, (number, make) in contenders.items():
            started, size = time.process_time(), 0
            for item in make(number):
                size += len(item)
            speeds[name].append(number / (time.process_time() - started))
            sizes[name] = size / number
    base = statistics.median(speeds["faker"])
    print(f"products of profile {PROFILE}, one core, median of {ROUNDS} rounds")
    for name, measured in speeds.items():
        speed = statistics.median(measured)
        print(
            f"{name:20} {speed:>10,.0f} items/s  {sizes[name]:>6,.0f} bytes each  "
            f"{speed / base:6.1f} x Faker"
        )
    ours = statistics.median(speeds[OURS])
    basis = f"{ours:,.0f} against {base:,.0f} items/s of one core"
    tell(Figure("generator, products as JSON", "× Faker", ours / base, 60, basis=basis))
    if not mimesis:
        print("mimesis is not installed; it comes with the extra `bench`")


def _alike(templates: list[Any], make: Make) -> Callable[[int], Iterator[bytes]]:
    """Makes items of the templates' shapes, with values of their own."""

    def items(number: int) -> Iterator[bytes]:
        for template in islice(cycle(templates), number):
            yield orjson.dumps(_like(template, "", make))

    return items


def _like(value: Any, key: str, make: Make) -> Any:
    if isinstance(value, dict):
        return {name: _like(inner, name, make) for name, inner in value.items()}
    if isinstance(value, list):
        return [_like(inner, key, make) for inner in value]
    return value if value is None or key in _CONSTANT else make(key, value)


def _faker() -> Make:
    faker = Faker("en_US")
    faker.seed_instance(1)

    def make(key: str, value: Any) -> Any:
        if isinstance(value, bool):
            return faker.boolean()
        if isinstance(value, int):
            return faker.random_int(0, 99_999)
        if isinstance(value, float):
            return faker.pyfloat(right_digits=2, min_value=0, max_value=500)
        if key in _PROSE:
            return faker.text(max_nb_chars=max(20, len(value)))
        if "url" in key.lower():
            return faker.image_url() if value.endswith(".jpg") else faker.uri()
        if key == "sku":
            return faker.bothify("???-########")
        if key in ("createdAt", "updatedAt"):
            return str(faker.date_time())
        return faker.catch_phrase() if len(value) > 20 else faker.word()

    return make


def _mimesis() -> Make | None:
    try:
        from mimesis import Code, Datetime, Internet, Numeric, Text
        from mimesis.locales import Locale
    except ImportError:
        return None
    text, internet, numeric = Text(Locale.EN, seed=1), Internet(seed=1), Numeric(seed=1)
    dates, code = Datetime(seed=1), Code(seed=1)

    def make(key: str, value: Any) -> Any:
        if isinstance(value, bool):
            return bool(numeric.integer_number(0, 1))
        if isinstance(value, int):
            return numeric.integer_number(0, 99_999)
        if isinstance(value, float):
            return numeric.float_number(0, 500, precision=2)
        if key in _PROSE:
            return text.text(quantity=max(1, len(value) // 60))
        if "url" in key.lower():
            return internet.url()
        if key == "sku":
            return code.pin("@@@-########")
        if key in ("createdAt", "updatedAt"):
            return str(dates.datetime())
        return text.title() if len(value) > 20 else text.word()

    return make


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000)
