"""Records of which one set of fields or another has to be there, as types with a check.

JSON Schema says it with a list of branches below `anyOf` or `oneOf`; a type has all fields of all
branches, and looks at each record that it reads for whether a branch has just these.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from keyword import iskeyword
from operator import attrgetter
from typing import Any

from msgspec import UNSET

from mcs.contract.schemas.fields import JsonSchema

NO_CHOICE = "not the fields of one of the alternatives"
_NOTES = {"description", "format", "title"}


class SaysMore(Exception):
    """A schema has a word that types have no word for."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """One way to be valid. told, left_out: attributes; true: those of flags that are set."""

    told: frozenset[str]
    left_out: frozenset[str] = frozenset()
    true: frozenset[str] = frozenset()

    def excludes(self, other: "_Branch") -> bool:
        """True if no record is valid in both ways."""
        return bool(self.told & other.left_out or self.left_out & other.told)


Check = Callable[[Any], None]
"""Raises ValueError if a record that was read is valid in no way."""


def _check(branches: Iterable[_Branch]) -> Check:
    # Called for each record that is read: what can be looked up before is.
    ways = [
        (_values_of(branch.told), _values_of(exact), _of_two(exact.values()))
        for branch in branches
        for exact in [dict.fromkeys(branch.left_out, UNSET) | dict.fromkeys(branch.true, True)]
    ]

    def check(record: Any) -> None:
        for told, exact, expected in ways:
            is_told = told is None or UNSET not in told(record)
            if is_told and (exact is None or exact(record) == expected):
                return
        raise ValueError(NO_CHOICE)

    return check


def _values_of(attributes: Iterable[str]) -> Callable[[Any], tuple[Any, ...]] | None:
    names = _of_two(attributes)
    return attrgetter(*names) if names else None


def _of_two(values: Iterable[Any]) -> tuple[Any, ...]:
    # Of one attribute alone Python makes no tuple.
    found = tuple(values)
    return found * 2 if len(found) == 1 else found


def with_check(schema: JsonSchema) -> tuple[JsonSchema, Check | None]:
    """The schema of a record with all fields that it may have, and what looks whether they fit.

    Raises SaysMore.
    """
    said = {word for word in schema if not is_note(word)}
    if said == {"anyOf"} or said == {"oneOf"}:
        return _of_alternatives(schema["anyOf" if "anyOf" in said else "oneOf"], "oneOf" in said)
    if "anyOf" not in schema:
        return schema, None
    whole = {word: value for word, value in schema.items() if word != "anyOf"}
    branches = [_of_condition(one, whole) for one in schema["anyOf"]]
    return whole, _check(branches)


def attribute_of(name: str) -> str:
    """The attribute of a typed record that has the value of a field.

    >>> attribute_of("sku"), attribute_of("class")
    ('sku', 'class_')
    """
    return f"{name}_" if iskeyword(name) else name


def is_note(word: str) -> bool:
    """True if a word of a schema says nothing about what is valid."""
    return word in _NOTES or word.startswith("x-")


def _of_alternatives(branches: Sequence[JsonSchema], only_one: bool) -> tuple[JsonSchema, Check]:
    """What complete schemas of closed records come to, of which each may have other fields."""
    fields: dict[str, JsonSchema] = {}
    for branch in branches:
        if branch.keys() - {"not"} != {"type", "properties", "required", "additionalProperties"}:
            raise SaysMore(branch.keys())
        for name, one in branch["properties"].items():
            if fields.setdefault(name, one) != one:
                raise SaysMore(name, one)
        _refuse_unless_closed(branch)
    always = set.intersection(*(set(branch["required"]) for branch in branches))
    whole = {
        "type": "object",
        "properties": fields,
        "required": sorted(always),
        "additionalProperties": False,
    }
    ways = [
        _Branch(
            told=_attributes(set(branch["required"]) - always),
            left_out=_attributes(fields.keys() - branch["properties"].keys()),
        )
        for branch in branches
    ]
    if only_one and not all(one.excludes(other) for one, other in combinations(ways, 2)):
        raise SaysMore(branches)
    return whole, _check(ways)


def _refuse_unless_closed(branch: JsonSchema) -> None:
    """Raises SaysMore if a record may have further fields, or may not have one of its own."""
    forbidden = branch.get("not", {"anyOf": []})
    if branch["additionalProperties"] is not False or forbidden.keys() != {"anyOf"}:
        raise SaysMore(branch)
    for one in forbidden["anyOf"]:
        # A closed record has no other fields anyway.
        if one.keys() != {"required"} or len(one["required"]) != 1:
            raise SaysMore(one)
        if one["required"][0] in branch["properties"]:
            raise SaysMore(one)


def _of_condition(branch: JsonSchema, whole: JsonSchema) -> _Branch:
    """A branch that only says which fields are there, and which flags of them are set."""
    fields, always = whole["properties"], whole.get("required", ())
    told, flags = branch.get("required", ()), branch.get("properties", {})
    if branch.keys() - {"required", "properties"} or not set(told) <= fields.keys():
        raise SaysMore(branch)
    for name, one in flags.items():
        if one != {"const": True} or name not in told or fields[name].get("type") != "boolean":
            raise SaysMore(name, one)
    return _Branch(told=_attributes(set(told).difference(always)), true=_attributes(flags))


def _attributes(names: Any) -> frozenset[str]:
    return frozenset(attribute_of(name) for name in names)
