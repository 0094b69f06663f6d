"""The ways in which the service misbehaves on request, as its control API names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Scope(StrEnum):
    """What a rule with this action counts: whole requests, or the items in them."""

    REQUEST = "request"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Action:
    """One way to misbehave. parameters: their defaults, by name; None where it depends."""

    name: str
    scope: Scope
    help: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


_ALL = (
    Action(
        "answer",
        Scope.REQUEST,
        "answered as the parameters say; nothing is recorded",
        {"status": 500, "headers": {}, "body": ""},
    ),
    Action(
        "throttle",
        Scope.REQUEST,
        "answered 429 with Retry-After; nothing is recorded",
        {"retry_after_s": 60, "shape": "json"},
    ),
    Action(
        "maintenance",
        Scope.REQUEST,
        "answered 503 with Retry-After; nothing is recorded",
        {"retry_after_s": 300, "shape": "json"},
    ),
    Action(
        "stall",
        Scope.REQUEST,
        "the answer waits, by the clock on the wall",
        {"seconds": 30, "where": "before_answer"},
    ),
    Action(
        "trickle",
        Scope.REQUEST,
        "the answer comes in small pieces",
        {"piece_bytes": 1, "pause_s": 0.1},
    ),
    Action(
        "reset",
        Scope.REQUEST,
        "the connection is reset instead of an answer",
        {"recorded": True},
    ),
    Action(
        "close",
        Scope.REQUEST,
        "the connection is closed without an answer",
        {"recorded": True},
    ),
    Action(
        "half_close",
        Scope.REQUEST,
        "the connection is closed after the answer's headers",
        {"sent_bytes": 0, "recorded": True},
    ),
    Action(
        "truncate",
        Scope.REQUEST,
        "the answer is shorter than its Content-Length",
        {"missing_bytes": 16, "recorded": True},
    ),
    Action(
        "malform",
        Scope.REQUEST,
        "the answer's body is no JSON",
        {"body": '{"feedItemReceivedCount": 1, "invalid'},
    ),
    Action("drop_write", Scope.REQUEST, "answered as if it were recorded, and nothing is"),
    Action(
        "skew",
        Scope.REQUEST,
        "the clock that checks the signature is wrong by some seconds",
        {"seconds": 3600},
    ),
    Action(
        "replay",
        Scope.REQUEST,
        "the batch is recorded once more after further requests",
        {"requests": 1},
    ),
    Action("reorder", Scope.REQUEST, "the batch's items are recorded from last to first"),
    Action("lose", Scope.ITEM, "answered as accepted, yet not recorded"),
    Action(
        "reject",
        Scope.ITEM,
        "refused though it is valid",
        {
            "pointer": "",
            "code": "invalid_value",
            "message": "The service refused this item.",
            "shape": None,
        },
    ),
    Action(
        "corrupt",
        Scope.ITEM,
        "one field is recorded with another value than was sent",
        {"pointer": None, "value": None},
    ),
    Action("duplicate", Scope.ITEM, "recorded twice in the same request"),
    Action(
        "late",
        Scope.ITEM,
        "recorded later, over what came since",
        {"delay_s": None, "requests": None},
    ),
    Action("stale", Scope.ITEM, "an older version is written over it again"),
    Action("lose_delete", Scope.ITEM, "a delete is answered as accepted, yet not recorded"),
)

ACTIONS: Mapping[str, Action] = {action.name: action for action in _ALL}
