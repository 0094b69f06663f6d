"""The contract as the server shows it: OpenAPI, JSON Schema per feed, and a page to read both."""

from flask import Blueprint, Flask, Response, request
from flask_swagger_ui import get_swaggerui_blueprint

from mcs.contract.dialects import CATALOG_DIALECT
from mcs.contract.errors import ContractError
from mcs.contract.jsonschema import item_schema
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.server.answers import json_answer
from mcs.server.openapi import catalog_document, document

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
    """The OpenAPI 3.1 document of everything served here, or of one dialect: ?dialect=…."""
    asked = request.args.get("dialect")
    if asked not in (None, CATALOG_DIALECT.name):
        raise ContractError(
            404,
            "unknown_dialect",
            f'There is no document of "{asked}" alone. Take {CATALOG_DIALECT.name}, or none.',
        )
    return json_answer(catalog_document() if asked else document())


@pages.get("/schemas/<feed>.json")
def schema(feed: str) -> Response:
    """JSON Schema of a feed's items; ?grade=strict for what a strict reader takes."""
    if feed not in ITEM_SCHEMAS:
        raise ContractError(
            404,
            "unknown_feed",
            f'There is no feed "{feed}". Take one of: {", ".join(ITEM_SCHEMAS)}.',
        )
    return json_answer(item_schema(feed, strict=request.args.get("grade") == "strict"))
