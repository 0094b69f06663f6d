"""What a load test measures: times of answers, items, bytes and rejections, second by second.

Measures add up, so that workers send what they have measured since they last did.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PER_MS = 1000


@dataclass(slots=True)
class Second:
    """What was answered within one second. wire_bytes: as sent, packed. size_bytes: of JSON."""

    items: int = 0
    wire_bytes: int = 0
    size_bytes: int = 0
    requests: int = 0
    rejections: int = 0


@dataclass(slots=True)
class Measures:
    """What a run, a process or a moment measured.

    times_ms: by feed, how many requests took how many milliseconds. items: accepted, by feed.
    rejections: by what they were for; of these, those that misbehaving clients asked for are in
    `expected`. errors: answers that should not have been, by what was said. given_up: items that
    were in the end not acknowledged. seconds: by second of the epoch. cpu_s: what sending took of
    the processes that send.
    """

    items: Counter[str] = field(default_factory=Counter)
    times_ms: dict[str, Counter[int]] = field(default_factory=dict)
    rejections: Counter[str] = field(default_factory=Counter)
    expected: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: dict[int, Second] = field(default_factory=dict)
    requests: int = 0
    resends: int = 0
    given_up: int = 0
    first_at: float = 0
    last_at: float = 0
    cpu_s: float = 0

    def answered(self, feed: str, began_at: float, took_s: float) -> Second:
        """Notes a request that was answered; returns the second in which that was."""
        ended_at = began_at + took_s
        self.requests += 1
        self.times_ms.setdefault(feed, Counter())[rounded_ms(took_s)] += 1
        self.first_at = min(self.first_at or began_at, began_at)
        self.last_at = max(self.last_at, ended_at)
        second = self.seconds.setdefault(int(ended_at), Second())
        second.requests += 1
        return second

    def add(self, other: "Measures") -> None:
        """Adds what others measured."""
        for counter in ("items", "rejections", "expected", "errors"):
            getattr(self, counter).update(getattr(other, counter))
        for feed, times in other.times_ms.items():
            self.times_ms.setdefault(feed, Counter()).update(times)
        for at, second in other.seconds.items():
            mine = self.seconds.setdefault(at, Second())
            for name in Second.__slots__:
                setattr(mine, name, getattr(mine, name) + getattr(second, name))
        for number in ("requests", "resends", "given_up", "cpu_s"):
            setattr(self, number, getattr(self, number) + getattr(other, number))
        if other.first_at:
            self.first_at = min(self.first_at or other.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)

    @property
    def total_items(self) -> int:
        """How many items were accepted."""
        return self.items.total()

    @property
    def duration_s(self) -> float:
        """From the first request to the last answer."""
        return self.last_at - self.first_at

    @property
    def items_per_s(self) -> float:
        """Accepted items by time."""
        return self.total_items / self.duration_s if self.duration_s else 0

    @property
    def error_rate(self) -> float:
        """The share of requests whose answer should not have been."""
        return self.errors.total() / self.requests if self.requests else 0

    def total(self, name: str) -> int:
        """The sum of a number of `Second`."""
        return sum(getattr(second, name) for second in self.seconds.values())

    def percentile_ms(self, feed: str, share: float) -> int | None:
        """The time within which so much of a feed's requests were answered; None without any.

        >>> measures = Measures()
        >>> for took_ms in range(1, 101):
        ...     _ = measures.answered("prices", 0, took_ms / 1000)
        >>> measures.percentile_ms("prices", 0.95)
        95
        """
        times = self.times_ms.get(feed)
        if not times:
            return None
        left = share * times.total()
        for took_ms in sorted(times):
            left -= times[took_ms]
            if left <= 1e-9:
                return took_ms
        return max(times)

    def as_document(self) -> dict[str, Any]:
        """The measures as JSON values."""
        return {
            "items": dict(self.items),
            "times_ms": {feed: _by_text(times) for feed, times in self.times_ms.items()},
            "rejections": dict(self.rejections),
            "expected": dict(self.expected),
            "errors": dict(self.errors),
            "seconds": {
                str(at): [getattr(second, name) for name in Second.__slots__]
                for at, second in self.seconds.items()
            },
            "requests": self.requests,
            "resends": self.resends,
            "given_up": self.given_up,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "cpu_s": self.cpu_s,
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Measures":
        """What `as_document` made."""
        values = dict(document)
        for counter in ("items", "rejections", "expected", "errors"):
            values[counter] = Counter(values[counter])
        values["times_ms"] = {
            feed: Counter({int(took): count for took, count in times.items()})
            for feed, times in values["times_ms"].items()
        }
        values["seconds"] = {int(at): Second(*numbers) for at, numbers in values["seconds"].items()}
        return cls(**values)


def rounded_ms(took_s: float) -> int:
    """Milliseconds to two digits, at least one: so that a long run has few different ones.

    >>> [rounded_ms(took_s) for took_s in (0.0004, 0.0231, 0.2372, 12.345)]
    [1, 23, 240, 12000]
    """
    took_ms = max(1, round(took_s * PER_MS))
    unit = int(10 ** max(0, len(str(took_ms)) - 2))
    return round(took_ms / unit) * unit


def _by_text(times: Counter[int]) -> dict[str, int]:
    return {str(took): count for took, count in times.items()}
