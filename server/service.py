"""What the views of one app share: configuration, store and clock, and counters."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

from flask import current_app

from mcs.server.activity import Activity
from mcs.server.clock import TurnableClock
from mcs.server.config import ServerConfig
from mcs.server.sorting import Sorting
from mcs.server.store.repository import Store

EXTENSION = "mcs"


@dataclass(frozen=True, slots=True)
class Service:
    """One running server, without its sockets."""

    config: ServerConfig
    store: Store
    clock: TurnableClock
    sorting: Sorting
    judging: AbstractContextManager[Any] = field(default_factory=Lock)
    """Held while a batch is judged. Python runs one thread at a time anyway; threads that take
    turns in the middle of batches took half as long again."""

    @property
    def at_work(self) -> AbstractContextManager[Any]:
        """Held until a judged batch is recorded as well, where recording has no one to wait for."""
        return self.store.one_at_a_time

    activity: Activity = field(default_factory=Activity)


def current_service() -> Service:
    """The service whose app answers the present request."""
    return cast(Service, current_app.extensions[EXTENSION])
