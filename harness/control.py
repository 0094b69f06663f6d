"""The control API of a service, as far as the harness steers a data space with it.

Source: the service's own description, GET /openapi.json.
"""

from collections import Counter
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote, urlencode

import orjson

from mcs.contract.errors import UsageError
from mcs.harness.client import checked_url, exchanged, opened_pool, refusal
from mcs.harness.errors import CouldNotTell

NOT_ANSWERED = (
    "{method} {url} answered {refusal} Check that it is a service of `mcs serve` and that "
    "--data-space names one of its data spaces (`mcs dataspace list`)."
)
WITHOUT = (
    '{method} {url} was answered without "{name}". Check that it is a service of `mcs serve`, of '
    "the same release as this command."
)
REFUSED = "the service refused it: {message}"
NO_FAULT = "there is no fault {number} here. `mcs faults list` shows all."
PAGE = 1000
# Statuses that say that what was asked for does not fit.
_UNFIT = (400, 413, 422)


class Control:
    """One data space of a service, to be steered. Use it in a `with` block: it keeps connections.

    Every method raises CouldNotTell if the service is away, does not know the data space or turns
    the caller away, and UsageError if it refuses what it is given.
    """

    def __init__(self, url: str, data_space_id: str, token: str | None = None) -> None:
        self._root = f"{checked_url(url)}/control"
        self._space = f"/data-spaces/{quote(data_space_id, safe='')}"
        self._http = opened_pool(token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.clear()

    # Faults

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force, with what they have seen and done."""
        found: list[dict[str, Any]] = self._part("GET", f"{self._space}/faults", "faults")
        return found

    def add_fault(self, rule: dict[str, Any]) -> dict[str, Any]:
        """Puts a fault in force; returns it with its number."""
        return self._asked("POST", f"{self._space}/faults", rule)

    def enable_fault(self, number: int, *, enabled: bool) -> dict[str, Any]:
        """Lets a fault act, or rest."""
        return self._of_fault("PATCH", number, {"enabled": enabled})

    def end_fault(self, number: int) -> dict[str, Any]:
        """Ends one fault; what it did stays in the journal."""
        return self._of_fault("DELETE", number)

    def clear_faults(self) -> int:
        """Ends all faults; returns how many there were."""
        return int(self._part("DELETE", f"{self._space}/faults", "cleared"))

    def fault_journal(self) -> list[dict[str, Any]]:
        """What the faults did, in order."""
        path = f"{self._space}/faults/journal"
        events: list[dict[str, Any]] = self._part("GET", path, "events")
        return events

    # Settings and time

    def settings(self) -> dict[str, Any]:
        """How the service treats the data space."""
        found: dict[str, Any] = self._part("GET", self._space, "settings")
        return found

    def change_settings(self, settings: dict[str, Any]) -> None:
        """Puts these settings in place of those it has."""
        self._asked("PATCH", self._space, {"settings": settings})

    def now(self) -> datetime:
        """The service's time."""
        return datetime.fromisoformat(self._part("GET", "/clock", "now"))

    def turn_clock(self, moment: datetime) -> None:
        """Stops the service's clock at a moment."""
        self._asked("PUT", "/clock", {"now": moment.isoformat()})

    # What came

    def request_statuses(self) -> Counter[int]:
        """How many requests were answered with each status."""
        counts: Counter[int] = Counter()
        before: int | None = None
        while True:
            query = f"?limit={PAGE}" + (f"&before={before}" if before else "")
            page = self._asked("GET", f"{self._space}/requests{query}")
            counts.update(request["status"] for request in page.get("requests", ()))
            before = page.get("next")
            if before is None:
                return counts

    def visible_items(self, service: str, feed: str) -> int:
        """How many items of a feed a consuming service shows now, by the service's clock."""
        path = f"{self._space}/visible?{urlencode({'service': service, 'feed': feed})}"
        status, content = self._exchanged("GET", path, None)
        if status != 200:
            self._read("GET", path, status, content)
        return content.count(b"\n")

    def _of_fault(self, method: str, number: int, body: object = None) -> dict[str, Any]:
        url = f"{self._space}/faults/{number}"
        status, content = self._exchanged(method, url, body)
        if status == 404 and b"unknown_data_space" not in content:
            raise UsageError(NO_FAULT.format(number=number))
        return self._read(method, url, status, content)

    def _part(self, method: str, path: str, name: str) -> Any:
        answer = self._asked(method, path)
        if name not in answer:
            url = self._root + path
            raise CouldNotTell(WITHOUT.format(method=method, url=url, name=name))
        return answer[name]

    def _asked(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        return self._read(method, path, *self._exchanged(method, path, body))

    def _exchanged(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        return exchanged(self._http, method, self._root + path, body)

    def _read(self, method: str, path: str, status: int, content: bytes) -> dict[str, Any]:
        url = self._root + path
        try:
            answer = orjson.loads(content) if content else {}
        except orjson.JSONDecodeError:
            answer = None
        if status in _UNFIT and isinstance(answer, dict) and answer.get("message"):
            raise UsageError(REFUSED.format(message=answer["message"]))
        if status >= 300 or not isinstance(answer, dict):
            said = refusal(status, content)
            raise CouldNotTell(NOT_ANSWERED.format(method=method, url=url, refusal=said))
        return answer
