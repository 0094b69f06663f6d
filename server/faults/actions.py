"""Every way to misbehave, as one table; the documentation is written from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mcs.contract.answer import ErrorShape
from mcs.server.faults import checks
from mcs.server.faults.checks import Check


class Scope(StrEnum):
    """What a rule counts, and what its conditions are about."""

    REQUEST = "request"
    ITEM = "item"


class Part(StrEnum):
    """What of a request's way an action changes.

    Of several rules that change the same part, the first that hits does it, and the request or
    item passes no further one. `content` and `copies` may be changed again and again.
    """

    SIGNATURE = "signature"
    WAIT = "wait"
    OUTCOME = "outcome"
    BODY = "body"
    DELIVERY = "delivery"
    JUDGEMENT = "judgement"
    CONTENT = "content"
    COPIES = "copies"
    MOMENT = "moment"
    ORDER = "order"
    REPLAY = "replay"


class Absent:
    """The default of a parameter that changes what happens by being left out."""


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that can be said of an action. expected: what fits, in words."""

    name: str
    default: Any
    help: str
    check: Check


@dataclass(frozen=True, slots=True)
class Action:
    """A way to misbehave. recorded: whether what it hits is recorded, be it late or altered; the
    parameter of that name has the last word."""

    name: str
    scope: Scope
    part: Part
    help: str
    parameters: tuple[Parameter, ...] = ()
    recorded: bool = True


CUTS = frozenset({"reset", "close", "half_close", "truncate"})
"""Actions after which the client has no whole answer."""

ONLY_ONE_DELAY = "parameters: give delay_s or requests, not both."

_RECORDED = Parameter(
    "recorded",
    True,
    "whether the batch is recorded before the connection is cut",
    checks.FLAG,
)
_RETRY_AFTER = "seconds in the header Retry-After; null: no such header"
_BODY_SHAPE = Parameter("shape", "json", "the body: json or html", checks.one_of("json", "html"))
_FURTHER = "further requests of the data space, of which the journal has each"

_ALL = (
    Action(
        "answer",
        Scope.REQUEST,
        Part.OUTCOME,
        "answered with what the parameters say; nothing is recorded",
        (
            Parameter("status", 500, "the HTTP status", checks.STATUS),
            Parameter("headers", {}, "further headers, by name", checks.HEADERS),
            Parameter("body", "", "a text as it is, or any other value as JSON", checks.ANYTHING),
        ),
        recorded=False,
    ),
    Action(
        "throttle",
        Scope.REQUEST,
        Part.OUTCOME,
        "answered with 429; nothing is recorded",
        (
            Parameter("retry_after_s", 60, _RETRY_AFTER, checks.or_null(checks.WHOLE)),
            _BODY_SHAPE,
        ),
        recorded=False,
    ),
    Action(
        "maintenance",
        Scope.REQUEST,
        Part.OUTCOME,
        "answered with 503; nothing is recorded",
        (
            Parameter("retry_after_s", 300, _RETRY_AFTER, checks.or_null(checks.WHOLE)),
            _BODY_SHAPE,
        ),
        recorded=False,
    ),
    Action(
        "drop_write",
        Scope.REQUEST,
        Part.OUTCOME,
        "answered as if it were recorded, and nothing is",
        recorded=False,
    ),
    Action(
        "stall",
        Scope.REQUEST,
        Part.WAIT,
        "the answer waits; what is recorded is recorded before",
        (
            Parameter("seconds", 30, "how long, by the clock on the wall", checks.WAIT),
            Parameter(
                "where",
                "before_answer",
                "before_answer, or after_headers: between them and the body",
                checks.one_of("before_answer", "after_headers"),
            ),
        ),
    ),
    Action(
        "trickle",
        Scope.REQUEST,
        Part.DELIVERY,
        "the answer's body comes in small pieces",
        (
            Parameter("piece_bytes", 1, "bytes in a piece", checks.ONE_OR_MORE),
            Parameter("pause_s", 0.1, "seconds before each piece", checks.WAIT),
        ),
    ),
    Action(
        "reset",
        Scope.REQUEST,
        Part.DELIVERY,
        "the connection is reset (RST) instead of an answer",
        (_RECORDED,),
    ),
    Action(
        "close",
        Scope.REQUEST,
        Part.DELIVERY,
        "the connection is closed in good order, without an answer",
        (_RECORDED,),
    ),
    Action(
        "half_close",
        Scope.REQUEST,
        Part.DELIVERY,
        "the connection is closed after the answer's headers",
        (
            Parameter("sent_bytes", 0, "bytes of the body that are still sent", checks.WHOLE),
            _RECORDED,
        ),
    ),
    Action(
        "truncate",
        Scope.REQUEST,
        Part.DELIVERY,
        "Content-Length promises more than is sent, then the connection is closed",
        (
            Parameter("missing_bytes", 16, "bytes too many in Content-Length", checks.ONE_OR_MORE),
            _RECORDED,
        ),
    ),
    Action(
        "malform",
        Scope.REQUEST,
        Part.BODY,
        "the answer's body is no JSON; its status and headers are as ever",
        (Parameter("body", '{"feedItemReceivedCount": 1, "invalid', "what is sent", checks.TEXT),),
    ),
    Action(
        "skew",
        Scope.REQUEST,
        Part.SIGNATURE,
        "the clock that checks the signature of this request goes wrong",
        (Parameter("seconds", 3600, "added to the clock; negative: it is late", checks.SECONDS),),
    ),
    Action(
        "replay",
        Scope.REQUEST,
        Part.REPLAY,
        "what is recorded of the batch is recorded once more later, over what came since",
        (Parameter("requests", 1, "after this many " + _FURTHER, checks.ONE_OR_MORE),),
    ),
    Action(
        "reorder",
        Scope.REQUEST,
        Part.ORDER,
        "the batch's items are recorded from the last to the first, which tells where an "
        "identity occurs twice: the first one stays; hits batches of two items or more",
    ),
    Action(
        "reject",
        Scope.ITEM,
        Part.JUDGEMENT,
        "named in invalidFeedItems though it is valid; passes no further rule",
        (
            Parameter("pointer", "", "JSON pointer of the field that is blamed", checks.POINTER),
            Parameter("code", "invalid_value", "the error's code", checks.WORD),
            Parameter(
                "message", "The service refused this item.", "the error's message", checks.TEXT
            ),
            Parameter(
                "shape",
                None,
                "field or code; null: as the data space has it",
                checks.or_null(checks.one_of(*(shape.value for shape in ErrorShape))),
            ),
        ),
        recorded=False,
    ),
    Action(
        "lose",
        Scope.ITEM,
        Part.MOMENT,
        "answered as accepted, yet not recorded; passes no further rule",
        recorded=False,
    ),
    Action(
        "lose_delete",
        Scope.ITEM,
        Part.MOMENT,
        "as lose, but hits only deletes",
        recorded=False,
    ),
    Action(
        "late",
        Scope.ITEM,
        Part.MOMENT,
        "recorded later, over what came since",
        (
            Parameter(
                "delay_s",
                None,
                "after this many seconds on the service's clock",
                checks.or_null(checks.DELAY),
            ),
            Parameter(
                "requests",
                None,
                f"after this many {_FURTHER}; 1 if there is no delay_s either",
                checks.or_null(checks.ONE_OR_MORE),
            ),
        ),
    ),
    Action(
        "stale",
        Scope.ITEM,
        Part.MOMENT,
        "after the write, the newest version of earlier requests with other content is written "
        "again over it; hits only items that have one",
    ),
    Action(
        "corrupt",
        Scope.ITEM,
        Part.CONTENT,
        "one field is recorded with another value than was sent; hits only items that have it, "
        "and without a pointer no deletes",
        (
            Parameter(
                "pointer",
                None,
                "JSON pointer of the field, which must be content and no identity; null: one is "
                "chosen by the seed",
                checks.or_null(checks.FIELD_POINTER),
            ),
            Parameter(
                "value",
                ABSENT,
                "what is recorded instead; left out: another value of the same type",
                checks.ANYTHING,
            ),
        ),
    ),
    Action("duplicate", Scope.ITEM, Part.COPIES, "recorded twice in the same request"),
)

ACTIONS: Mapping[str, Action] = {action.name: action for action in _ALL}


def action_names(scope: Scope, chosen: Callable[[Part], bool] = lambda _: True) -> frozenset[str]:
    """The names of the actions of a scope that change the chosen parts.

    >>> sorted(action_names(Scope.REQUEST, lambda part: part is Part.WAIT))
    ['stall']
    """
    return frozenset(
        action.name for action in _ALL if action.scope is scope and chosen(action.part)
    )
