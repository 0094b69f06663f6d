"""What tests read of the inspector's pages."""

from typing import Any

from tests.server.dashboard.conftest import Visitor

BAD = {"sku": "BAD", "storeViewCode": "default", "name": ["no", "name"]}


def listed(visitor: Visitor, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = visitor.json(path)["requests"]["table"]["rows"]
    return rows


def newest(visitor: Visitor, home: str) -> dict[str, Any]:
    """The page of the newest request."""
    number = listed(visitor, home + "inspect")[0]["id"]
    found: dict[str, Any] = visitor.json(f"{home}inspect/requests/{number}")
    return found
