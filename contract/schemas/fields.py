"""The kinds of value that feeds are made of: marshmallow fields that grade what they refuse.

Each field says what a strict reader accepts, and marks as `tolerated` what genuine clients send
and the real service bears (contract/wire.md, "Real-life payload habits"). The same class gives
its JSON Schema in both grades, so that the fast path is derived and not written a second time.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema

from mcs.contract.feeds import TimeFormat

JsonSchema = dict[str, Any]

_DAY = "[0-9]{4}-(0[0-9]|1[0-2])-([0-2][0-9]|3[01])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
MOMENT_PATTERNS: Mapping[TimeFormat, str] = {
    TimeFormat.COMMERCE: f"^{_DAY} {_CLOCK}$",
    TimeFormat.ATOM: rf"^{_DAY}T{_CLOCK}(\.[0-9]+)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})$",
}
BORNE_MOMENT = rf"^{_DAY}[T ]{_CLOCK}(\.[0-9]+)?(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?$"
"""What the service bears as a time: either format, with or without a zone."""

# What PHP takes for a number in a text.
WHOLE_TEXT = r"^[+-]?[0-9]+(\.0*)?$"
NUMBER_TEXT = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"


class Finding(str):
    """A sentence about one value, with its rule's name; tolerated: the real service bears it."""

    code: str
    tolerated: bool

    def __new__(cls, text: str, code: str, tolerated: bool) -> "Finding":
        finding = super().__new__(cls, text)
        finding.code = code
        finding.tolerated = tolerated
        return finding


class Judged(fields.Field[Any]):
    """What all our fields share.

    required: the exporter always sends it. demanded: the service cannot do without it.
    nullable: null is a value of it. empty: what the exporter does where it has no value: sends
    "null", or leaves the key out ("omit"). note: what to know beyond the type. known: values of an
    open list: shown, not enforced.
    """

    expected: ClassVar[str] = "a value"
    exact: ClassVar[bool] = False
    """Whether the service bears nothing but what a strict reader takes."""

    def __init__(
        self,
        *,
        required: bool = False,
        demanded: bool = False,
        nullable: bool = False,
        empty: str = "omit",
        note: str = "",
        known: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        self.demanded = demanded
        metadata: dict[str, Any] = {"x-when-empty": "never" if required or demanded else empty}
        if note:
            metadata["description"] = note
        if known:
            metadata["x-known-values"] = list(known)
        super().__init__(
            required=required or demanded, allow_none=nullable, metadata=metadata, **options
        )

    @property
    def insisted_on(self) -> bool:
        """True if an item without this field is refused in every mode but `record`."""
        return self.demanded or (self.exact and self.required)

    def bears_null(self, strict: bool) -> bool:
        """True if null is accepted in this grade."""
        return bool(self.allow_none) or not (strict or self.demanded or self.exact)

    def accepted(self) -> str:
        """What this field takes, in words."""
        return self.expected

    def judge(self, value: Any) -> Finding | None:
        """The finding about a value that is not null; None if a strict reader takes it."""
        raise AssertionError("only scalar fields judge values")

    def json_schema(self, strict: bool) -> JsonSchema:
        """JSON Schema of a value that is not null."""
        raise AssertionError("only scalar fields have a schema of their own")

    def make_error(self, key: str, **_: Any) -> ValidationError:
        return ValidationError([self._finding_for(key)])

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> Any:
        finding = self.judge(value)
        if finding is not None:
            raise ValidationError([finding])
        return value

    def _finding_for(self, key: str) -> Finding:
        if key == "required":
            text, code = f"is missing, expected {self.accepted()}", "missing_required_field"
            return Finding(text, code, tolerated=not self.insisted_on)
        if key == "null":
            text = f"is null, expected {self.accepted()}"
            return Finding(text, "null_value", tolerated=self.bears_null(strict=False))
        return self._mistyped()

    def _mistyped(self, tolerated: bool = False) -> Finding:
        return Finding(f"is not {self.accepted()}", "invalid_type", tolerated)


class Text(Judged):
    """A string. Small clients send numbers where the exporter sends strings."""

    expected = "a string"

    def accepted(self) -> str:
        return "a string that is not empty" if self.demanded else self.expected

    def judge(self, value: Any) -> Finding | None:
        if isinstance(value, str):
            if value or not self.demanded:
                return None
            return Finding("is empty, and it names the item", "empty_identity", tolerated=False)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return self._mistyped(tolerated=is_number)

    def json_schema(self, strict: bool) -> JsonSchema:
        schema: JsonSchema = {"type": "string" if strict else ["string", "number"]}
        if self.demanded:
            schema["minLength"] = 1
        return schema


class Choice(Judged):
    """One of a closed list. any_case: upper and lower case are seen in genuine payloads."""

    def __init__(self, *values: str, any_case: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.values = values
        cases = [form for value in values for form in (value, value.upper(), value.lower())]
        self.borne = tuple(dict.fromkeys(cases if any_case else values))

    def accepted(self) -> str:
        return "one of " + ", ".join(f'"{value}"' for value in self.values)

    def judge(self, value: Any) -> Finding | None:
        if not isinstance(value, str):
            return self._mistyped()
        if value in self.values:
            return None
        return Finding(f"is not {self.accepted()}", "invalid_choice", tolerated=value in self.borne)

    def json_schema(self, strict: bool) -> JsonSchema:
        return {"type": "string", "enum": list(self.values if strict else self.borne)}


class Moment(Judged):
    """A point in time as text. Both of Commerce's formats are seen in every feed."""

    def __init__(self, time_format: TimeFormat = TimeFormat.COMMERCE, **options: Any) -> None:
        super().__init__(**options)
        self.time_format = time_format

    def accepted(self) -> str:
        example = {
            TimeFormat.COMMERCE: "2026-11-22 19:10:15",
            TimeFormat.ATOM: "2026-11-22T19:10:15+00:00",
        }[self.time_format]
        return f'a time like "{example}"'

    def judge(self, value: Any) -> Finding | None:
        if not isinstance(value, str):
            return self._mistyped()
        if matches(MOMENT_PATTERNS[self.time_format], value):
            return None
        tolerated = matches(BORNE_MOMENT, value)
        return Finding(f"is not {self.accepted()}", "invalid_time", tolerated)

    def json_schema(self, strict: bool) -> JsonSchema:
        pattern = MOMENT_PATTERNS[self.time_format] if strict else BORNE_MOMENT
        return {"type": "string", "pattern": pattern}


class Whole(Judged):
    """An integer. PHP writes true as 1 here and there, and small clients quote numbers."""

    expected = "an integer"

    def judge(self, value: Any) -> Finding | None:
        if isinstance(value, bool):
            return self._mistyped(tolerated=True)
        if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
            return None
        return self._mistyped(isinstance(value, str) and matches(WHOLE_TEXT, value))

    def json_schema(self, strict: bool) -> JsonSchema:
        if strict:
            return {"type": "integer"}
        text = {"type": "string", "pattern": WHOLE_TEXT}
        return {"anyOf": [{"type": ["integer", "boolean"]}, text]}


class Number(Judged):
    """A number, whole or not."""

    expected = "a number"

    def judge(self, value: Any) -> Finding | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return None
        return self._mistyped(isinstance(value, str) and matches(NUMBER_TEXT, value))

    def json_schema(self, strict: bool) -> JsonSchema:
        if strict:
            return {"type": "number"}
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_TEXT}]}


class Flag(Judged):
    """true or false; 0 and 1 are borne, quoted or not."""

    expected = "true or false"
    borne: ClassVar[tuple[Any, ...]] = (0, 1, "0", "1")

    def judge(self, value: Any) -> Finding | None:
        if isinstance(value, bool):
            return None
        return self._mistyped(tolerated=value in self.borne)

    def json_schema(self, strict: bool) -> JsonSchema:
        return {"type": "boolean"} if strict else {"enum": [True, False, *self.borne]}


class Record(Judged, fields.Nested):
    """A nested object. Empty texts are seen in its place, for images."""

    expected = "an object"
    schema: "RecordSchema"

    def __init__(self, schema: "type[RecordSchema]", **options: Any) -> None:
        super().__init__(nested=schema, **options)

    def _deserialize(
        self, value: Any, attr: Any, data: Any, partial: Any = None, **options: Any
    ) -> Any:
        if value == "":
            raise ValidationError([self._mistyped(tolerated=not (self.demanded or self.exact))])
        return fields.Nested._deserialize(self, value, attr, data, partial, **options)


class Many(Judged, fields.List):  # type: ignore[type-arg]  # marshmallow's List is not generic at run time
    """A list of values of one kind."""

    expected = "a list"

    def __init__(self, inner: Judged, **options: Any) -> None:
        super().__init__(cls_or_instance=inner, **options)

    _deserialize = fields.List._deserialize


class RecordSchema(Schema):
    """A nested object of a feed item, or the item itself."""

    class Meta:
        unknown = RAISE

    required_unless_deleted: ClassVar[tuple[str, ...]] = ()
    alternatives: ClassVar[tuple[str, ...]] = ()
    """Fields of which one must be there at least."""
    only_one: ClassVar[bool] = False
    """Whether no two of the alternatives may be there."""
    closed: ClassVar[bool] = False
    """Whether the service refuses fields that are not listed."""
    judged_in_full: ClassVar[tuple[str, ...]] = ()
    """Fields of which JSON Schema cannot say all: an item that has one is not judged fast."""

    error_messages: dict[str, str] = {  # noqa: RUF012 - marshmallow declares it so
        "unknown": Finding("is no field of this feed", "unknown_field", tolerated=True),
        "type": Finding("is not an object", "invalid_type", tolerated=False),
    }

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _judge_whole(self, data: Any, original: Any, **_: Any) -> None:
        if not self.required_unless_deleted or not isinstance(original, dict):
            return
        if original.get("deleted") in (True, 1, "1"):
            return
        text, code = "is missing, and only a delete may leave it out", "missing_required_field"
        absent = {
            name: [Finding(text, code, tolerated=True)]
            for name in self.required_unless_deleted
            if name not in original
        }
        if absent:
            raise ValidationError(absent)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _judge_alternatives(self, data: Any, original: Any, **_: Any) -> None:
        if not self.alternatives or not isinstance(original, dict):
            return
        present = [name for name in self.alternatives if name in original]
        names = " or ".join(self.alternatives)
        if not present:
            text, code = f"has no {names}, expected one", "missing_required_field"
        elif self.only_one and len(present) > 1:
            text, code = f"has {' and '.join(present)}, expected one of them", "one_too_many"
        else:
            return
        raise ValidationError([Finding(text, code, tolerated=False)])


def matches(pattern: str, value: str) -> bool:
    """Whether a text matches a pattern, as JSON Schema means it."""
    # `$` of Python's re also matches before a last line feed; JSON Schema's does not.
    return re.match(pattern, value) is not None and not value.endswith("\n")
