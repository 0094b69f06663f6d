"""What a product can be found by: the words of its name, SKU and id, and how they are asked for.

Both engines search by beginnings of words. Words are cut here, the same way for both, and carry
their scope in front, so that no other data space's products are in the way.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, text

WORDS_KEPT = 64
WORD_LENGTH = 40
SCOPE_DIGITS = 5
"""Before each word; all of one length, so that prefixes of words are (see `catalog_tables.py`)."""
_WORD = re.compile(r"[^\W_]+")


def words(*texts: str) -> list[str]:
    """The different words of some texts, without case and accents, in their order.

    >>> words("24-MB01", "Crème brûlée", "bag 24")
    ['24', 'mb01', 'creme', 'brulee', 'bag']
    """
    found: dict[str, None] = {}
    for whole in texts:
        plain = whole.casefold()
        if not plain.isascii():
            decomposed = unicodedata.normalize("NFKD", plain)
            plain = "".join(c for c in decomposed if not unicodedata.combining(c))
        found |= dict.fromkeys(word[:WORD_LENGTH] for word in _WORD.findall(plain))
    return list(found)[:WORDS_KEPT]


def put_words(connection: Connection, scope: int, rows: Iterable[tuple[int, list[str]]]) -> None:
    """Makes products findable by these words, new or not."""
    is_sqlite = _is_sqlite(connection)
    given = []
    for number, found in rows:
        scoped = _scoped(scope, found)
        given.append({"id": number, "words": " ".join(scoped) if is_sqlite else scoped})
    if given:
        connection.execute(_PUT[connection.dialect.name], given)


def drop_words(connection: Connection, ids: Iterable[int]) -> None:
    """Makes products unfindable."""
    given = [{"id": number} for number in ids]
    if given:
        connection.execute(_DROP[connection.dialect.name], given)


def drop_all_words(connection: Connection, data_space: str) -> None:
    """Makes all products of a data space unfindable."""
    connection.execute(_DROP_ALL[connection.dialect.name], {"data_space": data_space})


def matching(
    connection: Connection, scope: int, wanted: list[str], limit: int, *, after: int = 0
) -> list[int]:
    """The ids of products with words that begin so, all of them, ascending."""
    given = {"query": _query(connection, scope, wanted), "after": after, "limit": limit}
    return list(connection.scalars(_MATCHING[connection.dialect.name], given))


def matching_before(
    connection: Connection, scope: int, wanted: list[str], limit: int, before: int
) -> list[int]:
    """Those with smaller ids, descending."""
    given = {"query": _query(connection, scope, wanted), "before": before, "limit": limit}
    return list(connection.scalars(_MATCHING_BEFORE[connection.dialect.name], given))


def _scoped(scope: int, found: list[str]) -> list[str]:
    prefix = f"{scope:0{SCOPE_DIGITS}x}"
    return [prefix + word for word in found]


def _query(connection: Connection, scope: int, wanted: list[str]) -> str:
    # Words are letters and digits only, so nothing of them is syntax.
    if _is_sqlite(connection):
        return " ".join(f'"{word}"*' for word in _scoped(scope, wanted))
    return " & ".join(f"'{word}':*" for word in _scoped(scope, wanted))


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


_PUT: dict[str, Any] = {
    "sqlite": text("INSERT OR REPLACE INTO catalog_words (rowid, words) VALUES (:id, :words)"),
    "postgresql": text(
        "INSERT INTO catalog_words (id, words)"
        " VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
        " ON CONFLICT (id) DO UPDATE SET words = excluded.words"
    ),
}
_DROP: dict[str, Any] = {
    "sqlite": text("DELETE FROM catalog_words WHERE rowid = :id"),
    "postgresql": text("DELETE FROM catalog_words WHERE id = :id"),
}
_OF_DATA_SPACE = (
    "SELECT p.id FROM catalog_products p JOIN catalog_scopes s ON s.id = p.scope"
    " WHERE s.data_space = :data_space"
)
_DROP_ALL: dict[str, Any] = {
    "sqlite": text(f"DELETE FROM catalog_words WHERE rowid IN ({_OF_DATA_SPACE})"),  # noqa: S608 - ours
    "postgresql": text(f"DELETE FROM catalog_words WHERE id IN ({_OF_DATA_SPACE})"),  # noqa: S608 - ours
}
_MATCHING: dict[str, Any] = {
    "sqlite": text(
        "SELECT rowid FROM catalog_words WHERE catalog_words MATCH :query AND rowid > :after"
        " ORDER BY rowid LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT id FROM catalog_words WHERE words @@ CAST(:query AS tsquery) AND id > :after"
        " ORDER BY id LIMIT :limit"
    ),
}
_MATCHING_BEFORE: dict[str, Any] = {
    "sqlite": text(
        "SELECT rowid FROM catalog_words WHERE catalog_words MATCH :query AND rowid < :before"
        " ORDER BY rowid DESC LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT id FROM catalog_words WHERE words @@ CAST(:query AS tsquery) AND id < :before"
        " ORDER BY id DESC LIMIT :limit"
    ),
}
