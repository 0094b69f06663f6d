"""Adds the pages to an app."""

from typing import cast

from flask import Flask, Response
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from mcs.server.dashboard import catalog_sync, discrepancies, door, faults, feeds, inspector, keys
from mcs.server.dashboard.admission import Admission, token_hash
from mcs.server.dashboard.diff_runs import DiffRuns
from mcs.server.dashboard.live import Live
from mcs.server.dashboard.state import EXTENSION, Dashboard
from mcs.server.dashboard.upkeep import Upkeep
from mcs.server.loopback import is_loopback
from mcs.server.service import Service

BLUEPRINTS = (
    door.door,
    door.rooms,
    door.elsewhere,
    catalog_sync.pages,
    inspector.pages,
    faults.pages,
    feeds.pages,
    discrepancies.pages,
    keys.pages,
    keys.lost,
)


def mount(app: Flask, service: Service, login_token: str | None, form_key: bytes) -> None:
    """The pages of one server, with a door of their own if others than this machine reach it."""
    login_hash = token_hash(login_token) if login_token else None

    def is_busy() -> bool:
        return service.activity.is_busy(service.clock())

    app.extensions[EXTENSION] = Dashboard(
        Admission(
            required=not is_loopback(service.config.host),
            login_hash=login_hash,
            form_key=form_key,
            sessions=service.store.sessions,
        ),
        Live(service.config.live_streams),
        # Told four times a second, so that little time is taken each time.
        Upkeep(lambda *at: service.store.catalog.step(*at).behind, is_busy, budget_s=0.05),
        # Numbers that lag would be taken for items that are missing.
        Upkeep(service.store.feed_statuses.count, is_busy, budget_s=0.3),
        DiffRuns(service.config.var, service.store.comparisons),
    )
    app.url_map.converters["sku"] = AnySku
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # An exporter that is configured without a route is told so as ever, not that / takes no POST.
    app.add_url_rule("/", "nothing_here", _nothing_here, methods=["POST", "PUT", "PATCH", "DELETE"])


class AnySku(BaseConverter):
    """An SKU may be anything, slashes included."""

    regex = ".+"
    part_isolating = False


def dashboard_of(app: Flask) -> Dashboard:
    """What the pages of an app share."""
    return cast(Dashboard, app.extensions[EXTENSION])


def _nothing_here() -> Response:
    raise NotFound
