"""What goes into the store and what comes out of it: plain frozen values, no rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mcs.contract.answer import ItemError
from mcs.contract.calls import Operation
from mcs.server.config import Settings
from mcs.server.faults.rules import Rule

Identity = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DataSpace:
    """A tenant. created_at: ISO 8601 in UTC, as all times of the store."""

    id: str
    name: str
    settings: Settings
    created_at: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """The data space of a request, and what faults may do to it.

    rules: those that are switched on. has_delayed: whether something waits to be recorded.
    """

    data_space: DataSpace
    rules: Sequence[Rule]
    has_delayed: bool


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """An API key as registered for one data space, with the key that checks its signatures."""

    data_space: str
    public_key: str


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key of a data space. shown: how it begins; retired_at: None if good. last_used_at: to
    within a minute; None if it was not since that is noted."""

    number: int
    shown: str | None
    created_at: str
    retired_at: str | None
    last_used_at: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the journal says of one request.

    accepted, rejected: as answered. body_bytes: as it came; decoded_bytes: unpacked. duration_ms:
    from its arrival until it was handed to the store. code, message: of a request refused whole.
    answered: False if a fault cut the connection. fault: the faults that hit the request or its
    items, [{"id", "action"}]. signature: what the token said, {"verified", "algorithm", "claims"}.
    """

    request_id: str
    received_at: str
    route: str
    headers: Mapping[str, str]
    status: int = 200
    data_space: str | None = None
    feed: str | None = None
    items: int = 0
    accepted: int = 0
    rejected: int = 0
    body_bytes: int = 0
    decoded_bytes: int = 0
    duration_ms: float = 0.0
    code: str | None = None
    message: str | None = None
    answered: bool = True
    fault: Sequence[Mapping[str, Any]] | None = None
    signature: Mapping[str, Any] | None = None
    method: str = "POST"


class AcceptedItem(NamedTuple):
    """A valid item of a batch. identity: None if it has none and is kept by its content."""

    index: int  # type: ignore[assignment]  # of the item in its batch, not of a value in here
    key: str
    identity: Identity | None
    hash: str
    deleted: bool
    modified_at: str | None


@dataclass(frozen=True, slots=True)
class RejectedItem:
    """A refused item of a batch, with all that is wrong with it."""

    index: int
    key: str | None
    identity: Identity | None
    errors: Sequence[ItemError]


@dataclass(frozen=True, slots=True)
class Batch:
    """The judged items of one request. body: the decoded JSON text, exactly as it came.

    packed: the body before it was decoded, if that was one gzip member.
    operation: what the request does to them. settled: by index, what is recorded in the place of
    what came, where that says only what changes.
    """

    feed: str
    body: bytes
    accepted: Collection[AcceptedItem] = ()
    rejected: Sequence[RejectedItem] = ()
    packed: bytes | None = None
    operation: Operation = Operation.SEND
    settled: Mapping[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JournalledRequest:
    """A request in the journal. id: its number, higher for later ones."""

    id: int
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class ReceivedItem:
    """The current version of an item. item: its JSON text as received, if asked for.

    versions: how often it was accepted. repeats: how many of those came in a request that had
    carried it already. resends: how many came in a later request, and changed nothing.
    """

    feed: str
    key: str
    identity: str | None
    hash: str
    deleted: bool
    modified_at: str | None
    received_at: str
    request_id: str
    index: int
    versions: int
    repeats: int
    resends: int
    item: str | None = None


@dataclass(frozen=True, slots=True)
class ItemVersion:
    """One accepted write of an item. item: its JSON text as received; None if just forgotten."""

    hash: str
    deleted: bool
    received_at: str
    request_id: str
    index: int
    item: str | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused item. errors: [{"pointer", "code", "message"}] as JSON; item as in ItemVersion."""

    feed: str
    key: str | None
    identity: str | None
    received_at: str
    request_id: str
    index: int
    errors: str
    item: str | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A data space that holds an item alive."""

    data_space_id: str
    feed: str
    key: str
    hash: str
    received_at: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Write:
    """One accepted write of an item, without its text."""

    hash: str
    deleted: bool
    received_at: str
    request_id: str
    index: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused write of an item. errors: JSON, as in Rejection."""

    identity: str | None
    errors: str
    received_at: str
    request_id: str
    index: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A fault that hit an item on its way."""

    identity: str | None
    action: str
    request_id: str
    at: str


@dataclass(slots=True)
class ItemHistory:
    """What happened to one item, oldest first; of much only the latest."""

    writes: list[Write] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    faults: list[Hit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FaultEvent:
    """A request, or an item, that a fault hit.

    key, identity, index: None if it was the request; items: how many were hit. recorded: False if
    this fault kept what it hit from being recorded; another one, or a refusal, may have done so as
    well. change, due: JSON. recorded_at: when what was delayed was recorded; None if it is not yet.
    """

    fault_id: int
    action: str
    feed: str
    key: str | None
    identity: str | None
    request_id: str
    index: int | None
    items: int
    recorded: bool
    change: str | None
    due: str | None
    recorded_at: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much a reset removed."""

    items: int
    requests: int
