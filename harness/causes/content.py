"""Causes that the contents tell: what differs does not matter, or names nothing."""

from mcs.harness import clues
from mcs.harness.causes.sources import CASES, WIRE
from mcs.harness.discrepancy import DiscrepancyKind as Kind
from mcs.harness.likeness import Likeness
from mcs.harness.rule import Rule

_OTHER_CONTENT = (Kind.STALE, Kind.CHANGED)

BY_CONTENT: tuple[Rule, ...] = (
    Rule(
        "order_only",
        _OTHER_CONTENT,
        "the same values in another order",
        clues.differs_only_in(Likeness.ORDER),
        "The service holds the same values as were sent, in another order: an exporter that does "
        "not sort its lists changes the hash of items that nobody touched.",
        "Compare with --order-free and the pointers of these lists, or have the exporter sort "
        "them.",
        f'{CASES}, "phantom-changes"',
    ),
    Rule(
        "precision_only",
        _OTHER_CONTENT,
        "the same numbers, rounded",
        clues.differs_only_in(Likeness.PRECISION),
        "The numbers that differ are the same but for rounding.",
        "Compare with --tolerance, such as --tolerance 0.005, or have the exporter round them as "
        "the catalog does.",
        f'{WIRE}, "Real-life payload habits to bear"',
    ),
)

UNNAMED: tuple[Rule, ...] = (
    Rule(
        "unnamed",
        (Kind.MISSING, Kind.UNEXPECTED),
        "an item without a name",
        clues.is_unnamed,
        "It lacks what names it ({lacking}), so that a service cannot keep it and nothing can be "
        "compared with it.",
        "Have the exporter send these fields as non-empty texts or numbers.",
        f'{WIRE}, "Bodies"',
    ),
)
