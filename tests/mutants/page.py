"""docs/mutants.md: what the conformance suite catches."""

from mcs.harness.conformance.clauses import CLAUSES, THEMES
from tests.mutants.mutations import MUTATIONS

INTRODUCTION = """\
# Mutants

<!-- Written by `python -m tests.mutants docs/mutants.md`, which tries them all. -->

A judge is worth what it catches. A small exporter that meets every clause of
[conformance](conformance.md) is spoilt in one way at a time; each of these mutants fails the one
clause it is made for, and no other. A mark stands where it fails.
"""


def mutants_page() -> str:
    """The page, with a table of mutants and clauses per theme."""
    lines = [INTRODUCTION]
    for theme, title in THEMES.items():
        clauses = [name for name, clause in CLAUSES.items() if clause.theme == theme]
        numbers = " | ".join(name.partition("-")[2] for name in clauses)
        lines += [f"## {title}", "", f"| the exporter … | {numbers} |"]
        lines += ["| --- |" + " --- |" * len(clauses)]
        for mutation in MUTATIONS:
            if mutation.clause in clauses:
                marks = " | ".join("x" if name == mutation.clause else "" for name in clauses)
                lines.append(f"| {mutation.wrong} | {marks} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"
