"""Price books as a tree: who inherits from whom, and which price holds. Pure.

Source: contract/ingestion-api.md: a base book has a currency, its descendants inherit it; a parent
is never changed by writing a book again; three levels may hang below a base book.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Item = Mapping[str, Any]

LEVELS_BELOW_BASE = 3


def settled(current: Item, written: Item) -> dict[str, Any]:
    """What becomes of a living price book that is written again: its place in the tree stays.

    >>> settled({"priceBookId": "a", "currency": "EUR"}, {"priceBookId": "a", "parentId": "b"})
    {'priceBookId': 'a', 'currency': 'EUR'}
    """
    place = "parentId" if "parentId" in current else "currency"
    rest = {name: value for name, value in written.items() if name not in ("parentId", "currency")}
    if place == "currency":
        return {**rest, place: written.get(place, current.get(place))}
    return {**rest, place: current[place]}


def lineage(books: Mapping[str, Item], price_book: str) -> list[str]:
    """The ids from this book up to its base, or to the first that is not there.

    A book that is its own ancestor ends where it would come again.
    """
    line: list[str] = []
    at: Any = price_book
    while at in books and at not in line:
        line.append(at)
        at = books[at].get("parentId")
    return line


def is_rooted(books: Mapping[str, Item], price_book: str) -> bool:
    """True if the way up ends at a base book, and is no longer than it may be."""
    line = lineage(books, price_book)
    if not line or len(line) > LEVELS_BELOW_BASE + 1:
        return False
    return "parentId" not in books[line[-1]]


def currency(books: Mapping[str, Item], price_book: str) -> str | None:
    """The currency of a book, its own or inherited; None where no base book is found."""
    line = lineage(books, price_book)
    found = books[line[-1]].get("currency") if line else None
    return found if isinstance(found, str) else None


def price_of(books: Mapping[str, Item], prices: Mapping[str, Item], price_book: str) -> Item | None:
    """The price that holds in a book: the first on the way up. prices: of one product, by book."""
    line = lineage(books, price_book)
    return next((prices[book] for book in line if book in prices), None)


def descendants(books: Mapping[str, Item], price_book: str) -> Iterator[str]:
    """The ids of the books below this one, however deep, each once."""
    children: dict[str, list[str]] = {}
    for name, book in books.items():
        if isinstance(book.get("parentId"), str):
            children.setdefault(book["parentId"], []).append(name)
    seen = {price_book}
    waiting = [price_book]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
                yield child
