"""The command `mcs completion`: what a shell needs to complete our commands."""

import click
from click.shell_completion import get_completion_class

from mcs.exporter.cli import COMPLETE_VARIABLE as MAGENTO_VARIABLE
from mcs.exporter.cli import magento

MCS_VARIABLE = "_MCS_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete `mcs` and `magento`.

    Put into the shell's start file:

    \b
    bash, in ~/.bashrc:   eval "$(mcs completion bash)"
    zsh, in ~/.zshrc:     eval "$(mcs completion zsh)"
    fish, in config.fish: mcs completion fish | source
    """
    how = get_completion_class(shell)
    if how is None:
        raise click.ClickException(f"this release of Click knows no completion for {shell}.")
    for command, name, variable in (
        (context.find_root().command, "mcs", MCS_VARIABLE),
        (magento, "magento", MAGENTO_VARIABLE),
    ):
        click.echo(how(command, {}, name, variable).source())
