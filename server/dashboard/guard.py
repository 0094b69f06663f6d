"""What stands before and after each page: whose browser it is, and what it may load."""

from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import ContractError
from mcs.server.dashboard.admission import new_token
from mcs.server.dashboard.negotiation import Format, wanted_format
from mcs.server.dashboard.state import current_dashboard
from mcs.server.loopback import is_foreign, is_loopback
from mcs.server.service import current_service

FOREIGN_HOST = (
    'This page was asked for as "{host}", which is no name of this machine. Open it as '
    "http://127.0.0.1 with its port; for other names let the server listen elsewhere (--host), "
    "which demands a login."
)
FOREIGN_ORIGIN = "This form came from {origin}, another site. Open the page here and send it again."
STALE_FORM = "This form is too old, or was not shown by this server. Load the page and try again."
LOGIN_NEEDED = "Log in at /dashboard/login with the token that `mcs serve` printed when it started."

SESSION_COOKIE = "mcs_session"
BROWSER_COOKIE = "mcs_browser"
FORM_FIELD = "form_token"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guard(pages: Blueprint, *, without_login: bool = False) -> None:
    """Puts the checks before every view of a blueprint, and the headers behind."""
    pages.before_request(_bound_body)
    pages.before_request(_refuse_foreign_host)
    if not without_login:
        pages.before_request(_demand_login)
    pages.before_request(_demand_form_token)
    pages.after_request(_secured)


def form_token() -> str:
    """The token for a form on the page that is being rendered."""
    return current_dashboard().admission.form_token(_browser())


def set_cookie(answer: AnyResponse, name: str, value: str) -> None:
    """A cookie that scripts and other sites never see."""
    answer.set_cookie(
        name, value, httponly=True, samesite="Strict", secure=request.is_secure, path="/"
    )


def _bound_body() -> None:
    request.max_content_length = current_service().config.max_decoded_bytes


def _refuse_foreign_host() -> None:
    # A name that an attacker lets point to this machine would make his page one of our own.
    admission = current_dashboard().admission
    if not admission.required and not is_loopback(_host_name()):
        raise ContractError(403, "foreign_host", FOREIGN_HOST.format(host=request.host))


def _host_name() -> str | None:
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:
        return None


def _demand_login() -> AnyResponse | None:
    session = request.cookies.get(SESSION_COOKIE)
    if current_dashboard().admission.admits(session, current_service().clock()):
        return None
    if request.method == "GET" and wanted_format() is Format.HTML:
        wanted = quote(request.full_path.rstrip("?"))
        return redirect(f"{url_for('door.login')}?next={wanted}", 303)
    raise ContractError(401, "login_needed", LOGIN_NEEDED)


def _demand_form_token() -> None:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    if is_foreign(origin, request.host):
        raise ContractError(403, "foreign_origin", FOREIGN_ORIGIN.format(origin=origin))
    given = request.form.get(FORM_FIELD, "")
    if not current_dashboard().admission.is_form_token(given, request.cookies.get(BROWSER_COOKIE)):
        raise ContractError(403, "stale_form", STALE_FORM)


def _browser() -> str:
    if "browser" not in g:
        g.browser = request.cookies.get(BROWSER_COOKIE) or new_token()
    return str(g.browser)


def _secured(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if "browser" in g and BROWSER_COOKIE not in request.cookies:
        set_cookie(answer, BROWSER_COOKIE, g.browser)
    if request.endpoint != "door.static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer
