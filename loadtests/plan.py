"""What a load test sends, and in which order: pure data, the same for whoever takes a part of it.

A scenario is a row of a table: its stages, and which users there are beside exporters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mcs.contract.dialects import FEEDS_DIALECT
from mcs.contract.feeds import FEEDS
from mcs.fixtures.items.version import EVERY
from mcs.loadtests.shapes import FLAT, Shape

PRICES = "prices"
MISBEHAVING = ("BadSignature", "Garbage", "HugeBody", "SlowBody")
"""Users that do wrong, by the names of their classes; one of each."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part that is over before the next one begins.

    since: the version the service knows already; only what differs from it is sent. None: all is
    sent. not_before_s: seconds after the start of the run.
    """

    feed: str
    version: int = 0
    since: int | None = None
    not_before_s: float = 0


@dataclass(frozen=True, slots=True)
class Tenant:
    """Who sends, and which catalog. seed: of the catalog. client_id, client_secret: for tokens of
    the ingestion API."""

    name: str
    data_space_id: str
    api_key: str
    private_key: str
    seed: int
    client_id: str = ""
    client_secret: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole load test. profile: a text for fixtures.profile_file. ahead: payloads are made and
    packed before the first request, into a file, so that sending costs the least. processes: that
    send; each needs an exporter. dialect: the API that they speak; feeds are those of Commerce."""

    scenario: str
    url: str
    profile: str
    tenants: tuple[Tenant, ...]
    stages: tuple[Stage, ...]
    misbehaving: tuple[str, ...] = ()
    users: int = 4
    shape: Shape = FLAT
    ahead: bool = False
    processes: int = 1
    dialect: str = FEEDS_DIALECT.name

    def as_document(self) -> dict[str, Any]:
        """The plan as JSON values."""
        return asdict(self)

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Plan":
        """What `as_document` made."""
        values = dict(document)
        values["tenants"] = tuple(Tenant(**one) for one in values["tenants"])
        values["stages"] = tuple(Stage(**one) for one in values["stages"])
        values["misbehaving"] = tuple(values["misbehaving"])
        values["shape"] = Shape(**values["shape"])
        return cls(**values)

    @property
    def fewest_users(self) -> int:
        """How many there must be, so that each process has an exporter."""
        return len(self.misbehaving) + self.processes

    @property
    def feeds_by_version(self) -> dict[int, list[str]]:
        """Which version of each feed the service holds in the end, by version."""
        last = {stage.feed: stage.version for stage in self.stages}
        found: dict[int, list[str]] = {}
        for feed, version in last.items():
            found.setdefault(version, []).append(feed)
        return found


@dataclass(frozen=True, slots=True)
class Wish:
    """What a scenario is asked for. rounds: of updates. every_s: from one round to the next."""

    feeds: Sequence[str] = tuple(FEEDS)
    rounds: int = 5
    every_s: float = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of load. tenants: data spaces that send at the same time."""

    title: str
    stages: Callable[[Wish], Iterator[Stage]]
    tenants: int = 1
    misbehaving: tuple[str, ...] = field(default=())


def initial_sync(wish: Wish) -> Iterator[Stage]:
    """All items of all feeds, feed by feed in the order of an initial sync.

    >>> [stage.feed for stage in initial_sync(Wish(feeds=("prices", "products")))]
    ['products', 'prices']
    """
    yield from (Stage(feed) for feed in FEEDS if feed in wish.feeds)


def update_storm(wish: Wish) -> Iterator[Stage]:
    """An initial sync, then round after round what each version of the catalog changed.

    >>> [(stage.version, stage.since) for stage in update_storm(Wish(("prices",), rounds=2))]
    [(0, None), (1, 0), (2, 1)]
    """
    yield from initial_sync(wish)
    for version in range(1, wish.rounds + 1):
        at_s = wish.every_s * (version - 1)
        for feed in FEEDS:
            if feed in wish.feeds:
                yield Stage(feed, version, version - 1, at_s)


def price_wave(wish: Wish) -> Iterator[Stage]:
    """An initial sync, then new prices for every product, as a sale brings them."""
    yield from initial_sync(replace(wish, feeds=(*wish.feeds, PRICES)))
    for wave in range(wish.rounds):
        since = EVERY[PRICES] * wave
        yield Stage(PRICES, since + EVERY[PRICES], since, wish.every_s * wave)


SCENARIOS: Mapping[str, Scenario] = {
    "initial-sync": Scenario("All items of all feeds, in order", initial_sync),
    "update-storm": Scenario("Partial syncs, one after the other", update_storm),
    "price-wave": Scenario("New prices for every product at once", price_wave),
    "mixed-tenants": Scenario("Several shops at once, updates among them", update_storm, 3),
    "misbehaving": Scenario(
        "An initial sync among clients that do wrong", initial_sync, 1, MISBEHAVING
    ),
}
"""The kinds of load by name."""
