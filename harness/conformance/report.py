"""A run's outcome as values that any report is drawn from: verdict, tables, cases, JSON."""

from collections.abc import Iterator
from typing import IO, Any

import orjson

import mcs
from mcs.harness.conformance.clause import EVERY
from mcs.harness.conformance.judging import EXIT_COULD_NOT_TELL, EXIT_PASSED, Judged, Outcome
from mcs.harness.conformance.suites import ALL_THEMES
from mcs.harness.conformance.verdict import Ruling
from mcs.harness.reports.junit import Case, write_junit
from mcs.harness.reports.junit import Outcome as CaseOutcome
from mcs.harness.reports.page import Page, Section, write_page
from mcs.harness.reports.parts import Cell, Table, Tone

TITLE = "Conformance"
HEADINGS = ("clause", "verdict", "grade", "what is asked")
NOTHING_SEEN = "could not tell: nothing that counts was observed."

_TONES = {
    Ruling.PASS: Tone.GOOD,
    Ruling.FAIL: Tone.BAD,
    Ruling.WAIVED: Tone.FAINT,
    Ruling.NOT_OBSERVED: Tone.BAD,
}
_CASES = {
    Ruling.PASS: CaseOutcome.PASSED,
    Ruling.WAIVED: CaseOutcome.SKIPPED,
    Ruling.NOT_OBSERVED: CaseOutcome.SKIPPED,
}


def verdict_of(outcome: Outcome) -> Cell:
    """The run in one sentence."""
    if outcome.exit_code == EXIT_COULD_NOT_TELL:
        return Cell(NOTHING_SEEN, Tone.BAD)
    counts = ", ".join(
        f"{len(found)} {ruling}" for ruling in Ruling if (found := outcome.having(ruling))
    )
    musts = len(outcome.having(Ruling.FAIL, must=True))
    said = f"{musts} must{'s' * (musts != 1)} failed" if musts else "no must failed"
    unseen = len(outcome.having(Ruling.NOT_OBSERVED, must=True))
    if unseen:
        said += f", {unseen} not observed"
    # What nobody saw is no pass, though it fails no run.
    tone = Tone.PLAIN if unseen else Tone.GOOD
    return Cell(f"{said} ({counts}).", tone if outcome.exit_code == EXIT_PASSED else Tone.BAD)


def tables(outcome: Outcome) -> Iterator[tuple[str, Table]]:
    """The clauses by theme."""
    for theme, title in ALL_THEMES.items():
        rows = tuple(_row(one) for one in outcome.judged if one.clause.theme == theme)
        if rows:
            yield title, Table(HEADINGS, rows, names=len(HEADINGS))


def told(outcome: Outcome, *rulings: Ruling) -> Iterator[tuple[Judged, list[str]]]:
    """The clauses with these rulings, in that order, musts first, each with its evidence."""
    for ruling in rulings:
        for one in sorted(outcome.having(ruling), key=lambda one: not one.counts):
            yield one, list(_evidence(one))


def to_document(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON values."""
    return {
        "version": mcs.__version__,
        "exit_code": outcome.exit_code,
        "verdict": verdict_of(outcome).text,
        "requests": outcome.requests,
        "counts": {ruling.value: len(outcome.having(ruling)) for ruling in Ruling},
        "notes": list(outcome.notes),
        "clauses": [
            {
                "id": one.clause.id,
                "theme": ALL_THEMES[one.clause.theme],
                "sentence": one.clause.sentence,
                "grade": one.clause.grade.value,
                "why": one.clause.why or None,
                "source": one.clause.source,
                "scenarios": list(one.clause.scenarios),
                "verdict": one.ruling.value,
                "evidence": list(one.verdict.evidence),
            }
            for one in outcome.judged
        ],
    }


def write_json(outcome: Outcome, out: IO[bytes]) -> None:
    """Writes the JSON document."""
    out.write(orjson.dumps(to_document(outcome), option=orjson.OPT_INDENT_2) + b"\n")


def write_cases(outcome: Outcome, out: IO[bytes]) -> None:
    """Writes JUnit XML: a case per clause. Failed advice is skipped, with its evidence."""
    write_junit("mcs.conform", (_case(one, strict=outcome.strict) for one in outcome.judged), out)


def write_html(outcome: Outcome, exporter: str, out: IO[bytes]) -> None:
    """Writes one HTML file. exporter: what was run."""
    facts = (("Exporter", exporter), ("Requests", str(outcome.requests)))
    sections = [
        Section(f"theme-{number}", title, tables=(table,))
        for number, (title, table) in enumerate(tables(outcome))
    ]
    evidence = [
        Section(one.clause.id, f"{one.clause.id}: {one.ruling}", (one.clause.sentence, *lines))
        for one, lines in told(outcome, Ruling.FAIL, Ruling.WAIVED, Ruling.NOT_OBSERVED)
    ]
    notes = [Section("notes", "Notes", tuple(outcome.notes))] if outcome.notes else []
    page = Page(TITLE, verdict_of(outcome), facts, (*sections, *notes, *evidence))
    write_page(page, out)


def _row(one: Judged) -> tuple[Cell, ...]:
    link = "" if one.ruling is Ruling.PASS else one.clause.id
    tone = _TONES[one.ruling]
    return (
        Cell(one.clause.id, link=link),
        Cell(one.ruling.value, tone),
        Cell(one.clause.grade.value, Tone.PLAIN if one.counts else Tone.FAINT),
        Cell(one.clause.sentence),
    )


def _evidence(one: Judged) -> Iterator[str]:
    yield from one.verdict.evidence
    if one.ruling is Ruling.NOT_OBSERVED:
        where = ", ".join(one.clause.scenarios) if one.clause.scenarios != EVERY else "any"
        yield f"nothing that came showed it; scenarios: {where}"
    if one.clause.why:
        yield f"no more than advice, since {one.clause.why}"
    yield f"source: {one.clause.source}"


def _case(one: Judged, *, strict: bool) -> Case:
    failed = one.counts and (
        one.ruling is Ruling.FAIL or (strict and one.ruling is Ruling.NOT_OBSERVED)
    )
    passed = CaseOutcome.FAILED if failed else _CASES.get(one.ruling, CaseOutcome.SKIPPED)
    message = "" if passed is CaseOutcome.PASSED else f"{one.ruling}: {one.clause.sentence}"
    text = "" if passed is CaseOutcome.PASSED else "\n".join(_evidence(one))
    return Case(ALL_THEMES[one.clause.theme], one.clause.id, passed, message, text)
