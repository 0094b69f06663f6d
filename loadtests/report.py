"""The verdict on a load test as text, JSON, JUnit and one HTML page with charts."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.reports.charts import Series, bars
from mcs.harness.reports.formats import write_file
from mcs.harness.reports.junit import Case, Outcome, write_junit
from mcs.harness.reports.page import Page, Section, write_page
from mcs.harness.reports.parts import Cell, Chart, Table, Tone, printable
from mcs.harness.reports.summary import counts_table, headline
from mcs.harness.reports.terminal import print_table
from mcs.harness.reports.text import render_text
from mcs.loadtests.locust_process import HTML as LOCUST_HTML
from mcs.loadtests.measures import Measures, Second
from mcs.loadtests.plan import SCENARIOS
from mcs.loadtests.thresholds import SHARES, Check
from mcs.loadtests.verdict import COULD_NOT_TELL, NOT_IN_SYNC, PASSED, Compared, Verdict

SUMMARY, JUNIT, REPORT = "summary.json", "junit.xml", "report.html"
FILES = (SUMMARY, JUNIT, REPORT)
TITLE = "Load test"
MOST_BARS = 30
SHOWN = 5
MARKS = {True: "✓", False: "✗"}
HEADLINES = {
    PASSED: "Passed: {items:,} items arrived as they were sent, and every threshold is met.",
    NOT_IN_SYNC: "Failed: {found:,} discrepancies between what was sent and what is there.",
}
MISSED = "Failed: {missed} of {checks} thresholds missed. All {items:,} items arrived."
ABORTED = "The run was ended early: {reason}"
LOST = "Workers that went away before their shard was sent: {workers}."
FAILED = "Could not tell: there is no verdict."
INTERRUPTED = "The run was interrupted before everything was sent."
GIVEN_UP = "{items:,} items were given up after failures."
RATES = (
    "{items:,} items in {requests:,} requests, {duration:.1f} s: {items_per_s:,.0f} items/s, "
    "{wire:.2f} MB/s packed, {size:.1f} MB/s of JSON; {workers} {noun}, {users} users."
)
MEGA = 1_000_000
RATE_CHARTS = (
    ("items", "Items per second", "good", 1),
    ("wire_bytes", "Kilobytes per second on the wire", "changed", 1000),
    ("rejections", "Rejections per second", "missing", 1),
)


def write_reports(verdict: Verdict, folder: Path) -> None:
    """Writes all three files. Raises CouldNotTell if one cannot be written."""
    document = json.dumps(as_document(verdict), ensure_ascii=False, indent=2).encode()
    write_file(folder / SUMMARY, lambda out: _write_bytes(out, document + b"\n"))
    write_file(folder / JUNIT, lambda out: write_junit("loadtest", _cases(verdict), out))
    write_file(folder / REPORT, lambda out: write_page(_page(verdict), out))


def write_failure(message: str, folder: Path) -> None:
    """Writes all three files so that none takes them for a verdict: it could not be told."""
    document = {"passed": False, "exit_code": COULD_NOT_TELL, "error": message}
    encoded = json.dumps(document, ensure_ascii=False, indent=2).encode()
    write_file(folder / SUMMARY, lambda out: _write_bytes(out, encoded + b"\n"))
    cases = [Case("run", "could be told", Outcome.ERROR, message)]
    write_file(folder / JUNIT, lambda out: write_junit("loadtest", cases, out))
    page = Page(TITLE, Cell(FAILED, Tone.BAD), sections=[Section("why", "Why", [message])])
    write_file(folder / REPORT, lambda out: write_page(page, out))


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Prints the rates, the times of answers, each threshold, and what the comparison found."""
    for line in _told(verdict):
        console.print(Text(line), soft_wrap=True)
    print_table(console, _times_table(verdict.measures))
    for check in verdict.checks:
        tone = "green" if check.met else "red"
        console.print(Text(f"{MARKS[check.met]} {_sentence(check)}", style=tone), soft_wrap=True)
    for one in verdict.compared:
        mark = MARKS[one.result.in_sync]
        tone = "green" if one.result.in_sync else "red"
        said = f"{mark} {_compared_name(one)}: {headline(one.result).text}"
        console.print(Text(said, style=tone), soft_wrap=True)
        if not one.result.in_sync:
            render_text(one.result, console, SHOWN)
    cell = _headline(verdict)
    console.print(Text(cell.text, style="bold"), soft_wrap=True)


def as_document(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON values. Times in milliseconds, sizes in bytes."""
    measures = verdict.measures
    return {
        "passed": verdict.exit_code == PASSED,
        "exit_code": verdict.exit_code,
        "in_sync": verdict.in_sync,
        "scenario": verdict.plan.scenario,
        "shape": verdict.plan.shape.name,
        "users": verdict.plan.users,
        **verdict.ending,
        "items": measures.total_items,
        "requests": measures.requests,
        "duration_s": round(measures.duration_s, 3),
        "items_per_s": round(measures.items_per_s, 1),
        "wire_bytes": measures.total("wire_bytes"),
        "size_bytes": measures.total("size_bytes"),
        "cpu_s": round(measures.cpu_s, 2),
        "error_rate": measures.error_rate,
        "errors": dict(measures.errors),
        "rejections": dict(measures.rejections),
        "expected_rejections": dict(measures.expected),
        "resends": measures.resends,
        "given_up": measures.given_up,
        "feeds": {
            feed: {
                "items": measures.items[feed],
                "requests": measures.times_ms[feed].total(),
                **{name: measures.percentile_ms(feed, share) for name, share in SHARES.items()},
            }
            for feed in _feeds(measures)
        },
        "thresholds": [
            {
                "group": check.group,
                "name": check.name,
                "wanted": check.wanted,
                "measured": check.measured,
                "met": check.met,
            }
            for check in verdict.checks
        ],
        "comparisons": [
            {
                "tenant": one.tenant,
                "version": one.version,
                "in_sync": one.result.in_sync,
                "discrepancies": len(one.result.discrepancies),
                "feeds": {
                    feed: {
                        "sent": counts.sent,
                        "received": counts.received,
                        "in_sync": counts.in_sync,
                        "resent": counts.resent,
                    }
                    for feed, counts in one.result.feeds.items()
                },
            }
            for one in verdict.compared
        ],
    }


def _cases(verdict: Verdict) -> Iterator[Case]:
    for check in verdict.checks:
        outcome = Outcome.PASSED if check.met else Outcome.FAILED
        message = "" if check.met else _sentence(check)
        yield Case("thresholds", f"{check.group}: {check.name}", outcome, message)
    for one in verdict.compared:
        outcome = Outcome.PASSED if one.result.in_sync else Outcome.FAILED
        message = "" if one.result.in_sync else headline(one.result).text
        first = [found.explanation for found in one.result.discrepancies[:SHOWN]]
        yield Case("comparison", _compared_name(one), outcome, message, "\n".join(first))


def _page(verdict: Verdict) -> Page:
    plan, measures = verdict.plan, verdict.measures
    facts = [
        ("Scenario", SCENARIOS[plan.scenario].title),
        ("Shape", plan.shape.name),
        ("Users", str(plan.users)),
        ("Processes", str(verdict.ending["workers"])),
        ("Service", plan.url),
    ]
    sections = [
        Section("thresholds", "Thresholds", list(_told(verdict)), [_checks_table(verdict.checks)]),
        *_rate_sections(measures),
        Section(
            "times",
            "Times of answers",
            [f"Locust's own report stands beside this one: `{LOCUST_HTML}`."],
            [_times_table(measures)],
            [_times_chart(measures), _items_chart(measures)] if _feeds(measures) else [],
        ),
    ]
    if counted := _counted_table(measures):
        sections.append(Section("rejections", "Rejections and errors", tables=[counted]))
    sections += [
        Section(
            f"compared-{number}",
            _compared_name(one),
            [headline(one.result).text, *(found.explanation for found in _first(one))],
            [_without_links(counts_table(one.result))],
        )
        for number, one in enumerate(verdict.compared, 1)
    ]
    return Page(TITLE, _headline(verdict), facts, sections)


def _headline(verdict: Verdict) -> Cell:
    items = verdict.measures.total_items
    if verdict.exit_code in HEADLINES:
        found = sum(len(one.result.discrepancies) for one in verdict.compared)
        text = HEADLINES[verdict.exit_code].format(items=items, found=found)
    else:
        missed = sum(not check.met for check in verdict.checks)
        text = MISSED.format(missed=missed, checks=len(verdict.checks), items=items)
    return Cell(text, Tone.GOOD if verdict.exit_code == PASSED else Tone.BAD)


def _told(verdict: Verdict) -> Iterator[str]:
    measures, ending = verdict.measures, verdict.ending
    duration = measures.duration_s or 1
    yield RATES.format(
        items=measures.total_items,
        requests=measures.requests,
        duration=measures.duration_s,
        items_per_s=measures.items_per_s,
        wire=measures.total("wire_bytes") / duration / MEGA,
        size=measures.total("size_bytes") / duration / MEGA,
        workers=ending["workers"],
        noun="process" if ending["workers"] == 1 else "processes",
        users=verdict.plan.users,
    )
    if ending["aborted"]:
        yield ABORTED.format(reason=printable(ending["aborted"]))
    if ending["lost_workers"]:
        yield LOST.format(workers=", ".join(ending["lost_workers"]))
    if not (ending["complete"] or ending["aborted"] or ending["lost_workers"]):
        yield INTERRUPTED
    if measures.given_up:
        yield GIVEN_UP.format(items=measures.given_up)


def _checks_table(checks: Sequence[Check]) -> Table:
    rows = tuple(
        (
            Cell(MARKS[check.met], Tone.GOOD if check.met else Tone.BAD),
            Cell(check.group),
            Cell(check.name),
            Cell(check.wanted),
            Cell(check.measured, Tone.PLAIN if check.met else Tone.BAD),
        )
        for check in checks
    )
    return Table(("", "of", "threshold", "wanted", "measured"), rows, names=3)


def _times_table(measures: Measures) -> Table:
    rows = []
    for feed in measures.times_ms:
        times = [measures.percentile_ms(feed, share) for share in SHARES.values()]
        rows.append(
            (
                Cell(feed),
                Cell(f"{measures.items[feed]:,}"),
                Cell(f"{measures.times_ms[feed].total():,}"),
                *(Cell(f"{took_ms:,} ms") for took_ms in times),
            )
        )
    names = (name.removesuffix("_ms") for name in SHARES)
    return Table(("feed", "items", "requests", *names), tuple(rows))


def _counted_table(measures: Measures) -> Table | None:
    rows = [
        (Cell(printable(what)), Cell(kind), Cell(f"{count:,}"))
        for kind, counts in (
            ("rejected", measures.rejections),
            ("asked for by a misbehaving client", measures.expected),
            ("error", measures.errors),
        )
        for what, count in counts.most_common(50)
    ]
    return Table(("answer", "meaning", "times"), tuple(rows), names=2) if rows else None


def _times_chart(measures: Measures) -> Chart:
    feeds = _feeds(measures)
    p50, p95, p99 = (
        [measures.percentile_ms(feed, share) or 0 for feed in feeds] for share in SHARES.values()
    )
    stacked = [
        Series("p50", "good", p50),
        Series("to p95", "changed", [most - least for least, most in zip(p50, p95, strict=True)]),
        Series("to p99", "stale", [most - least for least, most in zip(p95, p99, strict=True)]),
    ]
    return bars("Milliseconds within which requests were answered", feeds, stacked)


def _items_chart(measures: Measures) -> Chart:
    feeds = _feeds(measures)
    items = [measures.items[feed] for feed in feeds]
    return bars("Items accepted", feeds, [Series("items", "good", items)], legend=False)


def _rate_sections(measures: Measures) -> Iterator[Section]:
    """A wide chart each, over time."""
    labels, spans, width = _spans(measures)
    for name, title, tone, unit in RATE_CHARTS if spans else ():
        values = [round(getattr(span, name) / width / unit) for span in spans]
        if any(values):
            series, told = [Series(name, tone, values)], f"{title}, each bar {width} s"
            chart = bars(told, labels, series, upright=True, legend=False)
            yield Section(name, title, charts=[chart])


def _spans(measures: Measures) -> tuple[list[str], list[Second], int]:
    """Seconds since the start as labels, the sums of as many seconds as make at most MOST_BARS."""
    if not measures.seconds:
        return [], [], 1
    first, last = min(measures.seconds), max(measures.seconds)
    width = -(-(last - first + 1) // MOST_BARS)
    spans = [Second() for _ in range((last - first) // width + 1)]
    for at, second in measures.seconds.items():
        span = spans[(at - first) // width]
        for name in Second.__slots__:
            setattr(span, name, getattr(span, name) + getattr(second, name))
    return [f"{number * width} s" for number in range(len(spans))], spans, width


def _feeds(measures: Measures) -> list[str]:
    return [feed for feed in ALL_FEEDS if feed in measures.times_ms]


def _first(one: Compared) -> list[Any]:
    return list(one.result.discrepancies[:SHOWN])


def _without_links(table: Table) -> Table:
    rows = tuple(tuple(Cell(cell.text, cell.tone) for cell in row) for row in table.rows)
    return Table(table.headings, rows, table.names)


def _sentence(check: Check) -> str:
    return f"{check.group}, {check.name}: {check.measured}, {check.wanted}"


def _compared_name(one: Compared) -> str:
    feeds = len(one.result.feeds)
    noun = "feed" if feeds == 1 else "feeds"
    return f"{one.tenant}: {feeds} {noun} at version {one.version}"


def _write_bytes(out: IO[bytes], content: bytes) -> None:
    out.write(content)
