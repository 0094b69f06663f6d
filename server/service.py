"""What the views of one app share: configuration, store and clock, and counters."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app

from mcs.server.activity import Activity
from mcs.server.clock import TurnableClock
from mcs.server.config import ServerConfig
from mcs.server.sorting import Sorting
from mcs.server.store.repository import Store
from mcs.server.store.turn import Turn

EXTENSION = "mcs"


@dataclass(frozen=True, slots=True)
class Service:
    """One running server, without its sockets."""

    config: ServerConfig
    store: Store
    clock: TurnableClock
    sorting: Sorting
    at_work: AbstractContextManager[Any] = field(default_factory=Turn)
    """Held while a batch is judged and recorded. Python runs one thread at a time anyway; threads
    that take turns in the middle of batches took half as long again."""
    activity: Activity = field(default_factory=Activity)


def current_service() -> Service:
    """The service whose app answers the present request."""
    return cast(Service, current_app.extensions[EXTENSION])
