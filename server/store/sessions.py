"""Who is logged in to the pages; all processes of a server look here."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, insert, not_, select

from mcs.server.store.database import Database
from mcs.server.store.page_tables import PageSessions


class Sessions:
    """The sessions of all servers that use this database.

    server: names one server, all of its processes alike. Moments are as the store writes them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, server: str, secret_hash: str, ends_at: str, *, most: int) -> None:
        """Lets who has the secret in. most: sessions of the server, of which the oldest end."""
        row = {"secret_hash": secret_hash, "server": server, "ends_at": ends_at}
        own = PageSessions.server == server
        kept = (
            select(PageSessions.secret_hash)
            .where(own)
            .order_by(PageSessions.ends_at.desc(), PageSessions.secret_hash)
            .limit(most)
        )
        with self._database.writing() as connection:
            connection.execute(delete(PageSessions).where(own, _ended(self._database.now())))
            # A clock that was turned here ends no sessions of other servers.
            machine_time = datetime.now(UTC).isoformat(timespec="microseconds")
            connection.execute(delete(PageSessions).where(not_(own), _ended(machine_time)))
            connection.execute(insert(PageSessions), row)
            connection.execute(
                delete(PageSessions).where(own, PageSessions.secret_hash.not_in(kept))
            )

    def ends_at(self, server: str, secret_hash: str) -> str | None:
        """Until when who has the secret is let in; None if nobody is."""
        query = select(PageSessions.ends_at).where(
            PageSessions.secret_hash == secret_hash, PageSessions.server == server
        )
        with self._database.reading() as connection:
            return connection.scalar(query)

    def end(self, server: str, secret_hash: str) -> None:
        """Ends a session; another one is left alone."""
        own = (PageSessions.secret_hash == secret_hash, PageSessions.server == server)
        with self._database.writing() as connection:
            connection.execute(delete(PageSessions).where(*own))


def _ended(now: str) -> ColumnElement[bool]:
    return PageSessions.ends_at <= now
