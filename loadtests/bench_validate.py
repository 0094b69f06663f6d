"""How fast a batch of products is judged, side by side in one run: `make bench-validate`.

The ceiling is what any receiver must do: unpack and parse. Ratios to it hold on any machine.
"""

import gzip
import statistics
import time
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import orjson
from pydantic import BaseModel, TypeAdapter, create_model

from mcs.contract.feeds import FEEDS
from mcs.contract.jsonschema import item_schema
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.fields import Flag, Many, Number, Record, RecordSchema, Whole
from mcs.contract.validation import Mode, validate
from mcs.fixtures.catalog import Catalog
from mcs.loadtests.batches import product_item
from mcs.loadtests.figures import Figure, tell

BATCH_SIZE = 100
BATCHES = 20
ROUNDS = 5
PRODUCTS = FEEDS["products"]
CEILING, OURS = "gunzip + orjson (the ceiling)", "our fast path, lenient"
MARSHMALLOW = "marshmallow alone"


def main() -> None:
    """Prints items per second and the ratio to the ceiling, medians of several rounds."""
    catalog = Catalog(seed=42, products=BATCH_SIZE * BATCHES)
    items = [product_item(product) for product in catalog]
    bodies = [
        gzip.compress(orjson.dumps(items[start : start + BATCH_SIZE]), mtime=0)
        for start in range(0, len(items), BATCH_SIZE)
    ]
    size = statistics.mean(len(orjson.dumps(item)) for item in items)
    print(f"{len(items)} products of {size:.0f} bytes, {BATCH_SIZE} a batch, medians of {ROUNDS}")
    contenders = _contenders()
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, judge in contenders.items():
            speeds[name].append(_items_per_s(judge, bodies))
    medians = {name: statistics.median(measured) for name, measured in speeds.items()}
    ceiling = medians[CEILING]
    for name, speed in medians.items():
        print(f"{name:42} {speed:>10,.0f} items/s   {speed / ceiling:5.2f} of the ceiling")
    ours = medians[OURS]
    for what, other in (("× marshmallow", medians[MARSHMALLOW]), ("× the ceiling", ceiling)):
        basis = f"{ours:,.0f} against {other:,.0f} items/s"
        tell(Figure("validation, lenient", what, ours / other, basis=basis))


def _contenders() -> dict[str, Callable[[list[Any]], bool]]:
    schema = dict(item_schema("products", strict=True))
    whole = {**schema, "type": "array", "items": {"$ref": schema.pop("$ref")}}
    whole.pop("$ref")
    json_schema = jsonschema_rs.Draft202012Validator(whole)
    marshmallow = ITEM_SCHEMAS["products"](many=True)
    model: Any = _model(ITEM_SCHEMAS["products"]())
    models = TypeAdapter[list[Any]](list[model])
    return {
        CEILING: lambda _: True,
        "our fast path, strict": lambda batch: not validate(PRODUCTS, batch, Mode.STRICT).errors,
        OURS: lambda batch: not validate(PRODUCTS, batch).errors,
        "jsonschema-rs alone": json_schema.is_valid,
        "pydantic, same fields": lambda batch: bool(models.validate_python(batch)),
        MARSHMALLOW: lambda batch: not marshmallow.validate(batch),
    }


def _items_per_s(judge: Callable[[list[Any]], bool], bodies: list[bytes]) -> float:
    started = time.perf_counter()
    for body in bodies:
        if not judge(orjson.loads(gzip.decompress(body))):
            raise AssertionError("a contender refused a valid batch")
    return len(bodies) * BATCH_SIZE / (time.perf_counter() - started)


def _model(schema: RecordSchema) -> type[BaseModel]:
    """A pydantic model with the fields of a schema, for a comparison on equal terms."""
    members: dict[str, Any] = {}
    for name, field in schema.fields.items():
        optional = _type(field) | None
        members[field.data_key or name] = (optional, ... if field.required else None)
    return create_model(type(schema).__name__, **members)


def _type(field: Any) -> Any:
    if isinstance(field, Many):
        return list[_type(field.inner)]  # type: ignore[misc]  # made at run time
    if isinstance(field, Record):
        return _model(field.schema)
    return {Whole: int, Number: float, Flag: bool}.get(type(field), str)


if __name__ == "__main__":
    main()
