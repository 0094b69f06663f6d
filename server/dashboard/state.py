"""What the pages of one app share besides the service: its door and its live streams."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from mcs.server.dashboard.admission import Admission
from mcs.server.dashboard.live import Live

EXTENSION = "mcs_dashboard"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The pages of one running server."""

    admission: Admission
    live: Live


def current_dashboard() -> Dashboard:
    """The dashboard whose app answers the present request."""
    return cast(Dashboard, current_app.extensions[EXTENSION])
