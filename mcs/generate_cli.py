"""`mcs generate`: the items of a generated catalog as files, or its rows in a commerce database."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, feed_by_cli_name
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.load import load_catalog
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import profile_names, read_profile
from mcs.fixtures.sharding import Shard
from mcs.fixtures.writing import Format, Written, write_changes, write_items

COMMERCE_DB = "commerce-db"
NOWHERE = "where to? Give a folder with -o DIR, or fill the commerce database: --into commerce-db."
TWO_PLACES = "-o and --into contradict each other. Give one of them."
NO_SHARD = 'shard "{text}": expected one such as 2/8: the second of eight.'
NO_PAST = "--since {since} is not before --version {version}. Give an earlier one, from 0 on."
ONLY_FILES = "--into commerce-db fills the catalog of version 0. Leave out {option}."
ONLY_WHOLE = "--since writes NDJSON, whole. Leave out {option}."
DONE = "{items:,} items, {size} in {files} files, {seconds:.1f} s ({rate:,.0f} items/s)"
FILLED = "The catalog has {products} products now (profile {profile}, seed {seed})."


class _Advance(Protocol):
    def __call__(self, steps: int) -> None: ...


@click.command()
@click.option("--profile", "profile_name", help="One that comes with mcs, or a YAML file.")
@click.option("--seed", default=42, show_default=True, type=click.IntRange(min=0))
@click.option("--version", default=0, show_default=True, type=click.IntRange(min=0),
              help="How many rounds of edits the catalog has seen.")  # fmt: skip
@click.option("--since", type=click.IntRange(min=0),
              help="Write only what changed since: edited, new and deleted items.")  # fmt: skip
@click.option("--feed", "feed_names", multiple=True, help="Only this feed; repeatable.")
@click.option("--shard", "shard_text", metavar="I/N", help="The I-th of N equal parts.")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option(
    "--format",
    default="ndjson",
    type=click.Choice([one.value for one in Format]),
    show_default=True,
)
@click.option("--into", type=click.Choice([COMMERCE_DB]), help="Fill the exporter's database.")
@click.option("--commerce", metavar="PATH_OR_URL", envvar="MCS_COMMERCE",
              default="var/commerce.sqlite", show_default=True)  # fmt: skip
@click.option("--jobs", default=0, type=click.IntRange(min=0), help="Processes. [default: cores]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, nothing else.")
@click.option("--list", "listing", is_flag=True, help="List the profiles, and do nothing.")
def generate(
    profile_name: str | None,
    seed: int,
    version: int,
    since: int | None,
    feed_names: Sequence[str],
    shard_text: str | None,
    output: Path | None,
    format: str,
    into: str | None,
    commerce: str,
    jobs: int,
    as_json: bool,
    listing: bool,
) -> None:
    """Write the items of a catalog that is a function of profile, seed and version.

    The same options give the same bytes, anywhere. Files are named after their feed and are there
    when they are whole. Exit code: 0, or 2 on wrong usage.
    """
    if listing:
        _list(as_json)
        return
    if profile_name is None:
        raise UsageError(f"which profile? Give --profile, one of: {', '.join(profile_names())}.")
    catalog = Catalog.of_profile(read_profile(profile_name), seed)
    if into:
        _refuse(ONLY_FILES, {"-o": output, "--feed": feed_names, "--shard": shard_text,
                             "--version": version, "--since": since is not None})  # fmt: skip
        _fill(catalog, commerce, as_json)
        return
    if output is None:
        raise UsageError(NOWHERE)
    if since is not None and since >= version:
        raise UsageError(NO_PAST.format(since=since, version=version))
    items = FeedItems(catalog, version)
    feeds = [feed_by_cli_name(name).name for name in feed_names] or list(FEEDS)
    if since is not None:
        _refuse(ONLY_WHOLE, {"--shard": shard_text, "--format": format != Format.NDJSON})
        _write(write_changes(items, since, feeds, output), None, catalog, as_json)
        return
    shard = _shard(shard_text)
    total = 0
    for feed in feeds:
        span = shard.span(feed, items.count(feed))
        total += span.stop - span.start
    written = write_items(items, feeds, output, format=Format(format), shard=shard, jobs=jobs)
    _write(written, total, catalog, as_json)


def _write(parts: Iterator[Written], total: int | None, catalog: Catalog, as_json: bool) -> None:
    started = time.monotonic()
    found = []
    with _progress("generating", total, as_json) as advance:
        for part in parts:
            found.append(part)
            advance(part.items)
    seconds = time.monotonic() - started
    items, size = sum(part.items for part in found), sum(part.size_bytes for part in found)
    if as_json:
        click.echo(json.dumps(_document(catalog, found, seconds), indent=2))
        return
    for feed in dict.fromkeys(part.feed for part in found):
        of_feed = [part for part in found if part.feed == feed]
        count = sum(part.items for part in of_feed)
        click.echo(f"{feed:22} {count:>14,}  {of_feed[0].path}" + (" …" if of_feed[1:] else ""))
    rate = items / seconds if seconds else 0.0
    click.echo(
        DONE.format(items=items, size=_size(size), files=len(found), seconds=seconds, rate=rate)
    )


def _document(catalog: Catalog, found: Sequence[Written], seconds: float) -> dict[str, Any]:
    return {
        "profile": catalog.profile.name,
        "seed": catalog.seed,
        "items": sum(part.items for part in found),
        "bytes": sum(part.size_bytes for part in found),
        "seconds": round(seconds, 3),
        "files": [
            {
                "feed": part.feed,
                "path": str(part.path),
                "items": part.items,
                "bytes": part.size_bytes,
            }
            for part in found
        ],
    }


def _fill(catalog: Catalog, commerce: str, as_json: bool) -> None:
    engine = open_commerce(commerce)
    try:
        with _progress("filling", catalog.products, as_json) as advance:
            done = 0

            def on_progress(written: int) -> None:
                nonlocal done
                advance(written - done)
                done = written

            load_catalog(engine, catalog, on_progress)
    finally:
        engine.dispose()
    document = {
        "profile": catalog.profile.name,
        "seed": catalog.seed,
        "products": catalog.products,
    }
    click.echo(json.dumps(document, indent=2) if as_json else FILLED.format(**document))


def _list(as_json: bool) -> None:
    profiles = [read_profile(name) for name in profile_names()]
    if as_json:
        listed = [
            {
                "name": profile.name,
                "title": profile.title,
                "products": profile.products,
                "websites": len(profile.scopes.websites),
                "store_views": len(profile.scopes.store_views),
            }
            for profile in profiles
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    for profile in profiles:
        click.echo(f"{profile.name:18} {profile.products:>12,} products  {profile.title}")


def _shard(text: str | None) -> Shard:
    if text is None:
        return Shard()
    found = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", text)
    if not found or int(found[1]) > int(found[2]):
        raise UsageError(NO_SHARD.format(text=text))
    return Shard(int(found[1]), int(found[2]))


def _refuse(message: str, options: dict[str, object]) -> None:
    for option, given in options.items():
        if given:
            raise UsageError(message.format(option=option))


def _size(size_bytes: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:,.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:,.1f} TB"


@contextmanager
def _progress(label: str, total: int | None, quiet: bool) -> Iterator[_Advance]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True, quiet=quiet)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.update(task, advance=steps)
