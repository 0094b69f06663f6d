"""Two JSON texts side by side, line by line. Pure."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CONTEXT_LINES = 3
MOST_LINES = 5_000
TOO_LARGE = f"These versions have more than {MOST_LINES:,} lines; compare them in an editor."
_KINDS = {"+": "added", "-": "removed", " ": "same", "@": "gap"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """kind: added, removed, same, or gap where equal lines are left out."""

    kind: str
    text: str


def pretty(text: str | None, *, sort_keys: bool = False) -> str:
    r"""JSON with line breaks; what cannot be parsed stays as it is.

    >>> pretty('{"b":1,"a":"é"}')
    '{\n  "b": 1,\n  "a": "é"\n}'
    """
    if text is None:
        return ""
    try:
        value: Any = json.loads(text)
    except ValueError:
        return text
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=sort_keys)


def json_diff(before: str, after: str) -> tuple[DiffLine, ...]:
    """What changed between two texts, whatever the order of keys; empty if nothing did.

    >>> [line.text for line in json_diff('{"a": 1}', '{"a": 2}') if line.kind != "same"]
    ['  "a": 1', '  "a": 2']
    """
    left = pretty(before, sort_keys=True).splitlines()
    right = pretty(after, sort_keys=True).splitlines()
    if max(len(left), len(right)) > MOST_LINES:
        return (DiffLine("gap", TOO_LARGE),)
    return tuple(_lines(left, right))


def _lines(left: list[str], right: list[str]) -> Iterator[DiffLine]:
    lines = difflib.unified_diff(left, right, lineterm="", n=CONTEXT_LINES)
    # The first two name files, of which there are none; the third says where it begins.
    for number, line in enumerate(lines):
        if number > 2 or (number == 2 and not line.startswith("@@ -1,")):
            kind = _KINDS[line[0]]
            yield DiffLine(kind, "…" if kind == "gap" else line[1:])
