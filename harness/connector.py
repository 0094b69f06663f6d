"""Which service a shop is connected to: the settings of `core_config_data` that say so.

Source: contract/wire.md, "Request"; of a tenant of the ingestion API, its connector's reference.
"""

from sqlalchemy import Connection, column, inspect, select, table

DATA_SPACE_ID = "services_connector/services_id/environment_id"
ENVIRONMENT = "magento_saas/environment"
GATEWAY_URL = "services_connector/{environment}_gateway_url"

TENANT_ID = "aco_exporter/general/tenant_id"
INGESTION_URL = "aco_exporter/general/ingestion_url"

_CONFIG = table("core_config_data", column("path"), column("value"))


def connected_service(connection: Connection) -> tuple[str | None, str | None]:
    """The shop's data space id and service URL; None for what it does not have configured."""
    if not inspect(connection).has_table(_CONFIG.name):
        return None, None
    if tenant := tenant_of(connection):
        return tenant, _value(connection, INGESTION_URL)
    environment = _value(connection, ENVIRONMENT) or "production"
    gateway = _value(connection, GATEWAY_URL.format(environment=environment))
    return _value(connection, DATA_SPACE_ID), gateway


def tenant_of(connection: Connection) -> str | None:
    """The tenant that the shop sends to by the ingestion API; None if it sends signed feeds."""
    has_config = inspect(connection).has_table(_CONFIG.name)
    return _value(connection, TENANT_ID) if has_config else None


def _value(connection: Connection, path: str) -> str | None:
    wanted = select(_CONFIG.c.value).where(_CONFIG.c.path == path)
    return connection.scalar(wanted) or None
