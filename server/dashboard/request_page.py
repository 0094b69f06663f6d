"""One request as a view model: headers, body, and what became of each item."""

import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.dialects import ALL_FEEDS, address
from mcs.server.dashboard.filters import plural, size
from mcs.server.dashboard.json_diff import pretty
from mcs.server.dashboard.request_list import RequestRow, request_row
from mcs.server.dashboard.table import Column, Table
from mcs.server.decoding import parsed_items
from mcs.server.faults.candidates import Candidate, candidates_of
from mcs.server.store.journal import Entry, Event, Journal, RefusedItem
from mcs.server.store.repository import Store

SHOWN_CHARACTERS = 60_000
LARGEST_PRETTY_BYTES = 4_000_000
ITEMS_SHOWN = 200
VALUE_CHARACTERS = 80

CUT = "The first {shown} of {whole} are shown; the download has all."
CUT_LINES = "The first {shown} of {whole} are shown; the download has all {size}."
NO_BODY = "The body was not read: the request was refused before."
NO_BATCH = "The body is no batch, so there are no items to judge."
FAR_AHEAD_S = 10 * 365 * 86_400
MILLISECONDS = "exp looks like milliseconds: it counts seconds, so this token hardly ever expires."
FAR_AHEAD = "exp is more than ten years ahead, so this token hardly ever expires."
SOME_ITEMS = "{shown} of {all}: those that were not accepted come first."
ACCEPTED, REFUSED, UNRECORDED = "accepted", "refused", "not recorded"
TONES = {ACCEPTED: "good", REFUSED: "bad", UNRECORDED: "busy"}

CURL = """\
# {file} is the download; MCS_URL, MCS_API_KEY and MCS_SIGNATURE (a fresh token) are yours to set.
curl -sS -X POST "$MCS_URL"{path} \\
  -H 'Content-Type: application/json' \\
  -H "x-api-key: $MCS_API_KEY" \\
  -H "x-gw-signature: $MCS_SIGNATURE" \\
  --data-binary @{file}"""
CURL_OF_CALL = """\
# {file} is the download; MCS_URL and MCS_TOKEN (of /ims/token/v3) are yours to set.
curl -sS -X {method} "$MCS_URL"{path} \\
  -H 'Content-Type: application/json' \\
  -H "Authorization: Bearer $MCS_TOKEN" \\
  --data-binary @{file}"""
SEND = """
# or let this sign it, with the credentials file of the data space:
mcs send {file} --feed {feed}"""

HEADER_COLUMNS = (Column("name", "Header"), Column("value", "Value"))
VERDICT_COLUMNS = (
    Column("index", "Index", numeric=True),
    Column("identity", "Identity"),
    Column("verdict", "Verdict"),
    Column("errors", "Errors"),
    Column("faults", "Faults"),
)
EVENT_COLUMNS = (
    Column("at", "When"),
    Column("fault", "Fault", numeric=True),
    Column("action", "Did"),
    Column("index", "Index", numeric=True),
    Column("change", "Changed"),
)


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """A header as the journal has it: secrets are cut."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """An error of an item. value: what stands at the pointer, shortened."""

    pointer: str
    code: str
    message: str
    value: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What became of one item. sku, store_view: of a product that has a page."""

    index: int
    identity: str
    verdict: str
    tone: str
    errors: tuple[ItemProblem, ...]
    faults: str
    sku: str | None = None
    store_view: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """text: with line breaks, cut where it is long. note: what is to be known of that."""

    text: str
    size_bytes: int | None
    note: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request. claims_note: what is odd about them, "" if nothing is. resent_from: the number
    of the request whose body was sent again."""

    data_space: str
    request: RequestRow
    code: str | None
    message: str | None
    claims: str
    claims_note: str
    resent_from: str | None
    headers: Table
    body: Body
    file_name: str
    verdicts: Table
    verdicts_note: str
    events: Table
    curl: str


def request_page(
    store: Store, data_space: str, entry: Entry, headers: Mapping[str, str]
) -> RequestPage:
    """All that is known of a request."""
    journal, body = store.journalled, store.journalled.body(data_space, entry.id)
    events = journal.events(data_space, entry.request_id, ITEMS_SHOWN) if entry.fault else []
    verdicts, note = _verdicts(journal, data_space, entry, body, events)
    file_name = f"request-{entry.id}.json"
    claims = (entry.signature or {}).get("claims")
    return RequestPage(
        data_space=data_space,
        request=request_row(entry),
        code=entry.code,
        message=entry.message,
        claims=orjson.dumps(claims).decode() if claims else "",
        claims_note=_claims_note(claims, entry.received_at),
        resent_from=headers.get("X-Mcs-Resent-From"),
        headers=Table(
            "Headers, secrets cut", HEADER_COLUMNS, [HeaderRow(*pair) for pair in headers.items()]
        ),
        body=_body(body),
        file_name=file_name,
        verdicts=Table("What became of each item", VERDICT_COLUMNS, verdicts),
        verdicts_note=note,
        events=Table("What faults did to it", EVENT_COLUMNS, events),
        curl=_curl(entry, data_space, file_name),
    )


def value_at(item: Any, pointer: str) -> Any:
    """What stands at a JSON pointer; raises LookupError if nothing does.

    >>> value_at({"images": [{"a/b": 1}]}, "/images/0/a~1b")
    1
    """
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(item, list) and name.isdecimal():
            item = item[int(name)]
        elif isinstance(item, dict):
            item = item[name]
        else:
            raise LookupError(pointer)
    return item


def _claims_note(claims: Any, received_at: str) -> str:
    exp = claims.get("exp") if isinstance(claims, dict) else None
    if not isinstance(exp, int | float):
        return ""
    latest = int(datetime.fromisoformat(received_at).timestamp()) + FAR_AHEAD_S
    if exp <= latest:
        return ""
    return MILLISECONDS if exp <= latest * 1_000 else FAR_AHEAD


def _body(body: bytes | None) -> Body:
    if body is None:
        return Body("", None, NO_BODY)
    is_pretty = len(body) < LARGEST_PRETTY_BYTES
    known = body if is_pretty else body[: SHOWN_CHARACTERS * 4]
    text = known.decode("utf-8", "replace")
    text = pretty(text) if is_pretty else text
    if len(text) <= SHOWN_CHARACTERS:
        return Body(text, len(body), "")
    shown = text[:SHOWN_CHARACTERS]
    lines = shown.count("\n")
    if not is_pretty or not lines:
        cut = CUT.format(shown=size(len(shown.encode())), whole=size(len(body)))
        return Body(shown, len(body), cut)
    # With line breaks it is larger than what came, so its size would be another measure.
    whole = plural(text.count("\n") + 1, "line")
    cut = CUT_LINES.format(shown=f"{lines:,}", whole=whole, size=size(len(body)))
    return Body(shown, len(body), cut)


def _verdicts(
    journal: Journal, data_space: str, entry: Entry, body: bytes | None, events: Sequence[Event]
) -> tuple[list[VerdictRow], str]:
    items = parsed_items(body) if body is not None else None
    feed = ALL_FEEDS.get(entry.feed or "")
    if items is None or feed is None:
        return [], NO_BATCH
    refused = journal.refused(data_space, request=entry.id, limit=len(items))
    errors = {item.index: item for item in refused}
    accepted = {item.index for item in journal.recorded(data_space, entry.id)}
    faults: dict[int | None, list[str]] = defaultdict(list)
    for event in reversed(events):
        faults[event.index].append(event.action)
    named = candidates_of(feed, items)
    order = sorted(range(len(items)), key=lambda index: (index in accepted, index))
    rows = [
        _verdict(named[i], errors.get(i), i in accepted, faults[i], feed.name)
        for i in order[:ITEMS_SHOWN]
    ]
    if len(items) <= ITEMS_SHOWN:
        return rows, ""
    return rows, SOME_ITEMS.format(shown=ITEMS_SHOWN, all=plural(len(items), "item"))


def _verdict(
    item: Candidate, refused: RefusedItem | None, accepted: bool, faults: list[str], feed: str
) -> VerdictRow:
    verdict = REFUSED if refused else ACCEPTED if accepted else UNRECORDED
    identity = item.identity or {}
    is_product = feed == "products" and accepted
    return VerdictRow(
        index=item.index,
        identity=", ".join(f"{path} {value}" for path, value in identity.items()),
        verdict=verdict,
        tone=TONES[verdict],
        errors=tuple(_problem(item.item, error) for error in _errors(refused)),
        faults=", ".join(faults),
        sku=identity.get("sku") if is_product else None,
        store_view=identity.get("storeViewCode") if is_product else None,
    )


def _errors(refused: RefusedItem | None) -> list[dict[str, str]]:
    found: list[dict[str, str]] = orjson.loads(refused.errors) if refused else []
    return found


def _problem(item: Any, error: Mapping[str, str]) -> ItemProblem:
    try:
        value = orjson.dumps(value_at(item, error["pointer"])).decode()
    except LookupError:
        value = ""
    message = error["message"].removeprefix(error["pointer"]).strip()
    shown = value[:VALUE_CHARACTERS] + ("…" if len(value) > VALUE_CHARACTERS else "")
    return ItemProblem(error["pointer"], error["code"], message, shown)


def _curl(entry: Entry, data_space: str, file_name: str) -> str:
    path = shlex.quote(address(entry.feed, entry.route, data_space))
    if entry.feed in CATALOG_FEEDS:
        return CURL_OF_CALL.format(method=entry.method, path=path, file=file_name)
    text = CURL.format(path=path, file=file_name)
    if entry.feed is not None:
        text += SEND.format(file=file_name, feed=entry.feed)
    return text
