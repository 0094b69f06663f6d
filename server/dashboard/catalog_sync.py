"""Catalog Sync: the last sync, the synced products, and Settings, where a resync is asked for."""

from dataclasses import dataclass, replace

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.server.dashboard import status_page
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.discrepancy_page import discrepancies_of
from mcs.server.dashboard.navigation import known_data_space
from mcs.server.dashboard.negotiation import fragment, show
from mcs.server.dashboard.product_list import DEFAULT_STORE_VIEW, ProductList, product_list
from mcs.server.dashboard.product_page import PRODUCTS, product_view
from mcs.server.dashboard.state import current_dashboard
from mcs.server.service import current_service

OVERVIEW, PRODUCT, SETTINGS = "catalog_sync.html", "product.html", "settings.html"

pages = page_blueprint("catalog_sync")


@dataclass(frozen=True, slots=True)
class CatalogSync:
    """The page Catalog Sync. products: left out where only the status is told."""

    status: status_page.Overview
    products: ProductList | None


@pages.get("/")
def overview(data_space: str) -> Response:
    """The last sync, live, and the synced products."""
    space, service = known_data_space(data_space), current_service()
    up_to_date = current_dashboard().upkeep.catch_up(space.id)
    products = product_list(
        service.store.catalog, space.id, request.path, request.args, up_to_date=up_to_date
    )
    view = CatalogSync(status_page.overview(service, space), products)
    return show(OVERVIEW, view, products.table)


@pages.get("/product")
def any_product(data_space: str) -> Response:
    """One product, whose SKU cannot stand in a path."""
    return product(data_space, request.args.get("sku", ""))


@pages.get("/products/<sku:sku>")
def product(data_space: str, sku: str) -> Response:
    """One product: its JSON, its versions, and what belongs to it."""
    space = known_data_space(data_space)
    store_view = request.args.get("store_view", DEFAULT_STORE_VIEW)
    view = product_view(current_service().store, space.id, sku, store_view, request.args)
    found = discrepancies_of(current_dashboard().diffs, space.id, PRODUCTS, view.key)
    return show(PRODUCT, replace(view, discrepancies=found), view.versions)


@pages.get("/live")
def live(data_space: str) -> Response:
    """The status as server-sent events: the part of the page that changes, at most 4 a second."""
    space, service = known_data_space(data_space), current_service()
    upkeep = current_dashboard().upkeep

    def look() -> str:
        upkeep.catch_up(space.id)
        view = CatalogSync(status_page.overview(service, space), None)
        return fragment(OVERVIEW, "status", view)

    return current_dashboard().live.stream(f"status {space.id}", "status", look)


@pages.get("/settings")
def settings(data_space: str) -> Response:
    """The feeds with how they are, and the form that asks for a resync."""
    view = status_page.settings(current_service(), known_data_space(data_space))
    return show(SETTINGS, view, view.feeds)


@pages.post("/settings/resync")
def resync(data_space: str) -> AnyResponse:
    """Asks the exporter for a resync of all feeds, or of those that are ticked."""
    space = known_data_space(data_space)
    feeds = tuple(request.form.getlist("feed"))
    if unknown := [feed for feed in feeds if feed not in FEEDS]:
        raise UsageError(f'feed: got "{unknown[0]}", expected one of: {", ".join(FEEDS)}.')
    current_service().store.resyncs.add(
        space.id, feeds or None, at_once=request.form.get("when") == "now"
    )
    return redirect(url_for(".settings", data_space=space.id, _anchor="resync"), 303)
