"""Which service a shop is connected to: the two settings of `core_config_data` that say so.

Source: contract/wire.md, "Request".
"""

from sqlalchemy import Connection, column, inspect, select, table

DATA_SPACE_ID = "services_connector/services_id/environment_id"
GATEWAY_URL = "services_connector/production_gateway_url"

_CONFIG = table("core_config_data", column("path"), column("value"))


def connected_service(connection: Connection) -> tuple[str | None, str | None]:
    """The shop's data space id and service URL; None for what it does not have configured."""
    if not inspect(connection).has_table(_CONFIG.name):
        return None, None
    wanted = select(_CONFIG.c.path, _CONFIG.c.value).where(
        _CONFIG.c.path.in_([DATA_SPACE_ID, GATEWAY_URL])
    )
    values = {row.path: row.value for row in connection.execute(wanted)}
    return values.get(DATA_SPACE_ID) or None, values.get(GATEWAY_URL) or None
