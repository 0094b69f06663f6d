"""The journal in charts: items and refusals, latency, size. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mcs.server.store.journal import Sample

BARS = 30
LONGEST = timedelta(hours=1)
SHORTEST = timedelta(seconds=BARS)
PERCENTILES = (50, 95, 99)
SPAN = "the newest {requests:,} requests, {bar:g} s a bar"
NOTHING = "no request within the last hour"


@dataclass(frozen=True, slots=True)
class TrafficChart:
    """kind: bars or lines. series: by name, a value per label; None where there is none. latest:
    the last bar in words."""

    title: str
    kind: str
    labels: tuple[str, ...]
    series: Mapping[str, tuple[float | None, ...]]
    latest: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """The charts of one data space. span: what they are drawn from."""

    span: str
    charts: tuple[TrafficChart, ...]


def traffic(samples: Sequence[Sample], now: datetime) -> Traffic:
    """The charts of some requests, newest first; those older than an hour are left out."""
    times = [datetime.fromisoformat(sample.received_at) for sample in samples]
    recent = [(t, s) for t, s in zip(times, samples, strict=True) if now - t < LONGEST]
    if not recent:
        return Traffic(NOTHING, ())
    width = max(now - recent[-1][0], SHORTEST) / BARS
    begin = now - width * BARS
    bars: list[list[Sample]] = [[] for _ in range(BARS)]
    for moment, sample in recent:
        bars[max(0, min(BARS - 1, int((moment - begin) / width)))].append(sample)
    seconds = width.total_seconds()
    labels = tuple(f"{(begin + width * n).astimezone(UTC):%H:%M:%S}" for n in range(BARS))
    span = SPAN.format(requests=len(recent), bar=round(seconds, 1))
    return Traffic(span, _charts(labels, bars, seconds))


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that this many percent do not exceed; 0 of nothing.

    >>> percentile([5, 1, 4, 2, 3], 50), percentile([], 95)
    (3, 0.0)
    """
    ordered = sorted(values)
    return ordered[-(-len(ordered) * share // 100) - 1] if ordered else 0.0


def _charts(
    labels: tuple[str, ...], bars: Sequence[Sequence[Sample]], seconds: float
) -> tuple[TrafficChart, ...]:
    accepted = tuple(round(sum(s.accepted for s in bar) / seconds, 2) for bar in bars)
    refused = tuple(float(sum(s.rejected for s in bar)) for bar in bars)
    took = [[s.duration_ms for s in bar] for bar in bars]
    # Where nothing was asked nothing was answered, at no speed.
    latency = {
        f"p{p}": tuple(percentile(bar, p) if bar else None for bar in took) for p in PERCENTILES
    }
    kilobytes = tuple(round(sum(s.body_bytes for s in bar) / 1000 / seconds, 2) for bar in bars)
    every = [ms for bar in took for ms in bar]
    overall = ", ".join(f"p{p} {percentile(every, p):.1f}" for p in PERCENTILES)
    return (
        TrafficChart("Items per second", "bars", labels, {"items": accepted}, _peak(accepted)),
        TrafficChart("Items refused", "bars", labels, {"refused": refused}, _sum(refused)),
        TrafficChart("Milliseconds to the answer", "lines", labels, latency, overall),
        TrafficChart("Kilobytes per second", "bars", labels, {"kB": kilobytes}, _peak(kilobytes)),
    )


def _peak(values: Sequence[float]) -> str:
    return f"peak {max(values):,.0f}"


def _sum(values: Sequence[float]) -> str:
    return f"{sum(values):,.0f} in all"
