"""An exporter's log files as typed entries. Files are read here; no verdict is made of them.

Source of the formats: contract/lifecycle.md, "Logs".
"""

from mcs.harness.logs.batches import Batch, Loose, batches
from mcs.harness.logs.entries import (
    Entry,
    FailedItem,
    Failure,
    Note,
    Payload,
    ProgressLine,
    Span,
    Unread,
    spans,
)
from mcs.harness.logs.files import log_files
from mcs.harness.logs.reading import entries

__all__ = [
    "Batch",
    "Entry",
    "FailedItem",
    "Failure",
    "Loose",
    "Note",
    "Payload",
    "ProgressLine",
    "Span",
    "Unread",
    "batches",
    "entries",
    "log_files",
    "spans",
]
