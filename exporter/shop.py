"""Opens the shop of the present settings: its commerce database, with the feed tables in it."""

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from mcs.contract.errors import UsageError
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.feed_digests import create_feed_digests
from mcs.exporter.flags import create_export_memory
from mcs.exporter.settings import Settings


def open_shop(settings: Settings) -> Engine:
    """The commerce database of these settings, made where there is none yet.

    Raises UsageError if it cannot be used, or was made by a release with other tables.
    """
    place = _shown(settings)
    try:
        if settings.database_url is None:
            settings.var.mkdir(parents=True, exist_ok=True)
        engine = open_commerce(settings.database)
        with engine.begin() as connection:
            create_export_memory(connection)
            create_feed_digests(connection)
    except (SQLAlchemyError, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise UsageError(
            f"the commerce database {place} cannot be used: {reason}. Check MCS_VAR and "
            "MCS_COMMERCE; a damaged file can be removed and its catalog made again."
        ) from None
    return engine


def _shown(settings: Settings) -> str:
    """The database as it may be shown: without a password."""
    try:
        return make_url(str(settings.database)).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return str(settings.database)
