"""What all pages have in common: guards, errors for people, and what templates may call."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import HTTPException

from mcs.contract.answer import reason_phrase
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import ContractError, UsageError
from mcs.server.answers import error_answer
from mcs.server.dashboard import charts, guard, navigation
from mcs.server.dashboard.filters import FILTERS
from mcs.server.dashboard.negotiation import Format, wanted_format
from mcs.server.dashboard.state import current_dashboard
from mcs.server.dashboard.views import Failure

SPACE = "/data-spaces/<data_space>"


def page_blueprint(name: str, *, prefix: str = SPACE, without_login: bool = False) -> Blueprint:
    """A blueprint for pages, guarded, below one data space's URL."""
    pages = Blueprint(
        name,
        "mcs.server.dashboard",
        url_prefix=prefix,
        template_folder="templates",
    )
    guard.guard(pages, without_login=without_login)
    for error in (ContractError, UsageError, HTTPException):
        pages.register_error_handler(error, _failed)
    pages.context_processor(_shared)
    for filter_name, function in FILTERS.items():
        pages.add_app_template_filter(function, filter_name)
    return pages


def _shared() -> dict[str, Any]:
    data_space = (request.view_args or {}).get("data_space")
    try:
        known = navigation.known_data_space(str(data_space)) if data_space else None
    except ContractError:
        known = None
    return {
        "bars": charts.bars,
        "lines": charts.lines,
        "feeds": tuple(ALL_FEEDS),
        "product_url": navigation.product_url,
        "form_token": guard.form_token,
        "form_field": guard.FORM_FIELD,
        "data_space": known,
        "menu": navigation.menu(known.id) if known else [],
        "switcher": navigation.switcher(known.id) if known else [],
        "login_required": current_dashboard().admission.required,
    }


def _failed(error: Exception) -> Response:
    answer = _shown(_failure(error))
    if isinstance(error, ContractError) and error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _shown(failure: Failure) -> Response:
    try:
        wants_page = wanted_format() is Format.HTML
    except UsageError:
        wants_page = True
    if not wants_page:
        return error_answer(failure.status, failure.code, failure.message, failure.detail)
    if "fragment" in request.args:
        return Response(failure.message, failure.status, mimetype="text/plain")
    page = render_template("error.html", view=failure)
    return Response(page, failure.status, mimetype="text/html")


def _failure(error: Exception) -> Failure:
    if isinstance(error, ContractError):
        return Failure(error.status, error.code, error.message, error.detail)
    if isinstance(error, HTTPException):
        status = error.code or 500
        return Failure(status, error.name.lower(), error.name, error.description or "")
    return Failure(400, "bad_request", reason_phrase(400), str(error))
