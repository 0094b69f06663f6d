"""What the service's dashboard asks for, and is told of: resyncs, and when the windows open.

A mock service is asked over its control API; the real one has none, and is never asked again in
the same pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import urllib3

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.exporter.run import Exporter
from mcs.exporter.service import configured_service

TIMEOUT = urllib3.Timeout(connect=5, read=10)


@dataclass(frozen=True, slots=True)
class Requested:
    """One request. feeds: names, None for all. ids: feed ids of the items that are wanted, None
    for all. now: it does not wait for the window. report: tells the service its state."""

    id: int
    feeds: tuple[str, ...] | None
    ids: tuple[str, ...] | None
    now: bool
    report: Callable[[str], None]


def requested_resyncs(exporter: Exporter) -> Iterator[Requested]:
    """The requests that wait, oldest first. None if the service is away or knows no such thing."""
    base = _control_url(exporter)
    if base is None:
        return
    url = f"{base}/resyncs"
    with _pool(exporter) as pool:
        for entry in _waiting(pool, url):

            def report(state: str, number: int = entry["id"]) -> None:
                _tell(pool, f"{url}/{number}", state)

            feeds, ids = (_named(entry.get(name)) for name in ("feeds", "ids"))
            yield Requested(entry["id"], feeds, ids, bool(entry.get("now")), report)


def tell_windows(exporter: Exporter, opens: datetime, every: timedelta) -> bool:
    """Tells when the windows open, for the dashboard; True if the service took it.

    opens: when the next one does.
    """
    base = _control_url(exporter)
    if base is None:
        return False
    told = {"every_s": int(every.total_seconds()), "next_at": opens.isoformat()}
    with _pool(exporter) as pool:
        try:
            return pool.request("PUT", f"{base}/schedule", json=told).status == 200
        except urllib3.exceptions.HTTPError:
            return False


def _control_url(exporter: Exporter) -> str | None:
    try:
        with exporter.engine.connect() as connection:
            service = configured_service(connection, list(FEEDS))
    except UsageError:
        return None
    return f"{service.base_url.rstrip('/')}/control/data-spaces/{service.data_space_id}"


def _pool(exporter: Exporter) -> urllib3.PoolManager:
    token = exporter.settings.control_token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return urllib3.PoolManager(retries=False, timeout=TIMEOUT, headers=headers)


def _named(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _waiting(pool: urllib3.PoolManager, url: str) -> list[dict[str, Any]]:
    try:
        answer = pool.request("GET", f"{url}?state=requested")
    except urllib3.exceptions.HTTPError:
        return []
    if answer.status != 200:
        return []
    waiting: list[dict[str, Any]] = answer.json()["resyncs"]
    return waiting


def _tell(pool: urllib3.PoolManager, url: str, state: str) -> None:
    try:
        pool.request("PUT", url, json={"state": state})
    except urllib3.exceptions.HTTPError:
        # The sync itself matters; the dashboard will show the request as it last knew it.
        return
