"""Moments as both sides write them: `Y-m-d H:i:s` in UTC, or ISO 8601 with an offset."""

from datetime import UTC, datetime


def moment(text: object) -> datetime | None:
    """The moment that a text says, aware; None if it says none.

    >>> moment("2026-11-22 10:00:00") == moment("2026-11-22T12:00:00+02:00")
    True
    """
    try:
        parsed = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if parsed is None or parsed.tzinfo is not None:
        return parsed
    return parsed.replace(tzinfo=UTC)
