"""What the pages of one app share besides the service: its door and its live streams."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from mcs.server.dashboard.admission import Admission
from mcs.server.dashboard.diff_runs import DiffRuns
from mcs.server.dashboard.live import Live
from mcs.server.dashboard.upkeep import Upkeep

EXTENSION = "mcs_dashboard"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The pages of one running server. upkeep: of lists of products; counting: of held items."""

    admission: Admission
    live: Live
    upkeep: Upkeep
    counting: Upkeep
    diffs: DiffRuns

    def close(self) -> None:
        """Ends the threads that pages have begun; to be called before the store is closed."""
        self.live.close()
        self.upkeep.close()
        self.counting.close()
        self.diffs.close()


def current_dashboard() -> Dashboard:
    """The dashboard whose app answers the present request."""
    return cast(Dashboard, current_app.extensions[EXTENSION])
