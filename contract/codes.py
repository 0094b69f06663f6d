"""How ids are written in feed items (contract/feeds.md, Conventions)."""

from base64 import b64encode
from functools import cache, lru_cache
from hashlib import md5, sha1


@cache
def customer_group_code(customer_group_id: int) -> str:
    """The code that stands for a customer group on the wire.

    >>> customer_group_code(0)
    'b6589fc6ab0dc82cf12099d1c2d40ab994e8410c'
    """
    return sha1(str(customer_group_id).encode(), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=4096)
def uid(*parts: str | int) -> str:
    """The id of an option or of one of its values.

    >>> uid("configurable", 144, 166)
    'Y29uZmlndXJhYmxlLzE0NC8xNjY='
    """
    return b64encode("/".join(map(str, parts)).encode()).decode()


def variant_id(parent_sku: str, child_sku: str) -> str:
    """The id of a variant: the same for the same two SKUs."""
    text = f"configurable/{parent_sku}/{child_sku}"
    return md5(text.encode(), usedforsecurity=False).hexdigest()
