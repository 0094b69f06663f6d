"""The commands that mend a discrepancy, as a person types them at the shop."""

import shlex
from collections.abc import Mapping

from mcs.called import MAGENTO
from mcs.contract.dialects import ALL_FEEDS

SENT_BY_IDS = frozenset({"products", "prices", "productOverrides"})
"""Feeds whose items every genuine exporter sends one by one
(contract/lifecycle.md, "saas:resync options")."""


def sync(feed: str) -> str:
    """Collects a feed again and sends what is due."""
    return _again(feed) or f"`{_resync(feed)}`"


def resend(feed: str, identity: Mapping[str, str]) -> str:
    """Sends an item again that the exporter believes to be in order.

    >>> resend("categories", {"categoryId": "7", "storeViewCode": "default"})
    '`bin/magento saas:resync --feed categories --no-reindex`'
    """
    whole = _again(feed) or f"`{_resync(feed)} --no-reindex`"
    sku = identity.get("sku", "")
    # A comma would make two ids of it.
    if feed not in SENT_BY_IDS or not sku or "," in sku:
        return whole
    return f"`{_resync(feed)} --by-ids {shlex.quote(sku)}`, or the whole feed with {whole}"


def force(feed: str) -> str:
    """Sends a whole feed again, with its deletions."""
    return _again(feed) or f"`{_resync(feed)} --force`"


def cleanup(feed: str) -> str:
    """Makes the exporter forget what it sent of a feed, and send all of it."""
    return _again(feed) or f"`{_resync(feed)} --cleanup-feed`"


def _resync(feed: str) -> str:
    known = ALL_FEEDS.get(feed)
    return f"{MAGENTO} saas:resync --feed {known.cli_names[-1] if known else feed}"


def _again(feed: str) -> str | None:
    """How items of a feed are sent that Commerce does not export under its name."""
    known = ALL_FEEDS.get(feed)
    return None if known is None or known.indexer else f"`POST /<data space>/{known.route}`"
