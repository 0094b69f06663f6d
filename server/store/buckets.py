"""The statements that take tokens: in the store, so that several processes share one bucket."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from mcs.server.store.tables import Buckets
from mcs.server.throttle import Bucket, full, taken


def take(connection: Connection, data_space: str, requests_per_minute: int, now: datetime) -> int:
    """Takes a token; 0, or the seconds until there is one. The data space is held alone."""
    own = Buckets.data_space == data_space
    row = connection.execute(select(Buckets.tokens, Buckets.at).where(own)).one_or_none()
    if row is None:
        before = full(requests_per_minute, now)
        connection.execute(
            insert(Buckets), {"data_space": data_space, "tokens": 0.0, "at": now.isoformat()}
        )
    else:
        before = Bucket(row.tokens, datetime.fromisoformat(row.at))
    after, wait_s = taken(before, requests_per_minute, now)
    values = {"tokens": after.tokens, "at": after.at.isoformat()}
    connection.execute(update(Buckets).where(own).values(values))
    return wait_s
