"""What a request does to the items it carries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mcs.contract.feeds import Feed

TRUE_AS_SENT: tuple[Any, ...] = (True, "1")
"""How a feed item says that it is deleted; 1 equals True."""


class Operation(StrEnum):
    """send: each item says whether it is a delete. replace, merge, delete: the request does."""

    SEND = "send"
    REPLACE = "replace"
    MERGE = "merge"
    DELETE = "delete"

    def deletes(self, item: Any) -> bool:
        """True if this operation deletes what the item names.

        >>> Operation.DELETE.deletes({"sku": "A"}), Operation.SEND.deletes({"deleted": 1})
        (True, True)
        >>> Operation.REPLACE.deletes({"sku": "A", "deleted": True})
        False
        """
        if self is Operation.SEND:
            return isinstance(item, dict) and item.get("deleted") in TRUE_AS_SENT
        return self is Operation.DELETE


@dataclass(frozen=True, slots=True)
class Call:
    """One method on one route. schema: the name of the schema of the items that it takes."""

    feed: Feed
    operation: Operation
    method: str
    route: str
    schema: str
