"""The service as the suite uses it: data spaces of its own, their journal, faults and the clock."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import orjson

from mcs.harness.client import checked_url, exchanged, opened_pool, refusal
from mcs.harness.errors import CouldNotTell

PAGE = 1_000
NOT_OURS = (
    "{method} {url} answered {refusal} This needs a service of `mcs serve`, of the same "
    "release as this command."
)


@dataclass(frozen=True, slots=True)
class DataSpace:
    """A data space with the credentials of its exporter: a key pair, whose private half is PEM, and
    a client of the token service."""

    id: str
    api_key: str
    private_key: str
    client_id: str
    client_secret: str


def data_space_of(made: Mapping[str, Any]) -> DataSpace:
    """A data space as it was answered when it was made."""
    return DataSpace(**{one.name: made[one.name] for one in fields(DataSpace)})


class LiveService:
    """A running service. Use it in a `with` block. Every method raises CouldNotTell if the service
    is away or refuses what the suite needs."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = checked_url(url)
        self._http = opened_pool(token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.clear()

    def new_data_space(self, name: str) -> DataSpace:
        """Makes a data space."""
        made = self._json("POST", "/data-spaces", {"name": name})
        return data_space_of(made)

    def empty(self, data_space: str, settings: Mapping[str, Any]) -> None:
        """Forgets all of a data space but its keys, and sets its settings."""
        self._json("POST", f"/data-spaces/{data_space}/reset", {})
        self.change_settings(data_space, settings)

    def change_settings(self, data_space: str, settings: Mapping[str, Any]) -> None:
        """Puts these settings in place of those it has."""
        self._json("PATCH", f"/data-spaces/{data_space}", {"settings": dict(settings)})

    def settings(self, data_space: str) -> dict[str, Any]:
        """How the service treats a data space."""
        found: dict[str, Any] = self._json("GET", f"/data-spaces/{data_space}")["settings"]
        return found

    def add_fault(self, data_space: str, rule: Mapping[str, Any]) -> None:
        """Puts a fault in force."""
        self._json("POST", f"/data-spaces/{data_space}/faults", dict(rule))

    def clear_faults(self, data_space: str) -> None:
        """Ends all faults."""
        self._json("DELETE", f"/data-spaces/{data_space}/faults")

    def revoke_tokens(self, data_space: str) -> None:
        """Ends all tokens of the ingestion API."""
        self._json("POST", f"/data-spaces/{data_space}/tokens/revoke", {})

    def requests(self, data_space: str, after: int = 0) -> list[dict[str, Any]]:
        """The journal's entries with a higher number, in order."""
        found: list[dict[str, Any]] = []
        before = ""
        while True:
            page = self._json("GET", f"/data-spaces/{data_space}/requests?limit={PAGE}{before}")
            new = [entry for entry in page["requests"] if entry["id"] > after]
            found += new
            if page["next"] is None or len(new) < len(page["requests"]):
                return found[::-1]
            before = f"&before={page['next']}"

    def body(self, data_space: str, number: int) -> bytes | None:
        """A request's body, unpacked; None if it was not read."""
        path = f"/data-spaces/{data_space}/requests/{number}/body"
        status, content = self._exchanged("GET", path)
        return content if status == 200 else None

    def rejected(self, data_space: str) -> Iterator[dict[str, Any]]:
        """The refused items."""
        status, content = self._exchanged("GET", f"/data-spaces/{data_space}/rejected")
        if status != 200:
            raise self._not_ours("GET", "/rejected", status, content)
        return (orjson.loads(line) for line in content.splitlines() if line)

    def now(self) -> datetime:
        """The service's time."""
        return datetime.fromisoformat(self._json("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Lets time pass for all of the service."""
        self._json("PUT", "/clock", {"advance_s": seconds})

    def run_real(self) -> None:
        """Lets the service's clock go with the machine's again."""
        self._json("PUT", "/clock", {"real": True})

    def _json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        status, content = self._exchanged(method, path, body)
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError:
            answer = None
        if status >= 300 or not isinstance(answer, dict):
            raise self._not_ours(method, path, status, content)
        return answer

    def _exchanged(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        return exchanged(self._http, method, f"{self.url}/control{path}", body)

    def _not_ours(self, method: str, path: str, status: int, content: bytes) -> CouldNotTell:
        url, said = f"{self.url}/control{path}", refusal(status, content)
        return CouldNotTell(NOT_OURS.format(method=method, url=url, refusal=said))


class ServiceClock:
    """The service's time, without asking for it each time. Nobody else may turn it meanwhile.

    virtual: waiting moves the service's clock on and takes no time.
    """

    def __init__(self, service: LiveService, *, virtual: bool) -> None:
        self._service, self._virtual = service, virtual
        self._ahead = service.now() - datetime.now(UTC)

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC) + self._ahead

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        if not self._virtual:
            time.sleep(seconds)
            return
        self._service.advance(seconds)
        self._ahead += timedelta(seconds=seconds)
