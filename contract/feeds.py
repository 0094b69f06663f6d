"""The registry: what distinguishes one feed from another, as data.

A feed is added by an entry here and a schema module in `schemas/`; no code asks for one by name.
Facts: contract/feeds.md and contract/wire.md; each carries how sure it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mcs.contract.errors import UsageError


class Certainty(StrEnum):
    """How a fact about the closed service is known."""

    SOURCE = "seen in source"
    DOCS = "seen in documentation"
    ASSUMED = "assumed"


class TimeFormat(StrEnum):
    """The two ways Commerce writes a moment. Both are UTC; only the second says so."""

    COMMERCE = "Y-m-d H:i:s"
    ATOM = "RFC 3339"


class ExportMode(StrEnum):
    """`immediate`: collected and sent in one pass. `legacy`: stored first, submitted afterwards."""

    IMMEDIATE = "immediate"
    LEGACY = "legacy"


SCOPES = frozenset(
    {"storeViewCode", "websiteCode", "customerGroupCode", "stockId", "locale", "layer"}
)
"""The fields of an identity that say where an entity of the catalog is meant, not which."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One stream of items of a kind.

    identity: paths (dots reach into records) whose values name an item in its data space.
    optional_identity: those of them that an item may leave out; that names another item.
    indexer, table: the exporter's; empty where no exporter makes the feed by itself.
    delete_payload: top-level fields that a delete carries besides `deleted: true`.
    nulled_in_delete: those of them that are null in a delete.
    timestamp: the field that is refreshed on sending; it never counts as content.
    unhashed: further fields that do not count as content.
    wrapper: the one top-level key that tells apart feeds which share a route.
    """

    name: str
    route: str
    indexer: str
    table: str
    identity: tuple[str, ...]
    delete_payload: tuple[str, ...]
    sync_order: int
    nulled_in_delete: tuple[str, ...] = ()
    timestamp: str = "modifiedAt"
    timestamp_format: TimeFormat = TimeFormat.COMMERCE
    unhashed: frozenset[str] = frozenset({"modifiedAt", "updatedAt"})
    batch_size: int = 100
    export_mode: ExportMode = ExportMode.IMMEDIATE
    wrapper: str | None = None
    aliases: tuple[str, ...] = ()
    route_aliases: tuple[str, ...] = ()
    route_certainty: Certainty = Certainty.SOURCE
    later_identity: tuple[str, ...] | None = None
    optional_identity: frozenset[str] = frozenset()

    @property
    def cli_names(self) -> tuple[str, ...]:
        """The spellings that `saas:resync --feed` takes; they are exact."""
        return (self.name, *self.aliases)

    @property
    def entity(self) -> tuple[str, ...]:
        """The paths of the identity that name an entity of the catalog, without its scopes.

        >>> [FEEDS[name].entity for name in ("prices", "variants", "categoryPermissions")]
        [('sku',), ('parentSku', 'productSku'), ('id.categoryId',)]
        """
        return tuple(path for path in self.identity if path.rpartition(".")[2] not in SCOPES)


_ALL = (
    Feed(
        name="productAttributes",
        aliases=("productattributes",),
        route="feeds/metadata/v2/metadata",
        indexer="catalog_data_exporter_product_attributes",
        table="cde_product_attributes_feed",
        identity=("attributeCode", "storeViewCode"),
        delete_payload=(
            "websiteCode",
            "storeCode",
            "storeViewCode",
            "attributeCode",
            "attributeType",
            "modifiedAt",
        ),
        sync_order=1,
    ),
    Feed(
        name="products",
        route="feeds/catalog/v2/products",
        indexer="catalog_data_exporter_products",
        table="cde_products_feed",
        identity=("sku", "storeViewCode"),
        delete_payload=(
            "productId",
            "sku",
            "storeViewCode",
            "storeCode",
            "websiteCode",
            "modifiedAt",
        ),
        sync_order=2,
    ),
    Feed(
        name="scopesCustomerGroup",
        route="feeds/scopes/v2",
        indexer="scopes_customergroup_data_exporter",
        table="scopes_customergroup_data_exporter",
        identity=("customerGroup.customerGroupId",),
        delete_payload=("customerGroup", "updatedAt"),
        timestamp="updatedAt",
        timestamp_format=TimeFormat.ATOM,
        export_mode=ExportMode.LEGACY,
        wrapper="customerGroup",
        sync_order=3,
    ),
    Feed(
        name="scopesWebsite",
        route="feeds/scopes/v2",
        indexer="scopes_website_data_exporter",
        table="scopes_website_data_exporter",
        identity=("website.websiteId",),
        delete_payload=("website", "updatedAt"),
        timestamp="updatedAt",
        timestamp_format=TimeFormat.ATOM,
        export_mode=ExportMode.LEGACY,
        wrapper="website",
        sync_order=4,
    ),
    Feed(
        name="prices",
        route="feeds/products/v1/prices",
        indexer="catalog_data_exporter_product_prices",
        table="cde_product_prices_feed",
        identity=("sku", "customerGroupCode", "websiteCode"),
        delete_payload=("sku", "customerGroupCode", "websiteCode", "updatedAt"),
        timestamp="updatedAt",
        batch_size=500,
        sync_order=5,
    ),
    Feed(
        name="productOverrides",
        aliases=("productoverrides",),
        route="feeds/catalog/v2/product-overrides",
        indexer="catalog_data_exporter_product_overrides",
        table="cde_product_overrides_feed",
        identity=("websiteCode", "customerGroupCode", "sku"),
        delete_payload=("productId", "sku", "customerGroupCode", "websiteCode", "modifiedAt"),
        sync_order=6,
    ),
    Feed(
        name="variants",
        # The module that names this route is not public. Any route that ends in `variants` or
        # `product-variants` is taken as this feed (see Routes), so an exporter may use its own.
        route="feeds/products/v1/variants",
        route_aliases=("variants", "product-variants"),
        route_certainty=Certainty.ASSUMED,
        indexer="catalog_data_exporter_product_variants",
        table="cde_product_variants_feed",
        identity=("parentSku", "productSku"),
        delete_payload=("id", "optionValues", "parentSku", "productSku", "productId", "modifiedAt"),
        sync_order=7,
    ),
    Feed(
        name="categories",
        route="feeds/categories/v1",
        indexer="catalog_data_exporter_categories",
        table="cde_categories_feed",
        # Exporters since 2026-06 hash urlPath instead of categoryId into the feed id, yet their
        # deletes carry no urlPath: only categoryId names a category in every payload there is.
        identity=("categoryId", "storeViewCode"),
        later_identity=("urlPath", "storeViewCode"),
        delete_payload=("websiteCode", "storeCode", "storeViewCode", "categoryId", "modifiedAt"),
        sync_order=8,
    ),
    Feed(
        name="categoryPermissions",
        route="feeds/categories/permissions/v1",
        indexer="catalog_data_exporter_category_permissions",
        table="cde_category_permissions_feed",
        identity=("id.websiteCode", "id.customerGroupCode", "id.categoryId"),
        delete_payload=("id", "type", "permission", "modifiedAt"),
        nulled_in_delete=("permission",),
        sync_order=9,
    ),
    Feed(
        name="inventoryStockStatus",
        route="feeds/inventory/v1/stock_status",
        indexer="inventory_data_exporter_stock_status",
        table="inventory_data_exporter_stock_status_feed",
        identity=("stockId", "sku"),
        delete_payload=(
            "stockId",
            "sku",
            "isSalable",
            "qty",
            "qtyForSale",
            "infiniteStock",
            "updatedAt",
        ),
        timestamp="updatedAt",
        unhashed=frozenset({"modifiedAt", "updatedAt", "productId"}),
        sync_order=10,
    ),
)

FEEDS: Mapping[str, Feed] = {feed.name: feed for feed in sorted(_ALL, key=lambda f: f.sync_order)}
"""Every feed by its name, in the order of an initial sync (seed, Initial Sync)."""

SEED_FEEDS: tuple[Feed, ...] = tuple(
    feed for feed in FEEDS.values() if feed.name != "inventoryStockStatus"
)
"""The nine feeds that the seed's command line names; stock status is an older feed beside them."""

_BY_CLI_NAME = {name: feed for feed in _ALL for name in feed.cli_names}


def feed_by_cli_name(name: str) -> Feed:
    """The feed that a command line calls `name`.

    Raises UsageError, with the names there are, for any other.

    >>> feed_by_cli_name("productoverrides").name
    'productOverrides'
    """
    try:
        return _BY_CLI_NAME[name]
    except KeyError:
        known = ", ".join(feed.cli_names[-1] for feed in FEEDS.values())
        raise UsageError(f'unknown feed "{name}". Take one of: {known}.') from None


class Routes:
    """Which feeds a path may carry. Routes are configuration in Commerce, so they are data here.

    overrides: feed name to route, for an exporter that is configured to use others.
    """

    def __init__(
        self, feeds: Iterable[Feed] = _ALL, overrides: Mapping[str, str] | None = None
    ) -> None:
        self._by_route: dict[str, list[Feed]] = {}
        self._by_last_segment: dict[str, Feed] = {}
        for feed in feeds:
            route = (overrides or {}).get(feed.name, feed.route)
            self._by_route.setdefault(_normalised(route), []).append(feed)
            for alias in feed.route_aliases:
                self._by_last_segment[alias] = feed

    def feeds_at(self, route: str) -> tuple[Feed, ...]:
        """The feeds whose items may come in at `route`; empty if there is none.

        >>> [feed.name for feed in Routes().feeds_at("feeds//scopes/v2/")]
        ['scopesCustomerGroup', 'scopesWebsite']
        >>> [feed.name for feed in Routes().feeds_at("feeds/catalog/v9/product-variants")]
        ['variants']
        """
        route = _normalised(route)
        if route in self._by_route:
            return tuple(self._by_route[route])
        feed = self._by_last_segment.get(route.rpartition("/")[2])
        return (feed,) if feed else ()

    def known(self) -> list[str]:
        """Every route there is, sorted, for messages."""
        return sorted(self._by_route)


def _normalised(route: str) -> str:
    return "/".join(segment for segment in route.split("/") if segment)
