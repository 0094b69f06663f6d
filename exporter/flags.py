"""Small facts that outlive a process: who holds a feed, where a resync stopped, when cron ran."""

from typing import Any

import orjson
from sqlalchemy import Column, Connection, String, Table, Text, delete, insert, select, update

from mcs.exporter.feed_table import metadata

_FLAG = Table(
    "flag",
    metadata,
    Column("flag_code", String(255), primary_key=True),
    Column("flag_data", Text, nullable=False),
)


def create_export_memory(connection: Connection) -> None:
    """Makes the feed tables and the flags that are not there yet."""
    metadata.create_all(connection)


def read_flag(connection: Connection, code: str) -> Any:
    """The JSON value kept under a code; None if there is none."""
    text = connection.scalar(select(_FLAG.c.flag_data).where(_FLAG.c.flag_code == code))
    return None if text is None else orjson.loads(text)


def write_flag(connection: Connection, code: str, value: Any) -> None:
    """Keeps a JSON value under a code."""
    data = {"flag_data": orjson.dumps(value).decode()}
    changed = connection.execute(update(_FLAG).where(_FLAG.c.flag_code == code).values(data))
    if not changed.rowcount:
        connection.execute(insert(_FLAG).values(flag_code=code, **data))


def drop_flag(connection: Connection, code: str) -> None:
    """Forgets the value under a code."""
    connection.execute(delete(_FLAG).where(_FLAG.c.flag_code == code))


def resume_point(feed_name: str) -> str:
    """The code of the source id up to which an interrupted resync is done."""
    return f"resync_position_{feed_name}"


def full_resync_due(feed_name: str) -> str:
    """The code that says: send everything of this feed with its next full sync."""
    return f"full_resync_due_{feed_name}"


def retry_pause(feed_name: str) -> str:
    """The code of when a feed's failed items may be tried again."""
    return f"retry_pause_{feed_name}"


def cron_run(job_name: str) -> str:
    """The code of when a cron job last ran."""
    return f"cron_{job_name}"
