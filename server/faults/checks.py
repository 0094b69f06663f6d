"""Which values fit the parameters of faults, each check with the words that say so."""

import re
from collections.abc import Callable
from dataclasses import dataclass

LARGEST = 2**53 - 1
LONGEST_WAIT_S = 3600
LONGEST_DELAY_S = 10 * 366 * 86_400
LONGEST_TEXT = 1_000_000

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]{0,1000}")
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})
_POINTER = re.compile(r"(/([^~/]|~[01])*)*")
_WORD = re.compile(r"[!-~]{1,100}")


@dataclass(frozen=True, slots=True)
class Check:
    """expected: what fits, in words that follow "expected"."""

    expected: str
    fits: Callable[[object], bool]


def is_whole(value: object, least: int = 0) -> bool:
    """True for a whole number of at least this that a database can hold.

    >>> is_whole(3), is_whole(True), is_whole(3.0)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST


def is_number(value: object, least: float, most: float) -> bool:
    """True for a number within these bounds.

    >>> is_number(0.5, 0, 1), is_number("0.5", 0, 1), is_number(float("nan"), 0, 1)
    (True, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def is_text(value: object) -> bool:
    """True for a text that a database can hold."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and "\0" not in value


def is_pointer(value: object) -> bool:
    """True for a JSON pointer.

    >>> is_pointer("/images/0/url"), is_pointer(""), is_pointer("images")
    (True, True, False)
    """
    return isinstance(value, str) and bool(_POINTER.fullmatch(value))


def or_null(check: Check) -> Check:
    """The same, or null."""
    return Check(f"null or {check.expected}", lambda value: value is None or check.fits(value))


def one_of(*values: str) -> Check:
    """One of these texts."""
    return Check(
        "one of: " + ", ".join(values), lambda value: isinstance(value, str) and value in values
    )


def _is_headers(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str)
        and isinstance(text, str)
        and _HEADER_NAME.fullmatch(name)
        and _HEADER_VALUE.fullmatch(text)
        and name.lower() not in _FRAMING
        for name, text in value.items()
    )


ANYTHING = Check("any value", lambda _: True)
FLAG = Check("true or false", lambda value: isinstance(value, bool))
TEXT = Check("a text", is_text)
WORD = Check(
    "a word without spaces", lambda value: isinstance(value, str) and bool(_WORD.fullmatch(value))
)
WHOLE = Check("a whole number of 0 or more", is_whole)
ONE_OR_MORE = Check("a whole number of 1 or more", lambda value: is_whole(value, 1))
STATUS = Check(
    "a status from 200 to 599", lambda value: is_whole(value, 200) and is_number(value, 200, 599)
)
SECONDS = Check(
    f"a number of seconds from -{LONGEST_DELAY_S} to {LONGEST_DELAY_S}",
    lambda value: is_number(value, -LONGEST_DELAY_S, LONGEST_DELAY_S),
)
WAIT = Check(
    f"a number of seconds from 0 to {LONGEST_WAIT_S}",
    lambda value: is_number(value, 0, LONGEST_WAIT_S),
)
DELAY = Check(
    f"a number of seconds from 0 to {LONGEST_DELAY_S}",
    lambda value: is_number(value, 0, LONGEST_DELAY_S),
)
HEADERS = Check(
    "an object of texts by header name, without line breaks; the server itself sets "
    "Content-Length, Transfer-Encoding and Connection",
    _is_headers,
)
POINTER = Check('a JSON pointer such as "/sku", or "" for the whole item', is_pointer)
FIELD_POINTER = Check(
    'a JSON pointer to a field, such as "/name"', lambda value: is_pointer(value) and value != ""
)
