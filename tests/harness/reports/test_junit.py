"""JUnit XML: what GitLab and Jenkins make of a verdict."""

from xml.etree import ElementTree

from hypothesis import given, settings

from mcs.harness.discrepancy import DiffResult, DiscrepancyKind
from mcs.harness.reports.formats import Format
from mcs.harness.reports.report import STRICT, Threshold
from tests.harness.reports.verdicts import (
    HOSTILE,
    discrepancy,
    failure,
    verdict,
    verdicts,
    written,
)

COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
CHANGED = DiscrepancyKind.CHANGED


def junit_of(result: DiffResult, threshold: Threshold = STRICT) -> ElementTree.Element:
    return parsed(written(Format.JUNIT, result, threshold))


def parsed(report: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(report)  # noqa: S314 - made here


def outcomes(root: ElementTree.Element) -> dict[tuple[str, str], str]:
    """By class and name, the one child of each case."""
    return {
        (case.attrib["classname"], case.attrib["name"]): next((child.tag for child in case), "")
        for case in root.iter("testcase")
    }


@settings(max_examples=30)
@given(verdicts)
def test_any_verdict_is_xml_whose_counts_are_right(result: DiffResult) -> None:
    root = junit_of(result)

    assert root.tag == "testsuites"
    assert (root.attrib["failures"] == "0") == result.in_sync
    for suite in [root, *root.iter("testsuite")]:
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))
        for count, tag in COUNTED.items():
            assert int(suite.attrib[count]) == len(list(suite.iter(tag)))
    # GitLab takes the first of two cases of one name, Jenkins the first child of a case.
    assert len(outcomes(root)) == int(root.attrib["tests"])
    assert all(len(case) <= 1 for case in root.iter("testcase"))


def test_a_case_per_feed_and_kind_fails_with_what_was_found() -> None:
    root = junit_of(verdict(discrepancy("A"), discrepancy("B"), discrepancy("C", CHANGED)))

    found = outcomes(root)
    assert found["mcs.diff.prices", "nothing missing"] == "failure"
    assert found["mcs.diff.prices", "nothing changed"] == "failure"
    assert found["mcs.diff.prices", "nothing stale"] == ""
    assert found["mcs.diff.products", "nothing missing"] == "skipped"
    missing = next(root.iter("failure"))
    assert missing.attrib["message"] == "2 missing in prices"
    assert "sku=A" in str(missing.text)
    assert "sku=B" in str(missing.text)


def test_the_same_cases_are_there_in_sync_and_out_of_sync() -> None:
    assert outcomes(junit_of(verdict())).keys() == outcomes(junit_of(verdict(discrepancy()))).keys()
    assert junit_of(verdict()).attrib["failures"] == "0"


def test_what_does_no_harm_is_skipped_and_still_told() -> None:
    result = verdict(discrepancy("A"), discrepancy("B", CHANGED))

    by_kind = junit_of(result, Threshold(frozenset({CHANGED})))
    tolerated = junit_of(result, Threshold(tolerated=2))

    assert outcomes(by_kind)["mcs.diff.prices", "nothing missing"] == "skipped"
    assert outcomes(by_kind)["mcs.diff.prices", "nothing changed"] == "failure"
    assert tolerated.attrib["failures"] == "0"
    assert "sku=A" in ElementTree.tostring(tolerated, "unicode")


def test_the_list_in_a_case_is_bounded_and_says_so() -> None:
    result = verdict(*(discrepancy(f"p{number}") for number in range(103)))

    [told] = junit_of(result).iter("failure")

    assert str(told.text).count("sku=") == 100
    assert "and 3 more" in str(told.text)


def test_hostile_names_are_shown_as_text() -> None:
    [told] = junit_of(verdict(discrepancy(HOSTILE))).iter("failure")

    assert r"sku=</script><img src=x onerror=alert(1)>\x1b[2J\x00" in str(told.text)


def test_what_could_not_be_read_is_a_skipped_case() -> None:
    root = junit_of(verdict(findings=("saas-export.log: line 7: cut off.",)))

    assert outcomes(root)["mcs.diff.sides", "read whole"] == "skipped"


def test_no_verdict_is_an_error() -> None:
    root = parsed(failure(Format.JUNIT, "no answer from <there>."))

    assert (root.attrib["errors"], root.attrib["tests"]) == ("1", "1")
    assert next(root.iter("error")).attrib["message"] == "no answer from <there>."
