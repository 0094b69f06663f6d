"""A plain batch: its request, its body and its place in the inbox are all that is to be written.

Nearly all are. Whatever has to be looked up, refused, altered or followed goes by intake.py.
"""

from mcs.contract.calls import Operation
from mcs.server.faults.applying import Script
from mcs.server.store import inbox, recording, settling
from mcs.server.store.accepted import AsTheyCame
from mcs.server.store.database import Database
from mcs.server.store.statements import marks, run
from mcs.server.store.values import Arrival, Batch


def is_plain(batch: Batch, script: Script | None) -> bool:
    """Whether all items of a batch are recorded as they came, and nothing with them."""
    return (
        script is None
        and isinstance(batch.accepted, AsTheyCame)
        and len(batch.accepted) > 0
        and not batch.rejected
        and batch.operation is Operation.SEND
        and not settling.looks_back(batch)
    )


def record(database: Database, arrival: Arrival, batch: Batch, payload: bytes) -> int:
    """Records a plain batch, committed on return; returns the request's number."""
    count = len(batch.accepted)
    told = inbox.as_they_came(count)
    writes = (batch.feed, arrival.received_at, count, batch.operation.value, told)
    if database.is_sqlite:
        with database.writing() as connection:
            number = recording.add_request(connection, arrival, payload)
            run(connection, inbox.PUT, (arrival.data_space, number, *writes))
        return number
    space = arrival.data_space
    values = (space, *recording.request_values(arrival), payload, space, *writes)
    with database.single() as connection:
        [(number,)] = run(connection, _AT_ONCE, values)
    return int(number)


# PostgreSQL: each statement is a way there and back, and so are both ends of a transaction.

_REQUEST = ", ".join(recording.REQUEST_COLUMNS)
_INBOX = ", ".join(name for name in inbox.COLUMNS if name != "request")
# The data space is held before the number is given: whoever sorts in meanwhile would pass over it.
_AT_ONCE = (
    f"WITH held AS MATERIALIZED ({recording.HOLD}), "  # noqa: S608 - our own names
    f"request AS (INSERT INTO requests ({_REQUEST}) "
    f"SELECT {marks(recording.REQUEST_COLUMNS)} FROM held RETURNING id), "
    "payload AS (INSERT INTO payloads (request, body) SELECT id, ? FROM request) "
    f"INSERT INTO inbox ({_INBOX}, request) "
    f"SELECT {marks(inbox.COLUMNS[1:])}, id FROM request RETURNING request"
)
