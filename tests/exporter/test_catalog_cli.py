"""`mcs catalog`: looking at the catalog and editing it from the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from mcs.contract.errors import UsageError
from mcs.exporter.catalog_cli import catalog
from mcs.exporter.commerce.database import open_commerce
from mcs.fixtures.catalog import Catalog
from tests.exporter.shops import fill, invalid, logged

SIMPLE, VARIANT = (Catalog(42, 60).product(index).sku for index in (12, 1))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A shop that is wholly exported, where the command line finds it."""
    monkeypatch.setenv("MCS_VAR", str(tmp_path))
    engine = open_commerce(tmp_path / "commerce.sqlite")
    fill(engine)
    yield engine
    engine.dispose()


def run(*arguments: str) -> str:
    """What the command prints. Wrong usage comes out as it does for `mcs`, which shows it."""
    result = CliRunner().invoke(catalog, arguments)
    if isinstance(result.exception, UsageError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def all_logged(shop: Engine) -> dict[str, set[int]]:
    with shop.connect() as connection:
        return {name: ids for name, ids in logged(connection).items() if ids}


def test_an_edit_tells_what_changed_and_what_it_logged(shop: Engine) -> None:
    said = run("edit", "price", SIMPLE, "12.50", "--website", "base")

    assert said.splitlines() == [
        f"{SIMPLE}: the price is 12.50 on base.",
        "Change log entries: prices 1.",
    ]
    assert all_logged(shop) == {"prices": {13}}


def test_a_product_shows_what_was_edited(shop: Engine) -> None:
    run("edit", "price", SIMPLE, "12.50", "--special", "9.99", "--website", "base")
    run("edit", "price", SIMPLE, "11", "--group", "2", "--qty", "5", "--website", "b2b")
    run("edit", "stock", SIMPLE, "7")
    run("edit", "name", SIMPLE, "Lampe", "--store-view", "de")
    run("edit", "disable", SIMPLE)

    shown = run("show", SIMPLE)

    facts = {line.split("  ")[0]: line.split("  ")[-1].strip() for line in shown.splitlines()}
    assert facts["price (base)"] == "12.50, special 9.99"
    assert facts["price (b2b, group 2, from 5)"] == "11.00"
    assert facts["name (de)"] == "Lampe"
    assert facts["status"] == "disabled"
    assert facts["stock 1"].startswith("7 (")


def test_a_special_price_is_taken_away(shop: Engine) -> None:
    run("edit", "price", SIMPLE, "--special", "9.99")

    run("edit", "price", SIMPLE, "--no-special")

    assert "special" not in run("show", SIMPLE)


def test_a_tier_price_is_taken_away(shop: Engine) -> None:
    run("edit", "price", SIMPLE, "3", "--qty", "77")

    run("edit", "remove-tier-price", SIMPLE, "--qty", "77")

    assert "from 77" not in run("show", SIMPLE)


@pytest.mark.parametrize(
    "arguments",
    [
        ("enable", SIMPLE),
        ("visibility", SIMPLE, "Catalog"),
        ("delete", VARIANT),
        ("new", "--count", "3"),
        ("assign", SIMPLE, "4", "--position", "3"),
        ("rename-category", "3", "Wear", "--store-view", "default"),
        ("move-category", "4", "3"),
        ("delete-category", "4"),
        ("attribute-label", "color", "Colour"),
        ("permission", "displayed", "DENY", "--category", "3", "--website", "b2b"),
        ("permission", "add_to_cart", "DENY", "--group", "0"),
        ("new-customer-group", "Press"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_edit_has_a_command(shop: Engine, arguments: tuple[str, ...]) -> None:
    said = run("edit", *arguments)

    assert len(said.splitlines()) in (2, 3)
    assert all_logged(shop)


def test_a_product_leaves_the_category_it_was_put_into(shop: Engine) -> None:
    run("edit", "assign", SIMPLE, "9")

    assert "is in category 9 no more" in run("edit", "unassign", SIMPLE, "9")


def test_a_new_store_view_tells_what_has_to_be_reindexed(shop: Engine) -> None:
    said = run("edit", "new-store-view", "at", "--website", "base", "--locale", "de_AT")

    assert said.splitlines()[1:] == [
        "Change log entries: none.",
        "Reindex required: productAttributes, products, scopesWebsite, categories.",
    ]
    with shop.connect() as connection:
        assert "products" in invalid(connection)


def test_edits_by_chance_are_listed_line_by_line(shop: Engine) -> None:
    said = run("edit", "--random", "20", "--seed", "1")

    assert len(said.splitlines()) == 21
    assert said.splitlines()[-1].startswith("Change log entries: ")
    assert all_logged(shop)


@pytest.mark.parametrize(
    "arguments",
    [("edit",), ("edit", "--random", "3", "disable", SIMPLE)],
    ids=["neither", "both"],
)
def test_an_edit_is_by_chance_or_by_command(shop: Engine, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"either --random.*or one of the commands"):
        run(*arguments)


def test_a_price_command_without_price_says_what_to_give(shop: Engine) -> None:
    with pytest.raises(UsageError, match="give a PRICE, --special or --no-special"):
        run("edit", "price", SIMPLE)


def test_of_two_edits_in_one_command_none_is_kept_if_one_is_refused(shop: Engine) -> None:
    with pytest.raises(UsageError, match="got -1"):
        run("edit", "price", SIMPLE, "5", "--special=-1")

    assert "5.00" not in run("show", SIMPLE)
    assert all_logged(shop) == {}


@pytest.mark.parametrize("what", ["products", "categories", "attributes", "scopes"], ids=str)
def test_lists_have_a_line_per_thing(shop: Engine, what: str) -> None:
    lines = run("list", what, "--limit", "5").splitlines()

    assert len(lines) >= 5
    assert all("\t" in line for line in lines)


def test_a_list_that_is_cut_says_so(shop: Engine) -> None:
    result = CliRunner().invoke(catalog, ["list", "--limit", "3"])

    assert len(result.stdout.splitlines()) == 3
    assert "more than 3: --limit shows more" in result.stderr


@pytest.mark.parametrize("what", ["products", "scopes"], ids=str)
def test_without_a_catalog_the_list_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setenv("MCS_VAR", str(tmp_path))

    with pytest.raises(UsageError, match="generate-fixtures"):
        run("list", what)
