"""The verdict as a JSON document, and back. `report.schema.json` says what it is made of.

The document only ever gains fields. What changes in meaning gets another `version`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import IO, Any

import jsonschema_rs
import orjson

from mcs.contract.errors import UsageError
from mcs.harness.discrepancy import (
    DiffResult,
    Discrepancy,
    DiscrepancyKind,
    FeedCounts,
    Latency,
)
from mcs.harness.fields import ABSENT, Difference
from mcs.harness.reports.report import Report

VERSION = 1
COULD_NOT_TELL = "could_not_tell"
LONGEST_COMPLAINT = 200

NO_REPORT = (
    "{place} is no report of `mcs diff --json`: at {pointer}, {complaint}. Give a file that "
    "`mcs diff --report json:FILE` wrote."
)
NEWER = (
    "{place} is a report of version {version}, and this mcs reads up to {readable}. Read it with "
    "the mcs that wrote it, or a later one."
)
NO_VERDICT = "{place} reports a diff that could not tell: {message} Run the diff again."


def to_document(result: DiffResult) -> dict[str, Any]:
    """The whole verdict as JSON values; nothing is left out.

    Where only one side has a field, its difference says so by `absent`: "sent" or "received".
    """
    return {
        "version": VERSION,
        "in_sync": result.in_sync,
        "sent_name": result.sent_name,
        "received_name": result.received_name,
        "feeds": {name: asdict(counts) for name, counts in result.feeds.items()},
        "latencies": {name: asdict(latency) for name, latency in result.latencies.items()},
        "proven": list(result.proven),
        "findings": list(result.findings),
        "nothing_to_compare": result.nothing_to_compare,
        "discrepancies": [entry(found) for found in result.discrepancies],
    }


def load_result(document: Any, place: str = "the document") -> DiffResult:
    """The verdict that `to_document` made this of.

    Reads the reports of earlier releases, too. Raises UsageError, naming `place`, if it is none.
    """
    _check(document, place)
    return DiffResult(
        feeds={name: FeedCounts(**_known(counts, FeedCounts)) for name, counts in _feeds(document)},
        discrepancies=tuple(map(_discrepancy, document["discrepancies"])),
        latencies={
            name: Latency(**_known(latency, Latency))
            for name, latency in document.get("latencies", {}).items()
        },
        sent_name=document.get("sent_name", ""),
        received_name=document.get("received_name", ""),
        proven=tuple(document.get("proven", ())),
        findings=tuple(document.get("findings", ())),
        nothing_to_compare=document.get("nothing_to_compare", False),
    )


def write(report: Report, out: IO[bytes]) -> None:
    """Writes the document, indented."""
    out.write(_indented(to_document(report.result)))


def write_failure(message: str, out: IO[bytes]) -> None:
    """Writes a document whose `error` says why there is no verdict; it has no `feeds`."""
    out.write(_indented(failure_document(message)))


def failure_document(message: str) -> dict[str, Any]:
    """What stands for a verdict that there is not."""
    return {"version": VERSION, "error": {"code": COULD_NOT_TELL, "message": message}}


def entry(found: Discrepancy) -> dict[str, Any]:
    """One discrepancy as JSON values."""
    return {
        "feed": found.feed,
        "identity": dict(found.identity),
        "kind": found.kind.value,
        "cause": found.cause,
        "log_code": found.log_code,
        "explanation": found.explanation,
        "story": list(found.story),
        "differences": [_place(place) for place in found.differences],
        "errors": [dict(error) for error in found.errors],
        "key": found.key,
        "sent": None if found.sent is None else dict(found.sent),
        "received": None if found.received is None else dict(found.received),
    }


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    loaded: dict[str, Any] = orjson.loads(
        files(__package__).joinpath("report.schema.json").read_bytes()
    )
    return loaded


def _check(document: Any, place: str) -> None:
    if isinstance(document, dict):
        version = document.get("version")
        if isinstance(version, int) and version > VERSION:
            raise UsageError(NEWER.format(place=place, version=version, readable=VERSION))
        if isinstance(error := document.get("error"), dict):
            raise UsageError(NO_VERDICT.format(place=place, message=error.get("message")))
    for error in _validator().iter_errors(document):
        pointer = "".join(f"/{step}" for step in error.instance_path) or "its root"
        complaint = error.message[:LONGEST_COMPLAINT].rstrip(".")
        raise UsageError(NO_REPORT.format(place=place, pointer=pointer, complaint=complaint))


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


def _feeds(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return list(document["feeds"].items())


def _known(values: Mapping[str, Any], shape: type[FeedCounts] | type[Latency]) -> dict[str, Any]:
    """The values that this release knows; a later one may have added some."""
    return {name: values[name] for name in shape.__slots__ if name in values}


def _discrepancy(one: Mapping[str, Any]) -> Discrepancy:
    return Discrepancy(
        feed=one["feed"],
        identity=one["identity"],
        key=one["key"],
        kind=DiscrepancyKind(one["kind"]),
        explanation=one["explanation"],
        differences=tuple(map(_difference, one["differences"])),
        sent=one["sent"],
        received=one["received"],
        errors=tuple(one["errors"]),
        cause=one.get("cause", ""),
        log_code=one.get("log_code"),
        story=tuple(one.get("story", ())),
    )


def _place(place: Difference) -> dict[str, Any]:
    entry: dict[str, Any] = {"pointer": place.pointer}
    for side, value in (("sent", place.sent), ("received", place.received)):
        entry[side] = None if value is ABSENT else value
        if value is ABSENT:
            entry["absent"] = side
    return entry


def _difference(place: Mapping[str, Any]) -> Difference:
    sides = (ABSENT if place.get("absent") == side else place[side] for side in _SIDES)
    return Difference(place["pointer"], *sides)


_SIDES = ("sent", "received")


def _indented(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
