"""Ties each failure in a log to the batch it tells of. Pure.

A payload does not name its request. Its failure follows it, in the same process, before that sends
the next batch of the feed (contract/lifecycle.md, "Logs").
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mcs.harness.logs.entries import Entry, Failure, Payload

REMEMBERED = 8
REMEMBERED_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """One logged batch. number: its place in the order of all batches. place: of its file.

    failure: None if none was logged, which stands for success. It is also so in a dry run, which
    logs its payloads like any other.
    """

    payload: Payload
    place: str
    number: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Loose:
    """A failure of a batch that is not in the log."""

    failure: Failure
    place: str


def batches(entries: Iterable[tuple[str, Entry]]) -> Iterator[Batch | Loose]:
    """The batches of a log, and the failures of batches that it does not hold.

    entries: with the place each is from. Memory: some batches of each feed, and the ids of the
    requests that failed.
    """
    waiting = _Waiting()
    tied: set[str] = set()
    for place, entry in entries:
        if isinstance(entry, Payload):
            yield from waiting.add(place, entry)
        elif isinstance(entry, Failure) and _is_of_a_batch(entry):
            # The log of errors repeats what stands in the log.
            if entry.request_id in tied:
                continue
            batch = waiting.taken(entry)
            if batch is None:
                yield Loose(entry, place)
            else:
                tied |= {entry.request_id} if entry.request_id else set()
                yield Batch(batch.payload, batch.place, batch.number, entry)
    yield from waiting.all()


def _is_of_a_batch(failure: Failure) -> bool:
    return failure.feed is not None and failure.status_code is not None


@dataclass(slots=True)
class _Waiting:
    """Batches whose failure may still come, by feed, oldest first."""

    by_feed: dict[str, deque[Batch]] = field(default_factory=lambda: defaultdict(deque))
    count: int = 0
    size: int = 0

    def add(self, place: str, payload: Payload) -> Iterator[Batch]:
        """Remembers a batch; yields those that are let go for it."""
        self.count += 1
        mine = self.by_feed[payload.feed]
        mine.append(Batch(payload, place, self.count))
        self.size += payload.length
        if len(mine) > REMEMBERED:
            yield self._gone(mine)
        while self.size > REMEMBERED_BYTES:
            yield self._gone(min(filter(None, self.by_feed.values()), key=_number_of_oldest))

    def taken(self, failure: Failure) -> Batch | None:
        """The batch that a failure tells of: the one it repeats, or the last that can be it."""
        mine = self.by_feed.get(failure.feed or "", deque())
        last_index = max(failure.failed_items, default=-1)
        for batch in reversed(mine):
            items = batch.payload.items
            if last_index < len(items) and failure.items in (None, items):
                mine.remove(batch)
                self.size -= batch.payload.length
                return batch
        return None

    def all(self) -> list[Batch]:
        """Those that no failure was logged of."""
        return [batch for mine in self.by_feed.values() for batch in mine]

    def _gone(self, mine: deque[Batch]) -> Batch:
        batch = mine.popleft()
        self.size -= batch.payload.length
        return batch


def _number_of_oldest(mine: deque[Batch]) -> int:
    return mine[0].number
