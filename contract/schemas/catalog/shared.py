"""Records that several resources of the ingestion API have."""

from mcs.contract.schemas.exact import ExactMany, ExactSchema, ExactText


class CatalogSource(ExactSchema):
    """Where an entity is meant: its locale."""

    locale = ExactText(required=True, shortest=1)


class CatalogMetaTags(ExactSchema):
    """What goes into the meta tags of a page."""

    title = ExactText()
    keywords = ExactMany(ExactText())
    description = ExactText()
