"""The command `mcs export-received`; it only asks, calls and prints.

Exit codes: 0 written; 2 wrong usage; 3 the service could not be read to its end.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import orjson

from mcs.contract.dialects import any_feed_by_cli_name
from mcs.contract.errors import UsageError
from mcs.harness.asking import exit_code
from mcs.harness.places import DEFAULT_URL, service_of_shop, shop_at_hand
from mcs.harness.sources.kinds import Kind, split_prefix
from mcs.harness.sources.opening import open_received

if TYPE_CHECKING:
    from rich.progress import Progress

WRITTEN = "{path}: {items} items and {refused} refusals."
NO_MOMENT = '--{name} "{text}" is no moment. Give one such as 2026-11-22T10:00:00Z.'
FROM_FILE = "{place} is an export already. Give the URL of a service, or its database."
SHOWN_EVERY = 1_000


@click.command("export-received")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A name that ends in .ndjson, .ndjson.gz or .parquet.",
)
@click.option("--payload", is_flag=True, help="With the items as they were received.")
@click.option("--feed", "feed_names", multiple=True, help="Export this feed only; repeatable.")
@click.option("--since", metavar="MOMENT", help="Received at this ISO moment or later.")
@click.option("--until", metavar="MOMENT", help="Received before this ISO moment.")
@click.option("--received", metavar="PLACE", help="The service's URL or its database (db:…).")
@click.option("--url", help=f"The service. [default: as the shop is configured, or {DEFAULT_URL}]")
@click.option("--data-space", metavar="ID", help="[default: as the shop is configured]")
@click.option("--mixed", is_flag=True, help="All data spaces of a database as one.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")
@click.option(
    "--token",
    envvar="MCS_CONTROL_TOKEN",
    show_envvar=True,
    help="Opens the control API of a service on another machine.",
)
@click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="MCS_VAR",
    default="var",
    show_default=True,
    help="Folder of the shop's database and of the credentials.",
)
def export_received(
    output: Path,
    payload: bool,
    feed_names: Sequence[str],
    since: str | None,
    until: str | None,
    received: str | None,
    url: str | None,
    data_space: str | None,
    mixed: bool,
    as_json: bool,
    token: str | None,
    var: Path,
) -> None:
    """Write what the service holds and refused, for a diff later or elsewhere.

    `mcs diff --received FILE` reads it; with --payload it also tells in which fields items differ.
    """
    # What a command does is imported when it does it, so that usage is told at once.
    from mcs.harness.export import Exportable, Selection, export

    feeds = tuple(dict.fromkeys(map(any_feed_by_cli_name, feed_names)))
    names = tuple(feed.name for feed in feeds) or None
    selection = Selection(names, payload, _moment("since", since), _moment("until", until))
    with exit_code():
        if received is None:
            shop = shop_at_hand(None, var)
            data_space, received = service_of_shop(shop, var, data_space, url)
        elif split_prefix(received)[0] not in (Kind.SERVICE, Kind.DATABASE):
            raise UsageError(FROM_FILE.format(place=received))
        with (
            open_received(received, data_space_id=data_space, mixed=mixed, token=token) as side,
            _progress() as progress,
        ):
            task = progress.add_task("exported", total=None)
            items, refused = export(
                cast(Exportable, side), output, selection, lambda: progress.advance(task)
            )
    if as_json:
        click.echo(orjson.dumps({"path": str(output), "items": items, "refused": refused}))
    else:
        click.echo(WRITTEN.format(path=output, items=items, refused=refused))


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(NO_MOMENT.format(name=name, text=text)) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} lines"), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
