"""docs/conformance.md, generated from the clauses, the steps and the scenarios."""

from collections.abc import Iterable, Iterator

from mcs.contract.reference import GENERATED
from mcs.harness.conformance.clause import EVERY, Clause
from mcs.harness.conformance.command import ENVIRONMENT, EXIT_NOT_SUPPORTED
from mcs.harness.conformance.scenarios import (
    REAL_PACE,
    Ask,
    Break,
    Mend,
    Pause,
    Revoke,
    Scenario,
)
from mcs.harness.conformance.steps import STEPS
from mcs.harness.conformance.suites import CATALOG_SUITE, FEEDS_SUITE, Suite

INTRODUCTION = """\
# Conformance

{generated}

`mcs conform` answers whether an exporter would survive the real service, clause by clause. It
leads the exporter through scenarios at a live mock service, breaks things meanwhile, and judges by
what the service saw: the journal of requests with their headers, bodies and signatures.

```sh
mcs conform --exporter './sync.sh'                    # a shell line, run once per step
mcs conform --exporter './sync.sh' --virtual-clock    # it waits on the service's clock
mcs conform --callable my_exporter:step               # a Python callable, given a Step
mcs conform --listen --for 60s --scenario throttled   # any exporter, run by hand
mcs conform --exporter './sync.sh' --report junit:conform.xml --badge conform.svg
mcs conform --virtual-clock --exporter 'python -m mcs.conform_driver'   # the exporter of mcs
```

A clause is a **must**, or **advice** where the service's ways are unknown or genuine exporters
differ. Its verdict is *pass*, *fail*, *waived* or *not observed*: the traffic did not show it.
What was not observed is no pass; it is shown in red, and `--strict` makes it fail.

| exit code | meaning |
| --- | --- |
| 0 | every must that was observed passes or is waived |
| 1 | a must failed, or with `--strict` was not observed |
| 2 | wrong usage |
| 3 | could not tell: no must was observed, or the service or the command failed |
| 130 | interrupted |

`--waive DEL-2='we persist the whole payload'` waives a clause, the reason stands in every report;
`--waivers FILE` reads a YAML mapping of reasons by clause. `--clause` and `--scenario` choose.

Without `--url` a service is started for the run; each scenario has a data space of its own. With
`--virtual-clock` and `--url` the clock of that service is turned for all its data spaces, and
returns to real time at the end. Without a virtual clock nobody waits for the next retry window,
Retry-After is {real_retry} s, and what only time can show, such as an outage of half an hour, is
not observed.

## What the command is told

| variable | meaning |
| --- | --- |"""

STEPS_TOLD = """\

Exit code {not_supported} says "this step is not supported": what needs the step is then not
observed. Any other one but 0 says the same where the command sent nothing, or was to change the
catalog; else it does not matter, since exporters fail where the service does. What the command
prints is kept below MCS_WORK, and with `--work FOLDER` for later. What it leaves running
is ended with the step.

A Python callable is given a `Step` (`mcs.harness.conformance.steps`), which says the same, and
raises `NotSupported`; its `clock` tells the time and waits.

| step | what the exporter does |
| --- | --- |"""

LISTENING = """\

## Any client, by hand

`mcs conform --listen` makes a data space, prints its URL and keys, and judges what comes in the
next minute, or `--requests N` requests, or until Ctrl-C; `--scenario` puts that scenario's faults
in force. What depends on steps, or on the end of an outage, is not observed. A client of a shell,
curl and openssl alone that meets what can be seen of it is in
[examples/post-products.sh](examples/post-products.sh):

```sh
MCS_URL=… MCS_DATA_SPACE=… MCS_API_KEY=… MCS_PRIVATE_KEY_FILE=… sh docs/examples/post-products.sh
```
"""

OTHER_DIALECT = """\

## The catalog data ingestion API

`--dialect catalog-ingestion` holds an exporter to the clauses of the newer API
([what it is](catalog-ingestion.md)). The steps are the same; MCS_FEEDS then names the resources
of that API, and the exporter takes its token with MCS_CLIENT_ID and MCS_CLIENT_SECRET.

```sh
mcs conform --dialect catalog-ingestion --virtual-clock --exporter './sync.sh'
mcs conform --dialect catalog-ingestion --listen --for 60s
mcs conform --dialect catalog-ingestion --virtual-clock --exporter 'python -m mcs.conform_driver'
```

Requests of the other dialect are not judged; a note says how many there were.
"""

SAME_SCENARIOS = """\
The scenarios are those of signed feeds, with products of this API, but for what it does not do:
a batch that is taken in part, one item too many, and requests at a time. There are two more.
"""

DAY_S = 86_400


def conformance_page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION.format(generated=GENERATED, real_retry=REAL_PACE.retry_after_s)
    for name, meaning in ENVIRONMENT.items():
        yield f"| `{name}` | {meaning} |"
    yield STEPS_TOLD.format(not_supported=EXIT_NOT_SUPPORTED)
    for kind, told in STEPS.items():
        yield f"| `{kind}` | {told} |"
    yield LISTENING
    yield "## Clauses"
    yield from _clauses(FEEDS_SUITE, "###")
    yield from ("", "## Scenarios", "", *_scenarios(FEEDS_SUITE.scenarios.values()))
    yield OTHER_DIALECT
    yield "### Clauses of the ingestion API"
    yield from _clauses(CATALOG_SUITE, "####")
    yield from ("", "### Scenarios of the ingestion API", "")
    of_feeds = [_scenario(one) for one in FEEDS_SUITE.scenarios.values()]
    yield SAME_SCENARIOS
    yield from _scenarios(
        one for one in CATALOG_SUITE.scenarios.values() if _scenario(one) not in of_feeds
    )


def _clauses(suite: Suite, heading: str) -> Iterator[str]:
    for theme, title in suite.themes.items():
        yield from ("", f"{heading} {title}", "")
        yield "| clause | grade | what is asked | source | seen in |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_clause(one) for one in suite.clauses.values() if one.theme == theme)


def _scenarios(scenarios: Iterable[Scenario]) -> Iterator[str]:
    yield from ("| scenario | what happens |", "| --- | --- |")
    yield from map(_scenario, scenarios)


def _scenario(scenario: Scenario) -> str:
    return f"| `{scenario.name}` | {scenario.title}: {_acts(scenario)}. |"


def _clause(clause: Clause) -> str:
    grade = f"{clause.grade}: {clause.why}" if clause.why else clause.grade
    seen = "all traffic" if clause.scenarios == EVERY else ", ".join(clause.scenarios)
    return f"| {clause.id} | {grade} | {clause.sentence} | {clause.source} | {seen} |"


def _acts(scenario: Scenario) -> str:
    said = []
    for act in scenario.acts:
        match act:
            case Ask(kind):
                said.append(f"`{kind}`")
            case Break(told=told):
                said.append(told)
            case Revoke():
                said.append("all tokens are revoked")
            case Mend():
                said.append("all faults end")
            case Pause(seconds):
                said.append(f"{seconds // 60} min pass" if seconds < DAY_S else "a day passes")
    settings = ", ".join(f"{name} {value}" for name, value in (scenario.settings or {}).items())
    return "; ".join(said) + (f" (with {settings})" if settings else "")
