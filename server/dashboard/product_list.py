"""The table of synced products as a view model: which page of it, and the ways to the others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from mcs.contract.errors import UsageError
from mcs.server.dashboard.table import Column, Pager, Table, sortable
from mcs.server.store.catalog import PAGE_ROWS, Catalog, ProductPage, StoreView, Wanted
from mcs.server.store.catalog_tables import CATALOG_SORTS

DEFAULT_STORE_VIEW = "default"
LARGEST_PAGE = 500
LARGEST_NUMBER = 2**62
BROAD = (
    "More than {count:,} products match. They stand in the order of arrival; add a word to sort "
    "them."
)
FOUND = "{count:,} found"
COLUMNS = (
    Column("product_id", "ID", numeric=True),
    Column("name", "Name"),
    Column("type", "Type"),
    Column("exported_at", "Last Exported"),
    Column("modified_at", "Last Modified"),
    Column("sku", "SKU"),
    Column("price", "Price", numeric=True),
    Column("visibility", "Visibility"),
)


@dataclass(frozen=True, slots=True)
class ProductList:
    """One page of the synced products of a store view.

    total: products in the store view. note: what is to be known of a search. up_to_date: false
    while the list is still being made.
    """

    store_view: str
    store_views: tuple[StoreView, ...]
    total: int
    search: str
    sort: str
    descending: bool
    up_to_date: bool
    note: str
    table: Table
    pager: Pager


def wanted_products(query: Mapping[str, str], store_views: list[StoreView]) -> Wanted:
    """What a page's query asks for. Raises UsageError for what there is not.

    >>> wanted_products({"q": "bag", "sort": "-price"}, []).descending
    True
    """
    order = query.get("sort", "sku")
    sort, descending = order.removeprefix("-"), order.startswith("-")
    if sort not in CATALOG_SORTS:
        raise UsageError(f'sort: got "{sort}", expected one of: {", ".join(CATALOG_SORTS)}.')
    return Wanted(
        store_view=query.get("store_view") or _usual(store_views),
        sort=sort,
        descending=descending,
        search=query.get("q", "").strip(),
        after=_number(query, "after"),
        before=_number(query, "before"),
        limit=min(_number(query, "limit") or PAGE_ROWS, LARGEST_PAGE),
    )


def product_list(
    catalog: Catalog, data_space: str, url: str, query: Mapping[str, str], *, up_to_date: bool
) -> ProductList:
    """The page of products that a query asks for. url: of the page, without query."""
    views = catalog.store_views(data_space)
    wanted = wanted_products(query, views)
    found = catalog.products(data_space, wanted)
    return ProductList(
        store_view=wanted.store_view,
        store_views=tuple(views),
        total=next((view.products for view in views if view.name == wanted.store_view), 0),
        search=wanted.search,
        sort=wanted.sort,
        descending=wanted.descending,
        up_to_date=up_to_date,
        note=_note(found),
        table=Table("Synced catalog products", _columns(url, wanted), found.products),
        pager=_pager(url, wanted, found),
    )


def _columns(url: str, wanted: Wanted) -> tuple[Column, ...]:
    def sorted_by(key: str, descending: bool) -> str:
        start = replace(wanted, sort=key, descending=descending, after=None, before=None)
        return f"{url}{_query(start)}"

    return sortable(COLUMNS, wanted.sort, descending=wanted.descending, url=sorted_by)


def _pager(url: str, wanted: Wanted, found: ProductPage) -> Pager:
    start = replace(wanted, after=None, before=None)
    rows = found.products
    previous = replace(start, before=rows[0].id) if rows and found.more_before else None
    following = replace(start, after=rows[-1].id) if rows and found.more_after else None
    return Pager(
        first_url=f"{url}{_query(start)}" if previous else None,
        previous_url=f"{url}{_query(previous)}" if previous else None,
        next_url=f"{url}{_query(following)}" if following else None,
    )


def _query(wanted: Wanted) -> str:
    given = {
        "store_view": wanted.store_view,
        "q": wanted.search,
        "sort": f"-{wanted.sort}" if wanted.descending else wanted.sort,
        "after": wanted.after,
        "before": wanted.before,
        "limit": wanted.limit if wanted.limit != PAGE_ROWS else None,
    }
    return "?" + urlencode({name: value for name, value in given.items() if value})


def _note(found: ProductPage) -> str:
    if found.matches is None:
        return ""
    return (BROAD if found.broad else FOUND).format(count=found.matches)


def _usual(store_views: list[StoreView]) -> str:
    names = [view.name for view in store_views]
    return DEFAULT_STORE_VIEW if DEFAULT_STORE_VIEW in names or not names else names[0]


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:20]) < LARGEST_NUMBER:
        raise UsageError(f'{name}: got "{text}", expected a whole number of 1 or more.')
    return int(text)
