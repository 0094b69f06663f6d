"""What mends a discrepancy: the commands as a person types them at a shop, or in words for any
other exporter."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mcs.called import MAGENTO
from mcs.contract.dialects import ALL_FEEDS

SENT_BY_IDS = frozenset({"products", "prices", "productOverrides"})
"""Feeds whose items every genuine exporter sends one by one
(contract/lifecycle.md, "saas:resync options")."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """sync: collects a feed again and sends what is due. resend: sends an item again that the
    exporter believes to be in order, by feed and identity. force: sends a whole feed again, with
    its deletions. cleanup: makes the exporter forget what it sent of a feed, and send all of it."""

    sync: Callable[[str], str]
    resend: Callable[[str, Mapping[str, str]], str]
    force: Callable[[str], str]
    cleanup: Callable[[str], str]


def _sync(feed: str) -> str:
    return _again(feed) or f"`{_resync(feed)}`"


def _resend(feed: str, identity: Mapping[str, str]) -> str:
    """
    >>> _resend("categories", {"categoryId": "7", "storeViewCode": "default"})
    '`bin/magento saas:resync --feed categories --no-reindex`'
    """
    whole = _again(feed) or f"`{_resync(feed)} --no-reindex`"
    sku = identity.get("sku", "")
    # A comma would make two ids of it.
    if feed not in SENT_BY_IDS or not sku or "," in sku:
        return whole
    return f"`{_resync(feed)} --by-ids {shlex.quote(sku)}`, or the whole feed with {whole}"


def _force(feed: str) -> str:
    return _again(feed) or f"`{_resync(feed)} --force`"


def _cleanup(feed: str) -> str:
    return _again(feed) or f"`{_resync(feed)} --cleanup-feed`"


def _resync(feed: str) -> str:
    known = ALL_FEEDS.get(feed)
    return f"{MAGENTO} saas:resync --feed {known.cli_names[-1] if known else feed}"


def _again(feed: str) -> str | None:
    """How items of a feed are sent that Commerce does not export under its name."""
    known = ALL_FEEDS.get(feed)
    return None if known is None or known.indexer else f"`POST /<data space>/{known.route}`"


OF_COMMERCE = Remedies(_sync, _resend, _force, _cleanup)
OF_ANY = Remedies(
    sync=lambda feed: _again(feed) or f"the exporter's sync of {feed}",
    resend=lambda feed, _: _again(feed) or f"by itself, or with all of {feed}",
    force=lambda feed: _again(feed) or f"by itself, or with all of {feed}, deletions included",
    cleanup=lambda feed: _again(feed) or f"a full sync of {feed} by the exporter",
)
