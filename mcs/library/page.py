"""docs/case-library.md: every support case, and the vocabulary they are written in. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from mcs.contract.reference import GENERATED
from mcs.library.breakages import BREAKAGES
from mcs.library.case import Case, Fact
from mcs.library.facts import FACTS, NAMING
from mcs.library.sides import IN_SYNC
from mcs.library.values import Argument
from mcs.library.verbs import VERBS

INTRODUCTION = """\
What customers report, each as a story that a generated shop and a service of its own live through
in virtual time: it reproduces the symptom, the diff, `mcs explain` or the conformance suite tell
what is the matter, and the documented fix heals it. After each fix what was exported and what the
catalog has is at the service.

```sh
mcs case list                              # all of them
mcs case run price-did-not-change          # tells one, step by step, and what to look at
mcs case run price-did-not-change --pause  # stops before the fix, to look around
mcs case run --all --json                  # for programs
mcs case run my-case.yaml                  # one of your own
```

The diff compares what was exported with what was received, so it says "in sync" where the export
itself stands still or is mistaken. To compare the catalog itself, let the exporter write what it
would send, and take that for the sent side:

```sh
EXPORTER_EXTENDED_LOG=1 bin/magento saas:resync --feed prices --dry-run --cleanup-feed
mcs diff --sent var/log/saas-export.log --feed prices
```

Exit code: 0 all reproduced and healed, 1 not, 2 wrong usage, 3 could not tell. Shop, logs and the
service's database stay in `VAR/case-library/NAME`."""
WRITING = """\
A case is a YAML file; those that come with mcs are in `fixtures/cases/`. Everything in `seen` and
`healed` must be seen, and nothing else may differ: of `diff` and `catalog` all discrepancies are
listed. Products have numbers: `product: 13` is the thirteenth of the catalog, `2-7,9` are several.

```yaml
title: A deleted product is still on the storefront
symptom: in a customer's words
cause: why it is so
evidence: [where it is known from]
catalog: {seed: 42, products: 16}
feeds: [products]                 # that the shop exports; all nine if left out
settings: {partial_failure: 200}  # of the data space; may be left out
steps:                            # one verb each; a note says why
  - sync: products
  - break: deletes_lost
  - delete: 13
  - cron: 2m
    note: the deletion goes out
seen:
  diff:
    - {feed: products, kind: undeleted, cause: deletion_lost, count: 3}
look_at: [where a support engineer looks, in order]
fix: what heals it
fix_steps:
  - mend: deletes_lost
  - sync: {feed: products, force: true}
healed:                           # may be left out
  held: {feed: products, product: 13, absent: true}
```"""
BROKEN = """\
`break` lets the exporter be at fault as old or foreign exporters are; `mend` ends it. The exporter
itself has no such switch: one of its ways is put in the place of another, see
`mcs/library/breakages.py`."""


def library_page(cases: Sequence[Case]) -> str:
    """The cases, then how one is written."""
    return "\n".join([*_overview(cases), *_all(cases), *_writing()]) + "\n"


def _overview(cases: Sequence[Case]) -> Iterator[str]:
    yield from ("# The library of support cases", "", GENERATED, "", INTRODUCTION, "")
    yield from ("| case | what is reported | told by |", "| --- | --- | --- |")
    for case in cases:
        yield f"| [{case.name}](#{case.name}) | {case.title} | {_told_by(case)} |"


def _told_by(case: Case) -> str:
    return ", ".join(dict.fromkeys(_cause(fact) for fact in case.seen if fact.name in NAMING))


def _cause(fact: Fact) -> str:
    if fact.name == "conformance":
        return f"conformance ({', '.join(fact.expected['fails'])})"
    causes = [one["cause"] for one in fact.expected if "cause" in one]
    kinds = [str(one["kind"]) for one in fact.expected if "kind" in one]
    named = ", ".join(dict.fromkeys(causes or kinds)) or IN_SYNC
    return f"{fact.name} ({named})"


def _all(cases: Sequence[Case]) -> Iterator[str]:
    for case in cases:
        yield from (
            "",
            f"## {case.name}",
            "",
            f"**{case.title}**",
            "",
            f"> {_flowing(case.symptom)}",
        )
        yield from ("", f"Root cause: {_flowing(case.cause)}", "", "Look at:", "")
        yield from (f"- {_flowing(place)}" for place in case.look_at)
        yield from ("", f"Fix: {_flowing(case.fix)}", "")
        yield f"Known from: {'; '.join(case.evidence)}."


def _writing() -> Iterator[str]:
    yield from ("", "# How a case is written", "", WRITING)
    yield from ("", "## What can be done", "", "| verb | does | arguments |", "| --- | --- | --- |")
    for verb in VERBS.values():
        yield f"| `{verb.name}` | {verb.help} | {_arguments(verb.arguments, verb.short)} |"
    yield from ("", "## What can be at fault", "", BROKEN, "")
    yield from ("| breakage | the exporter … | known from |", "| --- | --- | --- |")
    for breakage in BREAKAGES.values():
        yield f"| `{breakage.name}` | {breakage.wrong} | {breakage.source} |"
    yield from ("", "## What can be seen", "", "| fact | is |", "| --- | --- |")
    for sight in FACTS.values():
        yield f"| `{sight.name}` | {sight.help} |"


def _arguments(table: Mapping[str, Argument], short: str | None) -> str:
    """Names; what may be left out in brackets, what may stand alone in bold."""
    return ", ".join(
        f"**{name}**" if name == short else name if argument.required else f"[{name}]"
        for name, argument in table.items()
    )


def _flowing(text: str) -> str:
    return " ".join(text.split())
