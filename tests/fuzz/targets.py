"""Each target takes any bytes. It returns, or raises what its callers know; all else is a find."""

import gzip
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from mcs.contract import signature
from mcs.contract.errors import ContractError, UsageError
from mcs.contract.feeds import FEEDS
from mcs.harness import logs
from mcs.harness.cases import archive
from mcs.harness.cases.casefile import CaseFile, opened_case
from mcs.harness.cases.document import parsed_case
from mcs.harness.cases.requests import BodyIs, Event, Request, request_line
from mcs.harness.errors import CouldNotTell
from mcs.harness.sources.opening import open_sent
from mcs.server.config import Settings
from mcs.server.decoding import inflated, parsed_batch
from mcs.server.faults.rules import new_rule
from mcs.server.judging import call_of, judge
from tests.harness.logs.lines import failure, payload, progress
from tests.server.running import product

LIMIT = 1_000_000
REQUESTS_READ = 1_000
MODES = ("lenient", "strict", "record")
Target = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Tried:
    """seeds: what good input looks like, from which others are made."""

    target: Target
    seeds: tuple[bytes, ...]


def batch(text: bytes) -> None:
    """A body of the ingest API: the first byte says the feed and whether it is packed."""
    chosen, rest = (text[0], text[1:]) if text else (0, b"")
    feed = list(FEEDS.values())[chosen % len(FEEDS)]
    try:
        items = parsed_batch(inflated(rest, LIMIT).text if chosen >= 128 else rest)
        for mode in MODES:
            judged = judge(call_of(feed), items, Settings(mode=mode))
            assert len(judged.accepted) + len(judged.rejected) == len(items)
            for item in judged.rejected:
                assert item.errors
    except ContractError as refusal:
        _hold(400 <= refusal.status < 500)


def token(text: bytes) -> None:
    """The signature header."""
    signature.unverified(text.decode("latin-1"))


def log(text: bytes) -> None:
    """A log: every byte of it is in an entry, exactly once."""
    seen = bytearray(len(text))
    for entry in logs.entries(BytesIO(text)):
        for span in logs.spans(entry):
            for place in range(span.byte, span.byte + span.length):
                seen[place] += 1
    assert set(seen) <= {1}


def rule(text: bytes) -> None:
    """A fault as the control API takes it."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        return
    try:
        # As the control API makes sure of before.
        new_rule(given if isinstance(given, dict) else {})
    except UsageError as refusal:
        _hold(bool(str(refusal)))


def settings(text: bytes) -> None:
    """The settings of a data space."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        return
    try:
        Settings.from_json(given)
    except UsageError as refusal:
        _hold(bool(str(refusal)))


def sent(kind: str) -> Target:
    """A file with what was sent, of this kind."""

    def read(text: bytes) -> None:
        with TemporaryDirectory(prefix="mcs-fuzz-") as folder:
            path = Path(folder) / "sent"
            path.write_bytes(text)
            try:
                with open_sent(f"{kind}:{path}") as side:
                    side.write_sent(list(FEEDS.values()), Path(folder) / "lines")
                    lines = (Path(folder) / "lines").read_bytes().splitlines()
                    for line in map(orjson.loads, lines):
                        side.items(FEEDS[line["feed"]], [line["locator"]])
                    assert side.name
            except (CouldNotTell, UsageError) as refusal:
                _hold(bool(str(refusal)))

    return read


def case_document(text: bytes) -> None:
    """case.yaml of a support case."""
    try:
        case = parsed_case(text, "case.yaml")
        for _ in islice(case.numbers(), REQUESTS_READ):
            pass
    except UsageError as refusal:
        _hold(bool(str(refusal)))


def case_requests(text: bytes) -> None:
    """requests.ndjson of a support case, which its checksum does not bind once that is gone."""
    case = parsed_case(_CASE, "case.yaml")
    with TemporaryDirectory(prefix="mcs-fuzz-") as name:
        folder = Path(name)
        (folder / archive.REQUESTS).write_bytes(text)
        try:
            for request, _ in CaseFile(folder, folder, case).requests():
                request.batch()
                request.shown()
                _hold(request.is_packed in (True, False))
        except UsageError as refusal:
            _hold(bool(str(refusal)))


def case_file(text: bytes) -> None:
    """A whole support case: a zip."""
    with TemporaryDirectory(prefix="mcs-fuzz-") as name:
        path = Path(name) / "case.zip"
        path.write_bytes(text)
        try:
            with opened_case(path) as case:
                for _ in case.requests():
                    pass
                case.expected()
                case.state()
        except UsageError as refusal:
            _hold(bool(str(refusal)))


def _hold(law: bool) -> None:
    assert law


def _zipped(members: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    sums = {name: sha256(content).hexdigest() for name, content in members.items()}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items() if name != archive.CASE)
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in {**members, archive.CHECKSUMS: lines.encode()}.items():
            file.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


_ITEMS = [product("A"), {**product("B"), "name": "é", "price": 1.5, "images": [{"url": "x"}]}]
_BATCH = json.dumps(_ITEMS).encode()
_LOG = payload("products", _ITEMS) + progress("products", "Complete") + failure("products")
_SQL = (
    b"CREATE TABLE `cde_products_feed` (`id` int NOT NULL, `source_entity_id` int, `feed_id` "
    b"varchar(64), `feed_hash` varchar(64), `feed_data` mediumtext, `status` smallint, `errors` "
    b"text, `modified_at` timestamp, `is_deleted` tinyint, `metadata` text);\n"
    b"INSERT INTO `cde_products_feed` VALUES (1,1,'a','b','{\\\"sku\\\":\\\"A\\\","
    b'\\"storeViewCode\\":\\"default\\"}\',200,NULL,\'2026-11-22 19:10:15\',0,NULL);\n'
)
_CSV = (
    b"id,source_entity_id,feed_id,feed_hash,feed_data,status,errors,modified_at,is_deleted\n"
    b'1,1,a,b,"{""sku"":""A"",""storeViewCode"":""default""}",200,,2026-11-22 19:10:15,0\n'
)
_HAR = json.dumps(
    {
        "log": {
            "version": "1.2",
            "entries": [
                {
                    "startedDateTime": "2026-11-22T19:10:15.000Z",
                    "request": {
                        "method": "POST",
                        "url": "http://x/feeds/catalog/v2/products/"
                        "3f1c7e1e-0000-4000-8000-000000000001",
                        "headers": [{"name": "Content-Type", "value": "application/json"}],
                        "postData": {"mimeType": "application/json", "text": _BATCH.decode()},
                    },
                    "response": {"status": 200, "content": {"text": "{}"}},
                }
            ],
        }
    }
).encode()
_RULE = json.dumps(
    {
        "action": "reject",
        "feed": "products",
        "identity": {"sku": "A"},
        "where": "$[?@.price > 1]",
        "nth": 2,
        "every": 3,
        "probability": 0.5,
    }
).encode()

_CASE = (
    b"format: 1\ntitle: The price did not change\nsymptom: answer 429 and discrepancy changed\n"
    b"settings: {mode: strict}\nsteps: [{request: 1, at_s: 10}, {requests: 1-2}]\n"
)
_REQUEST_LINES = b"".join(
    request_line(
        Request(
            number,
            f"r-{number}",
            "2026-11-22T19:10:15+00:00",
            "feeds/catalog/v2/products",
            "products",
            {"Content-Type": "application/json"},
            _BATCH,
            BodyIs.AS_SENT,
            items=2,
            status=200,
            events=(Event(1, "lose", 0, "a"),),
        )
    )
    for number in (1, 2)
)

TARGETS: Mapping[str, Tried] = {
    "batch": Tried(
        batch,
        (b"\0" + _BATCH, b"\x80" + gzip.compress(_BATCH, mtime=0), b"\x05[{}]", b"\x02[[[1]]]"),
    ),
    "token": Tried(token, (b"eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.c2ln",)),
    "log": Tried(log, (_LOG,)),
    "rule": Tried(rule, (_RULE, b'{"action":"lose","count":1}')),
    "settings": Tried(settings, (b'{"mode":"strict","items_limit":{"products":1}}',)),
    "case document": Tried(case_document, (_CASE,)),
    "case requests": Tried(case_requests, (_REQUEST_LINES,)),
    "case file": Tried(
        case_file, (_zipped({archive.CASE: _CASE, archive.REQUESTS: _REQUEST_LINES}),)
    ),
    "sent log": Tried(sent("log"), (_LOG,)),
    "sent har": Tried(sent("har"), (_HAR,)),
    "sent csv": Tried(sent("csv"), (_CSV,)),
    "sent sql": Tried(sent("sql"), (_SQL,)),
    "sent ndjson": Tried(sent("ndjson"), (b'{"feed":"products","item":' + _BATCH[1:60],)),
}
