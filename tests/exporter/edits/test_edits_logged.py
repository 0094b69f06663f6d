"""Each edit of the shop logs what it changes, and little else."""

from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest
from sqlalchemy import Connection, Engine, select

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import edits, tables
from mcs.exporter.commerce.edits import Edited
from mcs.exporter.commerce.random_edits import WEIGHTS
from mcs.fixtures.draw import Draw
from tests.exporter.edits.shop import BUNDLE, CONFIGURABLE, GROUPED, SIMPLE, SKUS, VARIANT
from tests.exporter.shops import (
    Contents,
    changed,
    contents,
    forget_log,
    invalid,
    logged,
    overlooked,
)

SEEDS = range(6)


def _grants(draw: Draw) -> dict[str, str]:
    return {
        name: draw.pick(name, ("ALLOW", "DENY", "USE_PARENT"))
        for name in ("displayed", "display_product_price", "add_to_cart")
    }


def _category_id(connection: Connection, draw: Draw) -> int:
    found = connection.scalars(
        select(tables.Category.category_id)
        .where(tables.Category.parent_id.is_not(None))
        .order_by(tables.Category.category_id)
    )
    return draw.pick("category", list(found))


def _sku(connection: Connection, draw: Draw) -> str:
    found = connection.scalars(select(tables.Product.sku).order_by(tables.Product.product_id))
    return draw.pick("sku", list(found))


def _family(draw: Draw) -> list[str]:
    """The parts of a composite, all of them."""
    first = draw.pick("block", (0, 20, 40))
    return draw.pick("family", (SKUS[first + 1 : first + 7], SKUS[first + 12 : first + 20]))


def _for_each(
    edit: Callable[[Connection, str], Edited],
) -> Callable[[Connection, Draw], Edited]:
    """The edit of every part of a composite, which counts for the composite, too."""
    return lambda c, draw: [edit(c, sku) for sku in _family(draw)][-1]


EVERY_EDIT: Mapping[str, Callable[[Connection, Draw], Edited | None]] = {
    **{edit.__name__.removeprefix("_"): edit for edit in WEIGHTS},
    "stock of any type": lambda c, draw: edits.set_stock(
        c, _sku(c, draw), draw.pick("qty", (0.0, 5.0, 500.0)), in_stock=draw.chance("in", 0.5)
    ),
    "special price of any type": lambda c, draw: edits.set_special_price(
        c, draw.pick("sku", (BUNDLE, SIMPLE, VARIANT)), draw.pick("price", (None, 12.5))
    ),
    "tier price removed": lambda c, draw: (
        edits.set_tier_price(c, SIMPLE, 3.0, qty=7, group=2)
        and edits.remove_tier_price(c, SIMPLE, qty=7, group=2)
    ),
    "name in a store view": lambda c, draw: edits.rename_product(
        c, _sku(c, draw), "Ein neuer Name", store_view=draw.pick("view", ("default", "de", "fr"))
    ),
    "visibility": lambda c, draw: edits.set_visibility(
        c, _sku(c, draw), draw.pick("to", ("Catalog", "Not Visible Individually"))
    ),
    "category name in a store view": lambda c, draw: edits.rename_category(
        c, _category_id(c, draw), "Eine Kategorie", store_view="de"
    ),
    "delete category": lambda c, draw: edits.delete_category(c, _category_id(c, draw)),
    "sold out family": _for_each(lambda c, sku: edits.set_stock(c, sku, 0)),
    "disabled family": _for_each(lambda c, sku: edits.set_enabled(c, sku, False)),
    "deleted family": _for_each(edits.delete_product),
    "deleted composite": lambda c, draw: edits.delete_product(
        c, draw.pick("sku", (CONFIGURABLE, BUNDLE, GROUPED))
    ),
    "default for all": lambda c, _: edits.set_default_permission(c, "displayed", "DENY"),
    "many new products": lambda c, draw: edits.new_products(c, draw.whole("count", 2, 45)),
    "new after deletes": lambda c, draw: (
        edits.delete_product(c, SKUS[40 + draw.whole("which", 0, 19)])
        and edits.delete_category(c, 3)
        and edits.new_products(c, 25)
    ),
    "new store view": lambda c, draw: edits.new_store_view(
        c, "at", website=draw.pick("website", ("base", "b2b")), locale="de_AT"
    ),
    "new customer group": lambda c, draw: edits.new_customer_group(c, "Press"),
    "permission": lambda c, draw: edits.set_permission(
        c,
        _category_id(c, draw),
        _grants(draw),
        website=draw.pick("website", (None, "base", "b2b")),
        group=draw.pick("group", (None, 0, 3)),
    ),
    "default permission": lambda c, draw: edits.set_default_permission(
        c,
        draw.pick("what", ("displayed", "display_product_price", "add_to_cart")),
        draw.pick("grant", ("ALLOW", "DENY")),
        website=draw.pick("website", (None, "base", "b2b")),
        group=draw.pick("group", (None, 0, 3)),
    ),
    "attribute label in a store view": lambda c, draw: edits.set_attribute_label(
        c, draw.pick("code", ("color", "size", "brand")), "Etikett", store_view="de"
    ),
}


@pytest.mark.parametrize("kind", EVERY_EDIT)
def test_every_changed_item_is_logged_or_its_feed_invalid(
    connection: Connection, before: Contents, kind: str
) -> None:
    found = {}
    for seed in SEEDS:
        edited = EVERY_EDIT[kind](connection, Draw(seed, "law"))

        found[seed, str(edited)] = overlooked(connection, before)
        connection.rollback()

    assert {edit: missed for edit, missed in found.items() if missed} == {}


IN_A_BRANCH: Mapping[str, Callable[[Connection], Edited]] = {
    "move": lambda c: edits.move_category(c, 4, 6),
    "delete": lambda c: edits.delete_category(c, 4),
    "rename": lambda c: edits.rename_category(c, 4, "Umbenannt", store_view="de"),
    "permission": lambda c: edits.set_permission(c, 4, {"displayed": "DENY"}),
}


@pytest.mark.parametrize("kind", IN_A_BRANCH)
def test_an_edit_of_a_branch_logs_all_that_hangs_on_it(connection: Connection, kind: str) -> None:
    edits.move_category(connection, 4, 3)
    edits.move_category(connection, 5, 4)
    edits.move_category(connection, 7, 5)
    forget_log(connection)
    before = contents(connection)

    IN_A_BRANCH[kind](connection)

    assert overlooked(connection, before) == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_law_holds_for_edits_on_top_of_edits(
    connection: Connection, before: Contents, seed: int
) -> None:
    draw = Draw(seed, "sequence")
    for step in range(12):
        kind = draw.pick(f"kind {step}", list(EVERY_EDIT))
        # What one edit deleted, another may look for in vain.
        with suppress(UsageError):
            EVERY_EDIT[kind](connection, Draw(seed, "sequence", step))

    assert overlooked(connection, before) == {}


def test_edits_of_products_log_little_that_did_not_change(
    connection: Connection, before: Contents
) -> None:
    entries = unchanged = 0
    for seed in SEEDS:
        for edit in WEIGHTS:
            if edit(connection, Draw(seed, "modest")):
                after = changed(before, contents(connection))
                for name, ids in logged(connection).items():
                    entries += len(ids)
                    unchanged += len(ids - after[name])
            connection.rollback()

    assert unchanged < entries / 2


def test_an_exception_after_an_edit_leaves_neither_edit_nor_log(
    engine: Engine, before: Contents
) -> None:
    def fail(connection: Connection) -> None:
        edits.delete_product(connection, SIMPLE)
        edits.new_store_view(connection, "at", website="base", locale="de_AT")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"), engine.begin() as connection:
        fail(connection)

    with engine.connect() as connection:
        assert contents(connection) == before
        assert not any(logged(connection).values())
        assert invalid(connection) == set()
