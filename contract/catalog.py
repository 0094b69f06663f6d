"""The resources of the ingestion API as feeds, and the calls that change them.

Source: contract/ingestion-api.md. Their names begin with `catalog`, so that they stand beside the
signed feeds of the same things.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mcs.contract.calls import Call, Operation
from mcs.contract.feeds import Feed
from mcs.contract.merging import Merge
from mcs.contract.price_books import settled

ROOT = "v1/catalog"
SCOPE = "commerce.aco.ingestion"
"""What a token must be good for."""

SCOPES = ("openid", "AdobeID", "profile", "email", SCOPE)
TOKEN_LIFE_S = 24 * 3600
LARGE_BATCH = 500
"""Items per request that clients keep to; the service has no limit (contract/ingestion-api.md)."""

CONVERTED_NOTE = "Converted for the catalog data ingestion API, tenant "
"""How a line of saas-export.log begins that says of the batch behind it that it was not sent so."""


def _feed(name: str, path: str, identity: tuple[str, ...], order: int, **more: object) -> Feed:
    top = dict.fromkeys(path.partition(".")[0] for path in identity)
    return Feed(
        name=name,
        route=f"{ROOT}/{path}",
        indexer="",
        table="",
        identity=identity,
        delete_payload=tuple(top),
        sync_order=order,
        timestamp="",
        unhashed=frozenset(),
        **more,  # type: ignore[arg-type]  # fields of Feed
    )


_ALL = (
    _feed("catalogProductMetadata", "products/metadata", ("code", "source.locale"), 11),
    _feed("catalogCategoryMetadata", "categories/metadata", ("code", "source.locale"), 12),
    _feed("catalogCategories", "categories", ("slug", "source.locale"), 13),
    _feed("catalogProducts", "products", ("sku", "source.locale"), 14),
    _feed(
        "catalogProductLayers",
        "products/layers",
        ("sku", "source.locale", "source.layer"),
        15,
        optional_identity=frozenset({"source.locale"}),
    ),
    _feed("catalogPriceBooks", "price-books", ("priceBookId",), 16, batch_size=LARGE_BATCH),
    _feed("catalogPrices", "products/prices", ("sku", "priceBookId"), 17, batch_size=LARGE_BATCH),
)

CATALOG_FEEDS: Mapping[str, Feed] = {feed.name: feed for feed in _ALL}
"""Every resource by its name, in the order in which a first upload sends them."""

PRODUCT_LISTS: Mapping[str, tuple[str, ...]] = {
    "visibleIn": (),
    "attributes": ("code",),
    "images": ("url",),
    "routes": ("path",),
    "links": ("type", "sku"),
    # The description names a `type` as well, which neither bundles nor external ids have.
    "bundles": ("group",),
    "configurations": ("type", "attributeCode"),
    "externalIds": ("origin",),
}
MERGES: Mapping[str, Merge] = {
    "catalogProductMetadata": Merge(),
    "catalogCategoryMetadata": Merge(),
    "catalogCategories": Merge(),
    "catalogProducts": Merge(PRODUCT_LISTS),
    "catalogPriceBooks": Merge(),
    # An entry has a price or a percentage: merged, it would have both.
    "catalogPrices": Merge({"discounts": ("code",), "tierPrices": ("qty",)}, replaces_entries=True),
}
"""How an update is merged, by resource; there is none for layers."""

LAYERING = Merge(PRODUCT_LISTS)
"""How a layer is laid over its product."""


def _calls(feed: Feed) -> list[Call]:
    calls = [Call(feed, Operation.REPLACE, "POST", feed.route, feed.name)]
    if feed.name in MERGES:
        calls.append(Call(feed, Operation.MERGE, "PATCH", feed.route, f"{feed.name}.update"))
    delete = f"{feed.route}/delete"
    return [*calls, Call(feed, Operation.DELETE, "POST", delete, f"{feed.name}.delete")]


CATALOG_CALLS: tuple[Call, ...] = tuple(call for feed in _ALL for call in _calls(feed))
"""Every method on every path."""

SETTLES: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "catalogPriceBooks": settled
}
"""What of a living item a write cannot change: from what is held and what is written, the rest."""

TREES = frozenset({"catalogPriceBooks", "catalogCategories"})
"""Resources whose items hang below each other, so that a delete takes others along."""
