"""The shop that is edited."""

from mcs.fixtures.catalog import Catalog

CATALOG = Catalog(seed=42, products=60)
SKUS = [product.sku for product in CATALOG]
CONFIGURABLE, VARIANT, BUNDLE, GROUPED, SIMPLE = (SKUS[index] for index in (0, 1, 7, 8, 12))
