"""Serves the app with gunicorn: one process that answers or several, each with many threads."""

import gc
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson
from flask import Flask
from gunicorn.app.base import BaseApplication

from mcs.contract.errors import UsageError
from mcs.server import malformed
from mcs.server.app import close, create_app
from mcs.server.config import ServerConfig
from mcs.server.dashboard.admission import new_form_key, new_token
from mcs.server.dashboard.mount import dashboard_of
from mcs.server.loopback import is_loopback
from mcs.server.store.repository import Store
from mcs.server.worker import LingeringThreadWorker
from mcs.whole_files import replacing

BACKLOG = 1024
# A client that sends batch after batch keeps its connection meanwhile.
KEEPALIVE_S = 75
GRACE_S = 10
OBJECTS_BETWEEN_COLLECTIONS = 200_000
TOKEN_SHOWN = "Other machines reach {url}, so its pages ask for a login. The token: {token}"  # noqa: S105 - a text


class CannotListen(Exception):
    """The address to listen on is taken, or is none of this machine's."""


def serve(config: ServerConfig, announce: Callable[[str], None] = click.echo) -> None:
    """Serves until SIGTERM or SIGINT; then lets requests finish. Leaves by SystemExit.

    announce: is told in one line where the service listens and where its database is.
    Raises CannotListen if the address is taken, UsageError if the database cannot be used.
    """
    with Store(config.database_url) as store:
        database = store.shown_url
    listener = _listener(config.host, config.port)
    url = replace(config, port=listener.getsockname()[1]).url.rstrip("/")
    if not is_loopback(config.host) and not config.dashboard_token:
        config = replace(config, dashboard_token=new_token())
        announce(TOKEN_SHOWN.format(url=url, token=config.dashboard_token))

    def ready(worker: Any) -> None:
        dashboard_of(worker.wsgi).live.close_when(lambda: not worker.alive)
        _collect_garbage_seldom()
        # Said by the first alone, not by those that take the place of one that died.
        if worker.age > 1:
            return
        announce(f"mcs listens on {url}, its database is {database}")
        if config.ready_file:
            _write_ready_file(config.ready_file, url, worker.ppid)

    _Gunicorn(config, listener.detach(), ready).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, config: ServerConfig, listener: int, ready: Callable[[Any], None]) -> None:
        LingeringThreadWorker.queue = config.queue
        LingeringThreadWorker.request_timeout_s = config.request_timeout_s
        self._config = config
        # Made before there are several processes, so that each knows the forms of the others.
        self._form_key = new_form_key()
        self._options = {
            "bind": f"fd://{listener}",
            "worker_class": LingeringThreadWorker,
            "workers": config.workers,
            # A live page holds a thread; those that answer exporters stay as many as ever.
            "threads": config.threads + config.live_streams,
            "keepalive": KEEPALIVE_S,
            "limit_request_line": malformed.LINE_BYTES,
            "limit_request_fields": malformed.HEADERS_AT_MOST,
            "limit_request_field_size": malformed.HEADER_BYTES,
            "graceful_timeout": GRACE_S,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": ready,
            "worker_exit": _close_store,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            # Some came with later versions of gunicorn.
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._config, form_key=self._form_key)


def _collect_garbage_seldom() -> None:
    # A batch is ten thousand objects, none of which refers to itself. At the usual threshold each
    # is looked at some times while it is read: measured, half of the time that parsing takes.
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def _close_store(_: Any, worker: Any) -> None:
    if isinstance(worker.wsgi, Flask):
        close(worker.wsgi)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise CannotListen(
            f"cannot listen on {host}:{port}: {reason}. Take another port with --port, 0 for any."
        ) from None
    listener.listen(BACKLOG)
    return listener


def _write_ready_file(path: Path, url: str, pid: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_bytes(orjson.dumps({"url": url, "pid": pid}))


def main() -> None:
    """Serves with the configuration that the environment gives."""
    try:
        serve(ServerConfig.from_env())
    except (CannotListen, UsageError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
