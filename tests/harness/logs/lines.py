"""Lines of an exporter's logs, as tests write them."""

import json
from typing import Any

AT = "2026-11-22T19:10:15.123456+00:00"
DATA_SPACE = "3f1c7e1e-0000-4000-8000-000000000001"


def log_line(text: str, level: str = "INFO", at: str = AT) -> bytes:
    """Any line."""
    return f"[{at}] report.{level}: {text}\n".encode()


def payload(feed: str, items: list[Any], at: str = AT) -> bytes:
    """A batch, pretty-printed over many lines."""
    said = json.dumps({"feed": feed, "data": items}, indent=4).replace("/", "\\/")
    return log_line(f"{said} [] []", at=at)


def progress(feed: str, status: str) -> bytes:
    """A line of commerce-data-export.log."""
    said = {
        "feed": feed,
        "operation": "full sync",
        "status": status,
        "elapsed": "383 ms",
        "pid": "main(1)::child(2)",
        "caller": "bin/magento saas:resync",
    }
    return log_line(f"{json.dumps(said)} [] []")


def failure(feed: str, code: str = "CDE02-09", **context: Any) -> bytes:
    """A failed request; context: changes to what it says."""
    said = {
        "environment_id": DATA_SPACE,
        "metadata": ["r-1"],
        "status_code": 400,
        "feed": feed,
        "reason": "Bad Request",
        "failedItems": {},
        **context,
    }
    text = json.dumps(said, ensure_ascii=False)
    return log_line(f"{code} API request was not successful. {text} []", "ERROR")
