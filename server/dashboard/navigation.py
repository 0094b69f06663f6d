"""The pages there are, in the order of the menu, and the data spaces to look at."""

from dataclasses import dataclass

from flask import request, url_for

from mcs.contract.errors import ContractError
from mcs.server.gateway import normalised_id
from mcs.server.service import current_service
from mcs.server.store.values import DataSpace


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """endpoint: of the view that shows the page of one data space. key: its shortcut, after g.
    short: the first segment of its short URL."""

    title: str
    endpoint: str
    key: str
    short: str


MENU: tuple[MenuEntry, ...] = (
    MenuEntry("Catalog Sync", "catalog_sync.overview", "c", "catalog"),
    MenuEntry("Feed sync status", "feeds.overview", "e", "feeds"),
    MenuEntry("Inspector", "inspector.overview", "i", "inspect"),
    MenuEntry("Discrepancies", "discrepancies.overview", "d", "diff"),
    MenuEntry("Faults", "faults.overview", "f", "faults"),
    MenuEntry("Keys", "keys.overview", "k", "keys"),
    MenuEntry("Settings", "catalog_sync.settings", "s", "settings"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One way to go. current: the page is there already."""

    title: str
    url: str
    current: bool
    key: str = ""


def known_data_space(data_space: str) -> DataSpace:
    """The data space of a path. Raises ContractError 404."""
    data_space_id = normalised_id(data_space)
    found = current_service().store.data_spaces.find(data_space_id) if data_space_id else None
    if found is None:
        raise ContractError(
            404, "unknown_data_space", f'There is no data space "{data_space}". / lists all.'
        )
    return found


def product_url(data_space: str, sku: str, store_view: str) -> str:
    """Where a product of a data space is shown, whatever its SKU."""
    # Browsers take such segments out of a path, escaped or not.
    if {".", ".."} & set(sku.split("/")):
        return url_for(
            "catalog_sync.any_product", data_space=data_space, sku=sku, store_view=store_view
        )
    return url_for("catalog_sync.product", data_space=data_space, sku=sku, store_view=store_view)


def menu(data_space: str) -> list[Link]:
    """The pages of a data space."""
    return [
        Link(
            entry.title,
            url_for(entry.endpoint, data_space=data_space),
            _belongs(request.endpoint or "", entry),
            entry.key,
        )
        for entry in MENU
    ]


def switcher(data_space: str) -> list[Link]:
    """The present page of each data space; the menu's first where the page is one space's own."""
    endpoints = {entry.endpoint for entry in MENU}
    endpoint = request.endpoint if request.endpoint in endpoints else MENU[0].endpoint
    return [
        Link(space.name, url_for(endpoint, data_space=space.id), space.id == data_space)
        for space in current_service().store.data_spaces.all()
    ]


def _belongs(endpoint: str, entry: MenuEntry) -> bool:
    if endpoint == entry.endpoint:
        return True
    # A page that is in no menu, such as a product's, belongs to the first of its blueprint.
    named = {other.endpoint for other in MENU}
    room = endpoint.partition(".")[0]
    first = next((e for e in MENU if e.endpoint.partition(".")[0] == room), None)
    return endpoint not in named and entry == first
