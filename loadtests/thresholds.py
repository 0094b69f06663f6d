"""What a run is held to: read from one YAML file, then held against what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.loadtests.measures import Measures
from mcs.yaml_text import NotYaml, load_yaml

OWN = "thresholds.yaml"
DEFAULT = "default"
SHARES: Mapping[str, float] = {"p50_ms": 0.50, "p95_ms": 0.95, "p99_ms": 0.99}
PARTS = ("feeds", "error_rate", "items_per_s", "discrepancies")
UNREADABLE = "{name}: it cannot be read ({reason})."
NO_YAML = "{name}: line {line}: {reason}. Expected thresholds in YAML."
NO_MAPPING = "{name}: line {line}: {key}: got {value!r}, expected a mapping with some of: {known}."
UNKNOWN = '{name}: line {line}: "{key}" is not known here. Take of: {known}.'
NO_NUMBER = "{name}: line {line}: {key}: got {value!r}, expected a number of 0 or more."
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Check:
    """A threshold, and how the run did. wanted, measured: as text, with units."""

    group: str
    name: str
    wanted: str
    measured: str
    met: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is wanted. feeds: milliseconds at most, by feed (or DEFAULT) and by name in SHARES.
    None, or a name that is left out: nothing is wanted of it."""

    feeds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    error_rate: float | None = None
    items_per_s: float | None = None
    discrepancies: Mapping[str, float] = field(default_factory=dict)


def read_thresholds(path: Path | None = None) -> Thresholds:
    """The thresholds in a file; None: those that come with mcs. Raises UsageError."""
    if path is None:
        return parsed_thresholds(files(__package__).joinpath(OWN).read_text("utf-8"), OWN)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(UNREADABLE.format(name=path, reason=reason)) from None
    return parsed_thresholds(text, str(path))


def parsed_thresholds(text: str, name: str) -> Thresholds:
    """The thresholds in a YAML text. Raises UsageError with the line of what is wrong."""
    reader = _Reader(name)
    top = reader.mapping(_parsed(text, name), "thresholds", PARTS)
    feeds = reader.part(top, "feeds", (DEFAULT, *ALL_FEEDS))
    return Thresholds(
        feeds={
            feed: reader.numbers(reader.part(feeds, feed, tuple(SHARES)), SHARES) for feed in feeds
        },
        error_rate=reader.number(top, "error_rate"),
        items_per_s=reader.number(top, "items_per_s"),
        discrepancies=reader.numbers(
            reader.part(top, "discrepancies", tuple(DiscrepancyKind)), DiscrepancyKind
        ),
    )


def checks(
    wanted: Thresholds, measures: Measures, found: Mapping[DiscrepancyKind, int]
) -> Iterator[Check]:
    """Each threshold with its verdict. found: discrepancies by kind."""
    for feed in ALL_FEEDS:
        if feed in measures.times_ms:
            yield from _times(feed, wanted, measures)
    if wanted.error_rate is not None:
        rate = measures.error_rate
        yield Check(
            "answers",
            "error rate",
            f"at most {wanted.error_rate:.2%}",
            f"{rate:.2%}" if measures.requests else NOT_MEASURED,
            bool(measures.requests) and rate <= wanted.error_rate,
        )
    if wanted.items_per_s is not None:
        yield Check(
            "throughput",
            "items/s",
            f"at least {_shown(wanted.items_per_s)}",
            f"{_shown(measures.items_per_s)}",
            measures.items_per_s >= wanted.items_per_s,
        )
    for kind, most in wanted.discrepancies.items():
        count = found.get(DiscrepancyKind(kind), 0)
        yield Check("comparison", kind, f"at most {_shown(most)}", f"{count:,}", count <= most)


def _times(feed: str, wanted: Thresholds, measures: Measures) -> Iterator[Check]:
    limits = wanted.feeds.get(feed, wanted.feeds.get(DEFAULT, {}))
    for name, share in SHARES.items():
        took_ms = measures.percentile_ms(feed, share)
        if name in limits and took_ms is not None:
            most = limits[name]
            short = name.removesuffix("_ms")
            yield Check(
                feed, short, f"at most {_shown(most)} ms", f"{_shown(took_ms)} ms", took_ms <= most
            )


def _shown(value: float) -> str:
    """A number for people; a small one keeps what it would lose by rounding.

    >>> _shown(10_000.0), _shown(12.6), _shown(2.5), _shown(0.001), _shown(0)
    ('10,000', '13', '2.5', '0.001', '0')
    """
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.2g}"


class _Reader:
    """Takes values out of mappings that know their lines."""

    def __init__(self, name: str) -> None:
        self._name = name

    def mapping(self, value: Any, key: str, known: Any, line: int = 1) -> CommentedMap:
        names = ", ".join(known)
        if not isinstance(value, CommentedMap):
            told = {"name": self._name, "line": line, "key": key, "value": value}
            raise UsageError(NO_MAPPING.format(**told, known=names))
        for one in value:
            if one not in known:
                at = _line(value, one)
                raise UsageError(UNKNOWN.format(name=self._name, line=at, key=one, known=names))
        return value

    def part(self, whole: CommentedMap, key: str, known: Any) -> CommentedMap:
        if key not in whole:
            return CommentedMap()
        return self.mapping(whole[key], key, known, _line(whole, key))

    def numbers(self, part: CommentedMap, order: Any) -> dict[str, float]:
        found = {str(key): self.number(part, str(key)) for key in order if str(key) in part}
        return {key: value for key, value in found.items() if value is not None}

    def number(self, part: CommentedMap, key: str) -> float | None:
        if key not in part:
            return None
        value = part[key]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not value >= 0:
            told = {"name": self._name, "line": _line(part, key), "key": key}
            raise UsageError(NO_NUMBER.format(**told, value=value))
        return float(value)


def _parsed(text: str, name: str) -> Any:
    try:
        return load_yaml(text)
    except NotYaml as error:
        told = NO_YAML.format(name=name, line=error.line, reason=error.reason)
        raise UsageError(told) from None


def _line(whole: CommentedMap, key: str) -> int:
    place = whole.lc.data.get(key)
    return int(place[0] if place else whole.lc.line) + 1
