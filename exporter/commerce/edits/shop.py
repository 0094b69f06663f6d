"""Edits of what the whole shop shares: store views, attributes, customer groups."""

import re
from urllib.parse import urljoin

from sqlalchemy import Connection, func, insert, select, update

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import find, relations
from mcs.exporter.commerce.edits.edited import Edited, record
from mcs.exporter.commerce.tables import Attribute, CustomerGroup, Store, StoreView
from mcs.fixtures.scopes import ADMIN

_SHOWN_PER_VIEW = ("productAttributes", "products", "scopesWebsite", "categories")
"""The feeds whose every source has an item, or a line, for each store view."""

_CODE = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)
_LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}")
_NEW_SHOP = ("https://shop.example/", "kgs")


def new_store_view(connection: Connection, code: str, *, website: str, locale: str) -> Edited:
    """Add a store view to the website's first store; it shows the texts of all store views."""
    website_id = find.website_id(connection, website)
    _check_code(connection, code)
    if not _LOCALE.fullmatch(locale):
        raise UsageError(f'locale: got "{locale}", expected one like de_DE.')
    store_id = connection.scalar(
        select(func.min(Store.store_id)).where(Store.website_id == website_id)
    )
    if store_id is None:
        raise UsageError(f'the website "{website}" has no store that could have a store view.')
    sibling = connection.execute(
        select(StoreView.base_url, StoreView.weight_unit)
        .where(StoreView.store_id == store_id)
        .order_by(StoreView.store_view_id)
        .limit(1)
    ).one_or_none()
    base_url, weight_unit = sibling or _NEW_SHOP
    connection.execute(
        insert(StoreView).values(
            store_view_id=1 + (connection.scalar(select(func.max(StoreView.store_view_id))) or 0),
            store_id=store_id,
            code=code,
            name=code,
            locale=locale,
            base_url=urljoin(base_url, f"/{code}/"),
            weight_unit=weight_unit,
        )
    )
    text = f"new store view {code} ({locale}) on the website {website}."
    return record(connection, text, {}, invalidated=_SHOWN_PER_VIEW)


def set_attribute_label(
    connection: Connection, code: str, label: str, *, store_view: str | None = None
) -> Edited:
    """Set what an attribute is called in a store view, or in all that have no own label.

    Configurables show the labels of the attributes in which their variants differ.
    """
    attribute_id = find.attribute_id(connection, code)
    find.store_view_id(connection, store_view)
    if not label.strip():
        raise UsageError(f'label of "{code}": got an empty one, expected at least one letter.')
    of_attribute = Attribute.attribute_id == attribute_id
    labels = connection.scalar(select(Attribute.labels).where(of_attribute)) or {}
    connection.execute(
        update(Attribute).where(of_attribute).values(labels={**labels, store_view or ADMIN: label})
    )
    where = (
        f"in store view {store_view}" if store_view else "wherever a store view has no own label"
    )
    reached = {
        "productAttributes": {attribute_id},
        "products": relations.configurables_by(connection, code),
    }
    return record(connection, f'attribute {code}: is called "{label}" {where}.', reached)


def new_customer_group(connection: Connection, name: str) -> Edited:
    """Add a customer group. Every product has an override for each group there is."""
    if not name.strip():
        raise UsageError("name of a customer group: got an empty one, expected a letter or more.")
    if connection.scalar(select(CustomerGroup.name).where(CustomerGroup.name == name)):
        raise UsageError(f'there is a customer group "{name}" already. Take another name.')
    highest_id = connection.scalar(select(func.max(CustomerGroup.customer_group_id)))
    group_id = 0 if highest_id is None else highest_id + 1
    connection.execute(insert(CustomerGroup).values(customer_group_id=group_id, name=name))
    text = f'new customer group {group_id}, "{name}".'
    reached = {"scopesCustomerGroup": {group_id}}
    return record(connection, text, reached, invalidated=("productOverrides",))


def _check_code(connection: Connection, code: str) -> None:
    if not _CODE.fullmatch(code) or code == ADMIN:
        raise UsageError(
            f'code of a store view: got "{code}", expected letters, digits and underscores that '
            f'begin with a letter, and not "{ADMIN}".'
        )
    if connection.scalar(select(StoreView.store_view_id).where(StoreView.code == code)):
        raise UsageError(f'there is a store view "{code}" already. Take another code.')
