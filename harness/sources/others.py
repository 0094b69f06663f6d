"""Sent sides that others bring: an installed package offers one under a prefix of its own.

It names, in the entry points of the group `mcs.sent`, a function that takes the place behind the
prefix and gives a context manager of a `SentSide`. mcs itself brings `generated:`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from mcs.harness.sides import SentSide

GROUP = "mcs.sent"

Opener = Callable[[str], AbstractContextManager[SentSide]]


def other_source(place: str) -> tuple[Opener, str] | None:
    """The opener that goes with a place's prefix, and the place without it; None if none does."""
    prefix, colon, rest = place.partition(":")
    if not colon:
        return None
    # It brings much of the standard library, and few places have a prefix.
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP, name=prefix):
        opener: Opener = entry.load()
        return opener, rest
    return None
