"""What Locust is started with. `mcs loadtest` does so; by hand, with a plan that it wrote:

    MCS_LOAD_PLAN=var/loadtest/plan.json locust -f loadtests/locustfile.py Exporter --users 4

Who starts the run (the master, or the only process) reads the plan and gives each worker its shard
of it; workers need no files. The run ends when everything is sent. What was measured goes to
measured.json beside the plan.
"""

import os
from pathlib import Path
from typing import Any

from locust import LoadTestShape, events
from locust.env import Environment
from locust.runners import WorkerRunner

from mcs.loadtests.conductor import Conductor, Worker
from mcs.loadtests.misbehaving import BadSignature, Garbage, HugeBody, SlowBody
from mcs.loadtests.plan_file import read_plan
from mcs.loadtests.shapes import ShapeName, users_at
from mcs.loadtests.users import Exporter

__all__ = ["BadSignature", "Exporter", "Garbage", "HugeBody", "SlowBody"]

PLAN_VARIABLE = "MCS_LOAD_PLAN"

_path = Path(os.environ[PLAN_VARIABLE]) if PLAN_VARIABLE in os.environ else None
_plan = read_plan(_path) if _path else None


def _begin(environment: Environment, **_: Any) -> None:
    """Joins this process to the run, by what it is in it."""
    Worker(environment)
    if _plan and _path and not isinstance(environment.runner, WorkerRunner):
        Conductor(environment, _plan, _path.parent)


events.init.add_listener(_begin)


if _plan and _plan.shape.name != ShapeName.FLAT:

    class PlannedShape(LoadTestShape):
        """As many users as the plan's shape says."""

        def tick(self) -> tuple[int, float] | None:
            """How many users there should be now."""
            if _plan is None or Conductor.is_over:
                return None
            elapsed_s = self.get_run_time()  # type: ignore[no-untyped-call]
            users = users_at(_plan.shape, elapsed_s, _plan.users, _plan.fewest_users)
            return users, float(_plan.users)
