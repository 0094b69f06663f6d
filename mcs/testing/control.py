"""The control API of a service, as a test calls it: JSON in, JSON out, and sentences for errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3

from mcs.contract.errors import UsageError
from mcs.harness.client import refusal
from mcs.harness.errors import CouldNotTell
from mcs.testing.told import speaks_for_itself

__tracebackhide__ = speaks_for_itself

AWAY = "no answer from the mock service at {url} ({reason}). Has it ended, or been stopped?"
UNKNOWN_THERE = (
    "the mock service at {url} does not know {method} {path}: it is of an older release than this "
    "plugin."
)
UNKNOWN_PATH = "not_found"


@dataclass(frozen=True, slots=True)
class Control:
    """One service's control API. http: with headers and timeouts. token: None on this machine."""

    url: str
    http: urllib3.PoolManager
    token: str | None = field(default=None, repr=False)

    def call(
        self, method: str, path: str, body: object = None, **query: str | None
    ) -> dict[str, Any]:
        """Calls a path below /control; query: what is None is left out.

        Raises UsageError with the service's words if it refuses, CouldNotTell if it is away.
        """
        answer: dict[str, Any] = orjson.loads(self._answered(method, path, body, query))
        return answer

    def lines(self, path: str, **query: str | None) -> list[dict[str, Any]]:
        """A listing: one value per line of the answer. Raises as call does."""
        return [
            orjson.loads(line) for line in self._answered("GET", path, None, query).splitlines()
        ]

    def _answered(
        self, method: str, path: str, body: object, query: Mapping[str, str | None]
    ) -> bytes:
        given = {name: value for name, value in query.items() if value is not None}
        url = f"{self.url}/control{path}" + (f"?{urlencode(given)}" if given else "")
        content = None if body is None else orjson.dumps(body)
        try:
            answer = self.http.request(method, url, body=content, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            reason = type(error.__cause__ or error).__name__
            raise CouldNotTell(AWAY.format(url=self.url, reason=reason)) from None
        if answer.status >= 300:
            raise UsageError(self._refusal(method, path, answer.status, answer.data))
        return answer.data

    def _refusal(self, method: str, path: str, status: int, body: bytes) -> str:
        if status == 405 or (status == 404 and f'"code":"{UNKNOWN_PATH}"'.encode() in body):
            return UNKNOWN_THERE.format(url=self.url, method=method, path=f"/control{path}")
        return f"{method} /control{path}: {refusal(status, body)}"
