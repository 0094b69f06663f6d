"""Locust's users that send a catalog: exporters, each batch of their process's shard once."""

import json
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import gevent
from locust import FastHttpUser, constant, task
from locust.exception import StopUser

from mcs.loadtests.load import Load, Sender
from mcs.loadtests.work import Batch

WAIT_S = 0.02
OK = 200
COME_AGAIN = (429, 503)
NOT_FOR_YOU = (401, 403, 404)
MOST_TURNS = 100
"""How often a batch is brought again that the service had no room for."""
MOST_FAILURES = 3
LONGEST_PAUSE_S = 30.0
REFUSED = "{status}: {text}"
NO_ANSWER = "no answer: {reason}"
SAID_AT_MOST = 300


class LoadUser(FastHttpUser):
    """What all have in common. load: of this process, set when a run begins."""

    abstract = True
    load: ClassVar[Load]
    network_timeout = 120.0
    connection_timeout = 30.0


class Exporter(LoadUser):
    """Sends batches as fast as they are answered, until there are none left.

    A service that has no room is asked again when it says so. A batch is given up after failures,
    and the comparison will find its items missing.
    """

    wait_time = constant(0)

    def on_start(self) -> None:
        """Gets the number that says which tenant it sends for."""
        self._number = self.load.next_number()

    @task
    def send_batch(self) -> None:
        """Takes a batch and brings it to the service."""
        taken = self.load.take(self._number)
        if taken is None:
            if self.load.is_done:
                raise StopUser
            gevent.sleep(WAIT_S)
            return
        sender, batch = taken
        try:
            brought = self._is_brought(sender, batch)
        except gevent.GreenletExit:
            sender.work.take_back(batch)
            raise
        except Exception:
            sender.work.finished()
            raise
        sender.work.finished()
        self.load.measures.given_up += 0 if brought else batch.items

    def _is_brought(self, sender: Sender, batch: Batch) -> bool:
        failures = 0
        for turn in range(MOST_TURNS):
            if self.load.aborted:
                return False
            self.load.measures.resends += turn > 0
            status, pause_s = self._post(sender, batch)
            if status == OK:
                return True
            if status in NOT_FOR_YOU:
                return False
            failures += status not in COME_AGAIN
            if failures == MOST_FAILURES:
                return False
            gevent.sleep(pause_s)
        return False

    def _post(self, sender: Sender, batch: Batch) -> tuple[int, float]:
        """The status of the answer, 0 without one, and how long to wait before the next try."""
        began_at, began = time.time(), time.perf_counter()
        with self.client.post(
            sender.path(batch.route),
            data=batch.body,  # type: ignore[arg-type]  # bytes are taken too
            headers=sender.headers(),
            name=batch.feed,
            catch_response=True,
        ) as answer:
            # Taken here: meanwhile what was measured before may have gone to the master.
            measures = self.load.measures
            second = measures.answered(batch.feed, began_at, time.perf_counter() - began)
            status = int(answer.status_code)
            if status == OK:
                refused = len(_json(answer.text).get("invalidFeedItems", []))
                measures.items[batch.feed] += batch.items - refused
                second.items += batch.items - refused
                second.wire_bytes += len(batch.body)
                second.size_bytes += batch.size_bytes
                if refused:
                    second.rejections += 1
                    measures.rejections["items refused"] += refused
                    self._fail(answer, f"items were refused: {answer.text[:SAID_AT_MOST]}")
                return status, 0
            if status in COME_AGAIN:
                second.rejections += 1
                measures.rejections[f"{status}, come again"] += 1
                # Neither a failure, nor a time to compare with those of batches that were taken.
                answer.request_meta["name"] = f"{batch.feed}: come again"
                answer.success()
                return status, _pause_s(answer.headers)
            if status in NOT_FOR_YOU:
                self.load.abort(REFUSED.format(status=status, text=answer.text[:SAID_AT_MOST]))
            self._fail(answer, _said(status, answer))
            return status, 1.0

    def _fail(self, answer: Any, message: str) -> None:
        self.load.measures.errors[message] += 1
        answer.failure(message)


def _said(status: int, answer: Any) -> str:
    if not status:
        return NO_ANSWER.format(reason=answer.error or type(answer).__name__)
    return REFUSED.format(status=status, text=(answer.text or "")[:SAID_AT_MOST])


def _json(text: str | None) -> dict[str, Any]:
    try:
        document = json.loads(text or "")
    except json.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _pause_s(headers: Mapping[str, str]) -> float:
    """How long the service asks to wait; its header may be a date, which is not what it sends."""
    try:
        asked_s = float(headers.get("Retry-After", 1))
    except ValueError:
        asked_s = 1.0
    return min(max(asked_s, 0.1), LONGEST_PAUSE_S)
