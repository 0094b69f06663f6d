"""What a shopper chooses (`optionsV2`) or fills in (`shopperInputOptions`) to buy a product."""

from collections.abc import Iterator
from typing import Any

from mcs.contract.canonical import Item
from mcs.contract.codes import uid
from mcs.exporter.indexers.attribute_values import KnownAttribute, Option
from mcs.exporter.indexers.product_sources import Sources
from mcs.exporter.indexers.scopes import ViewScope
from mcs.exporter.indexers.wire import text

_NO_VALUE: Item = dict.fromkeys(
    (
        "priceType",
        "id",
        "label",
        "sortOrder",
        "isDefault",
        "colorHex",
        "imageUrl",
        "customSwatchValue",
        "qtyMutability",
        "qty",
        "infoUrl",
        "sku",
        "price",
    )
)
_CARD_INPUTS = (
    ("giftcard_sender_name", "Sender Name", "text"),
    ("giftcard_sender_email", "Sender Email", "email"),
    ("giftcard_recipient_name", "Recipient Name", "text"),
    ("giftcard_recipient_email", "Recipient Email", "email"),
)
_CARD_MESSAGE = ("giftcard_message", "Message", "text")


def options(product: Any, sources: Sources, view: ViewScope) -> list[Item]:
    """The options with values to choose from. product: a row of the products' table."""
    data = product.data
    return [
        *(_configurable_options(product, sources, view) if data["super_attributes"] else ()),
        *_bundle_options(product, sources, view),
        *(_custom_option(option, view) for option in data["custom_options"]),
        *(_downloads(data["downloads"], view) if data["downloads"] else ()),
        *(_card_amounts(data["gift_card"], view) if data["gift_card"] else ()),
    ]


def input_options(data: dict[str, Any], view: ViewScope) -> list[Item]:
    """The options that the shopper fills in."""
    card = data["gift_card"]
    return [
        *(_input_option(option, view) for option in data["input_options"]),
        *(_card_inputs(card) if card else ()),
    ]


def _configurable_options(product: Any, sources: Sources, view: ViewScope) -> Iterator[Item]:
    variants = [
        variant
        for variant in sources.variants.get(product.product_id, ())
        if view.website_id in variant.website_ids
    ]
    for position, code in enumerate(product.data["super_attributes"]):
        attribute = sources.attributes.by_code.get(code)
        if attribute is None:
            continue
        used = {value for variant in variants for value in variant.attributes.get(code, ())}
        values = [option for key, option in attribute.options.items() if key in used]
        yield {
            "id": code,
            "label": text(attribute.labels, view.code),
            "sortOrder": position,
            "required": True,
            "type": "configurable",
            "swatchType": "TEXT" if attribute.frontend_input == "swatch_text" else "COLOR_HEX",
            "values": [_swatch_value(attribute, option, view) for option in values] or None,
        }


def _swatch_value(attribute: KnownAttribute, option: Option, view: ViewScope) -> Item:
    swatch = option.swatch or ""
    is_image = "/" in swatch
    is_colour = swatch.startswith("#")
    return _NO_VALUE | {
        "id": uid("configurable", attribute.attribute_id, option.option_id),
        "label": text(option.labels, view.code),
        "sortOrder": option.sort_order,
        "colorHex": swatch if is_colour else None,
        "imageUrl": view.media_url(swatch) if is_image else None,
        "customSwatchValue": swatch if swatch and not is_image and not is_colour else None,
    }


def _bundle_options(product: Any, sources: Sources, view: ViewScope) -> Iterator[Item]:
    for option, selections in sources.bundle_options.get(product.product_id, ()):
        yield {
            "id": uid("bundle", option.option_id),
            "label": text(option.titles, view.code),
            "sortOrder": option.position,
            "required": option.required,
            "renderType": option.render_type,
            "type": "bundle",
            "values": [
                _NO_VALUE
                | {
                    "priceType": selection.price_type,
                    "id": uid("bundle", option.option_id, selection.selection_id),
                    "label": sources.texts_of(selection.product_id, view.store_view_id).name,
                    "sortOrder": selection.position,
                    "isDefault": selection.is_default,
                    "qtyMutability": selection.can_change_qty,
                    "qty": selection.qty,
                    "sku": selection.sku,
                    "price": selection.price,
                }
                for selection in selections
            ]
            or None,
        }


def _custom_option(option: dict[str, Any], view: ViewScope) -> Item:
    return {
        "id": uid("custom-option", option["option_id"]),
        "label": text(option["titles"], view.code),
        "sortOrder": option["sort_order"],
        "required": option["required"],
        "renderType": option["render_type"],
        "type": "custom_option",
        "values": [
            _NO_VALUE
            | {
                "priceType": choice["price_type"],
                "id": uid("custom-option", option["option_id"], choice["choice_id"]),
                "label": text(choice["titles"], view.code),
                "sortOrder": choice["sort_order"],
                "sku": choice["sku"],
                "price": choice["price"],
            }
            for choice in option["choices"]
        ],
    }


def _downloads(downloads: dict[str, Any], view: ViewScope) -> Iterator[Item]:
    yield {
        "id": "link:0",
        "label": "Links",
        "sortOrder": 0,
        "required": downloads["sold_separately"],
        "type": "downloadable",
        "values": [
            _NO_VALUE
            | {
                "id": uid("downloadable", link["link_id"]),
                "label": text(link["titles"], view.code),
                "sortOrder": link["sort_order"],
                "infoUrl": view.media_url(link["sample_path"]) if link["sample_path"] else None,
                "price": link["price"],
            }
            for link in downloads["links"]
        ],
    }


def _card_amounts(card: dict[str, Any], view: ViewScope) -> Iterator[Item]:
    yield {
        "id": "giftcard_amount",
        "label": "Amount",
        "sortOrder": 0,
        "required": card["open_amount"] is None,
        "renderType": "giftcard_amount",
        "type": "giftcard",
        "values": [
            _NO_VALUE
            | {
                "id": uid("giftcard", "giftcard_amount", f"{amount:.4f}"),
                "label": f"{amount:.2f} {view.currency}",
                "sortOrder": position,
                "price": amount,
            }
            for position, amount in enumerate(card["amounts"])
        ],
    }


def _input_option(option: dict[str, Any], view: ViewScope) -> Item:
    item = {
        "id": uid("custom-option", option["option_id"]),
        "label": text(option["titles"], view.code),
        "sortOrder": option["sort_order"],
        "required": option["required"],
        "renderType": option["render_type"],
        "price": option["price"],
        "sku": option["sku"],
    }
    if option["file_extension"]:
        item["fileExtension"] = option["file_extension"]
    if option["max_characters"]:
        item["range"] = {"from": 0.0, "to": float(option["max_characters"])}
    if option["image_size"]:
        item["imageSizeX"], item["imageSizeY"] = option["image_size"]
    return item


def _card_inputs(card: dict[str, Any]) -> Iterator[Item]:
    inputs = [*_CARD_INPUTS, *([_CARD_MESSAGE] if card["message_allowed"] else [])]
    for position, (code, label, render_type) in enumerate(inputs):
        # A physical card goes by post, so that nobody has to give an email address.
        if render_type == "email" and card["card_type"] == "physical":
            continue
        yield {
            "id": uid("giftcard", code),
            "label": label,
            "sortOrder": position,
            "required": code != "giftcard_message",
            "renderType": render_type,
        }
    if card["open_amount"]:
        least, most = card["open_amount"]
        yield {
            "id": uid("giftcard", "custom_giftcard_amount"),
            "label": "Custom Amount",
            "sortOrder": len(inputs),
            "required": False,
            "renderType": "giftcard_open_amount",
            "range": {"from": least, "to": most},
        }
