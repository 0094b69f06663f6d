"""The services that read what is fed in: what each shows of it, and when. Pure.

Source: contract/admin-pages.md, "Data Management Dashboard": Live Search shows displayable
products only, the others show all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

PRODUCTS = "products"
TRUE_AS_SENT = (True, 1, "1")


class Consumer(StrEnum):
    """A service that shows items some time after they were accepted."""

    CATALOG_SERVICE = "catalog_service"
    LIVE_SEARCH = "live_search"
    PRODUCT_RECOMMENDATIONS = "product_recommendations"


@dataclass(frozen=True, slots=True)
class Write:
    """One accepted write of an item. number: higher for later ones. shown: not a delete, nor
    something that the consumer hides."""

    number: int
    accepted_at: datetime
    shown: bool


@dataclass(frozen=True, slots=True)
class View:
    """What a consumer has of one item at a moment.

    write: the newest that it has read, None before the first. since: since when it shows the item
    without a break, None while it does not. from_moment: when an item that it does not show will
    appear, None if nothing brings that about. coming: writes it has yet to read, and when it will.
    """

    write: Write | None
    since: datetime | None
    from_moment: datetime | None
    coming: Sequence[tuple[datetime, Write]]

    @property
    def visible(self) -> bool:
        """True while the item is shown."""
        return self.since is not None


def hides(consumer: Consumer, feed: str, item: Any) -> bool:
    """True if a consumer does not show an item though it is not deleted.

    >>> hides(Consumer.LIVE_SEARCH, "products", {"sku": "A", "displayable": False})
    True
    """
    if consumer is not Consumer.LIVE_SEARCH or feed != PRODUCTS:
        return False
    return not (isinstance(item, dict) and item.get("displayable") in TRUE_AS_SENT)


def view_at(writes: Sequence[Write], lag: timedelta, moment: datetime) -> View:
    """What a consumer that reads `lag` after acceptance has of an item at a moment.

    Of the writes that it has read the one that came last counts. Their moments need not be in
    that order: the service's clock can be turned back.

    >>> noon = datetime(2026, 11, 22, 12)
    >>> view = view_at([Write(1, noon, True)], timedelta(minutes=15), noon)
    >>> view.visible, view.from_moment.isoformat()
    (False, '2026-11-22T12:15:00')
    """
    reading = sorted(((write.accepted_at + lag, write) for write in writes), key=_order)
    read = [entry for entry in reading if entry[0] <= moment]
    coming = reading[len(read) :]
    newest, since = _after(None, None, read)
    from_moment = None
    if since is None:
        last = newest
        for entry in coming:
            last, from_moment = _after(last, None, [entry])
            if from_moment:
                break
    return View(newest, since, from_moment, coming)


def _after(
    newest: Write | None, since: datetime | None, read: Sequence[tuple[datetime, Write]]
) -> tuple[Write | None, datetime | None]:
    """The newest write, and since when it or those before it were shown without a break."""
    for at, write in read:
        if newest is None or write.number > newest.number:
            newest = write
            since = (since or at) if write.shown else None
    return newest, since


def _order(entry: tuple[datetime, Write]) -> tuple[datetime, int]:
    return entry[0], entry[1].number
