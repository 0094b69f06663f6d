"""What is kept of a valid item beside its text: its name, what it says, whether it lives. Pure."""

from collections.abc import Mapping
from hashlib import sha1
from typing import Any, NamedTuple

from mcs.contract.calls import Operation
from mcs.contract.canonical import canonical_json, content_hash, identity, key_of_values
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed


class Kept(NamedTuple):
    """key: of the identity, or the hash of an item that has none. modified_at: as it was sent."""

    key: str
    identity: Mapping[str, str] | None
    hash: str
    deleted: bool
    modified_at: str | None


def kept(feed: Feed, operation: Operation, item: Any, *, nameless: bool = False) -> Kept:
    """What is kept of an item that a request operates on.

    nameless: whether an item without an identity is kept, by its content. Raises MissingIdentity.
    """
    values: dict[str, str] | None = None
    try:
        values = identity(feed, item)
    except MissingIdentity:
        if not nameless:
            raise
    if isinstance(item, dict):
        hashed, modified_at = content_hash(feed, item), item.get(feed.timestamp)
    else:
        hashed, modified_at = _hash_of_value(item), None
    return Kept(
        hashed if values is None else key_of_values(values.values()),
        values,
        hashed,
        operation.deletes(item),
        modified_at if isinstance(modified_at, str) else None,
    )


def _hash_of_value(value: Any) -> str:
    return sha1(canonical_json(value), usedforsecurity=False).hexdigest()
