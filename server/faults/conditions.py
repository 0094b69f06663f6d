"""The conditions that a rule's `where` can put on an item: JSONPath, RFC 9535."""

from functools import lru_cache
from typing import Any

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError

from mcs.contract.errors import UsageError

NO_CONDITION = (
    "where: {where!r} is no condition: {reason}. Write what a JSONPath filter holds, with @ for "
    "the item, such as: @.visibility == 'Catalog' && @.weight > 10"
)
QUERY = "it is a whole query"

_JSONPATH = JSONPathEnvironment(strict=True)


@lru_cache(maxsize=256)
def condition(where: str) -> JSONPath:
    """A condition, ready to be asked. Raises UsageError if the text is none."""
    if where.lstrip().startswith("$"):
        raise UsageError(NO_CONDITION.format(where=where, reason=QUERY))
    try:
        compiled = _JSONPATH.compile(f"$[?{where}]")
    except (JSONPathError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else "it cannot be read"
        raise UsageError(NO_CONDITION.format(where=where, reason=reason)) from None
    if not isinstance(compiled, JSONPath) or not _is_one_filter(compiled):
        raise UsageError(NO_CONDITION.format(where=where, reason=QUERY))
    return compiled


def holds(where: str, item: Any) -> bool:
    """True if an item meets a condition.

    >>> holds("@.price > 3 && @.tags[0]", {"price": 4, "tags": ["new"]})
    True
    >>> holds("@.price > 3", {"price": "4"})
    False
    """
    try:
        return condition(where).match([item]) is not None
    except JSONPathError:
        return False


def _is_one_filter(compiled: JSONPath) -> bool:
    # A text that closes the bracket and opens another would be read as a longer query.
    return len(compiled.segments) == 1 and len(compiled.segments[0].selectors) == 1
