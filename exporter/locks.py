"""One sync per feed at a time, by a lock that a dead process does not keep.

Source: contract/lifecycle.md, "Lock".
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mcs.contract.feeds import Feed


class FeedLocked(Exception):
    """Another process syncs this feed. holder: its operation and process id."""

    def __init__(self, feed: Feed, holder: str) -> None:
        super().__init__(f'operation skipped - process locked by "{holder}"')
        self.feed = feed
        self.holder = holder


@contextmanager
def feed_lock(folder: Path, feed: Feed, operation: str) -> Iterator[None]:
    """Holds the feed while the block runs. Raises FeedLocked at once if another does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"feed_sync_{feed.name}.lock")
    holder = folder / f"feed_sync_{feed.name}.holder"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise FeedLocked(feed, _read(holder)) from None
    try:
        holder.write_text(f"{operation}({os.getpid()})", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read(holder: Path) -> str:
    try:
        return holder.read_text("utf-8")
    except FileNotFoundError:
        # It was released, or taken, at this very moment.
        return "another process"
