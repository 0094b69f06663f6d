"""Catalog Sync: the last sync, the synced products, and Settings, where a resync is asked for."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.server.dashboard import status_page
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.navigation import known_data_space
from mcs.server.dashboard.negotiation import fragment, show
from mcs.server.dashboard.state import current_dashboard
from mcs.server.service import current_service

OVERVIEW, SETTINGS = "catalog_sync.html", "settings.html"

pages = page_blueprint("catalog_sync")


@pages.get("/")
def overview(data_space: str) -> Response:
    """The last sync, live, and the synced products."""
    space = known_data_space(data_space)
    return show(OVERVIEW, status_page.overview(current_service(), space))


@pages.get("/live")
def live(data_space: str) -> Response:
    """The status as server-sent events: the part of the page that changes, at most 4 a second."""
    space, service = known_data_space(data_space), current_service()

    def look() -> str:
        return fragment(OVERVIEW, "status", status_page.overview(service, space))

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
    current_service().store.add_resync(
        space.id, feeds or None, at_once=request.form.get("when") == "now"
    )
    return redirect(url_for(".settings", data_space=space.id, _anchor="resync"), 303)
