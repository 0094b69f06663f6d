"""The mock as one would first write it: marshmallow per item, the ORM, json, a commit per batch."""

import gzip
import json
import os
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from sqlalchemy import Integer, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from mcs.contract.errors import ContractError
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.signature import verify


class Base(DeclarativeBase):
    """The root of the tables."""


class Item(Base):
    """An item, once per write."""

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    hash: Mapped[str]
    received_at: Mapped[str]
    body: Mapped[str]


def create_app() -> Flask:
    """An app that takes batches of products at any path.

    MCS_BENCH_DATABASE: its SQLite file. MCS_BENCH_PUBLIC_KEY: the file of what checks signatures.
    """
    engine = create_engine(f"sqlite:///{os.environ['MCS_BENCH_DATABASE']}")
    event.listen(engine, "connect", _prepare)
    Base.metadata.create_all(engine)
    public_key = Path(os.environ["MCS_BENCH_PUBLIC_KEY"]).read_text("utf-8")
    app = Flask(__name__, static_folder=None)

    @app.post("/<path:route>")
    def receive(route: str) -> Response:
        try:
            verify(request.headers.get("x-gw-signature", ""), [public_key], datetime.now(UTC), 30)
        except ContractError:
            abort(401)
        items = json.loads(gzip.decompress(request.get_data()))
        errors = {}
        with Session(engine) as session:
            for index, item in enumerate(items):
                problems = ITEM_SCHEMAS["products"]().validate(item)
                if problems:
                    errors[index] = problems
                else:
                    session.add(_row(item))
            session.commit()
        answer = {"feedItemReceivedCount": len(items), "invalidFeedItems": list(errors)}
        return Response(json.dumps(answer), mimetype="application/json")

    return app


def _row(item: dict[str, Any]) -> Item:
    text = json.dumps(item, sort_keys=True)
    name = f"{item['sku']}\0{item['storeViewCode']}"
    return Item(
        key=sha1(name.encode(), usedforsecurity=False).hexdigest(),
        hash=sha1(text.encode(), usedforsecurity=False).hexdigest(),
        received_at=datetime.now(UTC).isoformat(),
        body=text,
    )


def _prepare(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 30000")
