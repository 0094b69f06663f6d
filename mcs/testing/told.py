"""Errors that speak for themselves: of those pytest shows the test's line and not ours."""

from collections.abc import Callable
from typing import Any, TypeVar

from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell

T = TypeVar("T")


def speaks_for_itself(raised: Any) -> bool:
    """As a module's `__tracebackhide__`: True where the message tells all that a test needs.

    raised: pytest's ExceptionInfo. Our own faults keep their whole traceback.
    """
    return isinstance(raised.value, AssertionError | UsageError | CouldNotTell)


__tracebackhide__ = speaks_for_itself


def in_own_words(ask: Callable[[], T]) -> T:
    """What is answered; an error of another room is raised anew, so that it has no frames there."""
    try:
        return ask()
    except (UsageError, CouldNotTell) as error:
        raise type(error)(str(error)) from None
