"""The log files that support engineers read, in Commerce's places and line format.

Source: seed, Troubleshooting; contract/lifecycle.md, "Logs". No key or token is ever written.
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from mcs.contract.canonical import Item
from mcs.contract.catalog import CONVERTED_NOTE
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus, stored_status
from mcs.exporter.service import Service
from mcs.exporter.submit import Reply

MAX_BYTES = 256 * 1024 * 1024
KEPT_FILES = 5


class LogFile:
    """A log with all its lines in one file, and its errors in another as well."""

    def __init__(self, log_dir: Path, name: str) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        # A logger of our own, outside the global tree: two syncs in a process do not share files.
        self._logger = logging.Logger(name, logging.INFO)
        self._add_file(log_dir / f"{name}.log", logging.INFO)
        self._add_file(log_dir / f"{name}-errors.log", logging.ERROR)

    def info(self, text: str) -> None:
        """Writes a line of level INFO; the text may have line breaks."""
        self._logger.info("%s", text)

    def warning(self, text: str) -> None:
        """Writes a line of level WARNING."""
        self._logger.warning("%s", text)

    def error(self, text: str) -> None:
        """Writes a line of level ERROR, to both files."""
        self._logger.error("%s", text)

    def close(self) -> None:
        """Closes the files."""
        for handler in list(self._logger.handlers):
            self._logger.removeHandler(handler)
            handler.close()

    def _add_file(self, path: Path, level: int) -> None:
        handler = RotatingFileHandler(
            path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, delay=True, encoding="utf-8"
        )
        handler.setLevel(level)
        handler.setFormatter(_Line())
        self._logger.addHandler(handler)


class TransmissionLog:
    """saas-export.log and, for errors alone, saas-export-errors.log.

    extended: every batch is written with its payload, as pretty-printed JSON over many lines. It
    has the feed items; where they are converted for the ingestion API, a line before it says so.
    """

    def __init__(self, file: LogFile, service: Service, *, extended: bool) -> None:
        self._file = file
        self._service = service
        self._extended = extended

    def batch(self, feed: Feed, items: Sequence[Item], reply: Reply) -> None:
        """Notes one batch: its payload if that is wanted, and its failure if there is one."""
        if self._extended:
            if self._service.client is not None:
                self._file.info(f"{CONVERTED_NOTE}{self._service.data_space_id} [] []")
            payload = {"feed": feed.name, "data": list(items)}
            self._file.info(f"{php_json(payload, indent=4)} [] []")
        if any(outcome.status not in _GOOD for outcome in reply.outcomes):
            code, sentence, is_error = _code(reply)
            line = f"{code} {sentence} {php_json(self._context(feed, reply))} []"
            (self._file.error if is_error else self._file.warning)(line)

    def _context(self, feed: Feed, reply: Reply) -> dict[str, object]:
        failed = {
            str(index): {"message": outcome.error, "status": int(outcome.status)}
            for index, outcome in enumerate(reply.outcomes)
            if outcome.error and outcome.status not in _GOOD
        }
        return {
            "environment_id": self._service.data_space_id,
            "metadata": [reply.request_id],
            "status_code": int(_batch_status(reply)),
            "feed": feed.name,
            "reason": reply.reason,
            "route": dict(self._service.routes).get(feed.name, feed.route),
            "base_uri": self._service.base_url,
            "failedItems": failed if reply.http_status in (200, 400) else {},
        }


def _batch_status(reply: Reply) -> ExportStatus:
    """What the items carry that the failure does not name."""
    return ExportStatus.RETRYABLE if reply.http_status is None else stored_status(reply.http_status)


_GOOD = (ExportStatus.SUBMITTED, ExportStatus.SKIPPED)


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        return f"[{moment}] report.{record.levelname}: {record.getMessage()}"


def php_json(value: object, indent: int | None = None) -> str:
    """JSON as PHP writes it: slashes and all letters beyond ASCII are escaped."""
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(value, indent=indent, separators=separators).replace("/", "\\/")


# Source: contract/lifecycle.md, "Log codes", group 02; those marked there with w are warnings.
def _code(reply: Reply) -> tuple[str, str, bool]:
    status = reply.http_status
    if status is None:
        return "CDE02-11", "The request was not answered, it will be retried.", False
    if status == 429:
        return "CDE02-07", "Too many requests, they will be retried.", False
    if status >= 500:
        return "CDE02-08", "The service failed, the request will be retried.", False
    if status in (200, 400):
        return "CDE02-09", "Items were refused, they are not retried until they change.", True
    if 400 <= status < 500:
        return "CDE02-10", "The request was refused, it will be retried.", False
    return "CDE02-12", "The request was not successful, it will be retried.", True
