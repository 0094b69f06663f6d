"""Commerce's configuration, and what follows from changing it."""

from sqlalchemy import Connection, select

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.exporter import flags, service
from mcs.exporter.commerce.database import read_config, write_config
from mcs.exporter.commerce.indexer_state import invalidate
from mcs.exporter.commerce.tables import CoreConfig
from mcs.exporter.service import DATA_SPACE_ID, TENANT_ID

SECRET = "(secret, set)"  # noqa: S105 - what is shown instead of one

SPACE_CHANGED = (
    "The data space changed from {old} to {new}: every feed is sent again in full with its next "
    "sync, since the new data space knows nothing of what the old one was sent."
)

_PRODUCTION = "production"
PATHS = {
    DATA_SPACE_ID: "The data space that is sent to; another one makes every feed due in full.",
    service.ENVIRONMENT: "Which keys and gateway count: production (the default) or sandbox.",
    service.api_key_path(_PRODUCTION): "The public API key.",
    service.private_key_path(_PRODUCTION): "The private key that signs requests, a PEM text.",
    service.gateway_path(_PRODUCTION): "The service's URL; by default Adobe's.",
    service.COMPRESSION: "0 sends plain JSON instead of gzip.",
    service.route_path("<feed>"): "Another route for a feed.",
}
"""The configuration paths that the exporter reads, and what each says. With `sandbox` as the
environment, `production` in a path reads `sandbox`."""


def set_value(connection: Connection, path: str, value: str) -> str | None:
    """Sets a value; returns what follows from it, in words, or None.

    Another data space id makes every feed due in full (seed, Command-line interface).
    """
    old = read_config(connection, path)
    write_config(connection, path, value)
    if path not in (DATA_SPACE_ID, TENANT_ID) or old in (None, value):
        return None
    invalidate(connection, FEEDS)
    for name in FEEDS:
        flags.write_flag(connection, flags.full_resync_due(name), {"data_space": value})
        flags.drop_flag(connection, flags.resume_point(name))
    return SPACE_CHANGED.format(old=old, new=value)


def shown_value(connection: Connection, path: str) -> str:
    """A value as it may be shown. Raises UsageError if it is not set."""
    value = read_config(connection, path)
    if value is None:
        raise UsageError(f"{path} is not set. Set it: {MAGENTO} config:set {path} VALUE")
    return _redacted(path, value)


def all_values(connection: Connection) -> dict[str, str]:
    """Every value that is set, as it may be shown, by path."""
    rows = connection.execute(select(CoreConfig.path, CoreConfig.value).order_by(CoreConfig.path))
    return {path: _redacted(path, value or "") for path, value in rows}


def _redacted(path: str, value: str) -> str:
    return SECRET if path.endswith(("_key", "_secret")) else value
