"""What the commands that ask a service share: options, which service is meant, exit codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
import orjson

from mcs.harness.errors import CouldNotTell
from mcs.harness.places import COMMERCE_DATABASE, DEFAULT_URL, service_of_shop, shop_at_hand

__all__ = ["COMMERCE_DATABASE", "DEFAULT_URL"]

EXIT_NOT_SO = 1
EXIT_COULD_NOT_TELL = 3

var_option = click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="MCS_VAR",
    default="var",
    show_default=True,
    help="Folder of the shop's database and of the credentials.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")
commerce_option = click.option(
    "--commerce",
    metavar="PATH_OR_URL",
    envvar="MCS_COMMERCE",
    help="The exporter's database, a SQLite file or SQLAlchemy URL. "
    f"[default: VAR/{COMMERCE_DATABASE}]",
)
url_option = click.option(
    "--url",
    help=f"The service. [default: as the shop or the credentials have it, or {DEFAULT_URL}]",
)
data_space_option = click.option(
    "--data-space", metavar="ID", help="[default: as the shop or the credentials have it]"
)
sent_option = click.option(
    "--sent",
    metavar="PLACE",
    multiple=True,
    help="What was sent, instead: saas-export.log (folder, pattern), CSV or SQL dump of a feed "
    "table, HAR, file of items, database; repeatable. Prefixes log: csv: sql: har: ndjson: "
    "parquet: db: say which.",
)
token_option = click.option(
    "--token",
    envvar="MCS_CONTROL_TOKEN",
    show_envvar=True,
    help="Opens the control API of a service on another machine.",
)
_OF_SHOP = (
    commerce_option,
    url_option,
    data_space_option,
    token_option,
    json_option,
    var_option,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which shop and which service a command asks, and how it is to tell; as it was given."""

    commerce: str | None
    url: str | None
    data_space: str | None
    token: str | None
    as_json: bool
    var: Path


def asking_a_shop(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that tell shop and service; the command is called with `asked`."""

    @wraps(command)
    def called(
        *,
        commerce: str | None,
        url: str | None,
        data_space: str | None,
        token: str | None,
        as_json: bool,
        var: Path,
        **others: Any,
    ) -> None:
        command(asked=Asked(commerce, url, data_space, token, as_json, var), **others)

    for option in reversed(_OF_SHOP):
        called = option(called)
    return called


@contextmanager
def exit_code() -> Iterator[None]:
    """Ends the command with exit code 3 if the harness could not tell."""
    try:
        yield
    except CouldNotTell as error:
        raise _NoVerdict(str(error)) from None


def tell(text: str) -> None:
    """Says something beside what a command prints."""
    click.echo(text, err=True)


def service_without_shop(
    commerce: str | None, var: Path, data_space: str | None, url: str | None
) -> tuple[str, str]:
    """The data space and URL to ask: as given, as the shop has them, as the credentials say.

    There may be no shop. commerce: None for the usual place. Raises CouldNotTell if the shop's
    database cannot be read, UsageError if nothing tells.
    """
    if data_space and url:
        return data_space, url
    return service_of_shop(shop_at_hand(commerce, var), var, data_space, url, tell)


def print_json(document: Any) -> None:
    """Prints a JSON document."""
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))


class _NoVerdict(click.ClickException):
    exit_code = EXIT_COULD_NOT_TELL
