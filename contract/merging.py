"""What an update makes of an item, and a layer of a product. Pure.

Source: contract/ingestion-api.md and the description's prose: scalars and objects are merged, lists
replaced, but for those of products and prices. Of those the description says both that entries are
appended or merged and that a list is replaced; assumed: entries are matched by their key and added
where there is none, an empty list empties, and lists inside an entry are replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merge:
    """The lists that grow, each with the fields that name an entry; () where entries are values.

    replaces_entries: an entry takes the place of the one with its name, instead of merging.
    """

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replaces_entries: bool = False


def merged(rule: Merge, current: Item, update: Item) -> dict[str, Any]:
    """The current item with what an update says.

    >>> merged(Merge({"links": ("sku",)}), {"a": 1, "links": [{"sku": "A"}]}, {"links": []})
    {'a': 1, 'links': []}
    """
    result = dict(current)
    for name, value in update.items():
        known = result.get(name)
        if name in rule.lists and isinstance(value, list):
            entries = known if isinstance(known, list) else []
            result[name] = _list(rule, rule.lists[name], entries, value)
        elif isinstance(value, dict) and isinstance(known, dict):
            result[name] = {**known, **value}
        else:
            result[name] = value
    return result


def _list(rule: Merge, key: tuple[str, ...], known: list[Any], said: list[Any]) -> list[Any]:
    if not said:
        return []
    result = list(known)
    for entry in said:
        name = _name(key, entry)
        place = next((at for at, one in enumerate(result) if _name(key, one) == name), None)
        if place is None:
            result.append(entry)
        elif isinstance(entry, dict) and not rule.replaces_entries:
            result[place] = {**result[place], **entry}
        else:
            result[place] = entry
    return result


def _name(key: tuple[str, ...], entry: Any) -> Any:
    return tuple(entry.get(part) for part in key) if key and isinstance(entry, dict) else entry
