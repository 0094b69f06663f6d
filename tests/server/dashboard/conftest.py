"""What tests of the pages share: a browser without script."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3

from tests.server.running import Answer, DataSpaceClient, RunningService


@dataclass
class Visitor:
    """Somebody who reads pages and sends forms, and keeps cookies."""

    url: str
    http: urllib3.PoolManager
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, accept: str = "text/html", **headers: str) -> Answer:
        """Opens a page; a redirect is not followed."""
        return self._ask("GET", path, {"Accept": accept, **headers})

    def json(self, path: str) -> Any:
        """The JSON twin of a page."""
        answer = self.get(path, "application/json")
        assert answer.status == 200, answer.data
        return answer.json()

    def page(self, path: str) -> str:
        """The HTML of a page."""
        answer = self.get(path)
        assert answer.status == 200, answer.data
        return answer.data.decode()

    def send(
        self, page: str, action: str, /, *, headers: dict[str, str] | None = None, **fields: str
    ) -> Answer:
        """Sends a form as it stands on a page, with the page's token."""
        [token] = set(re.findall(r'name="form_token" value="(\w+)"', self.page(page)))
        return self.post(action, headers=headers, form_token=token, **fields)

    def post(self, path: str, /, *, headers: dict[str, str] | None = None, **fields: str) -> Answer:
        """Sends a form without having seen it."""
        return self._ask("POST", path, headers or {}, fields=fields, encode_multipart=False)

    def _ask(self, method: str, path: str, headers: dict[str, str], **options: Any) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={v}" for name, v in self.cookies.items())
        answer = self.http.request(
            method, self.url + path, headers=headers, redirect=False, **options
        )
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


@pytest.fixture
def visitor(service: RunningService) -> Visitor:
    """A visitor of the running service."""
    return Visitor(service.url, service.http)


@pytest.fixture
def home(data_space: DataSpaceClient) -> str:
    """The path of the data space's first page."""
    return f"/data-spaces/{data_space.id}/"
