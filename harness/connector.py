"""Which service a shop is connected to: the settings of `core_config_data` that say so.

Source: contract/wire.md, "Request".
"""

from sqlalchemy import Connection, column, inspect, select, table

DATA_SPACE_ID = "services_connector/services_id/environment_id"
ENVIRONMENT = "magento_saas/environment"
GATEWAY_URL = "services_connector/{environment}_gateway_url"

_CONFIG = table("core_config_data", column("path"), column("value"))


def connected_service(connection: Connection) -> tuple[str | None, str | None]:
    """The shop's data space id and service URL; None for what it does not have configured."""
    if not inspect(connection).has_table(_CONFIG.name):
        return None, None
    environment = _value(connection, ENVIRONMENT) or "production"
    gateway = _value(connection, GATEWAY_URL.format(environment=environment))
    return _value(connection, DATA_SPACE_ID), gateway


def _value(connection: Connection, path: str) -> str | None:
    wanted = select(_CONFIG.c.value).where(_CONFIG.c.path == path)
    return connection.scalar(wanted) or None
