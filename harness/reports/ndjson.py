"""The discrepancies as NDJSON: one line each, in the form they have in the JSON document."""

from typing import IO

import orjson

from mcs.harness.reports.document import entry, failure_document
from mcs.harness.reports.report import Report


def write(report: Report, out: IO[bytes]) -> None:
    """Writes a line per discrepancy; in sync is an empty file."""
    for one in report.result.discrepancies:
        out.write(orjson.dumps(entry(one), option=orjson.OPT_APPEND_NEWLINE))


def write_failure(message: str, out: IO[bytes]) -> None:
    """Writes one line whose `error` says why there is no verdict."""
    out.write(orjson.dumps(failure_document(message), option=orjson.OPT_APPEND_NEWLINE))
