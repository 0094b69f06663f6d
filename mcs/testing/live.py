"""A mock service for a whole test run: one that is started for it, or one that runs already."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from mcs.harness.client import TIMEOUT, checked_url
from mcs.harness.errors import CouldNotTell
from mcs.server_process import NotStarted, server_process
from mcs.testing.clock import Clock
from mcs.testing.control import Control
from mcs.testing.faults import Faults
from mcs.testing.services import SHOWN, CommerceServices
from mcs.testing.told import speaks_for_itself

__tracebackhide__ = speaks_for_itself

TOKEN = "MCS_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
USER_AGENT = "mock-commerce-services pytest"
LONGEST_NAME = 200


@dataclass(frozen=True)
class LiveService:
    """A running service, on which each test makes data spaces of its own.

    folder: makes a new folder for files of a data space. shared: other processes may turn its
    clock as well. shown: items of each kind in a failure's text.
    """

    control: Control
    folder: Callable[[], Path]
    shared: bool = False
    shown: int = SHOWN

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.control.url

    def data_space(self, name: str, **settings: Any) -> CommerceServices:
        """A new data space with these settings, such as mode="strict", and a key pair of its own.

        Fixtures of a wider scope than a test's make theirs with this.
        """
        wanted = {"name": name[-LONGEST_NAME:], "settings": settings}
        made = self.control.call("POST", "/data-spaces", wanted)
        return CommerceServices(
            url=self.url,
            data_space_id=made["id"],
            api_key=made["api_key"],
            private_key=made["private_key"],
            control=self.control,
            faults=Faults(self.control, f"/data-spaces/{made['id']}"),
            clock=Clock(self.control, shared=self.shared),
            folder=self.folder,
            shown=self.shown,
        )


@contextmanager
def started_service(var: Path, folder: Callable[[], Path], shown: int) -> Iterator[LiveService]:
    """A service of its own process, on a free port; gone with the block, or with this process.

    Raises CouldNotTell with what it said if it does not start.
    """
    try:
        with server_process(var, quiet=True, tied=True, env=_clean_environment()) as server:
            try:
                with _http(None) as http:
                    yield LiveService(Control(server.url, http), folder, shown=shown)
            finally:
                # Nobody reads its database any more, so it need not take its time.
                if server.process.poll() is None:
                    server.kill()
    except NotStarted as error:
        raise CouldNotTell(str(error)) from None


@contextmanager
def running_service(
    url: str, folder: Callable[[], Path], shown: int, *, shared: bool
) -> Iterator[LiveService]:
    """The service at a URL. The control token is taken from the environment, if there is one."""
    token = os.environ.get(TOKEN)
    with _http(token) as http:
        control = Control(checked_url(url), http, token)
        control.call("GET", "/health")
        yield LiveService(control, folder, shared, shown)


def _http(token: str | None) -> urllib3.PoolManager:
    headers = {"User-Agent": USER_AGENT, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return urllib3.PoolManager(headers=headers, timeout=TIMEOUT, retries=False)


def _clean_environment() -> dict[str, str]:
    """This process' environment, without what would lead the server to other data or modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MCS_")}
    # A module of the tested project must not stand for one of the server's.
    return {**kept, "PYTHONSAFEPATH": "1"}
