"""Looks for a text in the journal: in bodies, errors and answers, from the newest request back.

No index is kept, so that ingest pays nothing. A look ends after a time, and says how far it came;
the next one goes on from there.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic

import orjson
from sqlalchemy import Connection, select

from mcs.server.store.journal import Entry, Filter, Journal
from mcs.server.store.payloads import unpacked
from mcs.server.store.tables import Payloads, Rejections

REQUESTS_PER_LOOK = 20
BUDGET_S = 0.5
MOST_REQUESTS = 5_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A request in which the text occurs. places: of "request", "errors", "body"."""

    entry: Entry
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """hits: newest first. searched: how many requests. oldest_at: when the last of them came.
    next: the `before` to go on with; None at the journal's end."""

    hits: list[Hit]
    searched: int
    oldest_at: str | None
    next: int | None


def spellings(text: str) -> tuple[str, ...]:
    r"""How a text may be written in JSON, in lower case.

    >>> spellings("Ä/b")
    ('ä/b', 'ä\\/b', '\\u00c4/b', '\\u00c4\\/b', '\\u00e4/b', '\\u00e4\\/b')
    """
    plain = orjson.dumps(text).decode()[1:-1]
    escaped = [plain, _ascii(plain), _ascii(plain.lower())]
    found = [way for one in escaped for way in (one, one.replace("/", "\\/"))]
    return tuple(dict.fromkeys(way.lower() for way in found))


def search(
    journal: Journal,
    data_space: str,
    text: str,
    wanted: Filter,
    clock: Callable[[], float] = monotonic,
) -> Findings:
    """The newest requests that pass a filter and carry a text, whatever its case."""
    ways = spellings(text)
    hits: list[Hit] = []
    searched, oldest_at, ends_at = 0, None, clock() + BUDGET_S
    following = wanted.before
    while searched < MOST_REQUESTS and (clock() < ends_at or not searched):
        page = journal.page(data_space, replace(wanted, before=following, limit=REQUESTS_PER_LOOK))
        following = page.next
        with journal.database.reading() as connection:
            found = list(_hits(connection, page.entries, text, ways))
        room = wanted.limit - len(hits)
        if len(found) > room:
            hits += found[:room]
            return Findings(hits, searched, oldest_at, hits[-1].entry.id)
        hits += found
        searched += len(page.entries)
        oldest_at = page.entries[-1].received_at if page.entries else oldest_at
        if following is None:
            break
    return Findings(hits, searched, oldest_at, following)


def _hits(
    connection: Connection, entries: Sequence[Entry], text: str, ways: Sequence[str]
) -> Iterator[Hit]:
    numbers = [entry.id for entry in entries]
    kept = select(Payloads.request, Payloads.body).where(Payloads.request.in_(numbers))
    bodies: dict[int, bytes] = {row.request: row.body for row in connection.execute(kept)}
    errors: dict[int, list[str]] = defaultdict(list)
    refused = select(Rejections.request, Rejections.errors).where(Rejections.request.in_(numbers))
    for number, errors_of_item in connection.execute(refused):
        errors[number].append(errors_of_item)
    for entry in entries:
        said = (entry.request_id, entry.code or "", entry.message or "", entry.route)
        places = {
            "request": _occurs((text.lower(),), "\n".join(said)),
            "errors": _occurs(ways, "\n".join(errors[entry.id])),
            "body": entry.id in bodies and _occurs(ways, _unpacked(bodies[entry.id])),
        }
        if any(places.values()):
            yield Hit(entry, tuple(name for name, occurs in places.items() if occurs))


def _occurs(ways: Sequence[str], text: str) -> bool:
    lowered = text.lower()
    return any(way in lowered for way in ways)


def _unpacked(body: bytes) -> str:
    return unpacked(body).decode("utf-8", "replace")


def _ascii(text: str) -> str:
    return "".join(character if character.isascii() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
