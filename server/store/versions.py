"""Every accepted write that is remembered, read as one table.

The current version of an item stands in `items` alone, if the request that brought it wrote it as
well; all others stand in `item_versions`. So what comes for the first time is written once.
"""

from typing import Any

from sqlalchemy import Text, cast, null, select, union_all
from sqlalchemy.orm import aliased

from mcs.server.store.tables import Items, ItemVersions

_NAMES = [column.name for column in ItemVersions.__table__.columns]
_FROM_CURRENT: dict[str, Any] = {
    "written": Items.request.label("written"),
    "written_at": cast(null(), Text).label("written_at"),
}
_CURRENT: list[Any] = [_FROM_CURRENT.get(name, getattr(Items, name, None)) for name in _NAMES]

Versions = aliased(
    ItemVersions,
    union_all(
        select(*(getattr(ItemVersions, name) for name in _NAMES)),
        select(*_CURRENT).where(Items.place.is_not(None)),
    ).subquery("versions"),
)
"""With the columns of ItemVersions. Conditions on it reach both tables, and their indexes."""
