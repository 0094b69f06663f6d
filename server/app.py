"""Puts the parts of the service together; the only place that does."""

from dataclasses import replace

from flask import Flask

from mcs.server import (
    answers,
    catalog_ingest,
    control,
    control_catalog,
    control_elsewhere,
    control_faults,
    control_feed_status,
    control_keys,
    control_lookup,
    control_requests,
    control_runs,
    control_schedule,
    control_settings,
    control_time,
    ims,
    ingest,
    pages,
    registry,
)
from mcs.server.clock import TurnableClock
from mcs.server.config import ServerConfig
from mcs.server.dashboard import mount as dashboard
from mcs.server.dashboard.admission import new_form_key
from mcs.server.service import EXTENSION, Service
from mcs.server.sorting import Sorting
from mcs.server.store.repository import Clock, Store, utc_now

BLUEPRINTS = (
    ims.ims,
    registry.registry,
    control.control,
    control_catalog.control_catalog,
    control_runs.control_runs,
    control_feed_status.control_feed_status,
    control_keys.control_keys,
    control_schedule.control_schedule,
    control_faults.control_faults,
    control_requests.control_requests,
    control_settings.control_settings,
    control_time.control_time,
    control_lookup.lookup,
    control_elsewhere.elsewhere,
)


def create_app(
    config: ServerConfig, clock: Clock = utc_now, form_key: bytes | None = None
) -> Flask:
    """The service as a WSGI app. Raises UsageError if its database cannot be used.

    clock: the real one; the control API can turn the service's away from it. form_key: that of the
    other processes of the same server. The app's store is
    `service_of(app).store`; when done, give both back with `close(app)`.
    """
    app = Flask(__name__, static_folder=None)
    # Before any rule is added: rules take this from the map.
    app.url_map.merge_slashes = False
    turnable = TurnableClock(clock)
    store = Store(
        config.database_url,
        connections=config.threads,
        journal_size=config.journal_size,
        backlog=config.backlog,
        clock=turnable,
        wait_s=config.database_wait_s,
    )
    # Of the pages' token only the hash stays.
    service = Service(
        replace(config, dashboard_token=None),
        store,
        turnable,
        Sorting(store),
    )
    app.extensions[EXTENSION] = service
    answers.answer_in_one_shape(app)
    ingest.mount(app)
    catalog_ingest.mount(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    pages.mount(app)
    dashboard.mount(app, service, config.dashboard_token, form_key or new_form_key())
    return app


def service_of(app: Flask) -> Service:
    """What an app was put together from."""
    service: Service = app.extensions[EXTENSION]
    return service


def close(app: Flask) -> None:
    """Ends the threads of an app's pages and lets go of its database."""
    dashboard.dashboard_of(app).close()
    service_of(app).sorting.close()
    service_of(app).store.close()
