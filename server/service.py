"""What the views of one app share: configuration, store and clock."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from mcs.server.config import ServerConfig
from mcs.server.store.repository import Clock, Store

EXTENSION = "mcs"


@dataclass(frozen=True, slots=True)
class Service:
    """One running server, without its sockets."""

    config: ServerConfig
    store: Store
    clock: Clock


def current_service() -> Service:
    """The service whose app answers the present request."""
    return cast(Service, current_app.extensions[EXTENSION])
