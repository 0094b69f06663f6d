"""`mcs support-bundle`: one zip to send with a ticket. Exit codes: 0 written; 2 wrong usage."""

from contextlib import ExitStack
from pathlib import Path

import click

from mcs.contract.errors import UsageError
from mcs.harness.asking import (
    commerce_option,
    data_space_option,
    json_option,
    print_json,
    token_option,
    url_option,
    var_option,
)
from mcs.harness.cases import archive
from mcs.harness.cases.options import (
    errors,
    log_files,
    logs_option,
    progress,
    redact_option,
    redactor_of,
)
from mcs.harness.cases.service import CaseService
from mcs.harness.cases.shop_secrets import secrets_of
from mcs.harness.cases.support_bundle import NO_LOGS, Places, collect, summary_lines
from mcs.harness.errors import CouldNotTell
from mcs.harness.places import service_of_shop, shop_at_hand


@click.command(short_help="Collect what is to be sent with a support ticket.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="support-bundle.zip",
    show_default=True,
    help="The bundle.",
)
@logs_option
@redact_option
@commerce_option
@url_option
@data_space_option
@token_option
@json_option
@var_option
def support_bundle(
    output: Path,
    logs: tuple[Path, ...],
    redact: str | None,
    commerce: str | None,
    url: str | None,
    data_space: str | None,
    token: str | None,
    as_json: bool,
    var: Path,
) -> None:
    """Collect logs, profiles, versions, configuration, indexers, counts and what the service says
    into one zip. Keys and tokens never enter it.

    What is not to be had is said in the bundle. Exits with 0, or with 2 on wrong usage.
    """
    with errors(), ExitStack() as stack:
        shop = shop_at_hand(commerce, var)
        service = None
        try:
            data_space, url = service_of_shop(shop, var, data_space, url)
            service = stack.enter_context(CaseService(url, token))
        except (UsageError, CouldNotTell):
            # That there is none is said in the bundle; it may be what the ticket is about.
            data_space = None
        folders = logs or (var / "log",)
        found = list(log_files(folders))
        places = Places(shop, found, service, data_space, secrets_of(shop, var))
        folder = stack.enter_context(archive.written(output))
        with progress(quiet=as_json) as watch:
            bundle = collect(places, folder, redactor_of(redact), watch)
        if not found:
            bundle.missing.append(NO_LOGS.format(places=", ".join(map(str, folders))))
    if as_json:
        missing = {"missing": bundle.missing, "secrets_removed": bundle.removed}
        print_json({"bundle": str(output), **bundle.summary, **missing})
        return
    click.echo("\n".join([f"{output}:", *(f"  {line}" for line in summary_lines(bundle))]))
    for one in bundle.missing:
        click.echo(f"  not in it: {one}")
    click.echo(f"  secrets taken out of the logs: {bundle.removed}")
