"""The attribute values of products in words: labels of options instead of their ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from mcs.contract.canonical import Item
from mcs.exporter.commerce.tables import Attribute, AttributeOption
from mcs.exporter.indexers.wire import text

_BOOLEANS = {"1": "yes", "0": "no"}


@dataclass(frozen=True, slots=True)
class Option:
    """swatch: a hex code, an image's path, or a text; None where there is none."""

    option_id: int
    labels: Mapping[str, str]
    sort_order: int
    swatch: str | None


@dataclass(frozen=True, slots=True)
class KnownAttribute:
    attribute_id: int
    code: str
    labels: Mapping[str, str]
    frontend_input: str
    options: dict[str, Option]


@dataclass(frozen=True, slots=True)
class AttributeCatalog:
    """Every attribute by its code. Items are remembered: products share their values."""

    by_code: Mapping[str, KnownAttribute]
    known_items: dict[tuple[str, str, tuple[str, ...]], Item] = field(default_factory=dict)

    def label(self, code: str, value: str, view_code: str) -> str:
        """A value as shoppers read it in a store view."""
        attribute = self.by_code[code]
        if value in attribute.options:
            return text(attribute.options[value].labels, view_code)
        return _BOOLEANS.get(value, value) if attribute.frontend_input == "boolean" else value

    def items(self, values: Mapping[str, Sequence[str]], view_code: str) -> list[Item]:
        """The `attributes` of a product's feed item, by attribute code."""
        return [
            self._item((view_code, code, tuple(values[code])))
            for code in sorted(values)
            if code in self.by_code
        ]

    def _item(self, wanted: tuple[str, str, tuple[str, ...]]) -> Item:
        item = self.known_items.get(wanted)
        if item is None:
            view_code, code, values = wanted
            labels = [self.label(code, value, view_code) for value in values]
            item = self.known_items[wanted] = {"attributeCode": code, "value": labels}
            if self.by_code[code].options:
                item["valueId"] = list(values)
        return item


def read_attributes(connection: Connection) -> AttributeCatalog:
    """All attributes with their options; some hundred rows in two queries."""
    found = connection.execute(
        select(
            Attribute.attribute_id, Attribute.code, Attribute.labels, Attribute.frontend_input
        ).order_by(Attribute.attribute_id)
    )
    attributes = {row.attribute_id: KnownAttribute(*row, options={}) for row in found}
    for attribute_id, option_id, labels, sort_order, swatch in connection.execute(
        select(
            AttributeOption.attribute_id,
            AttributeOption.option_id,
            AttributeOption.labels,
            AttributeOption.sort_order,
            AttributeOption.swatch,
        ).order_by(AttributeOption.sort_order, AttributeOption.option_id)
    ):
        option = Option(option_id, labels, sort_order, swatch)
        attributes[attribute_id].options[str(option_id)] = option
    return AttributeCatalog({attribute.code: attribute for attribute in attributes.values()})
