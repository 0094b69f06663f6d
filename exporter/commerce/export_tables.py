"""The tables by which the catalog and its export keep in step: change logs and states.

Names and columns are Commerce's own, so that tools which read a shop's read these.
"""

from collections.abc import Mapping

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table

from mcs.contract.feeds import FEEDS, Feed
from mcs.exporter.commerce.tables import UtcDateTime

metadata = MetaData()

INDEXER_STATE = Table(
    "indexer_state",
    metadata,
    Column("indexer_id", String(255), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("updated", UtcDateTime, nullable=False),
)

MVIEW_STATE = Table(
    "mview_state",
    metadata,
    Column("view_id", String(255), primary_key=True),
    Column("version_id", Integer, nullable=False),
)
"""Up to which version a feed's change log is processed. view_id: the feed table's name."""


def _change_log(feed: Feed) -> Table:
    return Table(
        f"{feed.table}_cl",
        metadata,
        Column("version_id", Integer, primary_key=True),
        Column("entity_id", Integer, nullable=False),
        # Without it SQLite gives a purged version to the next change, which then seems processed.
        sqlite_autoincrement=True,
    )


CHANGE_LOGS: Mapping[str, Table] = {name: _change_log(feed) for name, feed in FEEDS.items()}
"""The change log of each feed, by feed name."""


def create_export_tables(connection: Connection) -> None:
    """Makes the tables that are not there yet."""
    metadata.create_all(connection)
