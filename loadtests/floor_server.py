"""The least that any service on this stack does: unpack, split, insert; no checks, no journal."""

import gzip
import os
import sqlite3
import threading

import orjson
from flask import Flask, Response, request

_LOCAL = threading.local()
_TURN = threading.Lock()


def create_app() -> Flask:
    """An app that takes batches at any path. MCS_BENCH_DATABASE: its SQLite file."""
    path = os.environ["MCS_BENCH_DATABASE"]
    with _connection(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, body BLOB)")
    app = Flask(__name__, static_folder=None)

    @app.post("/<path:route>")
    def receive(route: str) -> Response:
        items = orjson.loads(gzip.decompress(request.get_data()))
        rows = [(orjson.dumps(item),) for item in items]
        with _TURN, _connection(path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO items (body) VALUES (?)", rows)
        answer = orjson.dumps({"feedItemReceivedCount": len(items), "invalidFeedItems": []})
        return Response(answer, mimetype="application/json")

    return app


def _connection(path: str) -> sqlite3.Connection:
    if not hasattr(_LOCAL, "connection"):
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _LOCAL.connection = connection
    found: sqlite3.Connection = _LOCAL.connection
    return found
