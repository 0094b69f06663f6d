"""What a scenario asks of an exporter, one step at a time, and how an exporter is called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from mcs.contract.dialects import dialect_of


class StepKind(StrEnum):
    """The steps, by the name that an exporter is told."""

    INITIAL = "initial"
    AGAIN = "again"
    EDIT = "edit"
    DELETE = "delete"
    CORRECT = "correct"
    PARTIAL = "partial"
    RETRY = "retry"
    RECOVER = "recover"


STEPS: Mapping[StepKind, str] = {
    StepKind.INITIAL: "Make a catalog, the same each time, with no memory of any sync, and sync "
    "all of it. Two batches of products or more show most.",
    StepKind.AGAIN: "Nothing changed. Sync all of it once more.",
    StepKind.EDIT: "Change the content of a product, such as its name: of the same one each "
    "time, and to something new each time. Send nothing yet.",
    StepKind.DELETE: "Delete a product. Send nothing yet.",
    StepKind.CORRECT: "Change the content of the items in MCS_ITEMS, which were refused. Send "
    "nothing yet.",
    StepKind.PARTIAL: "Send what changed since the last sync.",
    StepKind.RETRY: "Send again what failed and may be retried, as at the next retry window.",
    StepKind.RECOVER: "Send all that is pending: what changed, and what failed.",
}
"""What an exporter is to do in each step."""


CHANGES = frozenset({StepKind.EDIT, StepKind.DELETE, StepKind.CORRECT})
"""The steps that change the catalog and send nothing."""


class NotSupported(Exception):
    """The exporter cannot do a step; what needs it is not observed."""


class StepFailed(Exception):
    """A step ended badly, as its text says; where something was sent it counts all the same.

    output: the last lines of what the exporter printed, on one line; "" if it printed nothing.
    """

    def __init__(self, how: str, output: str = "") -> None:
        super().__init__(how)
        self.output = output


class Clock(Protocol):
    """The time that an exporter lives by. With a virtual clock waiting takes no time."""

    def now(self) -> datetime:
        """The present moment."""

    def wait(self, seconds: float) -> None:
        """Lets time pass."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an exporter is given for one step.

    private_key: PEM. client_id, client_secret: of a client of the token service. feeds: which to
    send, of those it has. work: a folder that lasts over the steps of one scenario. items:
    identities by feed, for the step `correct`.
    """

    kind: StepKind
    scenario: str
    url: str
    data_space: str
    api_key: str
    private_key: str
    feeds: Sequence[str]
    work: Path
    clock: Clock
    client_id: str = ""
    client_secret: str = ""
    items: Sequence[Mapping[str, Any]] = ()

    @property
    def dialect(self) -> str:
        """The name of the API family that the feeds are of."""
        return dialect_of(self.feeds[0]).name

    @property
    def catalog(self) -> Path:
        """The file in which the exporter may list what it has: {"feed", "identity"} a line."""
        return self.work / "catalog.ndjson"


Exporter = Callable[[Step], None]
"""Does one step. Raises NotSupported if it cannot, StepFailed if it may not have done it."""
