"""How a case and the verdict of a replay read: lines for people, a document for tools. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mcs.harness.cases.document import Case
from mcs.harness.cases.importing import Import
from mcs.harness.cases.minimising import Minimum
from mcs.harness.cases.replaying import Verdict
from mcs.harness.cases.symptom import Told
from mcs.harness.reports.parts import identity_text

SHOWN = 10
JUDGED_OTHERWISE = (
    "The service holds the same, so it is the diff that judges otherwise: the case was captured by "
    "another release of it."
)
ORDER = ("missing", "unexpected", "stale", "changed", "duplicated", "rejected", "undeleted")


def case_lines(path: Path, case: Case) -> Iterator[str]:
    """What a case file holds."""
    yield f"{path}: {case.title}"
    yield f"  {_counts(case.counts)}"
    if case.discrepancies:
        yield f"  discrepancies: {_kinds(case.discrepancies)}"
    for note in case.notes:
        yield f"  note: {note}"
    yield f"Play it again with: mcs case replay {path}"


def case_document(path: Path, case: Case) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "case": str(path),
        "title": case.title,
        "counts": dict(case.counts),
        "discrepancies": {kind: dict(feeds) for kind, feeds in case.discrepancies.items()},
        "notes": list(case.notes),
    }


def verdict_lines(case: Case, verdict: Verdict) -> Iterator[str]:
    """What came of a replay."""
    played = verdict.played
    yield (
        f"{case.title}: {len(played.answers):,} requests replayed in {played.seconds:.1f} s; "
        f"data space {played.data_space.id}"
    )
    yield f"  faults: {_hits(verdict)}"
    if verdict.others:
        yield f"  {len(verdict.others)} requests were answered otherwise than before:"
        for answer in verdict.others[:SHOWN]:
            request = answer.request
            yield (
                f"    request {request.number} ({request.feed or request.route}): {answer.word}, "
                f"was {request.status}{'' if request.answered else ', cut'}"
            )
    if played.strays is not None:
        state = f"{len(played.strays)} items otherwise" if played.strays else "the same"
        yield f"  what the service holds, item for item: {state}"
    yield from _discrepancy_lines(verdict)
    word = "reproduced" if verdict.reproduced else "NOT reproduced"
    yield f"{word}: {verdict.symptom}"


def verdict_document(case: Case, verdict: Verdict) -> dict[str, Any]:
    """The same as JSON."""
    played = verdict.played
    return {
        "title": case.title,
        "symptom": str(verdict.symptom),
        "reproduced": verdict.reproduced,
        "data_space": played.data_space.id,
        "requests": len(played.answers),
        "seconds": round(played.seconds, 3),
        "faults": {
            "again": (played.hits & played.wanted_hits).total(),
            "expected": played.wanted_hits.total(),
            "unexpected": (played.hits - played.wanted_hits).total(),
        },
        "answered_otherwise": [answer.request.number for answer in verdict.others],
        "held_otherwise": None if played.strays is None else len(played.strays),
        "discrepancies": _told(played.discrepancies),
        "gone": _told(dict.fromkeys(verdict.gone)),
        "new": _told({told: played.discrepancies[told] for told in verdict.new}),
    }


def import_lines(path: Path, done: Import) -> Iterator[str]:
    """What came of an import: what is in it, what explains it, what could not be read."""
    case, findings = done.case, {str(finding) for finding in done.findings}
    yield from case_lines(path, replace(case, notes=[n for n in case.notes if n not in findings]))
    yield f"It looks for: {case.symptom}"
    if done.explanations:
        yield "What the progress lines mean:"
        yield from (f"  {one}" for one in done.explanations[:SHOWN])
        if len(done.explanations) > SHOWN:
            yield f"  {len(done.explanations) - SHOWN:,} more, in log.ndjson of the case"
    unread = sum(finding.count for finding in done.findings)
    yield f"Not read, or only in part: {unread:,}" + (":" if unread else "")
    yield from (f"  {finding}" for finding in done.findings)
    megabytes = done.read_bytes / 1e6
    speed = megabytes / done.seconds if done.seconds else 0.0
    yield f"Read {megabytes:,.1f} MB in {done.seconds:.1f} s: {speed:,.1f} MB/s"


def import_document(path: Path, done: Import) -> dict[str, Any]:
    """The same as JSON."""
    return case_document(path, done.case) | {
        "symptom": str(done.case.symptom),
        "explanations": [
            {"text": str(one), "place": one.line.place, "requests": list(one.requests)}
            for one in done.explanations
        ],
        "findings": [str(finding) for finding in done.findings],
        "unread": sum(finding.count for finding in done.findings),
        "bytes": done.read_bytes,
        "seconds": round(done.seconds, 3),
    }


def minimum_lines(
    found: Minimum, path: Path, smaller: Case | None, *, interrupted: bool
) -> Iterator[str]:
    """What came of making a case smaller."""
    if interrupted:
        yield "interrupted; this is the best so far." if smaller else "interrupted."
    for name, size in found.phases:
        yield (
            f"{name + ':':24} {size.requests:>7,} requests {size.items:>9,} items "
            f"{size.fields:>9,} fields {size.replays:>5} replays"
        )
    yield f"{found.replays} replays in {found.seconds:.1f} s"
    if smaller is None:
        if found.replays:
            yield f"not even the whole case shows it: {found.symptom}"
        return
    if found.is_exhausted:
        yield f"It ended at the limit of {found.limit} replays; --replays allows more."
    yield f"{path}: {found.symptom}"
    yield f"Write it as a test with: mcs case to-test {path}"


def minimum_document(found: Minimum, path: Path, *, interrupted: bool) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "case": str(path) if found.shows else None,
        "symptom": str(found.symptom),
        "shows": found.shows,
        "interrupted": interrupted,
        "exhausted": found.is_exhausted,
        "replays": found.replays,
        "seconds": round(found.seconds, 3),
        "phases": [{"phase": name, **asdict(size)} for name, size in found.phases],
    }


def _discrepancy_lines(verdict: Verdict) -> Iterator[str]:
    found = verdict.played.discrepancies
    if verdict.played.result is None:
        yield "  discrepancies: unknown, since the case does not say what was sent"
        return
    counts = Counter((kind, feed) for kind, feed, _ in found)
    by_kind: dict[str, dict[str, int]] = {}
    for (kind, feed), count in counts.items():
        by_kind.setdefault(kind, {})[feed] = count
    yield f"  discrepancies: {_kinds(by_kind) or 'none'}"
    if verdict.expected is None:
        return
    same = verdict.expected - len(verdict.gone)
    yield f"  the same as before, item for item: {same:,} of {verdict.expected:,}"
    if (verdict.gone or verdict.new) and verdict.played.strays == []:
        yield f"  {JUDGED_OTHERWISE}"
    for word, told in (("gone", verdict.gone), ("new", verdict.new)):
        for one in told[:SHOWN]:
            kind, feed, key = one
            yield f"    {word}: {kind} {feed} {identity_text(found.get(one) or {}, key)}"
        if len(told) > SHOWN:
            yield f"    {word}: {len(told) - SHOWN:,} more"


def _hits(verdict: Verdict) -> str:
    played = verdict.played
    wanted = played.wanted_hits.total()
    again = (played.hits & played.wanted_hits).total()
    others = (played.hits - played.wanted_hits).total()
    said = f"{again:,} of {wanted:,} hits done again" if wanted else "none in the case"
    return said + (f", {others:,} others" if others else "")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "nothing in it"


def _kinds(counts: Mapping[str, Mapping[str, int]]) -> str:
    ordered = sorted(counts, key=lambda kind: ORDER.index(kind) if kind in ORDER else len(ORDER))
    return "; ".join(
        f"{kind} " + ", ".join(f"{feed} {count:,}" for feed, count in counts[kind].items())
        for kind in ordered
    )


def _told(found: Mapping[Told, Mapping[str, str] | None]) -> Sequence[dict[str, Any]]:
    return [
        {"kind": kind, "feed": feed, "key": key, "identity": dict(identity or {})}
        for (kind, feed, key), identity in found.items()
    ]
