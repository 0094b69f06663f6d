"""The items of a batch that was found valid before it was parsed; most are recorded without."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, overload

import orjson
from msgspec import UNSET, Raw, json

from mcs.contract.calls import Call
from mcs.contract.choice import attribute_of
from mcs.contract.typed import always_told, typed_items


class UnparsedItems(Sequence[Any]):
    """Items, each parsed when somebody asks for it. All are valid, strictly."""

    def __init__(self, schema_name: str, text: bytes, typed: Sequence[Any]) -> None:
        self._schema_name = schema_name
        self._text = text
        self._typed = typed

    def __len__(self) -> int:
        return len(self._typed)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return orjson.loads(memoryview(self._texts[index]))

    def values_at(self, path: str) -> list[Any]:
        """The single value at a dotted path of each item; None where the path leads nowhere."""
        values: list[Any] = list(self._typed)
        for name in path.split("."):
            attribute = attribute_of(name)
            values = [getattr(value, attribute, None) for value in values]
        return [None if value is UNSET else value for value in values]

    @property
    def always_told(self) -> frozenset[str]:
        """The fields that each of them has, with a single value that is not null."""
        return always_told(self._schema_name)

    @cached_property
    def _texts(self) -> list[Raw]:
        # Faults that hit anything hit one item or two: those alone are parsed.
        return json.decode(self._text, type=list[Raw])


def unparsed_items(call: Call, text: bytes) -> UnparsedItems | None:
    """The items in the body of a call; None if there are none, or not all are surely valid."""
    typed = typed_items(call.schema, text)
    return UnparsedItems(call.schema, text, typed) if typed else None
