"""What faults do to a request: which rules it meets on its way, and what the journal says of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from mcs.contract.answer import ErrorShape, ItemError
from mcs.contract.errors import ContractError
from mcs.contract.feeds import Feed
from mcs.server.faults.actions import Part
from mcs.server.faults.applying import WHILE_RECORDING, Script, script_for
from mcs.server.faults.candidates import Candidates, candidates_of
from mcs.server.faults.course import Course
from mcs.server.faults.matching import in_force, matched, suspects
from mcs.server.faults.rules import Rule
from mcs.server.judging import Judgement, feed_of, refuse_too_deep, with_rejections
from mcs.server.receipt import Receipt
from mcs.server.service import Service
from mcs.server.store.accepted import indexes_of
from mcs.server.store.faults import Happening
from mcs.server.store.repository import Clock, Store
from mcs.server.store.values import AcceptedItem

ON_THE_WAY = (Part.WAIT, Part.OUTCOME, Part.BODY, Part.DELIVERY)


@dataclass(frozen=True)
class Incoming:
    """A request whose items are read."""

    store: Store
    receipt: Receipt
    feed: Feed
    items: Sequence[object]

    @property
    def data_space(self) -> str:
        """The id of the data space that is addressed."""
        return self.receipt.data_space

    @cached_property
    def candidates(self) -> Candidates:
        """The items as rules look at them."""
        return candidates_of(self.feed, self.items)

    def course(self) -> Course:
        """What the rules for requests make of this one."""
        return Course(self.strike(ON_THE_WAY))

    def strike(self, parts: Collection[Part]) -> list[Rule]:
        """The rules for requests that change these parts of the way and hit this one."""
        rules = self._in_force(parts)
        if not rules:
            return []
        hit = self.store.faults.strike_request(self._happening, suspects(rules, self.candidates))
        self.receipt.note_struck(hit)
        return hit

    def rejected(self, judgement: Judgement) -> tuple[Judgement, dict[int, ErrorShape]]:
        """The judgement with what rules reject, and the shapes in which they want it told."""
        rules = self._in_force((Part.JUDGEMENT,))
        if not rules:
            return judgement, {}
        valid = self.candidates.among(indexes_of(judgement.accepted))
        by_rule = [(rule, found) for rule in rules if (found := matched(rule, valid))]
        hit = self.store.faults.strike_items(self._happening, by_rule)
        self.receipt.note_struck([rule for _, rule in hit])
        errors = {each.index: _error(each.index, rule) for each, rule in hit}
        shapes = {
            each.index: ErrorShape(rule.parameters["shape"])
            for each, rule in hit
            if rule.parameters["shape"] is not None
        }
        return with_rejections(judgement, errors), shapes

    def script(self, kept: Collection[AcceptedItem]) -> Script | None:
        """What may become of the items that are to be recorded."""
        rules = self._in_force(WHILE_RECORDING)
        if not rules or not kept:
            return None
        return script_for(rules, self.feed, self.candidates, indexes_of(kept))

    def _in_force(self, parts: Collection[Part]) -> list[Rule]:
        return [
            rule
            for rule in self.receipt.rules
            if rule.does.part in parts and in_force(rule, self.feed.name, self.receipt.moment)
        ]

    @property
    def _happening(self) -> Happening:
        came = self.receipt.came
        return Happening(
            self.data_space,
            self.feed.name,
            came.request_id,
            came.received_at,
            len(self.items),
        )


def signature_clock(service: Service, receipt: Receipt, feeds: Sequence[Feed]) -> Clock:
    """The clock that the signature of a request is checked by. Asked once, it counts once."""
    if not any(rule.does.part is Part.SIGNATURE for rule in receipt.rules):
        return service.clock

    def skewed() -> datetime:
        try:
            items = receipt.items(service.config)
            refuse_too_deep(items)
        except ContractError:
            return service.clock()
        incoming = Incoming(service.store, receipt, feed_of(feeds, items), items)
        hit = incoming.strike((Part.SIGNATURE,))
        return service.clock() + timedelta(seconds=sum(rule.parameters["seconds"] for rule in hit))

    return skewed


def _error(index: int, rule: Rule) -> ItemError:
    return ItemError(
        index, rule.parameters["pointer"], rule.parameters["code"], rule.parameters["message"]
    )
