"""What the tests of causes share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mcs.contract.canonical import Item
from mcs.harness.discrepancy import Discrepancy, DiscrepancyKind
from mcs.harness.explain import explained
from mcs.harness.sides import Elsewhere, RequestFacts, Version
from mcs.harness.sources.service import Service
from tests.harness.sides import PRICES, DataSpace, price

TESTED: set[str] = set()


def of_cause(*causes: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Notes which causes a test brings about, so that none is forgotten."""
    TESTED.update(causes)
    return lambda test: test


def explained_as(found: Discrepancy, kind: DiscrepancyKind, service: DataSpace) -> Discrepancy:
    """A discrepancy of another kind with the same rows, explained."""
    with Service(service.url, service.id) as side:
        [told] = explained([replace(found, kind=kind, explanation="")], side)
    return told


def the_only(found: Sequence[Discrepancy]) -> Discrepancy:
    [one] = found
    return one


def undated(item: Item) -> Item:
    """An item that does not say when it was modified."""
    return {name: value for name, value in item.items() if name != PRICES.timestamp}


def refused(sku: str) -> Item:
    """An item that the service refuses."""
    return price(sku, regular="12,50")  # type: ignore[arg-type]  # the fault is meant


@dataclass(frozen=True, slots=True)
class Lists:
    """A received side that has a service's lists and nothing of its journal, as files do."""

    service: Service
    name: str = "lists"

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        self.service.write_received(feeds, path)

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        self.service.write_rejected(feeds, path)

    def versions(self, feed: str, key: str) -> Sequence[Version]:
        return ()

    def elsewhere(self, feed: str, keys: Sequence[str]) -> Sequence[Elsewhere]:
        return ()

    def requests(self, request_ids: Sequence[str]) -> dict[str, RequestFacts]:
        return {}
