"""Feed items straight from the catalog functions, with no database between."""

from collections.abc import Iterator

from mcs.contract.canonical import Item
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.products import Product

SENT_AT = "2026-11-22 19:10:15"


def price_batches(catalog: Catalog, size: int, start: int = 0) -> Iterator[list[Item]]:
    """Batches of prices without end: from product `start` on, and over the catalog again."""
    index = start
    while True:
        batch: list[Item] = []
        while len(batch) < size:
            batch += price_items(catalog, catalog.product(index % catalog.products))
            index += 1
        yield batch[:size]


def price_items(catalog: Catalog, product: Product) -> list[Item]:
    """The rows for all groups: one per website that the product is sold on."""
    websites = {website.website_id: website.code for website in catalog.websites}
    return [
        {
            "productId": product.entity_id,
            "sku": product.sku,
            "customerGroupCode": "0",
            "websiteCode": websites[price.website_id],
            "regular": price.regular,
            "updatedAt": SENT_AT,
            "deleted": False,
        }
        for price in product.prices
    ]


def product_item(product: Product, store_view_code: str = "default") -> Item:
    """A products item with what makes up most of its bytes: texts, media and attributes."""
    texts = next(iter(product.texts.values()))
    return {
        "productId": product.entity_id,
        "sku": product.sku,
        "storeViewCode": store_view_code,
        "storeCode": "main_website_store",
        "websiteCode": "base",
        "type": str(product.product_type),
        "name": texts.name,
        "description": texts.description or "",
        "shortDescription": texts.short_description or "",
        "metaDescription": texts.meta_description or "",
        "urlKey": texts.url_key,
        "status": "Enabled" if product.enabled else "Disabled",
        "visibility": str(product.visibility),
        "currency": "USD",
        "displayable": True,
        "buyable": True,
        "inStock": True,
        "lowStock": False,
        "attributes": [
            {"attributeCode": f"attribute_{n}", "value": [f"Value {n} of {product.sku}"]}
            for n in range(20)
        ],
        "images": [
            {
                "resource": {
                    "url": f"http://shop.example/media/{product.entity_id}/{n}.jpg",
                    "label": texts.name,
                    "roles": ["image", "small_image", "thumbnail"],
                },
                "sortOrder": str(n),
            }
            for n in range(4)
        ],
        "createdAt": SENT_AT,
        "updatedAt": SENT_AT,
        "modifiedAt": SENT_AT,
        "deleted": False,
    }
