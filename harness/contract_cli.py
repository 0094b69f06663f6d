"""`mcs contract`: the contract to read, and to check a file against, without any server."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from mcs.contract.answer import ItemError
from mcs.contract.canonical import identity
from mcs.contract.dialects import ALL_FEEDS, any_feed_by_cli_name
from mcs.contract.errors import MissingIdentity, UsageError
from mcs.contract.feeds import Feed
from mcs.contract.jsonschema import item_schema
from mcs.contract.reference import contract_page, feed_page
from mcs.contract.validation import DEEPEST, Mode, nested_too_deep, validate, warnings_of
from mcs.harness.causes_page import discrepancies_page
from mcs.harness.conformance.page import conformance_page
from mcs.harness.files import read_items

VALID, INVALID = 0, 1
MODES = click.Choice([str(mode) for mode in Mode])


@click.group()
def contract() -> None:
    """Read the contract, or check a file of items against it, offline."""


@contract.command()
@click.argument("feed_name", metavar="FEED")
@click.option("--json", "as_json", is_flag=True, help="The JSON Schema of an item instead.")
@click.option("--strict", is_flag=True, help="With --json: what a strict reader takes.")
def show(feed_name: str, as_json: bool, strict: bool) -> None:
    """Show a feed: its route, its identity, and every field."""
    feed = any_feed_by_cli_name(feed_name)
    if as_json:
        click.echo(json.dumps(item_schema(feed.name, strict=strict), indent=2))
    else:
        click.echo(feed_page(feed), nl=False)


@contract.command(short_help="Check a file of items against a feed.")
@click.argument("file", type=click.File("rb"))
@click.option("--feed", "feed_name", required=True)
@click.option("--mode", type=MODES, default=str(Mode.LENIENT), show_default=True)
@click.option("--json", "as_json", is_flag=True)
def check(file: Any, feed_name: str, mode: str, as_json: bool) -> None:
    """Check a file of items (JSON or NDJSON, - for standard input) against a feed.

    Exit code: 0 all would be accepted, 1 some refused, 2 the file cannot be read.
    """
    feed = any_feed_by_cli_name(feed_name)
    items = list(read_items(file, file.name))
    if nested_too_deep(items):
        raise UsageError(f"{file.name}: an item is nested more than {DEEPEST} levels deep.")
    errors = list(validate(feed, items, Mode(mode)).errors)
    warnings = [found for found in warnings_of(feed, items) if found not in errors]
    refused = {error.index for error in errors}
    if as_json:
        document = {
            "feed": feed.name,
            "mode": mode,
            "items": len(items),
            "refused": len(refused),
            "errors": [_entry(feed, items, error) for error in errors],
            "warnings": [_entry(feed, items, warning) for warning in warnings],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        for label, found in (("refused", errors), ("warning", warnings)):
            for error in found:
                click.echo(f"{label}: item {error.index}: {error.message}")
        click.echo(f"{feed.name}, {mode}: {len(items)} items, {len(refused)} refused.")
    sys.exit(INVALID if refused else VALID)


@contract.command(short_help="Write the reference pages of the contract.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="docs")
def docs(folder: Path) -> None:
    """Write the reference pages of the contract, the discrepancies and the conformance clauses."""
    (folder / "feeds").mkdir(parents=True, exist_ok=True)
    pages = {
        "contract.md": contract_page(),
        "discrepancies.md": discrepancies_page(),
        "conformance.md": conformance_page(),
    }
    for name, page in pages.items():
        (folder / name).write_text(page, "utf-8")
    for feed in ALL_FEEDS.values():
        (folder / "feeds" / f"{feed.name}.md").write_text(feed_page(feed), "utf-8")
    click.echo(f"Wrote {', '.join(pages)} and {len(ALL_FEEDS)} pages of feeds in {folder}.")


def _entry(feed: Feed, items: list[Any], error: ItemError) -> dict[str, Any]:
    return {
        "index": error.index,
        "identity": _identity(feed, items[error.index]),
        "pointer": error.pointer,
        "code": error.code,
        "message": error.message,
    }


def _identity(feed: Feed, item: Any) -> dict[str, str] | None:
    try:
        return identity(feed, item)
    except MissingIdentity:
        return None
