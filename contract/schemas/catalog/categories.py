"""Categories: their slug says where in the tree they are."""

from mcs.contract.catalog import SLUG
from mcs.contract.schemas.catalog.shared import CatalogMetaTags, CatalogSource
from mcs.contract.schemas.exact import (
    ClosedSchema,
    ExactChoice,
    ExactMany,
    ExactRecord,
    ExactSchema,
    ExactText,
    ExactWhole,
)


class CatalogCategoryAttribute(ExactSchema):
    code = ExactText(required=True)
    values = ExactMany(ExactText(), required=True)


class CatalogCategoryImage(ExactSchema):
    url = ExactText(required=True)
    label = ExactText()
    roles = ExactMany(ExactChoice("BASE", "THUMBNAIL"))
    customRoles = ExactMany(ExactText())


class CatalogCategoryDelete(ClosedSchema):
    slug = ExactText(required=True, shortest=1, longest=1024, pattern=SLUG)
    source = ExactRecord(CatalogSource, required=True)


class CatalogCategoryUpdate(CatalogCategoryDelete):
    name = ExactText(shortest=1, longest=128)
    description = ExactText(nullable=True)
    families = ExactMany(ExactText(), nullable=True)
    position = ExactWhole()
    metaTags = ExactRecord(CatalogMetaTags)
    attributes = ExactMany(ExactRecord(CatalogCategoryAttribute))
    images = ExactMany(ExactRecord(CatalogCategoryImage))


class CatalogCategory(CatalogCategoryUpdate):
    """One item per category and locale."""

    name = ExactText(required=True, shortest=1, longest=128)
