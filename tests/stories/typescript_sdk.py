"""The official TypeScript SDK, as it is published, in a process of node.

MCS_TEST_SDK: the folder of the npm package @adobe-commerce/aco-ts-sdk.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from tests.server.catalog_client import CatalogClient

SPEAKER = Path(__file__).with_name("typescript_sdk.mjs")
WHERE_IT_LOOKS = ("IMS_BASE_URL_OVERRIDE", "BASE_URL_OVERRIDE")
needs_sdk = pytest.mark.skipif(
    not (os.environ.get("MCS_TEST_SDK") and shutil.which("node")),
    reason="needs node and MCS_TEST_SDK; npm install --prefix DIR @adobe-commerce/aco-ts-sdk",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a method of the SDK gave, or the error that it threw. status: None if no answer came."""

    status: int | None
    reason: str
    body: Any


@dataclass(frozen=True, slots=True)
class TypescriptSdk:
    """A client of the SDK. methods: the names of all that it has."""

    methods: list[str]
    asks: IO[str]
    answers: IO[str]

    def made(self, method: str, items: list[Any]) -> Told:
        """Calls a method of the SDK."""
        self.asks.write(json.dumps([method, items]) + "\n")
        self.asks.flush()
        return Told(**json.loads(self.answers.readline()))

    def call(self, verb: str, resource: str, items: list[Any]) -> int:
        """Makes a call, such as create Products; returns how many items were accepted."""
        told = self.made(verb + resource, items)
        assert (told.status, told.reason) == (200, "OK"), told.body
        count: int = told.body["acceptedCount"]
        return count


@contextmanager
def typescript_sdk(own: CatalogClient, work: Path) -> Iterator[TypescriptSdk]:
    """The SDK with the credentials of a client. work: an empty folder; it looks for a .env there.

    Faults of the script itself are told by node on stderr.
    """
    identity = [own.space.id, own.client_id, own.client_secret]
    command = ["node", str(SPEAKER), os.environ["MCS_TEST_SDK"], *identity]
    environment = os.environ | dict.fromkeys(WHERE_IT_LOOKS, own.space.url)
    with subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            methods = json.loads(process.stdout.readline())
            yield TypescriptSdk(methods, process.stdin, process.stdout)
        finally:
            process.kill()
