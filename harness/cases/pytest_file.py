"""A case as a pytest file that fails while the case's symptom is there. Pure."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pprint import pformat
from typing import Any

from mcs.contract.dialects import CATALOG_DIALECT, dialect_of
from mcs.contract.errors import UsageError
from mcs.harness.cases.document import Case
from mcs.harness.cases.reinjection import rules_for
from mcs.harness.cases.requests import Request
from mcs.harness.cases.symptom import CUT, Condition, Symptom

MOST_ITEMS = 200
TOO_MUCH = (
    "{path}: {items:,} items are too many for a test that a person can read (at most {most}). Make "
    "the case smaller first: mcs case minimise {path} --while 'discrepancy {example}'."
)
NOTHING = "{path}: it has no discrepancies, and its symptom names nothing else, so no test fails."
NO_BATCH = "{path}: request {number} has no batch that could be written down ({why})."

HEAD = '''\
"""{title}

Written by `mcs case to-test` out of {name}. It fails while the symptom is there:
{symptom}.

{causes}To see whether your exporter bears what the service does, let it send instead of `post`.
"""

import contextlib
import json

{settings}import urllib3
{imports}'''
POST = '''

def post(commerce_services, came_at, route, headers, faults, batch):
    """Sends a batch, signed afresh, with these faults in force; the status, or "cut"."""
    url = f"{commerce_services.url}/{route}/{commerce_services.data_space_id}"
    headers = {**headers, **commerce_services.headers()}
'''
CALL = '''

def post(commerce_services, came_at, route, headers, faults, batch, method=None):
    """Sends a batch with a new signature, or by a call of the catalog data ingestion API with a
    new token, with these faults in force; the status, or "cut"."""
    if method:
        url = commerce_services.call_url(route)
        headers = {**headers, **commerce_services.call_headers()}
    else:
        url = f"{commerce_services.url}/{route}/{commerce_services.data_space_id}"
        headers = {**headers, **commerce_services.headers()}
'''
SEND = """\
    body = json.dumps(batch).encode()
    with contextlib.ExitStack() as in_force:
        for fault in faults:
            in_force.enter_context(commerce_services.faults.add(**fault))
        try:
            return urllib3.request(METHOD, url, body=body, headers=headers, retries=False).status
        except urllib3.exceptions.HTTPError:
            return "cut"
"""
WIDTH = 96
_MADE_ANEW = frozenset({"content-encoding", "content-type", "x-request-id"})


@dataclass(frozen=True, slots=True)
class Content:
    """What a test is made of. requests: each with the moment when it came. rows: sent lines.
    causes: what was found out about the discrepancies, in sentences."""

    name: str
    case: Case
    requests: Sequence[tuple[Request, datetime]]
    rows: Sequence[Mapping[str, Any]]
    causes: Sequence[str]
    symptom: Symptom


def pytest_file(content: Content) -> str:
    """The text of the test. Raises UsageError if the case is too large, or shows nothing."""
    _refuse_unfit(content)
    imports = "\nfrom mcs.testing.cases import SentRows\n" if _compares(content) else ""
    settings = "import pytest\n" if content.case.settings else ""
    causes = "".join(
        textwrap.fill(cause, WIDTH, break_long_words=False) + "\n" for cause in content.causes[:5]
    )
    parts = [
        HEAD.format(
            title=_inert(content.case.title),
            name=_inert(content.name),
            symptom=content.symptom,
            causes=_inert(causes),
            imports=imports,
            settings=settings,
        ),
        *_constants(content),
        _posting(content),
        "\n\n" + "\n".join(_test(content)) + "\n",
    ]
    return "".join(parts)


def _refuse_unfit(content: Content) -> None:
    items = sum(request.items for request, _ in content.requests)
    kinds = content.case.discrepancies
    if items > MOST_ITEMS:
        kind, feeds = next(iter(kinds.items()), ("missing", {"products": 0}))
        example = f"{kind} {next(iter(feeds))}"
        told = {"path": content.name, "items": items, "most": MOST_ITEMS, "example": example}
        raise UsageError(TOO_MUCH.format(**told))
    if content.symptom.is_same and not kinds:
        raise UsageError(NOTHING.format(path=content.name))
    for request, _ in content.requests:
        if request.batch() is None:
            why = request.code or "it is no JSON array"
            raise UsageError(NO_BATCH.format(path=content.name, number=request.number, why=why))


def _posting(content: Content) -> str:
    if any(map(_is_call, (request for request, _ in content.requests))):
        return CALL + SEND.replace("METHOD", 'method or "POST"')
    return POST + SEND.replace("METHOD", '"POST"')


def _is_call(request: Request) -> bool:
    return dialect_of(request.feed) is CATALOG_DIALECT


def _constants(content: Content) -> Iterator[str]:
    by_time = content.case.reduced
    requests = [_request(request, by_time=by_time) for request, _ in content.requests]
    yield f"\nREQUESTS = {_literal(requests)}\n"
    if _compares(content):
        yield "\n# What the exporter noted of each item, as in its feed table.\n"
        yield f"SENT = {_literal([_row(row) for row in content.rows])}\n"


def _request(request: Request, *, by_time: bool) -> dict[str, Any]:
    headers = {
        name: text for name, text in request.headers.items() if name.lower() not in _MADE_ANEW
    }
    rules = rules_for(request, None, by_time=by_time)
    return {
        "came_at": request.at,
        "route": request.route,
        "headers": headers | {"X-Request-Id": request.request_id},
        "faults": [{name: value for name, value in rule.items() if value} for rule in rules],
        "batch": request.batch(),
        **({"method": request.method} if _is_call(request) else {}),
    }


def _test(content: Content) -> Iterator[str]:
    settings = {
        name: value
        for name, value in content.case.settings.items()
        if value is not None and name != "requests_per_minute"
    }
    if settings:
        yield "@pytest.mark.commerce_services("
        yield from (f"    {name}={value!r}," for name, value in settings.items())
        yield ")"
    yield f"def test_{_snake(content.case.title)}(commerce_services):"
    call = "[post(commerce_services, **request) for request in REQUESTS]"
    answers = any(condition.verb == "answer" for condition in content.symptom.conditions)
    if answers:
        yield f"    answers = {call}"
    else:
        yield "    for request in REQUESTS:"
        yield "        post(commerce_services, **request)"
    if waits_s := _waits_s(content):
        yield "    # Until what was held back is due."
        yield f"    commerce_services.clock.advance({waits_s})"
    yield ""
    for condition in content.symptom.conditions:
        yield f"    {_assertion(condition)}"


def _waits_s(content: Content) -> float:
    """How long what faults held back was held back, if it was recorded in the end."""
    return max(
        (
            float(event.parameters.get("delay_s") or 0)
            for request, _ in content.requests
            for event in request.events
            if event.settled
        ),
        default=0.0,
    )


def _assertion(condition: Condition) -> str:
    words = condition.words
    if condition.verb == "answer":
        status = words["status"]
        return f"assert {CUT if status == CUT else int(status)!r} not in answers"
    if condition.verb == "refused":
        given = f"{words['feed']!r}" if "feed" in words else ""
        return f"assert commerce_services.rejected({given}) == []"
    return "commerce_services.assert_in_sync(SentRows(SENT))"


def _compares(content: Content) -> bool:
    verbs = {condition.verb for condition in content.symptom.conditions}
    return bool(verbs & {"same", "discrepancy"})


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "item"}


def _literal(value: Any) -> str:
    return pformat(value, width=WIDTH, sort_dicts=False)


def _snake(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return words[:60].strip("_") or "case"


def _inert(text: str) -> str:
    # It stands in a docstring.
    return text.replace("\\", "\\\\").replace('"""', "'''")
