"""Resyncs that were asked for at the service's dashboard.

A mock service is asked over its control API; the real one has none, and is never asked again in
the same pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    try:
        with exporter.engine.connect() as connection:
            service = configured_service(connection, list(FEEDS))
    except UsageError:
        return
    url = f"{service.base_url.rstrip('/')}/control/data-spaces/{service.data_space_id}/resyncs"
    token = exporter.settings.control_token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib3.PoolManager(retries=False, timeout=TIMEOUT, headers=headers) as pool:
        for entry in _waiting(pool, url):

            def report(state: str, number: int = entry["id"]) -> None:
                _tell(pool, f"{url}/{number}", state)

            feeds, ids = (_named(entry.get(name)) for name in ("feeds", "ids"))
            yield Requested(entry["id"], feeds, ids, bool(entry.get("now")), report)


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
