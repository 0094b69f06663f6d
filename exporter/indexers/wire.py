"""How Commerce's values are written in feed items (contract/feeds.md, Conventions)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mcs.fixtures.scopes import ADMIN

_WITHOUT_ZONE = len("2026-11-22 19:10:15")


def moment(value: datetime) -> str:
    """A moment in UTC, without a zone: `2026-11-22 19:10:15`."""
    return value.isoformat(sep=" ", timespec="seconds")[:_WITHOUT_ZONE]


def text(texts: Mapping[str, str], view_code: str) -> str:
    """The store view's own text, else that of all store views."""
    return texts.get(view_code) or texts[ADMIN]


def without_nulls(record: dict[str, Any]) -> dict[str, Any]:
    """The record without the keys that the exporter omits where it has no value."""
    return {name: value for name, value in record.items() if value is not None}
