"""What the commands share that live through a story in a folder of their own."""

from collections.abc import Callable
from pathlib import Path

import click

json_only_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document, nothing else."
)


def story_folder_option(text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option --var: the folder below which the story's own folder is."""
    return click.option(
        "--var",
        default="var",
        show_default=True,
        envvar="MCS_VAR",
        type=click.Path(file_okay=False, path_type=Path),
        help=text,
    )
