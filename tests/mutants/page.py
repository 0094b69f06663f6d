"""docs/mutants.md: what the conformance suite catches."""

from collections.abc import Iterator

from mcs.harness.conformance.suites import CATALOG_SUITE, FEEDS_SUITE, Suite
from tests.mutants.all_mutations import ALL_MUTATIONS

INTRODUCTION = """\
# Mutants

<!-- Written by `python -m tests.mutants docs/mutants.md`, which tries them all. -->

A judge is worth what it catches. A small exporter that meets every clause of
[conformance](conformance.md) is spoilt in one way at a time; each of these mutants fails the one
clause it is made for, and no other. A mark stands where it fails.
"""


CATALOG = """\
## The catalog data ingestion API

Another small exporter speaks the newer API, and is spoilt alike.
"""


def mutants_page() -> str:
    """The page, with a table of mutants and clauses per theme."""
    lines = [INTRODUCTION, *_tables(FEEDS_SUITE, "##"), CATALOG, *_tables(CATALOG_SUITE, "###")]
    return "\n".join(lines).rstrip("\n") + "\n"


def _tables(suite: Suite, heading: str) -> Iterator[str]:
    for theme, title in suite.themes.items():
        clauses = [name for name, clause in suite.clauses.items() if clause.theme == theme]
        numbers = " | ".join(name.rpartition("-")[2] for name in clauses)
        yield from (f"{heading} {title}", "", f"| the exporter … | {numbers} |")
        yield "| --- |" + " --- |" * len(clauses)
        for mutation in ALL_MUTATIONS:
            if mutation.clause in clauses:
                marks = " | ".join("x" if name == mutation.clause else "" for name in clauses)
                yield f"| {mutation.wrong} | {marks} |"
        yield ""
