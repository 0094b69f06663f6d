"""Kinds of value that a service takes to the letter: nothing is borne but what is described.

The ingestion API checks items against its description alone (contract/ingestion-api.md), where the
feeds' service bears the habits of small clients. `advised` limits stand in the description's prose
only, so the service is not known to insist on them: strict readers do.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from mcs.contract.schemas.fields import (
    Choice,
    Finding,
    Flag,
    JsonSchema,
    Judged,
    Many,
    Number,
    Record,
    RecordSchema,
    Text,
    Whole,
    matches,
)


class _Exact(Judged):
    exact = True

    def judge(self, value: Any) -> Finding | None:
        finding = super().judge(value)
        return finding and Finding(str(finding), finding.code, tolerated=False)

    def json_schema(self, strict: bool) -> JsonSchema:
        return super().json_schema(strict=True)


class ExactText(_Exact, Text):
    """A string. shortest, longest: in characters. pattern: of JSON Schema, anchored."""

    def __init__(
        self,
        *,
        shortest: int = 0,
        longest: int | None = None,
        pattern: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.shortest, self.longest, self.pattern = shortest, longest, pattern

    def accepted(self) -> str:
        """What this field takes, in words."""
        size = f" of {self.shortest} to {self.longest} characters" if self.longest else ""
        if self.shortest and not self.longest:
            size = " that is not empty"
        return "a string" + size + (f" that matches {self.pattern}" if self.pattern else "")

    def judge(self, value: Any) -> Finding | None:
        if not isinstance(value, str):
            return self._mistyped()
        if len(value) < self.shortest:
            return Finding(f"is too short for {self.accepted()}", "too_short", tolerated=False)
        if self.longest is not None and len(value) > self.longest:
            return Finding(f"is too long for {self.accepted()}", "too_long", tolerated=False)
        if self.pattern is not None and not matches(self.pattern, value):
            return Finding(f"is not {self.accepted()}", "invalid_pattern", tolerated=False)
        return None

    def json_schema(self, strict: bool) -> JsonSchema:
        limits = {"minLength": self.shortest, "maxLength": self.longest, "pattern": self.pattern}
        return {"type": "string"} | {name: limit for name, limit in limits.items() if limit}


class ExactChoice(_Exact, Choice):
    """One of a closed list."""

    def json_schema(self, strict: bool) -> JsonSchema:
        return {"type": "string", "enum": list(self.values)}


class ExactWhole(_Exact, Whole):
    """An integer of 32 bits. The description says so as a format, which JSON Schema only notes."""

    least, most = -(2**31), 2**31 - 1

    def accepted(self) -> str:
        """What this field takes, in words."""
        return f"an integer of {self.least} to {self.most}"

    def judge(self, value: Any) -> Finding | None:
        finding = super().judge(value)
        if finding is None and not self.least <= value <= self.most:
            return Finding(f"is not {self.accepted()}", "out_of_range", tolerated=False)
        return finding

    def json_schema(self, strict: bool) -> JsonSchema:
        limits = {"minimum": self.least, "maximum": self.most}
        return {"type": "integer", "format": "int32"} | limits


_BOUNDS: Mapping[str, tuple[str, Any]] = {
    "minimum": ("at least", lambda value, bound: value >= bound),
    "maximum": ("at most", lambda value, bound: value <= bound),
    "exclusiveMinimum": ("more than", lambda value, bound: value > bound),
}


class ExactNumber(_Exact, Number):
    """A number. advised: bounds by their JSON Schema keyword that only strict readers enforce."""

    def __init__(self, *, advised: Mapping[str, float] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.advised = dict(advised or {})

    def accepted(self) -> str:
        """What this field takes, in words."""
        bounds = [f"{_BOUNDS[name][0]} {bound}" for name, bound in self.advised.items()]
        return " ".join(["a number", *(["of", " and ".join(bounds)] if bounds else [])])

    def judge(self, value: Any) -> Finding | None:
        finding = super().judge(value)
        if finding is not None:
            return finding
        if all(_BOUNDS[name][1](value, bound) for name, bound in self.advised.items()):
            return None
        return Finding(f"is not {self.accepted()}", "out_of_range", tolerated=True)

    def json_schema(self, strict: bool) -> JsonSchema:
        return {"type": "number", "format": "float"} | (self.advised if strict else {})


class ExactFlag(_Exact, Flag):
    """true or false."""


class ExactRecord(Record):
    """A nested object."""

    exact = True


class ExactMany(Many):
    """A list of values of one kind."""

    exact = True


class ExactSchema(RecordSchema):
    """An item, or a nested object, of the ingestion API."""


class ClosedSchema(ExactSchema):
    """An item of which the description says that it has no further fields."""

    closed = True
    error_messages: dict[str, str] = {  # noqa: RUF012 - marshmallow declares it so
        **RecordSchema.error_messages,
        "unknown": Finding("is no field of this item", "unknown_field", tolerated=False),
    }


def refuse_together(messages: Mapping[str, Finding]) -> None:
    """Raises ValidationError with these findings by field, if there are any."""
    if messages:
        raise ValidationError({name: [finding] for name, finding in messages.items()})
