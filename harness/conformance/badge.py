"""A badge for a page of the project: how many clauses an exporter meets, as a small SVG."""

from html import escape

from mcs.harness.conformance.judging import EXIT_COULD_NOT_TELL, EXIT_PASSED, Outcome
from mcs.harness.conformance.suites import Suite
from mcs.harness.conformance.verdict import Grade, Ruling

GOOD, BAD, UNKNOWN = "#14703a", "#b3261e", "#5a6676"
CHARACTER_PX = 6.6
MARGIN_PX = 7
HEIGHT_PX = 20


def badge(outcome: Outcome, suite: Suite) -> str:
    """How many of the suite's musts pass. Grey if some were not judged."""
    if outcome.exit_code == EXIT_COULD_NOT_TELL:
        return drawn(suite.label, "unknown", UNKNOWN)
    musts = sum(one.grade is Grade.MUST for one in suite.clauses.values())
    passed = len(outcome.having(Ruling.PASS, must=True))
    waived = len(outcome.having(Ruling.WAIVED, must=True))
    said = f"{passed}/{musts}" + (f", {waived} waived" if waived else "")
    if outcome.exit_code != EXIT_PASSED:
        return drawn(suite.label, said, BAD)
    return drawn(suite.label, said, GOOD if passed + waived == musts else UNKNOWN)


def drawn(label: str, text: str, colour: str) -> str:
    """Two fields of text side by side.

    >>> "&lt;b&gt;" in drawn("a", "<b>", GOOD)
    True
    """
    left, right = (round(len(part) * CHARACTER_PX) + 2 * MARGIN_PX for part in (label, text))
    title = escape(f"{label}: {text}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT_PX}" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left}" height="{HEIGHT_PX}" fill="#2b333d"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT_PX}" fill="{escape(colour)}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">'
        f'<text x="{left / 2}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2}" y="14">{escape(text)}</text></g></svg>\n'
    )
