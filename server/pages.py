"""The contract as the server shows it: OpenAPI, JSON Schema per feed, and a page to read both."""

from flask import Blueprint, Flask, Response, request
from flask_swagger_ui import get_swaggerui_blueprint

from mcs.contract.errors import ContractError
from mcs.contract.feeds import FEEDS
from mcs.contract.jsonschema import item_schema
from mcs.server.answers import json_answer
from mcs.server.openapi import document

pages = Blueprint("pages", __name__)


def mount(app: Flask) -> None:
    """Adds the pages to an app; the assets of /docs come out of an installed package."""
    app.register_blueprint(pages)
    name = "Mock Commerce Services"
    app.register_blueprint(
        get_swaggerui_blueprint("/docs", "/openapi.json", config={"app_name": name})
    )


@pages.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI 3.1 document of everything served here."""
    return json_answer(document())


@pages.get("/schemas/<feed>.json")
def schema(feed: str) -> Response:
    """JSON Schema of a feed's items; ?grade=strict for what a strict reader takes."""
    if feed not in FEEDS:
        raise ContractError(
            404, "unknown_feed", f'There is no feed "{feed}". Take one of: {", ".join(FEEDS)}.'
        )
    return json_answer(item_schema(feed, strict=request.args.get("grade") == "strict"))
