"""When the items that are in discrepancy were modified, counted by spans of time. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mcs.harness.discrepancy import Discrepancy, DiscrepancyKind

MOST_SPANS = 30
_YEAR = timedelta(days=365)
_WIDTHS = {
    "minute": timedelta(minutes=1),
    "10 minutes": timedelta(minutes=10),
    "hour": timedelta(hours=1),
    "6 hours": timedelta(hours=6),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "30 days": timedelta(days=30),
    "year": _YEAR,
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts by kind and span. width: of a span, in words. labels: when each begins, in UTC.
    untimed: how many discrepancies tell no time."""

    width: str
    labels: Sequence[str]
    counts: Mapping[DiscrepancyKind, Sequence[int]]
    untimed: int


def timeline(discrepancies: Sequence[Discrepancy]) -> Timeline | None:
    """The discrepancies by the time of modification at the source, else of receipt.

    The spans are equal, without a gap, and at most MOST_SPANS as long as that is less than 30
    years. None if no discrepancy tells a time.
    """
    moments = [(one.kind, at) for one in discrepancies if (at := moment(one))]
    if not moments:
        return None
    first, last = (pick(at for _, at in moments) for pick in (min, max))
    width = next(
        (name for name, span in _WIDTHS.items() if _spans(first, last, span) <= MOST_SPANS), "year"
    )
    span = _WIDTHS[width]
    start = _start(first, span)
    found = Counter((kind, (at - start) // span) for kind, at in moments)
    number = (last - start) // span + 1
    return Timeline(
        width=width,
        labels=[_label(start + place * span, span) for place in range(number)],
        counts={
            kind: [found[kind, place] for place in range(number)]
            for kind in DiscrepancyKind
            if any(kind is other for other, _ in found)
        },
        untimed=len(discrepancies) - len(moments),
    )


def moment(one: Discrepancy) -> datetime | None:
    """When the item was modified at the source, else received; None if neither is told."""
    for side, name in (
        (one.sent, "modified_at"),
        (one.received, "modified_at"),
        (one.received, "received_at"),
    ):
        if side and (at := _parsed(side.get(name))):
            return at
    return None


def _parsed(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    # A time without an offset is in UTC, as Commerce keeps it.
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _spans(first: datetime, last: datetime, span: timedelta) -> int:
    return (last - _start(first, span)) // span + 1


def _start(at: datetime, span: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // span * span


def _label(at: datetime, span: timedelta) -> str:
    return f"{at:%Y-%m-%d}" if span >= timedelta(days=1) else f"{at:%m-%d %H:%M}"
