"""A verdict to read: a text for people, a document for programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind
from mcs.harness.fields import ABSENT, Difference

SHOWN_PER_KIND = 20
SHOWN_VALUE_LENGTH = 80
WIDEST_TABLE = 500
IN_SYNC = "In sync: the service holds exactly what the exporter sent."


def render_text(result: DiffResult, console: Console, shown: int = SHOWN_PER_KIND) -> None:
    """Prints counts per feed, then the first `shown` discrepancies of each kind.

    The table has a column for each kind that occurs. Lines are longer than a narrow console rather
    than cut, since a cut number is another number.
    """
    table = _summary(result)
    whole = console.options.update(max_width=WIDEST_TABLE)
    table.width = console.measure(table, options=whole).maximum
    console.print(table, crop=False)
    if result.in_sync:
        console.print(Text(IN_SYNC, style="green"), soft_wrap=True)
    for kind in DiscrepancyKind:
        found = [one for one in result.discrepancies if one.kind is kind]
        for line in _section(kind, found, shown):
            console.print(line, soft_wrap=True)


def to_document(result: DiffResult) -> dict[str, Any]:
    """The whole verdict as JSON values; nothing is left out.

    Where only one side has a field, its difference says so by `absent`: "sent" or "received".
    """
    return {
        "feeds": {
            name: {"sent": counts.sent, "received": counts.received, "in_sync": counts.in_sync}
            for name, counts in result.feeds.items()
        },
        "discrepancies": [_entry(found) for found in result.discrepancies],
    }


def identity_text(identity: Mapping[str, str], key: str = "") -> str:
    """The identity as people write it; the key if nothing else is known.

    >>> identity_text({"sku": "A", "storeViewCode": "default"})
    'sku=A, storeViewCode=default'
    """
    return ", ".join(f"{path}={value}" for path, value in identity.items()) or f"key {key}"


def _summary(result: DiffResult) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("feed", no_wrap=True)
    found = Counter((one.feed, one.kind) for one in result.discrepancies)
    occurring = [kind for kind in DiscrepancyKind if any(kind is other for _, other in found)]
    for heading in ("sent", "received", "in sync", *occurring):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, counts in result.feeds.items():
        kinds = [_count(found[name, kind]) for kind in occurring]
        table.add_row(name, str(counts.sent), str(counts.received), str(counts.in_sync), *kinds)
    return table


def _count(found: int) -> Text:
    return Text(str(found), style="red") if found else Text("0", style="dim")


def _section(kind: DiscrepancyKind, found: Sequence[Discrepancy], shown: int) -> Iterator[Text]:
    if not found:
        return
    yield Text(f"\n{kind} ({len(found)})", style="bold")
    for one in found[:shown]:
        yield Text(f"  {one.feed}  {identity_text(one.identity, one.key)}")
        yield Text(f"    {one.explanation}", style="dim")
        for place in one.differences:
            yield Text(f"    {place.pointer or '(item)'}: {_change(place)}")
    if len(found) > shown:
        yield Text(f"  and {len(found) - shown} more; --json lists all")


def _change(place: Difference) -> str:
    return f"sent {_shown(place.sent)}, received {_shown(place.received)}"


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    text = orjson.dumps(value).decode()
    return text if len(text) <= SHOWN_VALUE_LENGTH else f"{text[: SHOWN_VALUE_LENGTH - 1]}…"


def _entry(found: Discrepancy) -> dict[str, Any]:
    return {
        "feed": found.feed,
        "identity": dict(found.identity),
        "kind": found.kind.value,
        "explanation": found.explanation,
        "differences": [_place(place) for place in found.differences],
        "errors": [dict(error) for error in found.errors],
        "key": found.key,
        "sent": found.sent and dict(found.sent),
        "received": found.received and dict(found.received),
    }


def _place(place: Difference) -> dict[str, Any]:
    entry: dict[str, Any] = {"pointer": place.pointer}
    for side, value in (("sent", place.sent), ("received", place.received)):
        entry[side] = None if value is ABSENT else value
        if value is ABSENT:
            entry["absent"] = side
    return entry
