"""The answers that faults give in the place of the service."""

from http import HTTPStatus

import orjson
from flask import Response

from mcs.contract.answer import reason_phrase
from mcs.server.answers import JSON, error_answer
from mcs.server.faults.rules import Rule

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
PAGE = "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
CODES = {
    "throttle": (429, "too_many_requests"),
    "maintenance": (503, "service_unavailable"),
}
DETAIL = "Nothing was recorded: fault {number} ({action}) answered."
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def answer_instead(rule: Rule, *, html_when_throttled: bool = False) -> Response:
    """The answer of a rule that lets the service not answer itself."""
    return _scripted(rule) if rule.action == "answer" else _refused(rule, html_when_throttled)


def journal_message(rule: Rule) -> str:
    """What the journal says of a request that such a rule answered."""
    return DETAIL.format(number=rule.id, action=rule.action)


def malformed(answer: Response, rule: Rule) -> Response:
    """The answer with a body that cannot be read."""
    answer.set_data(rule.parameters["body"])
    return answer


def _scripted(rule: Rule) -> Response:
    status, body = rule.parameters["status"], rule.parameters["body"]
    is_text = isinstance(body, str)
    content = body.encode() if is_text else orjson.dumps(body)
    answer = Response(
        b"" if status in _WITHOUT_BODY else content, status, content_type=TEXT if is_text else JSON
    )
    for name, text in rule.parameters["headers"].items():
        answer.headers[name] = text
    return answer


def _refused(rule: Rule, html_when_throttled: bool) -> Response:
    status, code = CODES[rule.action]
    phrase = reason_phrase(status)
    if rule.parameters["shape"] == "html" or (status == 429 and html_when_throttled):
        page = PAGE.format(title=f"{status} {phrase}")
        answer = Response(page, status, content_type=HTML)
    else:
        answer = error_answer(status, code, phrase, journal_message(rule))
    if rule.parameters["retry_after_s"] is not None:
        answer.headers["Retry-After"] = str(rule.parameters["retry_after_s"])
    return answer
