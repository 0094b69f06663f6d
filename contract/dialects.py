"""The registry of API families: what distinguishes one from another, as data.

A dialect has its calls, its limits, and how it answers; its feeds have routes, identities and
schemas. Nothing that records, breaks, inspects or compares items asks which dialect they came in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcs.contract.answer import ErrorShape, ItemError, answer_body
from mcs.contract.calls import Call, Operation
from mcs.contract.catalog import CATALOG_CALLS, CATALOG_FEEDS
from mcs.contract.catalog_answer import catalog_answer
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Feed

AnswerBody = Callable[
    [Sequence[Any], Sequence[ItemError], ErrorShape, Mapping[int, ErrorShape] | None], bytes
]
"""The body of an answer: of all items, what is wrong with some, and the wanted shapes of errors."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API family.

    path: where a call is made; it has the route and the data space's id in it. partial: whether
    the good items of a batch may be taken while others are refused, as a data space is set.
    """

    name: str
    title: str
    path: str
    feeds: Mapping[str, Feed]
    calls: tuple[Call, ...]
    answer: AnswerBody
    partial: bool
    content_type: str = "application/json"
    html_when_throttled: bool = False


def _feeds_answer(
    items: Sequence[Any],
    errors: Sequence[ItemError],
    shape: ErrorShape,
    shapes: Mapping[int, ErrorShape] | None,
) -> bytes:
    return answer_body(len(items), errors, shape, shapes)


FEEDS_DIALECT = Dialect(
    name="feeds",
    title="Signed feeds",
    path="/{route}/{data_space}",
    feeds=FEEDS,
    calls=tuple(
        Call(feed, Operation.SEND, "POST", feed.route, feed.name) for feed in FEEDS.values()
    ),
    answer=_feeds_answer,
    partial=True,
)
CATALOG_DIALECT = Dialect(
    name="catalog-ingestion",
    title="Catalog data ingestion API",
    path="/{data_space}/{route}",
    feeds=CATALOG_FEEDS,
    calls=CATALOG_CALLS,
    answer=catalog_answer,
    partial=False,
    content_type="application/json;charset=UTF-8",
    html_when_throttled=True,
)
DIALECTS: Mapping[str, Dialect] = {one.name: one for one in (FEEDS_DIALECT, CATALOG_DIALECT)}
"""Every dialect by its name."""

ALL_FEEDS: Mapping[str, Feed] = {
    name: feed for dialect in DIALECTS.values() for name, feed in dialect.feeds.items()
}
"""Every feed of every dialect by its name, which is in one dialect only."""

_CALLS: Mapping[tuple[str, str], Call] = {
    (call.method, call.route): call
    for dialect in DIALECTS.values()
    for call in dialect.calls
    if call.operation is not Operation.SEND
}
_BY_CLI_NAME = {name: feed for feed in ALL_FEEDS.values() for name in feed.cli_names}


def call_at(method: str, route: str) -> Call | None:
    """The call that says by its method and route what it does with which items, or None.

    Whose items a route of the signed feeds carries, the items tell (`Routes`).

    >>> call_at("PATCH", "v1/catalog/products").schema
    'catalogProducts.update'
    """
    return _CALLS.get((method, route))


def dialect_of(feed_name: str | None) -> Dialect:
    """The dialect in which a feed's items come; that of signed feeds if nobody knows the feed."""
    spoken = (one for one in DIALECTS.values() if feed_name in one.feeds)
    return next(spoken, FEEDS_DIALECT)


def address(feed_name: str | None, route: str, data_space: str) -> str:
    """The path that a request with a feed's items goes to. None: nobody knows whose they are.

    >>> address("catalogProducts", "v1/catalog/products", "3f1c"), address(None, "feeds/x", "3f1c")
    ('/3f1c/v1/catalog/products', '/feeds/x/3f1c')
    """
    return dialect_of(feed_name).path.format(route=route, data_space=data_space)


def any_feed_by_cli_name(name: str) -> Feed:
    """The feed, of any dialect, that a command line calls `name`.

    Raises UsageError, with the names there are, for any other.

    >>> any_feed_by_cli_name("catalogPrices").identity
    ('sku', 'priceBookId')
    """
    try:
        return _BY_CLI_NAME[name]
    except KeyError:
        known = ", ".join(feed.cli_names[-1] for feed in ALL_FEEDS.values())
        raise UsageError(f'unknown feed "{name}". Take one of: {known}.') from None
