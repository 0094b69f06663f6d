"""Replaces personal data in a case, the same by the same, so that identities still join.

Names and e-mail addresses always, prices on demand. What stands in for a value is made of it by a
keyed hash: whoever has no key cannot come back to it, and with the same key two cases still join.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import content_hash, identity, key_of_values
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import MissingIdentity, UsageError
from mcs.contract.feeds import Feed
from mcs.harness.cases import archive
from mcs.harness.cases.casefile import write_document
from mcs.harness.cases.document import Case
from mcs.harness.cases.requests import BodyIs, Event, Request, parsed_request, request_line

KINDS = ("names", "emails", "prices")
USUAL = ("names", "emails")
REPLACED = "Replaced by stand-ins: {counts}."
UNKNOWN = '--redact: "{given}" is not known. Take of: {known}.'

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
# How fields end that say what people, or a shop's things, are called; a URL key is made of a name.
_ENDS = (
    "author",
    "company",
    "description",
    "keyword",
    "label",
    "manufacturer",
    "name",
    "nickname",
    "title",
    "url_key",
    "urlkey",
    "urlpath",
)
_NAME = re.compile(rf"\w*(?:{'|'.join(_ENDS)})", re.I)
_PRICE = re.compile(r"price|amount|regular|final|cost|msrp|discount", re.I)
# JSON within JSON has a backslash before each of its quotes.
_IN_TEXT = re.compile(rf'((\\?)"{_NAME.pattern}\2"\s*:\s*\2")((?:[^"\\]|\\.)+?)(\2")', re.I)


def kinds_of(given: str) -> tuple[str, ...]:
    """What is to be replaced. Raises UsageError.

    >>> kinds_of("emails,prices")
    ('emails', 'prices')
    """
    kinds = tuple(kind.strip() for kind in given.split(",") if kind.strip())
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(UNKNOWN.format(given=kind, known=", ".join(KINDS)))
    return kinds or USUAL


@dataclass
class Redactor:
    """key: of the hashes. counts: how many values were replaced, by kind."""

    kinds: tuple[str, ...] = USUAL
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    counts: dict[str, int] = field(default_factory=dict)

    def item(self, value: Any, name: str = "") -> Any:
        """A JSON value with what stands in for personal data. name: of the field it stands in."""
        if isinstance(value, dict):
            return {inner: self.item(one, inner) for inner, one in value.items()}
        if isinstance(value, list):
            return [self.item(one, name) for one in value]
        if isinstance(value, str):
            return self._text(value, name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and "prices" in self.kinds and _PRICE.search(name):
            return self._price(value)
        return value

    def line(self, text: bytes) -> bytes:
        """A line of a log: its addresses, and the names in its JSON."""
        try:
            said = text.decode()
        except UnicodeDecodeError:
            said = text.decode("cp1252", "replace")
        if "names" in self.kinds:
            said = _IN_TEXT.sub(
                lambda m: m[1] + self._stand_in("name", _unescaped(m[3])) + m[4], said
            )
        return self._emails(said).encode()

    def _text(self, value: str, name: str) -> str:
        if "names" in self.kinds and _NAME.fullmatch(name) and value.strip():
            return self._stand_in("name", value)
        if "prices" in self.kinds and _PRICE.search(name) and _is_number(value):
            return str(self._price(float(value)))
        return self._emails(value)

    def _emails(self, text: str) -> str:
        if "emails" not in self.kinds or "@" not in text:
            return text
        return _EMAIL.sub(lambda m: self._stand_in("person", m[0]) + "@example.com", text)

    def _price(self, value: float) -> float:
        self.counts["prices"] = self.counts.get("prices", 0) + 1
        digest = int(self._digest(f"{value:.4f}"), 16)
        # Of about the same size, and never 0, which means something else.
        factor = 0.5 + (digest % 10_000) / 10_000
        return round(value * factor, 2) or value

    def _stand_in(self, word: str, value: str) -> str:
        kind = "emails" if word == "person" else "names"
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{word}-{self._digest(value.lower() if word == 'person' else value)[:12]}"

    def _digest(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), "sha256").hexdigest()


def redacted(folder: Path, case: Case, redactor: Redactor) -> Case:
    """Replaces personal data in a case that is being written; returns its document as it is now."""
    redact(folder, redactor)
    counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(redactor.counts.items()))
    notes = (*case.notes, REPLACED.format(counts=counts or "nothing"))
    case = replace(case, redacted=redactor.kinds, notes=notes)
    write_document(folder, case)
    return case


def redact(folder: Path, redactor: Redactor) -> None:
    """Replaces personal data in the members of a case.

    Keys and content hashes are made anew wherever an item has changed. Memory: a hash per changed
    content and identity.
    """
    renamed = _Renamed(redactor)
    archive.rewrite(folder / archive.REQUESTS, lambda line: request_line(renamed.request(line)))
    for member in (archive.ELSEWHERE, archive.SENT, archive.RECEIVED, archive.DISCREPANCIES):
        archive.rewrite(folder / member, lambda line: _dumped(renamed.line(orjson.loads(line))))
    logs = sorted((folder / archive.LOGS).glob("*"))
    for path in [folder / archive.LOG, folder / archive.STATE, *logs]:
        archive.rewrite(path, redactor.line)


class _Renamed:
    """What items, keys and hashes are called now."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._hashes: dict[str, str] = {}
        self._keys: dict[tuple[str, str], str] = {}

    def request(self, line: bytes) -> Request:
        """A request with other items, which keep their places."""
        request = parsed_request(line, archive.REQUESTS)
        feed, batch = ALL_FEEDS.get(request.feed or ""), request.batch()
        if feed is None or batch is None:
            body = None if request.body is None else self._redactor.line(request.body)
            is_same = body == request.body
            return request if is_same else replace(request, body=body, body_is=BodyIs.REBUILT)
        items = [self._item(feed, item) for item in batch]
        events = tuple(self._event(feed, event, batch, items) for event in request.events)
        request = replace(request, events=events)
        if items == batch:
            return request
        return replace(request, body=orjson.dumps(items), body_is=BodyIs.REBUILT)

    def line(self, line: dict[str, Any]) -> dict[str, Any]:
        """A line of a side with the names of now."""
        feed = ALL_FEEDS.get(str(line.get("feed")))
        if feed is None:
            return line
        if line.get("item") is not None:
            line["item"] = self._item(feed, line["item"])
        names = line.get("identity")
        if isinstance(names, dict) and names:
            now = {path: self._redactor.item(value, _last(path)) for path, value in names.items()}
            line["identity"] = now
            self._keys.setdefault((feed.name, line["key"]), _key(feed, now) or line["key"])
        line["key"] = self._keys.get((feed.name, line.get("key", "")), line.get("key"))
        if "hash" in line:
            line["hash"] = self._hashes.get(line["hash"], line["hash"])
        for name in ("errors", "explanation"):
            if isinstance(line.get(name), str):
                line[name] = self._redactor.line(line[name].encode()).decode()
        return line

    def _item(self, feed: Feed, item: Any) -> Any:
        now = self._redactor.item(item)
        if isinstance(item, dict) and now != item:
            self._hashes[content_hash(feed, item)] = content_hash(feed, now)
            old, new = _item_key(feed, item), _item_key(feed, now)
            if old and new:
                self._keys[feed.name, old] = new
        return now

    def _event(self, feed: Feed, event: Event, before: list[Any], after: list[Any]) -> Event:
        key = self._keys.get((feed.name, event.key or ""), event.key)
        parameters = dict(event.parameters)
        if event.action == "corrupt" and event.index is not None and event.index < len(before):
            pointer, value = parameters["pointer"], parameters["value"]
            parameters["value"] = self._redactor.item(value, _last(pointer.replace("/", ".")))
            old = _with(before[event.index], pointer, value)
            new = _with(after[event.index], pointer, parameters["value"])
            if isinstance(old, dict) and isinstance(new, dict):
                self._hashes[content_hash(feed, old)] = content_hash(feed, new)
        elif isinstance(parameters.get("message"), str):
            parameters["message"] = self._redactor.line(parameters["message"].encode()).decode()
        return replace(event, key=key, parameters=parameters)


def _with(item: Any, pointer: str, value: Any) -> Any:
    """A copy of an item with another value at a JSON pointer."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    copied = orjson.loads(orjson.dumps(item))
    holder = copied
    try:
        for step in steps[:-1]:
            holder = holder[int(step) if isinstance(holder, list) else step]
        holder[int(steps[-1]) if isinstance(holder, list) else steps[-1]] = value
    except (LookupError, ValueError, TypeError):
        return item
    return copied


def _unescaped(text: str) -> str:
    """What a JSON string says, so that it gets the stand-in of the same value in an item."""
    try:
        said = orjson.loads(f'"{text}"')
    except orjson.JSONDecodeError:
        return text
    return str(said)


def _item_key(feed: Feed, item: Any) -> str | None:
    try:
        return key_of_values(identity(feed, item).values())
    except MissingIdentity:
        return None


def _key(feed: Feed, names: Mapping[str, str]) -> str | None:
    values = [names.get(path) for path in feed.identity]
    return None if None in values else key_of_values(str(value) for value in values)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _dumped(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
