"""The HTML report, as a parser reads it: whole, self-contained, and with nothing run but ours."""

import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

from mcs.harness.discrepancy import DiffResult, DiscrepancyKind, FeedCounts, Latency
from mcs.harness.fields import ABSENT, Difference
from mcs.harness.reports import html
from mcs.harness.reports.formats import Format
from mcs.harness.reports.report import Threshold
from tests.harness.reports.verdicts import HOSTILE, discrepancy, failure, verdict, written

VOID = {"meta", "input", "br", "img", "link", "hr"}
REFERENCES = {"src", "href", "xlink:href", "action", "srcset", "data", "poster", "formaction"}
CHANGED = DiscrepancyKind.CHANGED


class Parsed(HTMLParser):
    """The elements of a page, with their attributes, the text, and what is not closed rightly."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.misplaced: list[str] = []
        self._open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.misplaced.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each such element."""
        return [attrs for name, attrs in self.elements if name == tag]


def page_of(result: DiffResult) -> Parsed:
    return Parsed(written(Format.HTML, result))


def full() -> DiffResult:
    """A verdict with something hostile wherever a name can be."""
    differences = (
        Difference(f"/{HOSTILE}", HOSTILE, ABSENT),
        Difference("/a", {HOSTILE: 1}, [HOSTILE]),
    )
    known = {"modified_at": "2026-11-22 10:00:00", HOSTILE: HOSTILE}
    told: dict[str, Any] = {
        "sent": known,
        "received": known,
        "story": (HOSTILE,),
        "explanation": HOSTILE,
    }
    errors = ({"pointer": HOSTILE, "code": HOSTILE, "message": HOSTILE},)
    one = discrepancy(HOSTILE, CHANGED, differences=differences, errors=errors, **told)
    other = discrepancy(HOSTILE, feed=HOSTILE, cause=HOSTILE, log_code=HOSTILE, key=HOSTILE)
    return DiffResult(
        feeds={"prices": FeedCounts(2, 1, 0, 1), HOSTILE: FeedCounts(1)},
        discrepancies=(one, other),
        latencies={HOSTILE: Latency(1, 0.1, 1, 100, 10_000)},
        sent_name=HOSTILE,
        received_name=HOSTILE,
        proven=(HOSTILE,),
        findings=(HOSTILE,),
    )


def test_nothing_is_referred_to_but_places_on_the_page_itself() -> None:
    page = page_of(full())

    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    for tag, attrs in page.elements:
        for name in REFERENCES & attrs.keys():
            assert str(attrs[name]).startswith("#"), (tag, attrs)
            assert str(attrs[name])[1:] in ids
        assert not {name for name in attrs if name.startswith("on") or name == "style"}
    assert not [tag for tag, _ in page.elements if tag in {"link", "img", "iframe", "object"}]
    assert not re.search(rb"url\(|@import", written(Format.HTML, full()))


def test_elements_are_closed_and_ids_are_unique() -> None:
    page = page_of(full())

    ids = Counter(attrs["id"] for _, attrs in page.elements if "id" in attrs)
    assert page.misplaced == []
    assert [name for name, count in ids.items() if count > 1] == []
    assert {"counts", "latencies", "charts", "discrepancies", "prices-changed"} <= ids.keys()


def test_the_only_script_and_style_are_ours_and_the_policy_names_their_hashes() -> None:
    page = written(Format.HTML, full())

    [policy] = [attrs["content"] for attrs in Parsed(page).of("meta") if "http-equiv" in attrs]
    for tag in (b"script", b"style"):
        [text] = re.findall(rb"<%s>(.*?)</%s>" % (tag, tag), page, re.DOTALL)
        digest = b64encode(sha256(text).digest()).decode()
        assert f"{tag.decode()}-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none'")


def test_hostile_names_are_shown_as_text() -> None:
    page = page_of(full())

    shown = r"</script><img src=x onerror=alert(1)>\x1b[2J\x00&" + "\"'`"
    assert page.text.count(f"sku={shown}") == 2
    assert page.of("img") == []
    assert len(page.of("script")) == 1


def test_charts_are_drawn_by_feed_by_kind_and_over_time() -> None:
    page = page_of(verdict(discrepancy("A"), discrepancy("B", CHANGED)))

    charts = page.of("svg")
    assert [str(chart["aria-label"]).split(" (")[0] for chart in charts] == [
        "Discrepancies by feed",
        "Discrepancies by kind",
        "Discrepancies by time of modification",
    ]
    bars = Counter(attrs["class"] for attrs in page.of("g") if "tone" in str(attrs.get("class")))
    assert bars["series serie-0 tone-missing"] == bars["series serie-1 tone-changed"] == 3


def test_a_difference_stands_side_by_side_with_what_differs_marked() -> None:
    place = Difference("/name", "duffle bag", "duffel bag")

    page = written(Format.HTML, verdict(discrepancy("A", CHANGED, differences=(place,))))

    assert b"<td>&#34;duff<mark>le</mark> bag&#34;</td>" in page
    assert b"<td>&#34;duff<mark>el</mark> bag&#34;</td>" in page


def test_a_big_verdict_tells_some_of_each_kind_in_full_and_says_so() -> None:
    missing = [discrepancy(f"p{number}") for number in range(html.TOLD_IN_FULL)]
    changed = [discrepancy(f"c{number}", CHANGED) for number in range(3)]

    page = page_of(verdict(*missing, *changed))

    assert len(page.of("details")) == html.TOLD_IN_FULL // 2 + 3
    assert len([attrs for attrs in page.of("p") if attrs.get("class") == "one"]) == 1000
    assert "Of 2003 discrepancies 1003 are told in full" in page.text


def test_in_sync_and_passing_say_so() -> None:
    in_sync = page_of(verdict())
    passing = Parsed(written(Format.HTML, verdict(discrepancy()), Threshold(tolerated=1)))

    assert "In sync: the service holds exactly what the exporter sent." in in_sync.text
    assert in_sync.of("svg") == in_sync.of("form") == []
    assert "It passes all the same" in passing.text


def test_no_verdict_is_a_page_that_says_so() -> None:
    page = Parsed(failure(Format.HTML, "no answer from <there>."))

    assert "Could not tell: there is no verdict." in page.text
    assert "no answer from <there>." in page.text
    assert page.misplaced == []
