"""What is known of the present request so far: for the journal, and for those who judge it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import request

from mcs.contract.calls import Call
from mcs.contract.errors import ContractError
from mcs.server import decoding, gateway
from mcs.server.answers import request_id
from mcs.server.config import ServerConfig
from mcs.server.faults.course import named
from mcs.server.faults.rules import Rule
from mcs.server.service import Service
from mcs.server.store.repository import timestamp
from mcs.server.store.values import Addressed, Arrival
from mcs.server.unparsed import unparsed_items

LARGEST_NUMBER = 2**53
"""What a database can hold of a Content-Length that is made up."""


@dataclass
class Receipt:
    """One request on its way. came: what was known at first. moment: when that was.

    struck: the rules that hit it so far. packed: the body as it came, if that was one gzip member.
    may_be_empty: whether a batch of no items is one.
    """

    came: Arrival
    moment: datetime
    started: float = field(default_factory=time.perf_counter)
    body: bytes | None = None
    packed: bytes | None = None
    addressed: Addressed | None = None
    may_be_empty: bool = False
    struck: list[Rule] = field(default_factory=list)
    _known: dict[str, Any] = field(default_factory=dict)
    _read: bytes | None = None
    _items: Sequence[object] | ContractError | None = None

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules of the data space that is addressed."""
        return self.addressed.rules if self.addressed else ()

    @property
    def settles(self) -> bool:
        """True if something waits in the data space to be recorded."""
        return self.addressed is not None and self.addressed.has_delayed

    @property
    def data_space(self) -> str:
        """The id of the data space that is addressed; empty if there is none."""
        return self._known.get("data_space", self.came.data_space) or ""

    def note(self, **known: Any) -> None:
        """Adds to what is known, by the names of Arrival."""
        self._known |= known

    def note_struck(self, rules: Sequence[Rule]) -> None:
        """Adds rules that hit the request or its items."""
        self.struck.extend(rules)
        self.note(fault=named(self.struck))

    def note_verified(self) -> None:
        """Says that the signature was found good."""
        said = self._known.get("signature")
        if said is not None:
            self.note(signature={**said, "verified": True})

    def timed(self) -> Arrival:
        """What is known, with the time taken until now."""
        taken_ms = (time.perf_counter() - self.started) * 1000
        return replace(self.came, **self._known, duration_ms=round(taken_ms, 3))

    def read(self, config: ServerConfig) -> bytes:
        """Waits for the body as it comes. Raises ContractError."""
        if self._read is None:
            self._read = decoding.raw_body(request, config)
            self.note(body_bytes=len(self._read))
        return self._read

    def items(self, config: ServerConfig, call: Call | None = None) -> Sequence[object]:
        """The items of the body, which is read once. Raises ContractError.

        call: what they come for, if that is known: they need not be parsed then if all are valid.
        """
        if self._items is None:
            try:
                self._items = self._decoded(config, call)
            except ContractError as refusal:
                self._items = refusal
        if isinstance(self._items, ContractError):
            raise self._items
        return self._items

    def _decoded(self, config: ServerConfig, call: Call | None) -> Sequence[object]:
        decoded = decoding.decoded_body(request, self.read(config), config)
        self.body, self.packed = decoded.text, decoded.packed
        self.note(decoded_bytes=len(self.body))
        items: Sequence[object] | None = None
        if call is not None and len(self.body) <= decoding.UNSUSPICIOUS_BYTES:
            items = unparsed_items(call, self.body)
        if items is None:
            items = decoding.parsed_batch(self.body, may_be_empty=self.may_be_empty)
        self.note(items=len(items))
        decoding.refuse_too_many(items, config.max_items)
        return items


def new_receipt(service: Service, route: str) -> Receipt:
    """The receipt of the present request."""
    moment = service.clock()
    arrival = Arrival(
        request_id=request_id(),
        received_at=timestamp(moment),
        method=request.method,
        route=route,
        headers=gateway.redacted(request.headers),
        body_bytes=min(request.content_length or 0, LARGEST_NUMBER),
    )
    return Receipt(arrival, moment)
