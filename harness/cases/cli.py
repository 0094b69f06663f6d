"""The commands of `mcs case` that make and use a case file."""

import click


@click.command()
def capture() -> None:
    """Freeze a data space, feed tables and logs into one case file."""
    raise click.UsageError("not yet")


import_files = replay = minimise = to_test = capture
