"""What a valid item is: one marshmallow schema per feed and payload. Nothing else says so."""

from collections.abc import Mapping

from mcs.contract.schemas.catalog import CATALOG_SCHEMAS
from mcs.contract.schemas.categories import CategoriesItem
from mcs.contract.schemas.category_permissions import CategoryPermissionsItem
from mcs.contract.schemas.fields import RecordSchema
from mcs.contract.schemas.inventory_stock_status import InventoryStockStatusItem
from mcs.contract.schemas.prices import PricesItem
from mcs.contract.schemas.product_attributes import ProductAttributesItem
from mcs.contract.schemas.product_overrides import ProductOverridesItem
from mcs.contract.schemas.products import ProductsItem
from mcs.contract.schemas.scopes_customer_group import ScopesCustomerGroupItem
from mcs.contract.schemas.scopes_website import ScopesWebsiteItem
from mcs.contract.schemas.variants import VariantsItem

ITEM_SCHEMAS: Mapping[str, type[RecordSchema]] = {
    "productAttributes": ProductAttributesItem,
    "products": ProductsItem,
    "scopesCustomerGroup": ScopesCustomerGroupItem,
    "scopesWebsite": ScopesWebsiteItem,
    "prices": PricesItem,
    "productOverrides": ProductOverridesItem,
    "variants": VariantsItem,
    "categories": CategoriesItem,
    "categoryPermissions": CategoryPermissionsItem,
    "inventoryStockStatus": InventoryStockStatusItem,
    **CATALOG_SCHEMAS,
}
"""The schema of each feed's items by the feed's name; of further payloads by `Call.schema`."""
