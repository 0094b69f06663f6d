"""The verdict as people read it."""

from io import StringIO
from typing import Any

from rich.console import Console

from mcs.harness.discrepancy import DiffResult, DiscrepancyKind, FeedCounts, Latency
from mcs.harness.reports.formats import Format
from mcs.harness.reports.report import Threshold
from mcs.harness.reports.text import render_text
from tests.harness.reports.verdicts import discrepancy, verdict, written
from tests.harness.sides import DataSpace, Exporter, price


def text_of(result: DiffResult, shown: int = 20, width: int = 160, **options: Any) -> str:
    console = Console(file=StringIO(), width=width)
    render_text(result, console, shown, **options)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_text_tells_counts_places_and_values(data_space: DataSpace, exporter: Exporter) -> None:
    exporter.note(price("A", 12, discounts=None), keep=True)
    exporter.note(price("[red]B"))
    data_space.receive(price("A", 10))

    text = text_of(data_space.diff(exporter))

    assert "missing (1)" in text
    assert "sku=[red]B, customerGroupCode=0, websiteCode=base" in text
    assert "/regular: sent 12, received 10" in text
    assert "/discounts: sent null, received nothing" in text
    [counts] = [line.split() for line in text.splitlines() if line.startswith("  prices ")][:1]
    assert counts == ["prices", "2", "1", "0", "1", "1"]


def test_numbers_are_whole_on_a_narrow_console() -> None:
    counts = FeedCounts(sent=1234567, received=1234568, in_sync=1234569)

    text = text_of(DiffResult({"productAttributes": counts}, ()), width=20)

    assert "productAttributes   1234567    1234568   1234569" in text


def test_the_text_shows_some_of_each_kind_and_how_many_more(
    data_space: DataSpace, exporter: Exporter
) -> None:
    for sku in "ABCDE":
        exporter.note(price(sku))
    data_space.receive(price("F"))

    text = text_of(data_space.diff(exporter), shown=2)

    assert text.count("yet the service never recorded it") == 2
    assert "and 3 more" in text
    assert "unexpected (1)" in text


def test_the_text_says_so_if_all_is_in_sync(data_space: DataSpace, exporter: Exporter) -> None:
    exporter.note(price("A"))
    data_space.receive(price("A"))

    assert "In sync" in text_of(data_space.diff(exporter))


def test_two_empty_sides_are_not_called_in_sync() -> None:
    text = text_of(DiffResult({"prices": FeedCounts()}, (), nothing_to_compare=True))

    assert "Nothing to compare" in text
    assert "In sync:" not in text


def test_the_list_on_the_screen_can_be_bounded_over_all_kinds() -> None:
    result = verdict(*map(discrepancy, "ABC"), discrepancy("D", DiscrepancyKind.CHANGED))

    text = text_of(result, shown_in_all=2)

    assert [f"sku={sku}" in text for sku in "ABCD"] == [True, True, False, False]
    assert "missing (3)  prices 3" in text
    assert "changed (1)  prices 1" in text


def test_the_story_of_each_item_is_told_if_asked_for() -> None:
    result = verdict(discrepancy(story=("It was sent.", "It was lost."), log_code="CDE02-09"))

    assert "lost" not in text_of(result)
    assert "    1. It was sent.\n    2. It was lost.\n" in text_of(result, stories=True)
    assert "CDE02-09" in text_of(result, stories=True)


def test_latencies_proofs_and_findings_are_told() -> None:
    latencies = {"prices": Latency(count=9, p50_s=0.25, p95_s=2, p99_s=100, max_s=7200)}

    text = text_of(verdict(latencies=latencies, proven=("products",), findings=("Cut off.",)))

    [line] = [line.split() for line in text.splitlines() if "250 ms" in line]
    assert line == ["prices", "9", "250", "ms", "2.0", "s", "100.0", "s", "2.0", "h"]
    assert "Proven equal by digests, without listing a row: products." in text
    assert "To be known: Cut off." in text


def test_a_hostile_name_neither_steers_the_terminal_nor_breaks_a_line() -> None:
    hostile = "A\n\x1b[2J\x9b0m\u202e"

    text = text_of(verdict(discrepancy(hostile, explanation=hostile)))

    assert r"sku=A\n\x1b[2J\x9b0m\u202e" in text
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)


def test_a_file_of_text_has_all_with_their_stories_and_no_colours() -> None:
    result = verdict(*(discrepancy(f"p{n}", story=("It was sent.",)) for n in range(50)))

    text = written(Format.TEXT, result, Threshold(tolerated=50)).decode()

    assert text.count("    1. It was sent.\n") == 50
    assert "of 50 discrepancies 50 count" in text
    assert "\x1b" not in text
