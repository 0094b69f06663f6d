"""What rules match, which needs no counter. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha1

from mcs.server.faults.candidates import Candidate, Candidates
from mcs.server.faults.conditions import holds
from mcs.server.faults.rules import Rule


@dataclass(frozen=True)
class Suspect:
    """A rule that matches a request, by these of its items."""

    rule: Rule
    matching: Sequence[Candidate]

    @cached_property
    def key(self) -> str:
        """Names the items. Not all of the batch: one that is made up anew around the same item is
        that item's next try."""
        keys = sorted(candidate.key or "" for candidate in self.matching)
        return sha1("".join(keys).encode(), usedforsecurity=False).hexdigest()


def in_force(rule: Rule, feed: str, moment: datetime) -> bool:
    """True if a rule is about requests of a feed at a moment."""
    return (
        rule.enabled
        and rule.feed in (None, feed)
        and (rule.since is None or rule.since <= moment)
        and (rule.until is None or moment < rule.until)
    )


def matched(rule: Rule, candidates: Candidates) -> Candidates:
    """Those of the items, in order, that have the identity and the place that a rule names and meet
    its condition.

    >>> from mcs.contract.feeds import FEEDS
    >>> from mcs.server.faults.candidates import candidates_of
    >>> bag = {"sku": "BAG", "storeViewCode": "fr", "weight": 3}
    >>> bags = candidates_of(FEEDS["products"], [bag, {**bag, "weight": 5}])
    >>> matched(Rule("lose", identity={"sku": "BAG"}, where="@.weight < 4"), bags).indexes
    [0]
    """
    if rule.identity is not None:
        candidates = candidates.named(rule.identity)
    if rule.indexes is not None:
        wanted = set(rule.indexes)
        candidates = candidates.among([each for each in candidates.indexes if each in wanted])
    if rule.where is not None:
        meeting = [each.index for each in candidates if holds(rule.where, each.item)]
        candidates = candidates.among(meeting)
    return candidates


def suspects(rules: Iterable[Rule], candidates: Candidates) -> list[Suspect]:
    """The rules that match at least one item of a request, in order."""
    found = [Suspect(rule, matched(rule, candidates)) for rule in rules]
    return [suspect for suspect in found if suspect.matching]
