"""The mutants of both small exporters."""

from mcs.harness.conformance.steps import Exporter
from tests.mutants.catalog_exporter import SmallCatalogExporter
from tests.mutants.catalog_mutations import CATALOG_MUTATIONS, CatalogMutation
from tests.mutants.exporter import SmallExporter
from tests.mutants.mutations import MUTATIONS, Mutation

ALL_MUTATIONS: tuple[Mutation | CatalogMutation, ...] = (*MUTATIONS, *CATALOG_MUTATIONS)
SOUND: dict[str, type[SmallExporter] | type[SmallCatalogExporter]] = {
    "feeds": SmallExporter,
    "catalog-ingestion": SmallCatalogExporter,
}
"""The exporters that nothing is wrong with, by the dialect that they speak."""


def spoilt(mutation: Mutation | CatalogMutation) -> Exporter:
    """The exporter with what is wrong with it."""
    if isinstance(mutation, CatalogMutation):
        return SmallCatalogExporter(mutation.ways)
    return SmallExporter(mutation.ways)
