"""Edits of category permissions: who may see, price and buy what."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import find, relations
from mcs.exporter.commerce.edits.edited import Edited, record
from mcs.exporter.commerce.tables import CategoryPermission
from mcs.fixtures.permissions import Grant

GRANTS = ("displayed", "display_product_price", "add_to_cart")
"""What a permission grants, as the columns are called."""


def set_permission(
    connection: Connection,
    category_id: int,
    grants: Mapping[str, str],
    *,
    website: str | None = None,
    group: int | None = None,
) -> Edited:
    """Set what a customer group may do in a category of a website; None: all of them.

    grants: ALLOW, DENY or USE_PARENT by name of GRANTS; those not named stay as they are. The
    categories below inherit it, so that all products down there are reached.
    """
    category = find.category(connection, category_id)
    _check(grants, list(Grant))
    if not grants:
        raise UsageError(f"permission: got no grant, expected some of {', '.join(GRANTS)}.")
    website_id, group_id = _scope(connection, website, group)
    permission_id = _id_of(connection, category_id, website_id, group_id)
    if permission_id is None:
        unset = dict.fromkeys(GRANTS, Grant.USE_PARENT.value)
        permission_id = _insert(connection, category_id, website_id, group_id, unset | {**grants})
    else:
        _update(connection, permission_id, grants)
    reached = {
        "categoryPermissions": {permission_id},
        "productOverrides": relations.products_below(connection, category.path),
    }
    text = f"category {category_id}: {_told(grants)} for {_who(website, group)}."
    return record(connection, text, reached)


def set_default_permission(
    connection: Connection,
    name: str,
    grant: str,
    *,
    website: str | None = None,
    group: int | None = None,
) -> Edited:
    """Set the shop's default of one of GRANTS, on a website and for a group, or for all of them.

    A website's default is not exported while it repeats the shop's, so all defaults are reached,
    and every product.
    """
    _check({name: grant}, [Grant.ALLOW, Grant.DENY])
    website_id, group_id = _scope(connection, website, group)
    sets_it = getattr(CategoryPermission, name).is_not(None)
    permission_id = _id_of(connection, None, website_id, group_id, sets_it)
    if permission_id is None:
        permission_id = _insert(connection, None, website_id, group_id, {name: grant})
    else:
        _update(connection, permission_id, {name: grant})
    defaults = connection.scalars(
        select(CategoryPermission.permission_id).where(CategoryPermission.category_id.is_(None))
    )
    text = f"default: {_told({name: grant})} for {_who(website, group)}."
    return record(
        connection, text, {"categoryPermissions": set(defaults)}, invalidated=("productOverrides",)
    )


def _check(grants: Mapping[str, str], allowed: list[Grant]) -> None:
    for name, grant in grants.items():
        if name not in GRANTS:
            raise UsageError(f'unknown permission "{name}". Take one of: {", ".join(GRANTS)}.')
        if grant not in allowed:
            raise UsageError(f'{name}: got "{grant}", expected one of: {", ".join(allowed)}.')


def _scope(
    connection: Connection, website: str | None, group: int | None
) -> tuple[int | None, int | None]:
    website_id = None if website is None else find.website_id(connection, website)
    return website_id, None if group is None else find.customer_group_id(connection, group)


def _id_of(
    connection: Connection,
    category_id: int | None,
    website_id: int | None,
    group_id: int | None,
    *also: ColumnElement[bool],
) -> int | None:
    """The id of the last permission of this scope, which is the one that counts."""
    return connection.scalar(
        select(func.max(CategoryPermission.permission_id)).where(
            CategoryPermission.category_id.is_not_distinct_from(category_id),
            CategoryPermission.website_id.is_not_distinct_from(website_id),
            CategoryPermission.customer_group_id.is_not_distinct_from(group_id),
            *also,
        )
    )


def _insert(
    connection: Connection,
    category_id: int | None,
    website_id: int | None,
    group_id: int | None,
    grants: Mapping[str, str],
) -> int:
    highest_id = connection.scalar(select(func.max(CategoryPermission.permission_id)))
    values = {
        "permission_id": (highest_id or 0) + 1,
        "category_id": category_id,
        "website_id": website_id,
        "customer_group_id": group_id,
    }
    connection.execute(insert(CategoryPermission).values(**values, **grants))
    return (highest_id or 0) + 1


def _update(connection: Connection, permission_id: int, grants: Mapping[str, str]) -> None:
    connection.execute(
        update(CategoryPermission)
        .where(CategoryPermission.permission_id == permission_id)
        .values(**grants)
    )


def _told(grants: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {grant}" for name, grant in grants.items())


def _who(website: str | None, group: int | None) -> str:
    who = "all customer groups" if group is None else f"customer group {group}"
    return f"{who} of {f'the website {website}' if website else 'all websites'}"
