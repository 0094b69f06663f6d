"""What a case shows, as conditions that a replay either meets or not. Pure.

    same discrepancies
    discrepancy [KIND] [FEED] [NAME]      such as: discrepancy missing products 24-MB01
    answer STATUS [FEED]                  such as: answer 429; "cut" for a connection cut off
    refused [FEED] [CODE]                 such as: refused prices invalid_value

Several conditions are joined by "and".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.harness.discrepancy import DiscrepancyKind

AND = " and "
SAME_WORDS = "same discrepancies"
CUT = "cut"
NO_SYMPTOM = (
    '"{text}" is no symptom: {reason}. Expected "same discrepancies", "discrepancy [KIND] [FEED] '
    '[NAME]", "answer STATUS [FEED]" or "refused [FEED] [CODE]", joined by "and".'
)

Told = tuple[str, str, str]
"""A discrepancy by kind, feed and key."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a replay came to. discrepancies: by kind, feed and key, with the identity of each.
    answers: (status or "cut", feed) of the requests. refusals: (feed, code). expected: the
    discrepancies of the case."""

    discrepancies: Mapping[Told, Mapping[str, str]]
    answers: Collection[tuple[str, str | None]] = ()
    refusals: Collection[tuple[str, str]] = ()
    expected: Collection[Told] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. words: what it names, by what they are."""

    verb: str
    words: Mapping[str, str]
    text: str

    def holds(self, shown: Shown) -> bool:
        """True if a replay met it."""
        if self.verb == "same":
            return shown.expected is not None and set(shown.expected) == set(shown.discrepancies)
        if self.verb == "discrepancy":
            return any(self._names(*found) for found in shown.discrepancies.items())
        pairs = shown.answers if self.verb == "answer" else shown.refusals
        if self.verb == "answer":
            return any(self._fits(status=status, feed=feed) for status, feed in pairs)
        return any(self._fits(feed=feed, code=code) for feed, code in pairs)

    def _names(self, told: Told, identity: Mapping[str, str]) -> bool:
        kind, feed, key = told
        name = self.words.get("name")
        is_named = name is None or name == key or name in identity.values()
        return is_named and self._fits(kind=kind, feed=feed)

    def _fits(self, **values: str | None) -> bool:
        return all(self.words.get(name, value) == value for name, value in values.items())


@dataclass(frozen=True, slots=True)
class Symptom:
    """Conditions that all have to be met."""

    conditions: Sequence[Condition]

    def holds(self, shown: Shown) -> bool:
        """True if a replay shows the symptom."""
        return all(condition.holds(shown) for condition in self.conditions)

    @property
    def is_same(self) -> bool:
        """True if it is about exactly the discrepancies that the case had."""
        return any(condition.verb == "same" for condition in self.conditions)

    def __str__(self) -> str:
        return AND.join(condition.text for condition in self.conditions)


def symptom_of(text: str) -> Symptom:
    """The symptom that a text names. Raises UsageError.

    >>> str(symptom_of("discrepancy  missing products"))
    'discrepancy missing products'
    """
    return Symptom(tuple(_condition(part, text) for part in text.split(AND)))


def _condition(part: str, text: str) -> Condition:
    words = part.split()
    said = " ".join(words)
    if said == SAME_WORDS:
        return Condition("same", {}, said)
    read: Any = _READERS.get(words[0]) if words else None
    if read is None:
        reason = f'"{words[0]}" is not known' if words else "a condition is empty"
        raise UsageError(NO_SYMPTOM.format(text=text, reason=reason))
    try:
        return Condition(words[0], read(words[1:]), said)
    except ValueError as error:
        raise UsageError(NO_SYMPTOM.format(text=text, reason=error)) from None


def _of_discrepancy(words: list[str]) -> dict[str, str]:
    kinds = [kind.value for kind in DiscrepancyKind]
    known = {}
    if words and words[0] in kinds:
        known["kind"] = words.pop(0)
    if words and words[0] in ALL_FEEDS:
        known["feed"] = words.pop(0)
    # A name may have spaces; that a kind is misspelt shows in a name that is none of any item.
    if words and not known:
        names = ", ".join([*kinds, *ALL_FEEDS])
        raise ValueError(f'"{words[0]}" is neither a kind nor a feed. Take of: {names}')
    return known | ({"name": " ".join(words)} if words else {})


def _of_answer(words: list[str]) -> dict[str, str]:
    if not words or not (words[0] == CUT or (words[0].isdecimal() and len(words[0]) == 3)):
        raise ValueError('behind "answer" stands a status such as 429, or "cut"')
    return {"status": words[0]} | _feed(words[1:])


def _of_refused(words: list[str]) -> dict[str, str]:
    if words and words[0] in ALL_FEEDS:
        return {"feed": words[0]} | _code(words[1:])
    return _code(words)


def _code(words: list[str]) -> dict[str, str]:
    if len(words) > 1:
        raise ValueError(f'"{" ".join(words)}" is more than a code')
    return {"code": words[0]} if words else {}


def _feed(words: list[str]) -> dict[str, str]:
    if words and (words[0] not in ALL_FEEDS or len(words) > 1):
        raise ValueError(f'"{" ".join(words)}" is no feed. Take of: {", ".join(ALL_FEEDS)}')
    return {"feed": words[0]} if words else {}


_READERS = {"discrepancy": _of_discrepancy, "answer": _of_answer, "refused": _of_refused}
SAME = symptom_of(SAME_WORDS)
