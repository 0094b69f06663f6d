"""Opens the shop of the present settings: its commerce database, with the feed tables in it."""

from sqlalchemy import Engine

from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.flags import create_export_memory
from mcs.exporter.settings import Settings


def open_shop(settings: Settings) -> Engine:
    """The commerce database of these settings, made where there is none yet.

    Raises UsageError if it was made by a release with other tables.
    """
    if settings.database_url is None:
        settings.var.mkdir(parents=True, exist_ok=True)
    engine = open_commerce(settings.database)
    with engine.begin() as connection:
        create_export_memory(connection)
    return engine
