"""What an edit did, and the one place where edits write the change log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from mcs.exporter.commerce.change_log import note_changes
from mcs.exporter.commerce.indexer_state import invalidate


@dataclass(frozen=True, slots=True)
class Edited:
    """logged: entries written to the change logs, by feed. invalidated: feeds to collect anew."""

    text: str
    logged: Mapping[str, int]
    invalidated: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line that says what changed."""
        return self.text


def record(
    connection: Connection,
    text: str,
    reached: Mapping[str, Iterable[int]],
    invalidated: tuple[str, ...] = (),
) -> Edited:
    """Log the source entities whose items the edit can alter, by feed; tell what it did.

    invalidated: the feeds of which every source can be altered.
    """
    logged = {name: note_changes(connection, name, ids) for name, ids in reached.items()}
    invalidate(connection, invalidated)
    return Edited(text, {name: count for name, count in logged.items() if count}, invalidated)
