"""The command `mcs doctor`; it only asks, looks and prints."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from mcs.called import MAGENTO
from mcs.doctor.databases import Expected, database_finding
from mcs.doctor.finding import Finding, State
from mcs.doctor.machine import folder_finding, port_finding, python_finding
from mcs.doctor.shop import credentials_findings, shop_findings
from mcs.exporter.commerce.tables import SCHEMA_VERSION as COMMERCE_VERSION
from mcs.exporter.commerce.tables import SchemaVersion as CommerceVersion
from mcs.exporter.settings import Settings
from mcs.server.config import ServerConfig
from mcs.server.store.tables import SCHEMA_VERSION as STORE_VERSION
from mcs.server.store.tables import SchemaVersion as StoreVersion

WELL, ILL = 0, 1


@click.command()
@click.option("--var", type=click.Path(path_type=Path), help="Directory. [default: var]")
@click.option("--port", type=int, help="The service's port. [default: 8080]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(var: Path | None, port: int | None, as_json: bool) -> None:
    """Diagnose the set-up of service and exporter. It looks and asks, and changes nothing.

    ✓ is well, – is not set up, ✗ will not work; what to do next stands below.

    Exit code: 0 nothing is wrong, 1 something is.
    """
    given = {name: value for name, value in (("var", var), ("port", port)) if value is not None}
    config = replace(ServerConfig.from_env(), **given)  # type: ignore[arg-type]  # by name
    settings = Settings.from_env(os.environ)
    settings = settings if var is None else replace(settings, var=var)
    found: list[Finding] = []
    for finding in _findings(config, settings):
        found.append(finding)
        if not as_json:
            click.echo(finding.line)
    is_well = all(finding.state != State.BAD for finding in found)
    if as_json:
        checks = [finding.as_json() for finding in found]
        click.echo(json.dumps({"well": is_well, "checks": checks}, indent=2, ensure_ascii=False))
    sys.exit(WELL if is_well else ILL)


def _findings(config: ServerConfig, settings: Settings) -> Iterator[Finding]:
    yield python_finding()
    yield folder_finding("var folder", config.var, "--var or MCS_VAR")
    yield folder_finding("log folder", settings.log_dir, "MCS_VAR")
    yield database_finding(
        Expected(
            check="service's database",
            url=config.database_url,
            version_table=StoreVersion.__tablename__,
            version=STORE_VERSION,
            setting="MCS_DATABASE",
            made_by="`mcs serve` makes it.",
        )
    )
    yield port_finding(config.host, config.port, config.url)
    yield from credentials_findings(config.var)
    commerce = settings.database_url or f"sqlite:///{Path(settings.database).absolute()}"
    shop = database_finding(
        Expected(
            check="commerce database",
            url=commerce,
            version_table=CommerceVersion.__tablename__,
            version=COMMERCE_VERSION,
            setting="MCS_COMMERCE",
            made_by=f"`{MAGENTO} setup:performance:generate-fixtures` makes it, with a catalog.",
        )
    )
    yield shop
    if shop.state == State.GOOD:
        yield from shop_findings(commerce)
