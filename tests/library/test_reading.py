"""A case's YAML is read, or refused with the place and what to write instead."""

from datetime import timedelta

import pytest

from mcs.contract.errors import UsageError
from mcs.library.case import Case
from mcs.library.reading import KEYS, read_case
from mcs.shipped import CASES

GOOD = """\
title: A title
symptom: What they say.
cause: Why.
evidence: [somewhere]
catalog: {products: 12}
feeds: [prices, products]
steps:
  - sync: products
  - note: time passes
    cron: 1h30m
  - delete: 2-4,9
seen:
  diff: in sync
  held: {feed: products, product: 2, absent: true}
look_at: ["`mcs diff`"]
fix: Nothing.
fix_steps:
  - end_faults:
"""


def test_a_case_is_what_its_yaml_says() -> None:
    case = read_case(GOOD, "a-case")

    assert (case.name, case.seed, case.products) == ("a-case", 42, 12)
    assert [feed.name for feed in case.feeds] == ["products", "prices"]
    sync, cron, delete = case.steps
    assert sync.values == {"feed": ("products",)}
    assert (cron.note, cron.values) == ("time passes", {"for": timedelta(minutes=90)})
    assert delete.values == {"product": (2, 3, 4, 9)}
    assert [(fact.name, fact.expected) for fact in case.seen] == [
        ("diff", []),
        ("held", [{"feed": "products", "product": (2,), "absent": True}]),
    ]


def test_all_feeds_are_exported_unless_some_are_named() -> None:
    case = read_case(GOOD.replace("feeds: [prices, products]\n", ""), "a-case")

    assert len(case.feeds) == 9


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("title: A title", "title:", "line 1: title: got None, expected a text."),
        ("cause: Why.", "reason: Why.", 'line 3: "reason" is not known here. Take of: title'),
        ("[somewhere]", "{a: b}", "line 4: evidence: got .* expected a list of texts."),
        ("{products: 12}", "{products: many}", "line 5: catalog, products: got 'many', expected"),
        ("{products: 12}", "{}", "line 5: catalog lacks products: a whole number"),
        ("[prices, products]", "[price]", r"line 6: feeds, value: got \['price'\], expected all"),
        ("sync: products", "resync: products", "line 8, step 1: expected one verb .* got resync"),
        ("sync: products", "{sync: products, wait: 1h}", "line 8, step 1: .* got sync, wait"),
        ("sync: products", "sync: {}", "line 8, step 1: sync lacks feed: all, or one"),
        ("cron: 1h30m", "cron: 90", "line 10, step 2: cron, for: got 90, expected a duration"),
        ("cron: 1h30m", "cron: {at: 1h}", 'line 10, step 2: "at" is no argument of cron.'),
        (
            "cron: 1h30m",
            "cron: 1h30m\n    wait: 1h",
            "line 10, step 2: expected one verb, got cron, wait",
        ),
        ("- delete: 2-4,9", "- delete", "line 11, step 3: got a str, expected a mapping with"),
        ("diff: in sync", "diff: fine", 'line 13: expected "in sync" or a list of discrepancies'),
        ("diff: in sync", "diff: [{feed: prices}]", "line 13: a discrepancy lacks kind"),
        ("diff: in sync", "difference: none", 'line 13: "difference" is nothing that can be seen'),
        (
            "diff: in sync",
            "diff: [{feed: prices, kind: missing, cause: throtled}]",
            "line 13: a discrepancy, cause: got 'throtled', expected one of: order_only",
        ),
        ("diff: in sync", "conformance: SYNC-99", "line 13: conformance, fails: got 'SYNC-99'"),
        (
            "diff: in sync",
            "diff: in sync\n  log: []",
            "line 14: log, value: got .*, expected a log",
        ),
        ("held: {feed: products, product: 2, absent: true}", "held: []", "line 14: held: got an"),
        ("  diff: in sync\n", "", "line 12: nothing here names the cause. Take one of: diff"),
        ("  - end_faults:", "", "line 17: fix_steps is missing. Give a list of steps."),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_with_its_line(good: str, bad: str, said: str) -> None:
    assert GOOD.count(good) == 1

    with pytest.raises(UsageError, match=rf"^a-case: {said}"):
        read_case(GOOD.replace(good, bad), "a-case")


def test_what_is_no_mapping_is_no_case() -> None:
    with pytest.raises(UsageError, match=f"got a list, expected a support case: .*{KEYS[0]}"):
        read_case("- a\n- b\n", "a-case")


def test_an_unknown_case_says_which_there_are() -> None:
    with pytest.raises(UsageError, match=r"neither a file nor a support case .* cron-down"):
        CASES.text("cron-off")


def test_the_library_holds_the_situations_that_recur() -> None:
    """One case at least for each of the ranked list (contract/support-cases.md)."""
    told = {line for name in CASES.names() for line in case_named(name).evidence}
    ranked = (
        "accepted-not-visible",
        "data-space-switched",
        "invalid-item-stuck",
        "composite-disabled",
        "cron-or-indexer-mode",
        "price-rule-race",
        "price-scope-matrix",
        "deleted-still-there",
        "poison-item",
        "batch-too-big",
        "threads-429",
        "category-move-storm",
        "phantom-changes",
        "big-multistore",
        "interrupted-resync",
    )

    assert [one for one in ranked if not any(f'"{one}"' in line for line in told)] == []


def case_named(name: str) -> Case:
    """A case that comes with mcs."""
    return read_case(CASES.text(name), name)
