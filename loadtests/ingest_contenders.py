"""Servers that take the same batches, each as a process of its own on the core for servers.

Prism and WireMock come from the npm registry, into a folder outside the tree.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import urllib3

from mcs.contract.feeds import FEEDS
from mcs.contract.jsonschema import item_schema
from mcs.contract.signature import public_pem_of, sign
from mcs.loadtests.commands import create_data_space
from mcs.loadtests.cores import on_cores, server_core
from mcs.loadtests.ingest_load import Target
from mcs.server_process import server_process

START_TIMEOUT_S = 60
SETTLED_WITHIN_S = 600
ROUTE = FEEDS["products"].route
NPM_PACKAGES = {"Prism": "@stoplight/prism-cli@5", "WireMock": "wiremock@3"}
JSON_HEADERS = {"Content-Type": "application/json"}
GZIP_HEADERS = {**JSON_HEADERS, "Content-Encoding": "gzip"}


class Unavailable(Exception):
    """A contender cannot be had on this machine; says why."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server. target: where it takes batches at present; headers may have to be fresh.

    gzipped: whether it unpacks bodies itself; plain ones are sent otherwise. settle: lets it do
    what it has put off, so that it does not while others are measured.
    """

    pid: int
    target: Callable[[], Target]
    gzipped: bool = True
    settle: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Shop:
    """Who sends: the credentials of a data space that `mcs serve` knows."""

    credentials: Path

    @property
    def known(self) -> dict[str, str]:
        """What the file says."""
        known: dict[str, str] = json.loads(self.credentials.read_text("utf-8"))
        return known

    @property
    def private_key(self) -> str:
        """What signs."""
        return self.credentials.with_suffix(".pem").read_text("utf-8")

    @property
    def path(self) -> str:
        """Where products are posted to."""
        return f"/{ROUTE}/{self.known['data_space_id']}"

    def headers(self) -> dict[str, str]:
        """Key, and a signature that is fresh."""
        signed = sign(self.private_key, datetime.now(UTC))
        return {**GZIP_HEADERS, "x-api-key": self.known["api_key"], "x-gw-signature": signed}


@contextmanager
def ours(
    home: Path,
    options: Sequence[str] = (),
    database: Sequence[str] = (),
    cores: set[int] | None = None,
) -> Iterator[tuple[Contender, Shop]]:
    """`mcs serve` with its default settings, and a data space that it knows.

    options: further ones. database: the option that names it. cores: others than the server's.
    """
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with on_cores(cores or {server_core()}):
            given = [*options, *database]
            server = stack.enter_context(server_process(home, quiet=True, options=given))
        shop = Shop(create_data_space(home, "bench", database))
        port = int(server.url.rstrip("/").rpartition(":")[2])
        target = lambda: Target(port, shop.path, shop.headers())  # noqa: E731 - a fresh signature
        received = f"{server.url}/control/data-spaces/{shop.known['data_space_id']}/received"
        # Whoever asks, if only for one item, has all sorted in.
        settle = lambda: urllib3.request(  # noqa: E731
            "GET", f"{received}?key={'0' * 40}", timeout=SETTLED_WITHIN_S, retries=False
        )
        yield Contender(server.process.pid, target, settle=settle), shop


@contextmanager
def gunicorn(home: Path, module: str, shop: Shop) -> Iterator[Contender]:
    """One of the programs beside this one, on the stack that `mcs serve` has."""
    port = _free_port()
    public_key = home / "public.pem"
    public_key.write_text(public_pem_of(shop.private_key), "utf-8")
    environ = {
        **os.environ,
        "MCS_BENCH_DATABASE": str(home / f"{module}.sqlite"),
        "MCS_BENCH_PUBLIC_KEY": str(public_key),
    }
    command = [sys.executable, "-m", "gunicorn", f"mcs.loadtests.{module}:create_app()"]
    options = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "1"]
    options += ["--threads", "16", "--keep-alive", "75", "--log-level", "warning"]
    with _process([*command, *options], port, home / f"{module}.log", environ) as pid:
        yield Contender(pid, lambda: Target(port, shop.path, shop.headers()))


@contextmanager
def prism(home: Path, packages: Path) -> Iterator[Contender]:
    """Prism validates a request against an OpenAPI document, and records nothing.

    It does not unpack bodies, so that it gets them plain.
    """
    program = installed("Prism", packages) / "@stoplight/prism-cli/dist/index.js"
    document = home / "prism.json"
    document.write_text(json.dumps(_openapi()), "utf-8")
    port = _free_port()
    command = ["node", str(program), "mock", str(document), "--port", str(port)]
    command += ["--host", "127.0.0.1", "--verboseLevel", "fatal", "--multiprocess", "false"]
    with _process(command, port, home / "prism.log") as pid:
        yield Contender(pid, lambda: Target(port, f"/{ROUTE}", JSON_HEADERS), gzipped=False)


@contextmanager
def wiremock(home: Path, packages: Path) -> Iterator[Contender]:
    """WireMock matches bodies by the JSON Schema of a batch; its journal is in memory."""
    if not shutil.which("java"):
        raise Unavailable("there is no Java")
    jars = sorted((installed("WireMock", packages) / "wiremock/build").glob("*.jar"))
    folder = home / "wiremock"
    (folder / "mappings").mkdir(parents=True)
    (folder / "mappings" / "products.json").write_text(json.dumps(_wiremock_stub()), "utf-8")
    port = _free_port()
    command = ["java", "-Xmx2g", "-jar", str(jars[-1]), "--port", str(port)]
    command += ["--bind-address", "127.0.0.1", "--root-dir", str(folder)]
    command += ["--max-request-journal-entries", "10000", "--disable-banner"]
    with _process(command, port, home / "wiremock.log") as pid:
        yield Contender(pid, lambda: Target(port, f"/{ROUTE}", GZIP_HEADERS))


def installed(name: str, packages: Path) -> Path:
    """The folder of npm packages that holds a contender, fetched if it is not there yet."""
    package = NPM_PACKAGES[name]
    found = packages / "node_modules"
    if (found / package.rpartition("@")[0]).exists():
        return found
    if not shutil.which("npm"):
        raise Unavailable("there is no npm")
    packages.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(  # noqa: S603 - a fixed command
        ["npm", "install", "--silent", "--no-audit", "--prefix", str(packages), package],  # noqa: S607 - from PATH
        check=False,
    )
    if fetched.returncode:
        raise Unavailable(f"npm could not install {package}")
    return found


def _openapi() -> dict[str, object]:
    text = json.dumps(item_schema("products", strict=True))
    schema = json.loads(text.replace("#/$defs/", "#/components/schemas/"))
    item = {"$ref": schema["$ref"]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "products", "version": "1"},
        "paths": {
            f"/{ROUTE}": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {"schema": {"type": "array", "items": item}}
                        },
                    },
                    "responses": {
                        "200": {
                            "description": "taken",
                            "content": {"application/json": {"example": _answer()}},
                        }
                    },
                }
            }
        },
        "components": {"schemas": schema["$defs"]},
    }


def _wiremock_stub() -> dict[str, object]:
    schema = dict(item_schema("products", strict=True))
    batch = {**schema, "type": "array", "items": {"$ref": schema["$ref"]}}
    batch.pop("$ref")
    matcher = {"matchesJsonSchema": json.dumps(batch), "schemaVersion": "V202012"}
    return {
        "request": {"method": "POST", "urlPath": f"/{ROUTE}", "bodyPatterns": [matcher]},
        "response": {"status": 200, "jsonBody": _answer(), "headers": JSON_HEADERS},
    }


def _answer() -> dict[str, object]:
    return {"feedItemReceivedCount": 100, "invalidFeedItems": []}


@contextmanager
def _process(
    command: list[str], port: int, log: Path, environ: dict[str, str] | None = None
) -> Iterator[int]:
    with log.open("wb") as said, on_cores({server_core()}):
        process = subprocess.Popen(  # noqa: S603 - commands of this module
            command, env=environ, stdout=said, stderr=said, start_new_session=True
        )
    try:
        _wait_for(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=START_TIMEOUT_S)


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    ends_at = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < ends_at:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Unavailable(f"it did not start: {log.read_text('utf-8', 'replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
