"""Who does what in a run: the conductor hands out shards and gathers, workers send their shard.

In a single process both are there. Messages are Locust's; a plan travels in them, so that a worker
on another machine needs no file.
"""

import time
from pathlib import Path
from typing import Any, ClassVar, cast

import gevent
from locust import runners
from locust.env import Environment
from locust.runners import MasterRunner, Runner

from mcs.fixtures.sharding import Shard
from mcs.loadtests.load import Load
from mcs.loadtests.measures import Measures
from mcs.loadtests.plan import Plan
from mcs.loadtests.plan_file import MEASURED, PROGRESS, write_json
from mcs.loadtests.users import LoadUser

SHARD, DONE = "mcs_shard", "mcs_done"
LOOK_EVERY_S = 0.1
TELL_EVERY_S = 1.0
LONGEST_TASK_S = 30
"""How long users may take for the batch they are at when a shape wants fewer of them; then another
sends it."""
SILENT_FOR_S = 60
"""When a worker counts as gone. Locust's own three seconds are over while one makes ready a large
catalog on a busy machine."""
GONE = ("missing", "stopped")


class Worker:
    """Sends a shard, tells what it measures, and says when all of it is answered."""

    def __init__(self, environment: Environment) -> None:
        self._runner = cast(Runner, environment.runner)
        self._load: Load | None = None
        if isinstance(self._runner, MasterRunner):
            return
        self._runner.register_message(SHARD, self._begin)
        environment.events.report_to_master.add_listener(self._report)

    def _begin(self, environment: Environment, msg: Any, **_: Any) -> None:
        plan = Plan.of_document(msg.data["plan"])
        shard = Shard(msg.data["number"], msg.data["of"])
        environment.host = plan.url
        LoadUser.load = self._load = Load(plan, shard, breathe=lambda: gevent.sleep(0))
        gevent.spawn(self._watch, self._load)

    def _watch(self, load: Load) -> None:
        while self._load is load:
            gevent.sleep(LOOK_EVERY_S)
            if load.is_done and not load.guests:
                said = {"measures": self._taken(), "aborted": load.aborted}
                self._runner.send_message(DONE, said)
                return

    def _report(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if self._load:
            data["mcs"] = self._taken()

    def _taken(self) -> dict[str, Any]:
        """What was measured since this was last asked for."""
        load = self._load
        if load is None:
            return Measures().as_document()
        load.note_cpu()
        measured, load.measures = load.measures, Measures()
        return measured.as_document()


class Conductor:
    """Begins runs, and ends one when all shards are sent or their workers are gone."""

    is_over: ClassVar[bool] = False

    def __init__(self, environment: Environment, plan: Plan, folder: Path) -> None:
        self._environment = environment
        self._runner = cast(Runner, environment.runner)
        self._plan = plan
        self._folder = folder
        self._measures = Measures()
        self._waiting_for: set[str] = set()
        self._lost: list[str] = []
        self._workers = 0
        self._aborted = ""
        # Locust has no option for it.
        runners.HEARTBEAT_LIVENESS = SILENT_FOR_S
        environment.host = plan.url
        environment.stop_timeout = LONGEST_TASK_S
        # What the run was worth is judged by who started it.
        environment.process_exit_code = 0
        environment.events.test_start.add_listener(self._start)
        environment.events.test_stop.add_listener(self._write)
        environment.events.worker_report.add_listener(self._gather)
        self._runner.register_message(DONE, self._note_done)

    def _start(self, **_: Any) -> None:
        Conductor.is_over = False
        self._measures, self._lost, self._aborted = Measures(), [], ""
        workers = self._active()
        self._workers, self._waiting_for = len(workers), set(workers)
        for number, worker in enumerate(workers, 1):
            shard = {"plan": self._plan.as_document(), "number": number, "of": len(workers)}
            self._runner.send_message(SHARD, shard, worker)
        gevent.spawn(self._watch)

    def _active(self) -> list[str]:
        if not isinstance(self._runner, MasterRunner):
            return ["local"]
        clients = self._runner.clients
        return sorted(client.id for client in (*clients.ready, *clients.running, *clients.spawning))

    def _watch(self) -> None:
        told_at = 0.0
        while self._waiting_for:
            gevent.sleep(LOOK_EVERY_S)
            self._note_gone()
            if time.monotonic() - told_at >= TELL_EVERY_S:
                told_at = time.monotonic()
                self._tell()
        Conductor.is_over = True
        if self._environment.web_ui:
            self._runner.stop()
        elif not self._environment.shape_class:
            self._runner.quit()

    def _note_gone(self) -> None:
        if not isinstance(self._runner, MasterRunner):
            return
        for worker in list(self._waiting_for):
            client = self._runner.clients.get(worker)
            if client is None or client.state in GONE:
                self._waiting_for.discard(worker)
                self._lost.append(worker)

    def _note_done(self, msg: Any, **_: Any) -> None:
        self._measures.add(Measures.of_document(msg.data["measures"]))
        self._aborted = self._aborted or msg.data["aborted"]
        self._waiting_for.discard(msg.node_id)

    def _gather(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if "mcs" in data:
            self._measures.add(Measures.of_document(data["mcs"]))

    def _tell(self) -> None:
        load = getattr(LoadUser, "load", None)
        items = self._measures.total_items + (load.measures.total_items if load else 0)
        write_json(self._folder / PROGRESS, {"items": items})

    def _write(self, **_: Any) -> None:
        load = getattr(LoadUser, "load", None)
        if load and self._waiting_for:
            self._measures.add(load.measures)
        ending = {
            "complete": not self._waiting_for and not self._lost and not self._aborted,
            "aborted": self._aborted,
            "workers": self._workers,
            "lost_workers": self._lost,
        }
        document = {"measures": self._measures.as_document(), "ending": ending}
        write_json(self._folder / MEASURED, document)
