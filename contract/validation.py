"""Is a batch valid? Fast where it is, in full where it is not.

The fast path is JSON Schema derived from the marshmallow schemas (typed.py has a faster one, for
batches that are not parsed yet). What it refuses, marshmallow judges item by item and explains; it
alone writes errors. Law: fast accepts => marshmallow accepts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from mcs.contract.answer import ItemError
from mcs.contract.feeds import Feed
from mcs.contract.jsonschema import item_schema
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.fields import Finding

SHOWN_VALUE_LENGTH = 60
DEEPEST = 250
"""Levels of nesting that validation and hashing can follow; no feed has more than eight."""


class Mode(StrEnum):
    """What a data space refuses. strict: anything off the schema. lenient: what the real service
    is thought to refuse. record: nothing; all is noted."""

    STRICT = "strict"
    LENIENT = "lenient"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with each item of a batch.

    errors: why items are refused, ordered by index; an index may come more than once.
    warnings: what a strict reader would refuse and this mode does not; None if they were not
    looked for, since the fast path accepted (`warnings_of` finds them).
    """

    errors: Sequence[ItemError]
    warnings: Sequence[ItemError] | None

    @property
    def refused(self) -> set[int]:
        """The indexes of the items that are not accepted."""
        return {error.index for error in self.errors}


def validate(
    feed: Feed, items: Sequence[Any], mode: Mode = Mode.LENIENT, schema: str | None = None
) -> Verdict:
    """Judges the items of one batch, in order. Items may be any JSON value.

    schema: the name of the items' schema, where it is not that of the feed (`Call.schema`).
    """
    schema = schema or feed.name
    if fast_accepts(schema, items, strict=True):
        return Verdict(errors=(), warnings=())
    return explained(feed, items, mode, schema)


def explained(feed: Feed, items: Sequence[Any], mode: Mode, schema: str | None = None) -> Verdict:
    """Judges items that a strict reader would not accept as they are. schema: as for `validate`."""
    schema = schema or feed.name
    if mode is Mode.LENIENT and fast_accepts(schema, items, strict=False):
        return Verdict(errors=(), warnings=None)
    errors: list[ItemError] = []
    warnings: list[ItemError] = []
    for index, item in enumerate(items):
        for finding, error in findings(schema, item, index):
            (errors if _refuses(mode, finding) else warnings).append(error)
    return Verdict(errors, warnings)


def warnings_of(feed: Feed, items: Sequence[Any], schema: str | None = None) -> list[ItemError]:
    """Everything a strict reader would refuse in these items, whatever the mode.

    schema: as for `validate`.
    """
    schema = schema or feed.name
    if fast_accepts(schema, items, strict=True):
        return []
    return [error for index, item in enumerate(items) for _, error in findings(schema, item, index)]


def nested_too_deep(items: Sequence[Any]) -> bool:
    """True if items are nested deeper than can be judged; ask before anything else is.

    Strict schemas say how every record goes on, so what they accept is not.
    """
    try:
        orjson.dumps(items)
    except TypeError:
        # orjson's own limit is a little above DEEPEST, those of the other libraries are beyond.
        return True
    return False


def fast_accepts(schema_name: str, items: Sequence[Any], *, strict: bool) -> bool:
    """True if the whole batch is surely valid in this grade."""
    accepted: bool = _batch_validator(schema_name, strict).is_valid(items)
    return accepted


def findings(schema_name: str, item: Any, index: int) -> Iterator[tuple[Finding, ItemError]]:
    """What marshmallow says of one item, each finding with its pointer and the value seen."""
    messages = _marshmallow(schema_name).validate(item)
    if not isinstance(item, dict):
        messages = {"": messages["_schema"]}
    for pointer, finding in _flattened(messages, ""):
        yield finding, _item_error(index, pointer, finding, item)


def _refuses(mode: Mode, finding: Finding) -> bool:
    return mode is Mode.STRICT or (mode is Mode.LENIENT and not finding.tolerated)


@cache
def _batch_validator(schema_name: str, strict: bool) -> Any:
    schema = dict(item_schema(schema_name, strict=strict))
    item = {"$ref": schema.pop("$ref")}
    if in_full := [{"required": [name]} for name in ITEM_SCHEMAS[schema_name].judged_in_full]:
        item["not"] = {"anyOf": in_full}
    return jsonschema_rs.Draft202012Validator({**schema, "type": "array", "items": item})


@cache
def _marshmallow(schema_name: str) -> Any:
    return ITEM_SCHEMAS[schema_name]()


def _flattened(messages: Any, pointer: str) -> Iterator[tuple[str, Finding]]:
    """Leaves of marshmallow's nested messages, in the order of the schema."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            # "_schema" is where marshmallow puts what it says of a record as a whole.
            step = f"/{_escaped(str(name))}" if name not in ("", "_schema") else ""
            yield from _flattened(inner, pointer + step)
        return
    for finding in messages:
        yield pointer, finding


def _item_error(index: int, pointer: str, finding: Finding, item: Any) -> ItemError:
    seen = ""
    if finding.code != "missing_required_field":
        seen = f", got {_shown(_value_at_pointer(item, pointer))}"
    return ItemError(index, pointer, finding.code, f"{pointer or 'the item'} {finding}{seen}.")


def _value_at_pointer(item: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        item = item[int(name)] if isinstance(item, list) else _member(item, name)
    return item


def _member(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= SHOWN_VALUE_LENGTH else text[: SHOWN_VALUE_LENGTH - 1] + "…"
