"""One view model, three answers: a page, its JSON twin, its table as CSV."""

import csv
import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson
from flask import Response, current_app, render_template, request

from mcs.contract.errors import UsageError
from mcs.server.answers import json_answer
from mcs.server.dashboard.table import Column, Table

NO_TABLE = "This page has no table, so there is no CSV of it. Take format=json."


class Format(StrEnum):
    """What a page can be asked for as, by ?format= or else by Accept."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"


_MEDIA_TYPES = {"text/html": Format.HTML, "application/json": Format.JSON, "text/csv": Format.CSV}
# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wanted_format() -> Format:
    """What the caller wants. Raises UsageError for a format that there is none of."""
    given = request.args.get("format")
    if given is None:
        best = request.accept_mimetypes.best_match(list(_MEDIA_TYPES), "text/html")
        return _MEDIA_TYPES[best]
    if given not in list(Format):
        raise UsageError(f'format: got "{given}", expected one of: {", ".join(Format)}.')
    return Format(given)


def show(template: str, view: Any, table: Table | None = None, status: int = 200) -> Response:
    """The view model as the caller wants it. table: what of it goes into CSV.

    ?fragment=NAME renders one block of the page alone.
    """
    wanted = wanted_format()
    if wanted is Format.JSON:
        answer = json_answer(view, status)
    elif wanted is Format.CSV:
        if table is None:
            raise UsageError(NO_TABLE)
        answer = Response(csv_text(table.columns, table.rows), status, mimetype="text/csv")
    elif name := request.args.get("fragment"):
        answer = Response(fragment(template, name, view), status, mimetype="text/html")
    else:
        answer = Response(render_template(template, view=view), status, mimetype="text/html")
    answer.vary.add("Accept")
    return answer


def fragment(template: str, name: str, view: Any) -> str:
    """One block of a page, rendered alone. Raises UsageError if the page has no such block."""
    page = current_app.jinja_env.get_template(template)
    if name not in page.blocks:
        raise UsageError(f'fragment: the page has no part "{name}".')
    values: dict[str, Any] = {"view": view}
    current_app.update_template_context(values)
    return "".join(page.blocks[name](page.new_context(values)))


def csv_text(columns: Sequence[Column], rows: Sequence[Any]) -> str:
    """The rows as CSV, with the columns' titles first; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.title for column in columns])
    for row in rows:
        writer.writerow([_cell(getattr(row, column.key)) for column in columns])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple | dict):
        value = orjson.dumps(value).decode()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
