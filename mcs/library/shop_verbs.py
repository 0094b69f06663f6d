"""What can be done in the shop of a case: edits of its catalog, and damage past all checks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce import change_log, edits
from mcs.exporter.commerce.edits import Edited
from mcs.exporter.commerce.edits.permissions import GRANTS
from mcs.exporter.commerce.export_tables import CHANGE_LOGS
from mcs.exporter.commerce.tables import CustomerGroup, Product, ProductWebsite, RulePrice
from mcs.fixtures.permissions import Grant
from mcs.fixtures.products import Visibility
from mcs.library.breakages import CHANGES_UNLOGGED, LABELS_UNNOTICED
from mcs.library.stage import Stage
from mcs.library.told import Told, Verb, listed
from mcs.library.values import NUMBER, PRODUCTS, TEXT, WHOLE, Argument, one_of

Values = Mapping[str, Any]
Edit = Callable[[Connection, str, Values], Edited]
"""Edits one product, by its SKU."""

_PRODUCT = {"product": Argument(PRODUCTS, required=True)}
SHOWN_EDITS = 3
NOT_DAMAGED = "{skus}: not all of it is damaged, so it cannot be repaired."
UNREADABLE, UNKNOWN_VISIBILITY = "unreadable", "unknown visibility"
_DAMAGE: Mapping[str, dict[str, Any]] = {
    UNREADABLE: {"data": {}},
    UNKNOWN_VISIBILITY: {"visibility": "Everywhere"},
}


def _edited(
    stage: Stage, *wanted: Callable[[Connection], Edited], unnoticed: Sequence[str] = ()
) -> Told:
    """Makes edits in one transaction; the change log hears of them, unless that is broken.

    unnoticed: feeds whose change log does not hear of these.
    """
    if CHANGES_UNLOGGED in stage.broken:
        unnoticed = list(FEEDS)
    with stage.engine.begin() as connection:
        before = {name: change_log.latest_version(connection, name) for name in FEEDS}
        made = [edit(connection) for edit in wanted]
        for name in unnoticed:
            log = CHANGE_LOGS[name]
            connection.execute(delete(log).where(log.c.version_id > before[name]))
    more = f" … and so for {len(made) - SHOWN_EDITS} more" if len(made) > SHOWN_EDITS else ""
    return Told(listed(map(str, made[:SHOWN_EDITS]), " ") + more, "")


def _of_products(edit: Edit) -> Callable[[Stage, Values], Told]:
    def do(stage: Stage, values: Values) -> Told:
        return _edited(
            stage,
            *(
                lambda connection, sku=sku: edit(connection, sku, values)
                for sku in stage.products(values["product"])
            ),
        )

    return do


def _price(connection: Connection, sku: str, values: Values) -> Edited:
    return edits.set_price(connection, sku, values["price"], website=values.get("website"))


def _special_price(connection: Connection, sku: str, values: Values) -> Edited:
    return edits.set_special_price(connection, sku, values["price"])


def _group_price(connection: Connection, sku: str, values: Values) -> Edited:
    return edits.set_tier_price(connection, sku, values["price"], group=values["group"])


def _rename(connection: Connection, sku: str, values: Values) -> Edited:
    return edits.rename_product(connection, sku, values["name"])


def _enable(connection: Connection, sku: str, _: Values) -> Edited:
    return edits.set_enabled(connection, sku, True)


def _disable(connection: Connection, sku: str, _: Values) -> Edited:
    return edits.set_enabled(connection, sku, False)


def _set_visibility(connection: Connection, sku: str, values: Values) -> Edited:
    return edits.set_visibility(connection, sku, values["visibility"])


def _delete(connection: Connection, sku: str, _: Values) -> Edited:
    return edits.delete_product(connection, sku)


def _stock(connection: Connection, sku: str, values: Values) -> Edited:
    return edits.set_stock(connection, sku, values["quantity"])


def _move_category(stage: Stage, values: Values) -> Told:
    category, parent = values["category"], values["below"]
    return _edited(stage, lambda connection: edits.move_category(connection, category, parent))


def _set_attribute_label(stage: Stage, values: Values) -> Told:
    code, label = values["attribute"], values["label"]
    return _edited(
        stage,
        lambda connection: edits.set_attribute_label(connection, code, label),
        unnoticed=["products"] if LABELS_UNNOTICED in stage.broken else (),
    )


def _set_permission(stage: Stage, values: Values) -> Told:
    category, grants = values["category"], {values["what"]: values["grant"]}
    return _edited(stage, lambda connection: edits.set_permission(connection, category, grants))


def _add_store_view(stage: Stage, values: Values) -> Told:
    code, website, locale = values["code"], values["website"], values["locale"]
    return _edited(
        stage,
        lambda connection: edits.new_store_view(connection, code, website=website, locale=locale),
    )


def _add_products(stage: Stage, values: Values) -> Told:
    return _edited(stage, lambda connection: edits.new_products(connection, values["count"]))


def _start_rule(stage: Stage, values: Values) -> Told:
    skus = listed(stage.products(values["product"]))
    stage.rules |= dict.fromkeys(values["product"], values["price"])
    with stage.engine.begin() as connection:
        change_log.note_changes(connection, "prices", values["product"])
    told = f"a scheduled catalog rule starts: {skus} at {values['price']:.2f}"
    return Told(told, "the products are noted as changed; the rule's prices are not indexed yet")


def _index_rules(stage: Stage, _: Values) -> Told:
    """Commerce swaps the whole table, so that no trigger notes a change."""
    with stage.engine.begin() as connection:
        groups = list(connection.scalars(select(CustomerGroup.customer_group_id)))
        for product_id, price in stage.rules.items():
            of_product = RulePrice.product_id == product_id
            websites = connection.scalars(
                select(ProductWebsite.website_id).where(ProductWebsite.product_id == product_id)
            )
            rows = [
                {
                    "product_id": product_id,
                    "website_id": website_id,
                    "customer_group_id": group_id,
                    "price": price,
                }
                for website_id in list(websites)
                for group_id in groups
            ]
            connection.execute(delete(RulePrice).where(of_product))
            connection.execute(insert(RulePrice), rows)
    indexed = len(stage.rules)
    stage.rules.clear()
    return Told("bin/magento indexer:reindex catalogrule_product", f"{indexed} products repriced")


def _damage(stage: Stage, values: Values) -> Told:
    skus = listed(stage.products(values["product"]))
    wanted = _DAMAGE[values["how"]]
    columns = [getattr(Product, name) for name in wanted]
    with stage.engine.begin() as connection:
        for product_id in values["product"]:
            row = connection.execute(select(*columns).where(Product.product_id == product_id)).one()
            stage.damaged[product_id] = dict(row._mapping)
            connection.execute(
                update(Product).where(Product.product_id == product_id).values(**wanted)
            )
        change_log.note_changes(connection, "products", values["product"])
    return Told(f"an extension writes past all checks: {skus} {_DAMAGED[values['how']]}", "")


_DAMAGED = {
    UNREADABLE: "loses its attributes",
    UNKNOWN_VISIBILITY: 'gets the visibility "Everywhere"',
}


def _repair(stage: Stage, values: Values) -> Told:
    skus = listed(stage.products(values["product"]))
    if not set(values["product"]) <= set(stage.damaged):
        raise UsageError(NOT_DAMAGED.format(skus=skus))
    with stage.engine.begin() as connection:
        for product_id in values["product"]:
            before = stage.damaged.pop(product_id)
            connection.execute(
                update(Product).where(Product.product_id == product_id).values(**before)
            )
        change_log.note_changes(connection, "products", values["product"])
    return Told(f"the data is put right in the admin: {skus}", "")


def _verb(verb: str, help_text: str, edit: Edit, **more: Argument) -> Verb:
    return Verb(verb, help_text, _of_products(edit), {**_PRODUCT, **more}, "product")


_NUMBER = Argument(NUMBER, required=True)
_WHOLE = Argument(WHOLE, required=True)
_TEXT = Argument(TEXT, required=True)

SHOP_VERBS = (
    _verb("set_price", "Sets the regular price", _price, price=_NUMBER, website=Argument(TEXT)),
    _verb(
        "set_special_price",
        "Sets the special price, of a bundle the percentage left to pay",
        _special_price,
        price=_NUMBER,
    ),
    _verb(
        "set_group_price",
        "Sets the price of a customer group",
        _group_price,
        price=_NUMBER,
        group=_WHOLE,
    ),
    _verb("rename", "Sets the name", _rename, name=_TEXT),
    _verb("set_stock", "Sets how many there are", _stock, quantity=_NUMBER),
    _verb("enable", "Enables products", _enable),
    _verb("disable", "Disables products", _disable),
    _verb(
        "set_visibility",
        "Sets where shoppers meet the product",
        _set_visibility,
        visibility=Argument(one_of(*(one.value for one in Visibility)), required=True),
    ),
    _verb("delete", "Deletes products", _delete),
    Verb(
        "add_products",
        "Adds the next products of the generated catalog",
        _add_products,
        {"count": _WHOLE},
        "count",
    ),
    Verb(
        "move_category",
        "Puts a category with all below it under another",
        _move_category,
        {"category": _WHOLE, "below": _WHOLE},
    ),
    Verb(
        "set_attribute_label",
        "Sets what an attribute is called",
        _set_attribute_label,
        {"attribute": _TEXT, "label": _TEXT},
    ),
    Verb(
        "set_permission",
        "Sets what all customer groups may do in a category",
        _set_permission,
        {
            "category": _WHOLE,
            "what": Argument(one_of(*GRANTS), required=True),
            "grant": Argument(one_of(*Grant), required=True),
        },
    ),
    Verb(
        "add_store_view",
        "Adds a store view to a website",
        _add_store_view,
        {"code": _TEXT, "website": _TEXT, "locale": _TEXT},
    ),
    Verb(
        "start_rule",
        "A scheduled catalog rule takes effect; its prices are not indexed yet",
        _start_rule,
        {**_PRODUCT, "price": _NUMBER},
    ),
    Verb("index_rules", "Rebuilds the index of catalog rules", _index_rules),
    Verb(
        "damage",
        "Spoils products past all checks, as a faulty extension does",
        _damage,
        {**_PRODUCT, "how": Argument(one_of(*_DAMAGE), required=True)},
    ),
    Verb("repair", "Puts damaged products right, as a merchant does", _repair, _PRODUCT, "product"),
)
"""The verbs of the shop."""
