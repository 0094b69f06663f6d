"""What names an item, and what it says: its identity key and its content hash."""

import re
from hashlib import sha1
from math import isfinite
from typing import Any

import orjson

from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed

# It may stand in a text as well; then the slower way finds nothing to change.
_WHOLE_FRACTION = re.compile(rb"\.0(?![0-9])")
# A raw quote is an end of a text. One that follows none of [{,: begins no text, so it ends the name
# of a field, and what follows its colon is a value; minus nought is left to the slower way.
_WHOLE_IN_FIELD = re.compile(rb'":(?<=[^\\\[{,:]":)(0|-?[1-9][0-9]*)\.0(?=[,}])')

Item = dict[str, Any]
"""A feed item as parsed from JSON."""


def identity(feed: Feed, item: Item) -> dict[str, str]:
    """The values that name the item, by path, as strings.

    Raises MissingIdentity where one is absent, null, empty or no scalar.

    >>> from mcs.contract.feeds import FEEDS
    >>> identity(FEEDS["scopesWebsite"], {"website": {"websiteId": 1}})
    {'website.websiteId': '1'}
    """
    return {path: _identity_value(feed, item, path) for path in feed.identity}


def known_identity(feed: Feed, item: Item) -> dict[str, str]:
    """Those of the values that name the item which it has.

    >>> from mcs.contract.feeds import FEEDS
    >>> known_identity(FEEDS["products"], {"sku": "A", "storeViewCode": None})
    {'sku': 'A'}
    """
    found = {}
    for path in feed.identity:
        try:
            found[path] = _identity_value(feed, item, path)
        except MissingIdentity:
            continue
    return found


def identity_key(feed: Feed, item: Item) -> str:
    """The item's name as 40 hex digits: sha1 of its identity values joined by NUL.

    It is what the exporter keeps as `feed_id` (contract/feeds.md), so a feed table of a real shop
    joins with ours.

    Raises MissingIdentity.

    >>> from mcs.contract.feeds import FEEDS
    >>> identity_key(FEEDS["products"], {"sku": "A", "storeViewCode": "default"})
    '7acf98b9e5885411bf38c69e7acd5d6a10cee52d'
    """
    return key_of_values([_identity_value(feed, item, path) for path in feed.identity])


def key_of_values(values: Any) -> str:
    """The identity key of values that are strings already, in the order of `Feed.identity`."""
    return sha1("\0".join(values).encode(), usedforsecurity=False).hexdigest()


def content_hash(feed: Feed, item: Item) -> str:
    """40 hex digits that are equal for equal content: key order and 1 or 1.0 make no difference.

    The feed's timestamps are left out, as the exporter leaves them out of `feed_hash`.

    >>> from mcs.contract.feeds import FEEDS
    >>> a = {"sku": "A", "regular": 34.0, "updatedAt": "2026-11-22 19:10:15"}
    >>> b = {"updatedAt": "2026-11-23 00:00:00", "regular": 34, "sku": "A"}
    >>> content_hash(FEEDS["prices"], a) == content_hash(FEEDS["prices"], b)
    True
    """
    content = item.copy()
    for name in feed.unhashed:
        content.pop(name, None)
    return sha1(canonical_json(content), usedforsecurity=False).hexdigest()


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and whole numbers written without a fraction."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    # The plain look comes first, since it takes a tenth of the time.
    if b".0" not in text or not _WHOLE_FRACTION.search(text):
        return text
    text = _WHOLE_IN_FIELD.sub(rb'":\1', text)
    if not _WHOLE_FRACTION.search(text):
        return text
    return orjson.dumps(_whole_numbers(value), option=orjson.OPT_SORT_KEYS)


def value_at(item: Any, path: str) -> Any:
    """What stands at a dotted path; None where the path leads nowhere."""
    if "." not in path:
        return item.get(path) if isinstance(item, dict) else None
    for name in path.split("."):
        if not isinstance(item, dict):
            return None
        item = item.get(name)
    return item


def _identity_value(feed: Feed, item: Item, path: str) -> str:
    value = value_at(item, path)
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        # A small client sends "1", the exporter 1: both name the same thing.
        return str(int(value)) if value == int(value) else str(value)
    if value in (None, "") and path in feed.optional_identity:
        return ""
    raise MissingIdentity(feed.name, path)


def _whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return int(value)
    return value
