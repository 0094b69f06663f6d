"""The parts that all tables of the pages are made of. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """key: the attribute of a row that it shows. sort_url: where it is sorted by, None if nowhere.

    order: ascending or descending where the table is sorted by it.
    """

    key: str
    title: str
    numeric: bool = False
    sort_url: str | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, columns, and rows that have the columns' keys as attributes."""

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Pager:
    """The ways from one page of a table to its neighbours; None at an end."""

    first_url: str | None = None
    previous_url: str | None = None
    next_url: str | None = None


def sortable(
    columns: Sequence[Column], sort: str, *, descending: bool, url: Callable[[str, bool], str]
) -> tuple[Column, ...]:
    """The columns with links that sort by them; that of the present order turns it round.

    >>> first, second = sortable(
    ...     (Column("sku", "SKU"), Column("name", "Name")),
    ...     "sku", descending=False, url=lambda key, down: f"?sort={key}&down={down}",
    ... )
    >>> first.order, first.sort_url, second.order, second.sort_url
    ('ascending', '?sort=sku&down=True', None, '?sort=name&down=False')
    """
    return tuple(
        replace(
            column,
            sort_url=url(column.key, column.key == sort and not descending),
            order=_ORDERS[descending] if column.key == sort else None,
        )
        for column in columns
    )


_ORDERS = {False: "ascending", True: "descending"}
