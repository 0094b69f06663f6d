"""Calls of the ingestion API with their answers, written down as a proxy records them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mcs.contract.catalog import CATALOG_FEEDS
from tests.server.catalog_client import CatalogClient

BEGUN = datetime(2026, 11, 22, 10, tzinfo=UTC)


@dataclass(slots=True)
class Recorder:
    """A client whose calls are recorded, a second after each other."""

    client: CatalogClient
    entries: list[dict[str, Any]] = field(default_factory=list)

    def call(
        self, feed: str, items: list[Any], method: str = "POST", *, delete: bool = False
    ) -> int:
        """Makes a call; the status of its answer."""
        answer = self.client.call(feed, items, method, delete=delete)
        route = CATALOG_FEEDS[feed].route + ("/delete" if delete else "")
        said = (answer.status, answer.data.decode())
        self.entries.append(
            entry(method, self.client.space.id, route, items, said, at=len(self.entries))
        )
        return answer.status

    def write(self, folder: Path) -> str:
        """The archive's place."""
        return archive(folder, *self.entries)


def entry(
    method: str,
    tenant: str,
    route: str,
    items: list[Any],
    answer: tuple[int, str] = (200, ""),
    *,
    at: float = 0,
) -> dict[str, Any]:
    """One recorded call. at: seconds."""
    status, text = answer
    return {
        "startedDateTime": (BEGUN + timedelta(seconds=at)).isoformat(),
        "request": {
            "method": method,
            "url": f"https://na1.api.example/{tenant}/{route}",
            "headers": [{"name": "Authorization", "value": "Bearer secret-token"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(items)},
        },
        "response": {"status": status, "headers": [], "content": {"text": text}},
    }


def archive(folder: Path, *entries: Any) -> str:
    """The place of an HTTP archive with these entries."""
    path = folder / "recorded.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), "utf-8")
    return str(path)
