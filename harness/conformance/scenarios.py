"""What the exporter is led through: each scenario on a data space of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcs.contract.feeds import FEEDS
from mcs.harness.conformance.steps import StepKind

Rule = dict[str, Any]
"""A fault as the service's control API takes it."""

PRODUCTS = ("products",)
RETRY_PAUSE_S = 300
"""From one retry window to the next (contract/lifecycle.md, "Retry")."""
OUTAGE_S = 1_800


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take.

    In real time: stall_s, an answer that is late; held_s, each of the first two answers of a large
    sync; trickle_s, between the pieces of one. retry_after_s: what a throttled exporter is asked
    to wait, by the clock it lives by.
    """

    stall_s: float = 1.0
    held_s: float = 0.5
    trickle_s: float = 0.02
    retry_after_s: int = 60


REAL_PACE = Pace(retry_after_s=2)
"""For exporters that wait in real time."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The exporter does a step."""

    kind: StepKind


@dataclass(frozen=True, slots=True)
class Break:
    """Faults are put in force. told: what they do, in words."""

    rules: Callable[[Pace], Sequence[Rule]]
    told: str


@dataclass(frozen=True, slots=True)
class Mend:
    """All faults end."""


@dataclass(frozen=True, slots=True)
class Revoke:
    """All tokens that the exporter was given end."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Time passes, where it is virtual."""

    seconds: int


Act = Ask | Break | Mend | Pause | Revoke


@dataclass(frozen=True, slots=True)
class Scenario:
    """feeds: what the exporter is asked to send. settings: of the data space."""

    name: str
    title: str
    acts: tuple[Act, ...]
    feeds: tuple[str, ...] = PRODUCTS
    settings: Mapping[str, Any] | None = None

    @property
    def steps(self) -> list[StepKind]:
        """The steps it asks for, in order."""
        return [act.kind for act in self.acts if isinstance(act, Ask)]


def _asked(*kinds: StepKind) -> tuple[Act, ...]:
    return tuple(map(Ask, kinds))


def _retries(times: int) -> tuple[Act, ...]:
    return (Pause(RETRY_PAUSE_S), Ask(StepKind.RETRY)) * times


def _always(told: str, *rules: Rule) -> Break:
    return Break(lambda _: [{"feed": "products", **rule} for rule in rules], told)


def _answer(status: int) -> Rule:
    return {"action": "answer", "count": 1, "parameters": {"status": status, "body": {}}}


def _after_a_fault(name: str, title: str, breaking: Break, **more: Any) -> Scenario:
    acts = (breaking, Ask(StepKind.INITIAL), *_retries(1), Mend(), *_LAST)
    return Scenario(name, title, acts, **more)


_LAST = (Pause(RETRY_PAUSE_S), Ask(StepKind.RECOVER))
_CUTS = {
    "reset": "reset",
    "close": "close",
    "half-close": "half_close",
    "truncate": "truncate",
}


def _cut(name: str, *, recorded: bool) -> Scenario:
    whether = "recorded" if recorded else "lost"
    rule = {"action": _CUTS[name], "count": 1, "parameters": {"recorded": recorded}}
    told = f"the first batch meets the fault {_CUTS[name]} and is {whether}"
    title = f"A connection breaks ({_CUTS[name]}), the batch is {whether}"
    return _after_a_fault(f"{name}-{whether}", title, _always(told, rule))


def _stalled(pace: Pace) -> list[Rule]:
    stall = {"feed": "products", "action": "stall", "parameters": {"seconds": pace.stall_s}}
    part = {"sent_bytes": 5, "recorded": False}
    cut = {"feed": "products", "action": "half_close", "parameters": part}
    return [{**stall, "count": 1}, {**cut, "count": 1}]


def _held(pace: Pace) -> list[Rule]:
    return [{"action": "stall", "count": 2, "parameters": {"seconds": pace.held_s}}]


def _trickling(pace: Pace) -> list[Rule]:
    parameters = {"piece_bytes": 4, "pause_s": pace.trickle_s}
    return [{"feed": "products", "action": "trickle", "count": 1, "parameters": parameters}]


def _throttling(pace: Pace) -> list[Rule]:
    parameters = {"retry_after_s": pace.retry_after_s}
    return [{"feed": "products", "action": "throttle", "count": 1, "parameters": parameters}]


_REJECT = {"action": "reject", "count": 1}
_DOWN = _always(
    "every request is answered 503",
    {"action": "maintenance", "parameters": {"retry_after_s": None}},
)
_REJECTED_ACTS = (
    _always("the first item is refused", _REJECT),
    Ask(StepKind.INITIAL),
    *_retries(1),
    *_asked(StepKind.CORRECT, StepKind.PARTIAL),
)

_ALL = (
    Scenario("initial", "A first sync of everything", _asked(StepKind.INITIAL), tuple(FEEDS)),
    Scenario(
        "again",
        "A second sync without a change",
        _asked(StepKind.INITIAL, StepKind.AGAIN),
        tuple(FEEDS),
    ),
    Scenario(
        "edit",
        "An edit and a partial sync",
        (Ask(StepKind.INITIAL), Pause(60), *_asked(StepKind.EDIT, StepKind.PARTIAL)),
    ),
    Scenario(
        "delete",
        "A delete, a partial sync, and two syncs more",
        (
            Ask(StepKind.INITIAL),
            Pause(60),
            *_asked(StepKind.DELETE, StepKind.PARTIAL),
            *_retries(1),
            Ask(StepKind.AGAIN),
        ),
    ),
    Scenario(
        "delete-in-outage",
        "A delete while the service is down",
        (
            Ask(StepKind.INITIAL),
            _DOWN,
            *_asked(StepKind.DELETE, StepKind.PARTIAL),
            Mend(),
            *_retries(1),
            *_LAST,
        ),
    ),
    Scenario(
        "unavailable",
        "Answers of 5xx, then recovery",
        (
            _always("500, 503, 502 and 504, one request each", *map(_answer, (500, 503, 502, 504))),
            Ask(StepKind.INITIAL),
            *_retries(3),
            Mend(),
            *_LAST,
        ),
    ),
    Scenario(
        "throttled",
        "An answer of 429 with Retry-After",
        (
            Break(_throttling, "the first request is answered 429 with Retry-After"),
            Ask(StepKind.INITIAL),
            *_retries(1),
            *_LAST,
        ),
    ),
    Scenario(
        "turned-away",
        "Answers of 401, 403, 404 and 413, then recovery",
        (
            _always(
                "401 by a clock gone wrong, then 403, 404 and 413, one request each",
                {"action": "skew", "count": 1, "parameters": {"seconds": 3_600}},
                *map(_answer, (403, 404, 413)),
            ),
            Ask(StepKind.INITIAL),
            *_retries(4),
            Mend(),
            *_LAST,
        ),
    ),
    _after_a_fault(
        "accepted", "An answer of 202", _always("the first request is answered 202", _answer(202))
    ),
    Scenario(
        "outage",
        "An outage of half an hour",
        (_DOWN, Ask(StepKind.INITIAL), *_retries(OUTAGE_S // RETRY_PAUSE_S), Mend(), *_LAST),
    ),
    Scenario(
        "overtaken",
        "An edit of what failed",
        (
            *_asked(StepKind.INITIAL, StepKind.EDIT),
            _DOWN,
            Pause(60),
            *_asked(StepKind.PARTIAL, StepKind.EDIT),
            Mend(),
            Pause(60),
            Ask(StepKind.PARTIAL),
            *_retries(1),
            *_LAST,
        ),
    ),
    Scenario("rejected", "An item is refused in a 400, then corrected", _REJECTED_ACTS),
    Scenario(
        "rejected-in-200",
        "An item is refused in a 200, then corrected",
        _REJECTED_ACTS,
        settings={"partial_failure": 200, "error_shape": "code"},
    ),
    _after_a_fault(
        "over-the-limit",
        "An item is refused as one too many",
        _always(
            "the first item is refused with items_limit_exceeded",
            {**_REJECT, "parameters": {"code": "items_limit_exceeded", "shape": "code"}},
        ),
    ),
    _after_a_fault(
        "bad-request",
        "A 400 that names no item",
        _always("the first request is answered 400", _answer(400)),
    ),
    Scenario(
        "parallel",
        "Two requests are answered late",
        (Break(_held, "the first two answers wait"), Ask(StepKind.INITIAL)),
        ("products", "prices"),
    ),
    _after_a_fault(
        "stall",
        "An answer waits, then breaks off",
        Break(_stalled, "the first answer waits, then breaks off; nothing is recorded"),
    ),
    _after_a_fault(
        "trickle",
        "An answer comes in small pieces",
        Break(_trickling, "the first answer comes in pieces of 4 bytes"),
    ),
    _after_a_fault(
        "malform",
        "A 200 with a body that is no JSON",
        _always("the body of the first answer is no JSON", {"action": "malform", "count": 1}),
    ),
    *(_cut(name, recorded=recorded) for name in _CUTS for recorded in (True, False)),
)

SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
