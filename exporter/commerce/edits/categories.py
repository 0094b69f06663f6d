"""Edits of the category tree. Everything below a category goes with it."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import find, relations
from mcs.exporter.commerce.edits.edited import Edited, record
from mcs.exporter.commerce.edits.saving import save_category
from mcs.exporter.commerce.find import FoundCategory
from mcs.exporter.commerce.tables import (
    ALL_STORE_VIEWS,
    Category,
    CategoryPermission,
    CategoryText,
)

_Paths = dict[int, str | None]
"""URL paths by store view id."""


def rename_category(
    connection: Connection, category_id: int, name: str, *, store_view: str | None = None
) -> Edited:
    """Set the name in a store view, or in all that have none of their own; URLs stay."""
    find.category(connection, category_id)
    view_id = find.store_view_id(connection, store_view)
    if not name.strip():
        raise UsageError(
            f"name of category {category_id}: got an empty one, expected at least one letter."
        )
    key = {"category_id": category_id, "store_view_id": view_id}
    changed = connection.execute(update(CategoryText).filter_by(**key).values(name=name))
    if not changed.rowcount:
        connection.execute(insert(CategoryText).values(name=name, **key))
    save_category(connection, category_id)
    where = f"in store view {store_view}" if store_view else "wherever a store view has no own name"
    text = f'category {category_id}: is called "{name}" {where}.'
    return record(connection, text, {"categories": {category_id}})


def move_category(connection: Connection, category_id: int, new_parent_id: int) -> Edited:
    """Put a category with all below it under another parent, as the last of its children.

    Ids, levels and URL paths of the whole subtree follow, and so do the URL paths that products
    show of it and the permissions that they inherit through it.
    """
    category = _not_a_root(find.category(connection, category_id), "moved")
    parent = find.category(connection, new_parent_id)
    if category.parent_id == new_parent_id:
        raise UsageError(f"category {category_id} is below {new_parent_id} already.")
    if f"{parent.path}/".startswith(f"{category.path}/"):
        raise UsageError(
            f"category {category_id} cannot go below {new_parent_id}, which is itself or below it."
        )
    moved = relations.subtree(connection, category.path)
    url_paths = _moved_url_paths(connection, category, parent)
    _refuse_taken(connection, category_id, url_paths[category_id])
    _write_tree(connection, category, parent)
    _write_url_paths(connection, url_paths)
    products = relations.products_below(connection, f"{parent.path}/{category_id}")
    reached = {
        "categories": moved | {category.parent_id or new_parent_id, new_parent_id},
        "products": products,
        "productOverrides": products,
    }
    below = f" with {len(moved) - 1} below it" if len(moved) > 1 else ""
    text = (
        f"category {category_id}{below}: moved from {category.parent_id} to {new_parent_id}; "
        f"its URL path is {url_paths[category_id].get(ALL_STORE_VIEWS)}."
    )
    return record(connection, text, reached)


def delete_category(connection: Connection, category_id: int) -> Edited:
    """Delete a category with all below it and their permissions; products stay, without it."""
    category = _not_a_root(find.category(connection, category_id), "deleted")
    gone = relations.subtree(connection, category.path)
    products = relations.products_below(connection, category.path)
    permissions = set(
        connection.scalars(
            select(CategoryPermission.permission_id).where(CategoryPermission.category_id.in_(gone))
        )
    )
    connection.execute(delete(Category).where(Category.category_id == category_id))
    above = set() if category.parent_id is None else {category.parent_id}
    reached = {
        "categories": gone | above,
        "categoryPermissions": permissions,
        "products": products,
        "productOverrides": products,
    }
    below = f" with {len(gone) - 1} below it" if len(gone) > 1 else ""
    text = f"category {category_id}{below}: deleted; {len(products)} products were in there."
    return record(connection, text, reached)


def _not_a_root(category: FoundCategory, done: str) -> FoundCategory:
    if category.parent_id is None:
        raise UsageError(
            f"category {category.category_id} is the root of a store and cannot be {done}. "
            "`mcs catalog list categories` shows the others."
        )
    return category


def _write_tree(connection: Connection, category: FoundCategory, parent: FoundCategory) -> None:
    """Paths and levels of the subtree, and where the category stands among its new siblings."""
    last = connection.scalar(
        select(func.max(Category.position)).where(Category.parent_id == parent.category_id)
    )
    above, _, _ = category.path.rpartition("/")
    rows = [
        {
            "moved_id": row.category_id,
            "path": parent.path + row.path.removeprefix(above),
            "level": row.level + parent.level + 1 - category.level,
        }
        for row in connection.execute(
            select(Category.category_id, Category.path, Category.level).where(
                Category.category_id.in_(relations.subtree(connection, category.path))
            )
        )
    ]
    table = Category.__table__
    connection.execute(
        update(Category.__table__)  # type: ignore[arg-type]  # the ORM types a table as FromClause
        .where(table.c.category_id == bindparam("moved_id"))
        .values(path=bindparam("path"), level=bindparam("level")),
        rows,
    )
    save_category(
        connection,
        category.category_id,
        parent_id=parent.category_id,
        position=(last or 0) + 1,
    )


def _moved_url_paths(
    connection: Connection, category: FoundCategory, parent: FoundCategory
) -> dict[int, _Paths]:
    """The new URL paths of the subtree by category: the parent's, and the category's own key."""
    above = {
        row.store_view_id: row.url_path
        for row in connection.execute(
            select(CategoryText.store_view_id, CategoryText.url_path).where(
                CategoryText.category_id == parent.category_id
            )
        )
    }
    paths: dict[int, _Paths] = defaultdict(dict, {parent.category_id: above})
    for row in connection.execute(
        select(
            Category.category_id,
            Category.parent_id,
            CategoryText.store_view_id,
            CategoryText.url_key,
        )
        .join(CategoryText, CategoryText.category_id == Category.category_id)
        .where(Category.category_id.in_(relations.subtree(connection, category.path)))
        .order_by(Category.level, Category.category_id)
    ):
        is_top = row.category_id == category.category_id
        of_parent = paths[parent.category_id if is_top else row.parent_id or 0]
        start = of_parent.get(row.store_view_id) or of_parent.get(ALL_STORE_VIEWS)
        # A text without a key of its own shows the path of all store views.
        path = f"{start}/{row.url_key}" if start and row.url_key else row.url_key
        paths[row.category_id][row.store_view_id] = path
    del paths[parent.category_id]
    return paths


def _refuse_taken(connection: Connection, category_id: int, paths: _Paths) -> None:
    """Two categories cannot have one address."""
    for view_id, path in paths.items():
        taken_by = connection.scalar(
            select(CategoryText.category_id).where(
                CategoryText.store_view_id == view_id, CategoryText.url_path == path
            )
        )
        if taken_by is not None and path is not None:
            raise UsageError(
                f"category {category_id} cannot go there: category {taken_by} has the URL path "
                f"{path} already. Move or delete that one first."
            )


def _write_url_paths(connection: Connection, url_paths: Mapping[int, _Paths]) -> None:
    rows = [
        {"moved_id": category_id, "view_id": view_id, "path": path}
        for category_id, paths in url_paths.items()
        for view_id, path in paths.items()
    ]
    connection.execute(
        update(CategoryText.__table__)  # type: ignore[arg-type]  # as above
        .where(
            CategoryText.category_id == bindparam("moved_id"),
            CategoryText.store_view_id == bindparam("view_id"),
        )
        .values(url_path=bindparam("path")),
        rows,
    )
