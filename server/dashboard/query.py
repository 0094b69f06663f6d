"""What a page's query asks for, checked, and how links write it. Pure."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError

LARGEST_NUMBER = 2**62


def wanted_number(query: Mapping[str, str], name: str) -> int | None:
    """A whole number of 1 or more; None if it is not given. Raises UsageError.

    >>> wanted_number({"before": "12"}, "before"), wanted_number({"before": ""}, "before")
    (12, None)
    """
    text = query.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:20]) < LARGEST_NUMBER:
        raise UsageError(f'{name}: got "{text}", expected a whole number of 1 or more.')
    return int(text)


def wanted_feed(query: Mapping[str, str]) -> str | None:
    """The feed that a list is limited to; None for all. Raises UsageError."""
    return wanted_choice(query, "feed", tuple(ALL_FEEDS))


def wanted_choice(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    """One of some words; None if none is given. Raises UsageError."""
    given = query.get(name)
    if not given:
        return None
    if given not in choices:
        raise UsageError(f'{name}: got "{given}", expected one of: {", ".join(choices)}.')
    return given


def link(url: str, query: Mapping[str, Any]) -> str:
    """A URL with those parts of a query that say anything.

    >>> link("/inspect", {"feed": "prices", "q": "", "before": None})
    '/inspect?feed=prices'
    """
    given = {name: value for name, value in query.items() if value not in (None, "", False)}
    return f"{url}?{urlencode(given)}" if given else url
