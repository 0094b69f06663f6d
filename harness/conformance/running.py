"""Leads an exporter through scenarios at a live service, and has what was seen judged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import identity_key
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import MissingIdentity
from mcs.harness.conformance.observation import Name, Observation, SeenRequest
from mcs.harness.conformance.scenarios import (
    REAL_PACE,
    Ask,
    Break,
    Mend,
    Pace,
    Pause,
    Revoke,
    Scenario,
)
from mcs.harness.conformance.seen import refusals, seen_request
from mcs.harness.conformance.service import DataSpace, LiveService, ServiceClock
from mcs.harness.conformance.steps import (
    CHANGES,
    Exporter,
    NotSupported,
    Step,
    StepFailed,
    StepKind,
)
from mcs.harness.errors import CouldNotTell

NO_CATALOG_LINE = (
    "{path}, line {number}: expected one JSON object a line, such as "
    '{{"feed": "products", "identity": {{"sku": "A", "storeViewCode": "default"}}}}.'
)
NOT_DONE = "{scenario}: the exporter does not do the step {step}"
FAILED = "{scenario}: the step {step} {how}{silence}; what needs it is not observed{output}"
SILENCE = " and sent nothing"
PRINTED = ". It printed: {output}"

Watch = Callable[[Scenario], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """How the suite runs. work: a folder for the exporter's files, one below it per scenario.

    virtual: the exporter waits on the service's clock. parallel: requests allowed at a time.
    anew: each scenario gets a data space of its own; else one is emptied for each.
    """

    work: Path
    virtual: bool = False
    parallel: int = 1
    pace: Pace = field(default_factory=Pace)
    anew: bool = True

    @property
    def kept_pace(self) -> Pace:
        """The pace of faults: nobody waits for long in real time."""
        if self.virtual:
            return self.pace
        return replace(self.pace, retry_after_s=REAL_PACE.retry_after_s)


@dataclass
class Bench:
    """A service with what one run needs of it."""

    service: LiveService
    terms: Terms
    _space: DataSpace | None = None
    _settings: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def clock(self) -> ServiceClock:
        """The time that exporters live by."""
        return ServiceClock(self.service, virtual=self.terms.virtual)

    def data_space(self, scenario: Scenario) -> DataSpace:
        """An empty data space for a scenario."""
        if self._space is None or self.terms.anew:
            self._space = self.service.new_data_space(f"conformance: {scenario.name}")
            self._settings = self.service.settings(self._space.id)
        self.service.empty(self._space.id, {**self._settings, **(scenario.settings or {})})
        return self._space


def observations(
    exporter: Exporter, scenarios: Sequence[Scenario], bench: Bench, watch: Watch = lambda _: None
) -> Iterator[Observation]:
    """What the service saw in each scenario. Raises CouldNotTell if the service goes away."""
    for scenario in scenarios:
        watch(scenario)
        yield _Run(exporter, scenario, bench).observation()


class _Run:
    """One scenario under way."""

    def __init__(self, exporter: Exporter, scenario: Scenario, bench: Bench) -> None:
        self._exporter, self._scenario, self._bench = exporter, scenario, bench
        self._space = bench.data_space(scenario)
        self._work = bench.terms.work / scenario.name
        self._work.mkdir(parents=True, exist_ok=True)
        self._steps: list[StepKind] = []
        self._stopped = ""
        self._entries: list[tuple[int, dict[str, Any]]] = []

    def observation(self) -> Observation:
        for act in self._scenario.acts:
            if not self._stopped:
                self._do(act)
        self._bench.service.clear_faults(self._space.id)
        terms = self._bench.terms
        return Observation(
            scenario=self._scenario.name,
            steps=tuple(self._steps),
            requests=self._requests(),
            stopped=self._stopped,
            catalog=_catalog(self._work / "catalog.ndjson"),
            secrets=secrets_of(self._space),
            parallel=terms.parallel,
            virtual=terms.virtual,
            held_s=terms.kept_pace.held_s,
            retry_after_s=terms.kept_pace.retry_after_s,
        )

    def _do(self, act: object) -> None:
        match act:
            case Ask(kind):
                self._ask(kind)
            case Break(rules):
                for rule in rules(self._bench.terms.kept_pace):
                    self._bench.service.add_fault(self._space.id, rule)
            case Mend():
                self._bench.service.clear_faults(self._space.id)
            case Revoke():
                self._bench.service.revoke_tokens(self._space.id)
            case Pause(seconds):
                if self._bench.terms.virtual:
                    self._bench.clock.wait(seconds)

    def _ask(self, kind: StepKind) -> None:
        items = self._refused() if kind is StepKind.CORRECT else []
        step = Step(
            kind=kind,
            scenario=self._scenario.name,
            url=self._bench.service.url,
            data_space=self._space.id,
            api_key=self._space.api_key,
            private_key=self._space.private_key,
            client_id=self._space.client_id,
            client_secret=self._space.client_secret,
            feeds=self._scenario.feeds,
            work=self._work,
            clock=self._bench.clock,
            items=items,
        )
        failure = None
        try:
            self._exporter(step)
        except NotSupported:
            self._stopped = NOT_DONE.format(scenario=self._scenario.name, step=kind)
        except StepFailed as error:
            failure = error
        sent = self._noted(len(self._steps))
        # Exporters fail where the service does, and then they have sent something.
        if failure is not None and (kind in CHANGES or not sent):
            self._stopped = FAILED.format(
                scenario=self._scenario.name,
                step=kind,
                how=failure,
                silence="" if kind in CHANGES else SILENCE,
                output=PRINTED.format(output=failure.output) if failure.output else "",
            )
        if not self._stopped:
            self._steps.append(kind)

    def _noted(self, step: int) -> int:
        """How many requests came in a step; they are kept."""
        last = self._entries[-1][1]["id"] if self._entries else 0
        found = self._bench.service.requests(self._space.id, after=last)
        self._entries += [(step, entry) for entry in found]
        return len(found)

    def _requests(self) -> list[SeenRequest]:
        service, space = self._bench.service, self._space.id
        refused = refusals(service.rejected(space))
        return [
            seen_request(entry, service.body(space, entry["id"]), step, refused)
            for step, entry in self._entries
            if step < len(self._steps)
        ]

    def _refused(self) -> list[dict[str, Any]]:
        return [
            {"feed": line["feed"], "identity": line["identity"]}
            for line in self._bench.service.rejected(self._space.id)
            if line["identity"] is not None
        ]


def secrets_of(space: DataSpace) -> dict[str, str]:
    """What must not be seen of a data space's credentials, by name."""
    lines = [line for line in space.private_key.splitlines() if line and "-----" not in line]
    return {
        "the API key": space.api_key,
        "the private key": lines[len(lines) // 2],
        "the client's secret": space.client_secret,
    }


def _catalog(path: Path) -> frozenset[Name] | None:
    if not path.is_file():
        return None
    names = set()
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            said = orjson.loads(line)
            feed = ALL_FEEDS[said["feed"]]
            names.add((feed.name, identity_key(feed, nested(said["identity"]))))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, MissingIdentity):
            raise CouldNotTell(NO_CATALOG_LINE.format(path=path, number=number)) from None
    return frozenset(names)


def nested(identity: Mapping[str, Any]) -> dict[str, Any]:
    """The identity as an item holds it.

    >>> nested({"id.websiteCode": "base", "id.categoryId": "2"})
    {'id': {'websiteCode': 'base', 'categoryId': '2'}}
    """
    item: dict[str, Any] = {}
    for path, value in identity.items():
        *outer, last = path.split(".")
        record = item
        for name in outer:
            record = record.setdefault(name, {})
        record[last] = value
    return item
