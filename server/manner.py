"""How a batch is answered, by its dialect and the settings of its data space."""

from dataclasses import dataclass

from mcs.contract.answer import ErrorShape
from mcs.contract.calls import Call, Operation
from mcs.contract.dialects import AnswerBody, Dialect
from mcs.server.config import Settings

REFUSED = 400


@dataclass(frozen=True, slots=True)
class Manner:
    """refused_status: of an answer that refuses items. keeps_valid: whether the others are kept."""

    operation: Operation
    refused_status: int
    keeps_valid: bool
    shape: ErrorShape
    answer: AnswerBody
    content_type: str
    html_when_throttled: bool


def manner_of(call: Call, dialect: Dialect, settings: Settings) -> Manner:
    """How a call is answered. A dialect that takes all items or none leaves no choice in that."""
    return Manner(
        operation=call.operation,
        refused_status=settings.partial_failure if dialect.partial else REFUSED,
        keeps_valid=dialect.partial and settings.keep_valid_items,
        shape=ErrorShape(settings.error_shape),
        answer=dialect.answer,
        content_type=dialect.content_type,
        html_when_throttled=dialect.html_when_throttled,
    )
