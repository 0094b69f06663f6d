"""Hypothesis strategies for feed items, read off the marshmallow schemas."""

from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st
from marshmallow import fields

from mcs.contract.feeds import TimeFormat
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.exact import ExactNumber, ExactText, ExactWhole
from mcs.contract.schemas.fields import (
    Choice,
    Flag,
    Judged,
    Moment,
    Number,
    RecordSchema,
    Text,
    Whole,
)

_ODD_SCALARS = [None, "", "5", "5.5", "-1", "abc", "5\n", 0, 1, 2, 1.0, 2.5, 1e300, True, False]
_ODD_TEXTS = [
    "enabled",
    "SIMPLE",
    "simple",
    "2026-11-22T19:10:15Z",
    "2026-13-01 00:00:00",
    "²",
    "١",
]
_ODD_CONTAINERS: list[Any] = [[], {}, [None], [1], ["a"], [{}], {"a": 1}, [[]], {"url": 5}]
ODD_VALUES = st.sampled_from([*_ODD_SCALARS, *_ODD_TEXTS, *_ODD_CONTAINERS])


@cache
def items(feed_name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Items of a feed that a strict reader takes; fields that may be absent sometimes are."""
    return _records(ITEM_SCHEMAS[feed_name]())


@cache
def near_items(feed_name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Items of which up to three values, anywhere, are replaced, dropped or added."""
    return st.builds(
        _spoiled,
        items(feed_name),
        st.lists(st.tuples(st.integers(0, 10**6), ODD_VALUES, st.booleans()), max_size=3),
    )


def _records(schema: RecordSchema) -> st.SearchStrategy[dict[str, Any]]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in schema.fields.items():
        assert isinstance(field, Judged)
        always = field.required or name in schema.required_unless_deleted
        (required if always else optional)[field.data_key or name] = _values(field)
    if not schema.alternatives:
        return st.fixed_dictionaries(required, optional=optional)
    return st.one_of(
        [_alternative(schema, name, required, optional) for name in schema.alternatives]
    )


def _alternative(
    schema: RecordSchema,
    name: str,
    required: dict[str, st.SearchStrategy[Any]],
    optional: dict[str, st.SearchStrategy[Any]],
) -> st.SearchStrategy[dict[str, Any]]:
    excluded = schema.alternatives if schema.only_one else (name,)
    others = {key: values for key, values in optional.items() if key not in excluded}
    return st.fixed_dictionaries({**required, name: optional[name]}, optional=others)


def _values(field: Judged) -> st.SearchStrategy[Any]:
    if isinstance(field, fields.List):
        assert isinstance(field.inner, Judged)
        values: st.SearchStrategy[Any] = st.lists(_values(field.inner), max_size=2)
    elif isinstance(field, fields.Nested):
        assert isinstance(field.schema, RecordSchema)
        values = _records(field.schema)
    else:
        values = _scalars(field)
    return st.none() | values if field.allow_none else values


def _scalars(field: Judged) -> st.SearchStrategy[Any]:
    if isinstance(field, Choice):
        return st.sampled_from(field.values)
    if isinstance(field, Moment):
        moments = st.datetimes(datetime(1000, 1, 1)).map(  # noqa: DTZ001 - wire times are naive
            lambda moment: moment.replace(microsecond=0)
        )
        if field.time_format is TimeFormat.COMMERCE:
            return moments.map(lambda moment: moment.isoformat(" "))
        return moments.map(lambda moment: moment.isoformat() + "+00:00")
    if isinstance(field, ExactText):
        if field.pattern is not None:
            return st.from_regex(field.pattern.replace("$", r"\Z"), fullmatch=True).filter(
                lambda text: len(text) <= (field.longest or len(text))
            )
        letters = st.characters(codec="utf-8")
        return st.text(letters, min_size=field.shortest, max_size=field.longest)
    if isinstance(field, ExactNumber):
        return st.floats(1.5, 99) if field.advised else st.floats(-1e9, 1e9) | st.integers(-9, 9)
    if isinstance(field, Text):
        return st.text(st.characters(codec="utf-8"), min_size=1 if field.demanded else 0)
    kinds: dict[type[Judged], st.SearchStrategy[Any]] = {
        ExactWhole: st.integers(ExactWhole.least, ExactWhole.most),
        Whole: st.integers(-(2**53), 2**53),
        Number: st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
        Flag: st.booleans(),
    }
    return next(values for kind, values in kinds.items() if isinstance(field, kind))


def _spoiled(item: dict[str, Any], edits: list[tuple[int, Any, bool]]) -> dict[str, Any]:
    for pick, odd_value, drop in edits:
        value = deepcopy(odd_value)
        places = list(_places(item))
        if not places:
            return {"surprise": value}
        container, key = places[pick % len(places)]
        if drop and isinstance(container, dict):
            del container[key]
        else:
            container[key] = value
        if pick % 17 == 0:
            item["surprise"] = value
    return item


def _places(value: Any) -> Any:
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
