"""Every way to break one value of a feed item, generated from the schemas.

A complete item has every field; a mutation is that item with one thing wrong.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from mcs.contract.feeds import TimeFormat
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.exact import (
    ExactChoice,
    ExactFlag,
    ExactMany,
    ExactNumber,
    ExactRecord,
    ExactText,
    ExactWhole,
)
from mcs.contract.schemas.fields import (
    Choice,
    Flag,
    Judged,
    Many,
    Moment,
    Number,
    Record,
    RecordSchema,
    Text,
    Whole,
)

# What a strict reader refuses of each kind; those on the right the service bears.
WRONG_VALUES: dict[type[Judged], tuple[list[Any], list[Any]]] = {
    Text: ([True, [], {}, ["a"]], [5, 5.5]),
    Choice: (["never heard of", 5, True, [], ""], []),
    Moment: (
        ["yesterday", "2026-13-01 00:00:00", "2026-11-22", 5, [], ""],
        ["2026-11-22T19:10:15+0000", "2026-11-22T19:10:15"],
    ),
    Whole: (["abc", 2.5, [], {}, "", "5.5"], ["5", "+5", "5.0", True]),
    Number: (["abc", "12,50", True, [], {}, ""], ["5", "5.5", ".5", "1.0E-5"]),
    Flag: (["yes", 2, [], {}, ""], [0, 1, "0", "1"]),
    Record: ([5, "x", True, [1]], [""]),
    Many: ([5, "x", True, {"a": 1}], []),
    ExactText: ([True, [], {}, ["a"], 5, 5.5], []),
    ExactChoice: (["never heard of", 5, True, [], ""], []),
    ExactWhole: (["abc", 2.5, [], {}, "", "5", True, 2**31, -(2**31) - 1], []),
    ExactNumber: (["abc", "12,50", True, [], {}, "", "5"], []),
    ExactFlag: (["yes", 2, [], {}, "", 0, 1, "0", "1"], []),
    ExactRecord: ([5, "x", True, [1], ""], []),
    ExactMany: ([5, "x", True, {"a": 1}], []),
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """An item with one fault. tolerated: the lenient mode bears it."""

    what: str
    pointer: str
    item: dict[str, Any]
    tolerated: bool


def complete_item(schema_name: str) -> dict[str, Any]:
    """An item of the feed with a value in every field, records and lists included.

    Of fields that exclude each other it has the first.
    """
    return _complete(ITEM_SCHEMAS[schema_name]())


def mutations(schema_name: str) -> Iterator[Mutation]:
    """Each required field removed, each type broken, each null, each enumeration violated."""
    whole = complete_item(schema_name)
    schema = ITEM_SCHEMAS[schema_name]()
    for pointer, field in _fields(schema, whole, ""):
        if field.required or pointer[1:] in schema.required_unless_deleted:
            yield Mutation("removed", pointer, _without(whole, pointer), not field.insisted_on)
        if not field.allow_none:
            item = _with(whole, pointer, None)
            yield Mutation("null", pointer, item, field.bears_null(strict=False))
        if isinstance(field, Text) and field.demanded:
            yield Mutation("empty", pointer, _with(whole, pointer, ""), tolerated=False)
        refused, borne = WRONG_VALUES[type(field)]
        for value in [*refused, *_beyond(field)]:
            yield Mutation(f"is {value!r}", pointer, _with(whole, pointer, value), tolerated=False)
        for value in borne:
            item = _with(whole, pointer, value)
            borne_here = not (isinstance(field, Record) and field.demanded)
            yield Mutation(f"is {value!r}", pointer, item, borne_here)
        if isinstance(field, ExactNumber) and field.advised:
            yield Mutation("is -1", pointer, _with(whole, pointer, -1), tolerated=True)


def _beyond(field: Judged) -> Iterator[str]:
    if isinstance(field, ExactText):
        if field.shortest:
            yield ""
        if field.longest is not None:
            yield "x" * (field.longest + 1)
        if field.pattern is not None:
            yield from ("Not a slug", "a//b", "a\n")


def _complete(schema: RecordSchema) -> dict[str, Any]:
    excluded = schema.alternatives[1:] if schema.only_one else ()
    return {
        field.data_key or name: _value(field)
        for name, field in schema.fields.items()
        if name not in excluded
    }


def _value(field: Any) -> Any:
    if isinstance(field, Record):
        return _complete(field.schema)
    if isinstance(field, Many):
        return [_value(field.inner)]
    if isinstance(field, Choice):
        return field.values[0]
    if isinstance(field, Moment):
        commerce = field.time_format is TimeFormat.COMMERCE
        return "2026-11-22 19:10:15" if commerce else "2026-11-22T19:10:15+00:00"
    kinds = {Text: "x", Whole: 1, Number: 1.5, Flag: False}
    return next(value for kind, value in kinds.items() if isinstance(field, kind))


def _fields(
    schema: RecordSchema, value: dict[str, Any], pointer: str
) -> Iterator[tuple[str, Judged]]:
    for name, field in schema.fields.items():
        assert isinstance(field, Judged)
        key = field.data_key or name
        if key not in value:
            continue
        yield f"{pointer}/{key}", field
        inner: fields.Field[Any] = field
        at, below = f"{pointer}/{key}", value[key]
        if isinstance(inner, Many):
            inner, at, below = inner.inner, f"{at}/0", below[0]
            assert isinstance(inner, Judged)
            yield at, inner
        if isinstance(inner, Record):
            yield from _fields(inner.schema, below, at)


def _with(item: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    copy = deepcopy(item)
    parent, step = _parent(copy, pointer)
    parent[step] = value
    return copy


def _without(item: dict[str, Any], pointer: str) -> dict[str, Any]:
    copy = deepcopy(item)
    parent, step = _parent(copy, pointer)
    del parent[step]
    return copy


def _parent(value: Any, pointer: str) -> tuple[Any, Any]:
    *path, last = pointer.split("/")[1:]
    for step in path:
        value = value[int(step) if isinstance(value, list) else step]
    return value, int(last) if isinstance(value, list) else last
