"""Feed sync status: how each feed stands, item by item, and resyncs of some or of all."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import ContractError, UsageError
from mcs.contract.feeds import FEEDS, Feed
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.feed_page import feed_page, feeds_page
from mcs.server.dashboard.navigation import known_data_space
from mcs.server.dashboard.negotiation import show
from mcs.server.dashboard.state import current_dashboard
from mcs.server.service import current_service

MOST_IDS = 1_000
KEY_LENGTH = 40
NOTHING_TICKED = "No item is ticked. Tick some, or resync the whole feed."
NOBODY_SENDS = (
    "{feed} is no feed that an exporter knows by this name; ask for the feed that it is made of."
)
NO_FEED = 'There is no feed "{feed}". Take one of: {feeds}.'

pages = page_blueprint("feeds")


@pages.get("/feeds")
def overview(data_space: str) -> Response:
    """All feeds."""
    space = known_data_space(data_space)
    counted = current_dashboard().counting.catch_up(space.id)
    view = feeds_page(current_service().store, space.id, counted=counted)
    return show("feeds.html", view, view.table)


@pages.get("/feeds/<feed>")
def one_feed(data_space: str, feed: str) -> Response:
    """One feed, item by item."""
    space, known = known_data_space(data_space), _known(feed)
    counted, store = current_dashboard().counting.catch_up(space.id), current_service().store
    view = feed_page(store, space.id, known, request.path, request.args, counted=counted)
    return show("feed.html", view, view.failed if "failed" in request.args else view.held)


@pages.post("/feeds/<feed>/resync")
def resync(data_space: str, feed: str) -> AnyResponse:
    """Asks the exporter for the ticked items, or for the whole feed."""
    space, known = known_data_space(data_space), _known(feed)
    ids = tuple(dict.fromkeys(request.form.getlist("id")))[:MOST_IDS]
    if known.name not in FEEDS:
        raise UsageError(NOBODY_SENDS.format(feed=known.name))
    whole = request.form.get("what") == "feed"
    if not whole and not ids:
        raise UsageError(NOTHING_TICKED)
    if any(len(one) != KEY_LENGTH for one in ids):
        raise UsageError("id: expected feed item IDs of 40 characters each.")
    current_service().store.resyncs.add(
        space.id,
        (known.name,),
        at_once=request.form.get("when") == "now",
        ids=None if whole else ids,
    )
    return redirect(url_for("catalog_sync.settings", data_space=space.id, _anchor="asked"), 303)


def _known(feed: str) -> Feed:
    if feed not in ALL_FEEDS:
        detail = NO_FEED.format(feed=feed, feeds=", ".join(ALL_FEEDS))
        raise ContractError(404, "unknown_feed", "Not Found", detail)
    return ALL_FEEDS[feed]
