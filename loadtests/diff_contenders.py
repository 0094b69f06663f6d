"""Ways to find out in what two sides differ: ours, and what one would use without it.

Each is given the folder with the data and how many lines of each side to read, and tells how many
discrepancies it found of each kind.
"""

import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from mcs.harness.diff import DiffResult, diff
from mcs.harness.sources.opening import open_received, open_sent
from mcs.loadtests.diff_data import LINE, PRODUCTS, Folder, Sides

Found = Mapping[str, int]
Names = tuple[str, str]
IDENTITY = ["sku", "storeViewCode"]


@dataclass(frozen=True, slots=True)
class Contender:
    """names_fields: it says which fields of an item are changed. most: how many items it can be
    given in a benchmark's time and a machine's memory. needs: a package that may not be there."""

    name: str
    run: Callable[[Folder, int], Found]
    names_fields: bool = True
    most: int = 10**9
    needs: str | None = None


def ours(folder: Folder, _: int) -> Found:
    """With the hashes that both sides' records hold since each item was sent or received."""
    return _found(diff(Sides(folder), Sides(folder)))


def ours_from_files(folder: Folder, _: int) -> Found:
    """Without: as `mcs diff` compares two files of items."""
    sent_path, received_path = (str(folder.items(side)) for side in LINE)
    with (
        open_sent(sent_path, feeds=[PRODUCTS]) as sent,
        open_received(received_path, feeds=[PRODUCTS]) as received,
    ):
        return _found(diff(sent, received))


def dict_join(folder: Folder, items: int) -> Found:
    """A dict of one side's lines by identity; the other is looked up, line by line."""
    sent = {_names(orjson.loads(line)): line for line in _lines(folder, "sent", items)}
    found: Counter[str] = Counter()
    for line in _lines(folder, "received", items):
        item = orjson.loads(line)
        other = sent.pop(_names(item), None)
        if other is None:
            found["unexpected"] += 1
        elif other != line and (fields := _changed_fields(orjson.loads(other), item)):
            found["changed"] += 1
            found["fields"] += fields
    return {**found, "missing": len(sent)}


def datacompy(folder: Folder, items: int) -> Found:
    """Two Polars frames; what is nested in an item is a text, since it compares columns."""
    compare = importlib.import_module("datacompy").PolarsCompare
    frames = [_frame(folder, side, items) for side in LINE]
    result = compare(*frames, join_columns=IDENTITY)
    by_column = {column["column"]: column["unequal_cnt"] for column in result.column_stats}
    return {
        "changed": max(by_column.values()),
        "fields": sum(by_column.values()),
        "missing": len(result.df1_unq_rows),
        "unexpected": len(result.df2_unq_rows),
    }


def deepdiff(folder: Folder, items: int) -> Found:
    """Two dicts of items by identity, so that it need not look for partners in lists."""
    deep = importlib.import_module("deepdiff").DeepDiff
    sides = [
        {_names(item): item for item in map(orjson.loads, _lines(folder, side, items))}
        for side in LINE
    ]
    found = deep(*sides)
    changed = len(found.get("values_changed", ()))
    return {
        "changed": changed,
        "fields": changed,
        "missing": len(found.get("dictionary_item_removed", ())),
        "unexpected": len(found.get("dictionary_item_added", ())),
    }


CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender("ours", ours),
        Contender("ours, of the items alone", ours_from_files),
        Contender("dict join in Python", dict_join),
        Contender("datacompy (Polars)", datacompy, most=100_000, needs="datacompy"),
        Contender("DeepDiff", deepdiff, most=1_000, needs="deepdiff"),
    )
}


def _found(result: DiffResult) -> Found:
    kinds = Counter(one.kind.value for one in result.discrepancies)
    # Each changed item is named with its one field.
    return {**kinds, "fields": sum(len(one.differences) for one in result.discrepancies)}


def _lines(folder: Folder, side: str, items: int) -> Iterator[bytes]:
    with folder.items(side).open("rb") as file:
        yield from islice(file, items)


def _names(item: Mapping[str, Any]) -> Names:
    return item["sku"], item["storeViewCode"]


def _changed_fields(sent: Mapping[str, Any], received: Mapping[str, Any]) -> int:
    names = sent.keys() | received.keys()
    return sum(sent.get(name) != received.get(name) for name in names - PRODUCTS.unhashed)


def _frame(folder: Folder, side: str, items: int) -> Any:
    rows = [
        {
            name: orjson.dumps(value).decode() if isinstance(value, dict | list) else value
            for name, value in orjson.loads(line).items()
        }
        for line in _lines(folder, side, items)
    ]
    return importlib.import_module("polars").DataFrame(rows)
