"""The discrepancies as CSV (RFC 4180, UTF-8), a row each, safe to open in a spreadsheet.

What a spreadsheet would take for a formula gets an apostrophe in front, as does what begins with
one; `unguarded` takes it off again, so that nothing is lost.
"""

import csv
from codecs import getwriter
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson

from mcs.harness.discrepancy import Discrepancy
from mcs.harness.reports.document import COULD_NOT_TELL, entry
from mcs.harness.reports.parts import identity_text
from mcs.harness.reports.report import Report

GUARD = "'"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", GUARD)
AS_JSON = ("identity", "story", "differences", "errors", "sent", "received")
COLUMNS = (
    "feed",
    "kind",
    "item",
    "explanation",
    "cause",
    "log_code",
    "sent_modified_at",
    "sent_request_id",
    "received_at",
    "received_request_id",
    "pointers",
    "key",
    *AS_JSON,
)
"""item: the identity as people write it. pointers: of the differences, by spaces. What stands in
AS_JSON is as in the JSON document, compact."""


def write(report: Report, out: IO[bytes]) -> None:
    """Writes the headings and a row per discrepancy."""
    _write(map(_row, report.result.discrepancies), out)


def write_failure(message: str, out: IO[bytes]) -> None:
    """Writes one row of the kind `could_not_tell`: an empty table would say "in sync"."""
    _write([{"kind": COULD_NOT_TELL, "explanation": message}], out)


def guarded(text: str) -> str:
    """The text as no spreadsheet takes it for a formula.

    >>> guarded("=1+1"), guarded("A-1"), unguarded(guarded("'quoted'"))
    ("'=1+1", 'A-1', "'quoted'")
    """
    return f"{GUARD}{text}" if text.startswith(STARTS_A_FORMULA) else text


def unguarded(text: str) -> str:
    """What `guarded` made this of."""
    return text.removeprefix(GUARD)


def _write(rows: Iterable[Mapping[str, str]], out: IO[bytes]) -> None:
    text = getwriter("utf-8")(out, "backslashreplace")
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for row in rows:
        table.writerow({name: guarded(value) for name, value in row.items()})


def _row(one: Discrepancy) -> Mapping[str, str]:
    values = entry(one)
    sent, received = one.sent or {}, one.received or {}
    return {
        "feed": one.feed,
        "kind": one.kind,
        "item": identity_text(one.identity, one.key),
        "explanation": one.explanation,
        "cause": one.cause,
        "log_code": one.log_code or "",
        "sent_modified_at": _text(sent.get("modified_at")),
        "sent_request_id": _text(sent.get("request_id")),
        "received_at": _text(received.get("received_at")),
        "received_request_id": _text(received.get("request_id")),
        "pointers": " ".join(place.pointer for place in one.differences),
        "key": one.key,
        **{name: orjson.dumps(values[name]).decode() for name in AS_JSON},
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)
