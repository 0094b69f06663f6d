"""Adds the pages to an app."""

from typing import cast

from flask import Flask, Response
from werkzeug.exceptions import NotFound

from mcs.server.config import ServerConfig
from mcs.server.dashboard import catalog_sync, door
from mcs.server.dashboard.admission import Admission, token_hash
from mcs.server.dashboard.live import Live
from mcs.server.dashboard.state import EXTENSION, Dashboard
from mcs.server.loopback import is_loopback

BLUEPRINTS = (door.door, door.rooms, catalog_sync.pages)


def mount(app: Flask, config: ServerConfig) -> None:
    """The pages of one server, with a door of their own if others than this machine reach it."""
    token = config.dashboard_token
    app.extensions[EXTENSION] = Dashboard(
        Admission(
            required=not is_loopback(config.host), login_hash=token_hash(token) if token else None
        ),
        Live(config.live_streams),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # An exporter that is configured without a route is told so as ever, not that / takes no POST.
    app.add_url_rule("/", "nothing_here", _nothing_here, methods=["POST", "PUT", "PATCH", "DELETE"])


def live_of(app: Flask) -> Live:
    """The live streams of an app."""
    return cast(Dashboard, app.extensions[EXTENSION]).live


def _nothing_here() -> Response:
    raise NotFound
