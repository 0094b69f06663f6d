"""Reads a batch into typed records straight from its JSON text, and only if it is valid.

The types are made from the strict JSON Schema of the items. Law: what is read here is accepted by
that schema once it is parsed. What is not read may be valid all the same: JSON Schema says more
than types can, and of a whole number written as 1.0 it bears more.
"""

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from msgspec import UNSET, DecodeError, Meta, UnsetType, defstruct, json

from mcs.contract.choice import SaysMore, attribute_of, is_note, with_check
from mcs.contract.jsonschema import item_schema
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.fields import JsonSchema

LARGEST_WHOLE = 2**63 - 1
"""Beyond it parsers differ: one reads an integer, the other a fraction or nothing."""
_WHOLE = {"minimum": -LARGEST_WHOLE, "maximum": LARGEST_WHOLE}
_BOUNDS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt"}
_SIZES = {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"}


def typed_items(schema_name: str, text: bytes) -> list[Any] | None:
    """The items of a batch, their fields as attributes; None unless all are surely valid.

    An attribute is UNSET where the item has no such field.

    >>> typed_items("products", b'[{"sku": 1}]') is None
    True
    """
    decoder = _decoder(schema_name)
    if decoder is None:
        return None
    try:
        items: list[Any] = decoder.decode(text)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return items


@cache
def always_told(schema_name: str) -> frozenset[str]:
    """The fields that each valid item has, with a single value that is not null."""
    schema = item_schema(schema_name, strict=True)
    item = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    return frozenset(
        name
        for name in item.get("required", ())
        if item["properties"][name].get("type") in ("string", "integer", "number", "boolean")
    )


@cache
def _decoder(schema_name: str) -> json.Decoder[Any] | None:
    schema = item_schema(schema_name, strict=True)
    left_out = ITEM_SCHEMAS[schema_name].judged_in_full
    try:
        item = _Types(schema["$defs"]).of(schema, left_out)
    except SaysMore:
        return None
    return json.Decoder(list[item])  # type: ignore[valid-type]  # a type that is made here


class _Types:
    """The types of the records of one schema."""

    def __init__(self, records: Mapping[str, JsonSchema]) -> None:
        self._records = records
        self._made: dict[str, Any] = {}

    def of(self, schema: JsonSchema, left_out: tuple[str, ...] = ()) -> Any:
        """The type of what a schema accepts; left_out: fields that it is to lack.

        Raises SaysMore.
        """
        if "$ref" in schema:
            return self._record(schema["$ref"].rpartition("/")[2], left_out)
        said = {word: value for word, value in schema.items() if not is_note(word)}
        if said.keys() == {"anyOf"}:
            return _any_of([self.of(one) for one in said["anyOf"]])
        kind = said.pop("type", None)
        if isinstance(kind, list):
            return _any_of([None if one == "null" else self._of_kind(one, said) for one in kind])
        return self._of_kind(kind, said)

    def _of_kind(self, kind: str | None, said: JsonSchema) -> Any:
        if kind == "array" and said.keys() == {"items"}:
            return list[self.of(said["items"])]  # type: ignore[misc]  # a type that is made here
        if kind == "string":
            return _text(said)
        if kind == "integer":
            return _limited(int, _WHOLE | said, _BOUNDS)
        if kind == "number":
            return _limited(float, said, _BOUNDS)
        if kind in ("boolean", "null") and not said:
            return bool if kind == "boolean" else None
        raise SaysMore(kind, said)

    def _record(self, name: str, left_out: tuple[str, ...]) -> Any:
        if name not in self._made:
            self._made[name] = self._new_record(name, self._records[name], left_out)
        return self._made[name]

    def _new_record(self, name: str, schema: JsonSchema, left_out: tuple[str, ...]) -> Any:
        whole, check = with_check(schema)
        said = {word for word in whole if not is_note(word)}
        words = {"type", "properties", "required", "additionalProperties"}
        if said - words or whole.get("additionalProperties") is not False:
            raise SaysMore(name, said)
        fields: list[Any] = []
        for key, one in whole["properties"].items():
            if key in left_out:
                continue
            kind = self.of(one)
            may_lack = () if key in whole.get("required", ()) else (UNSET,)
            wanted = kind | UnsetType if may_lack else kind
            fields.append((attribute_of(key), wanted, *may_lack))
        return defstruct(
            name,
            fields,
            rename={attribute_of(key): key for key in whole["properties"]},
            namespace={"__post_init__": check} if check else None,
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )


def _any_of(kinds: list[Any]) -> Any:
    return reduce(or_, kinds)


def _text(said: JsonSchema) -> Any:
    if said.keys() == {"enum"}:
        return Literal[tuple(said["enum"])]
    if "pattern" in said:
        # `$` of Python's re also matches before a last line feed; JSON Schema's does not.
        said = {**said, "pattern": said["pattern"].removesuffix("$") + r"\Z"}
    return _limited(str, said, _SIZES)


def _limited(kind: Any, said: JsonSchema, words: Mapping[str, str]) -> Any:
    if not said.keys() <= words.keys():
        raise SaysMore(kind, said)
    limits: dict[str, Any] = {words[word]: limit for word, limit in said.items()}
    return Annotated[kind, Meta(**limits)] if limits else kind
