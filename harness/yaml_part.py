"""A YAML text as its parts, each of which can say at which line it is wrong. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from mcs.contract.errors import UsageError
from mcs.yaml_text import NotYaml, load_yaml

DEEPEST = 50
NO_YAML = "{name}: line {line}: {reason}. Expected {what} in YAML."
NO_MAPPING = "{name}: got {found}, expected {what}: a mapping with {keys}."
PLACE = "{name}: line {line}{step}"
UNKNOWN = '"{key}" is not known here. Take of: {known}.'
MISSING = "{key} is missing. {hint}"
WRONG = "{key}: got {value!r}, expected {expected}."


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping of a file, that can say where it is. step: such as ", step 3"; "" at the top."""

    values: CommentedMap
    name: str
    step: str = ""

    def refuse_unknown(self, known: Sequence[str]) -> None:
        """Raises UsageError for a key that is not one of these."""
        for key in self.values:
            if key not in known:
                raise self.wrong(key, UNKNOWN.format(key=key, known=", ".join(known)))

    def wrong(self, key: object, what: str) -> UsageError:
        """The error that something at a key is wrong."""
        return UsageError(f"{self.place_of(key)}: {what}")

    def misfit(self, key: str, expected: str) -> UsageError:
        """The error that a key has another value than is expected."""
        found = self.values.get(key)
        return self.wrong(key, WRONG.format(key=key, value=found, expected=expected))

    def text(self, key: str) -> str:
        """The text at a key, which must have one."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.misfit(key, "a text")
        return str(value)

    def whole(self, key: str) -> int:
        """The whole number at a key, 0 if it is left out."""
        value = self.values.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
            raise self.misfit(key, "a whole number of 0 or more")
        return int(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """The values by name at a key, none if it is left out."""
        value = self.plain(key) if key in self.values else {}
        if not isinstance(value, dict):
            raise self.misfit(key, "a mapping of values by name")
        return value

    def plain(self, key: str) -> Any:
        """The value at a key as one of JSON."""
        try:
            return _plain(self.values[key])
        except TypeError as error:
            raise self.wrong(key, f"{key}: {error}") from None

    def parts(self, key: str, noun: str, expected: str) -> Iterator["Part"]:
        """The mappings of a list, which must have one. noun: what one is called, such as step."""
        found = self.values.get(key)
        if not isinstance(found, CommentedSeq) or not found:
            raise self.wrong(key, MISSING.format(key=key, hint=f"Give a list of {noun}s."))
        for number, values in enumerate(found, start=1):
            where = f", {noun} {number}"
            if not isinstance(values, CommentedMap):
                line = found.lc.data[number - 1][0] + 1
                what = f"got a {_kind(values)}, expected {expected}."
                place = PLACE.format(name=self.name, line=line, step=where)
                raise UsageError(f"{place}: {what}")
            yield Part(values, self.name, where)

    def inner(self, key: str) -> "Part":
        """The mapping at a key, which must have one."""
        found = self.values.get(key)
        if not isinstance(found, CommentedMap):
            raise self.misfit(key, "a mapping of values by name")
        return Part(found, self.name, self.step)

    def place_of(self, key: object) -> str:
        """Where a key is, for messages; where the mapping is, if it has no such key."""
        place = self.values.lc.data.get(key) if key in self.values else None
        line = (place[0] if place else self.values.lc.line) + 1
        return PLACE.format(name=self.name, line=line, step=self.step)


def parsed_part(text: str, name: str, what: str, keys: str) -> Part:
    """The mapping that a YAML text is. what: what messages call it, such as "a scenario"; keys:
    what it has. Raises UsageError with the line."""
    try:
        parsed = load_yaml(text)
    except NotYaml as error:
        told = NO_YAML.format(name=name, line=error.line, reason=error.reason, what=what)
        raise UsageError(told) from None
    if not isinstance(parsed, CommentedMap):
        found = "nothing" if parsed is None else f"a {_kind(parsed)}"
        raise UsageError(NO_MAPPING.format(name=name, found=found, what=what, keys=keys))
    return Part(parsed, name)


def _plain(value: Any, depth: int = 0) -> Any:
    """A value of YAML as one of JSON. Raises TypeError for what JSON has no word for."""
    if depth > DEEPEST:
        raise TypeError("it is nested too deep")
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, dict):
        return {str(key): _plain(inner, depth + 1) for key, inner in value.items()}
    raise TypeError(f"a {_kind(value)} is not possible here; write it as a text in quotes")


def _kind(value: object) -> str:
    if isinstance(value, CommentedMap):
        return "mapping"
    return "list" if isinstance(value, CommentedSeq) else type(value).__name__
