"""Every clause, by theme, in the order in which they are read."""

from collections.abc import Mapping

from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.clauses import (
    authentication,
    connections,
    deletes,
    items,
    limits,
    refusals,
    retrying,
    secrecy,
    syncing,
    wire,
)

THEMES: Mapping[str, str] = {
    "AUTH": "Who is calling",
    "WIRE": "The request",
    "LIMIT": "How much at once",
    "ITEM": "The items",
    "SYNC": "What a sync sends",
    "DEL": "Deletes",
    "RETRY": "What failed",
    "REFUSE": "What was refused",
    "CONN": "Broken connections",
    "SECRET": "Secrets",
}

CLAUSES: Mapping[str, Clause] = {
    clause.id: clause
    for theme in (
        authentication,
        wire,
        limits,
        items,
        syncing,
        deletes,
        retrying,
        refusals,
        connections,
        secrecy,
    )
    for clause in theme.CLAUSES
}
