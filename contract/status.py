"""The export status that the exporter keeps for each item, and what it means for the next sync.

Source: contract/wire.md, "What the exporter does per HTTP status".
"""

from enum import IntEnum


class ExportStatus(IntEnum):
    """The values of the feed table's `status` column that are no HTTP status or are kept as one."""

    AWAITING = -7
    """Shown for an item that was never submitted; it is never stored."""
    SKIPPED = -1
    APPLICATION_ERROR = 0
    FAILED_ITEM = 1
    RETRYABLE = 2
    SUBMITTED = 200
    BAD_REQUEST = 400


FINAL = frozenset({ExportStatus.SUBMITTED, ExportStatus.BAD_REQUEST, ExportStatus.FAILED_ITEM})
"""An item with one of these is not sent again until its content changes."""


def stored_status(http_status: int) -> ExportStatus:
    """What an HTTP status becomes in the feed table: all but 200 and 400 are retryable.

    >>> [int(stored_status(status)) for status in (200, 202, 400, 404, 429, 503)]
    [200, 2, 400, 2, 2, 2]
    """
    if http_status in (ExportStatus.SUBMITTED, ExportStatus.BAD_REQUEST):
        return ExportStatus(http_status)
    return ExportStatus.RETRYABLE


def is_final(status: int) -> bool:
    """True if only a change of the item's content makes the exporter send it again."""
    return status in FINAL
