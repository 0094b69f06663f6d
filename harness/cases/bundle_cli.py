"""`mcs support-bundle`: one zip to send with a ticket. Exit codes: 0 written; 2 wrong usage."""

from contextlib import ExitStack
from pathlib import Path

import click

from mcs.contract.errors import UsageError
from mcs.harness.asking import Asked, asking_a_shop, print_json
from mcs.harness.cases import archive
from mcs.harness.cases.options import (
    errors,
    log_files,
    logs_option,
    output_option,
    progress,
    redact_option,
    redactor_of,
)
from mcs.harness.cases.service import CaseService
from mcs.harness.cases.shop_secrets import secrets_of
from mcs.harness.cases.support_bundle import NO_LOGS, Places, collect, summary_lines
from mcs.harness.errors import CouldNotTell
from mcs.harness.places import service_of_shop, shop_at_hand


@click.command()
@output_option("support-bundle.zip", "The bundle.")
@logs_option
@redact_option
@asking_a_shop
def support_bundle(
    output: Path,
    logs: tuple[Path, ...],
    redact: str | None,
    asked: Asked,
) -> None:
    """Collect logs, profiles, versions, configuration, indexers, counts and what the service says
    into one zip. Keys and tokens never enter it.

    What is not to be had is said in the bundle. Exits with 0, or with 2 on wrong usage.
    """
    with errors(), ExitStack() as stack:
        shop = shop_at_hand(asked.commerce, asked.var)
        service, space = None, None
        try:
            space, url = service_of_shop(shop, asked.var, asked.data_space, asked.url)
            service = stack.enter_context(CaseService(url, asked.token))
        except (UsageError, CouldNotTell):
            # That there is none is said in the bundle; it may be what the ticket is about.
            space = None
        folders = logs or (asked.var / "log",)
        found = list(log_files(folders))
        places = Places(shop, found, service, space, secrets_of(shop, asked.var))
        folder = stack.enter_context(archive.written(output))
        with progress(quiet=asked.as_json) as watch:
            bundle = collect(places, folder, redactor_of(redact), watch)
        if not found:
            bundle.missing.append(NO_LOGS.format(places=", ".join(map(str, folders))))
    if asked.as_json:
        missing = {"missing": bundle.missing, "secrets_removed": bundle.removed}
        print_json({"bundle": str(output), **bundle.summary, **missing})
        return
    click.echo("\n".join([f"{output}:", *(f"  {line}" for line in summary_lines(bundle))]))
    for one in bundle.missing:
        click.echo(f"  not in it: {one}")
    click.echo(f"  secrets taken out of the logs: {bundle.removed}")
