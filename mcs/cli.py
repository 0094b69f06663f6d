"""`mcs`: the face of server, harness and fixtures. Commands live in their rooms and load on use."""

import sys
from collections.abc import Mapping

import click

import mcs
from mcs.contract.errors import UsageError
from mcs.on_use import OnUse

USAGE = 2

_COMMANDS: Mapping[str, str] = {
    "demo": "mcs.demo:demo",
    "generate": "mcs.generate_cli:generate",
    "estimate": "mcs.fixtures.estimate_cli:estimate",
    "simulate": "mcs.simulate_cli:simulate",
    "serve": "mcs.server.cli:serve",
    "dataspace": "mcs.server.cli:dataspace",
    "diff": "mcs.harness.cli:diff",
    "export-received": "mcs.harness.export_cli:export_received",
    "case": "mcs.case_cli:case",
    "support-bundle": "mcs.harness.cases.bundle_cli:support_bundle",
    "conform": "mcs.harness.conform_cli:conform",
    "send": "mcs.harness.cli:send",
    "faults": "mcs.harness.faults_cli:faults",
    "catalog": "mcs.exporter.catalog_cli:catalog",
    "exporter": "mcs.exporter.cron_cli:exporter",
    "contract": "mcs.harness.contract_cli:contract",
    "loadtest": "mcs.loadtests.cli:loadtest",
    "explain": "mcs.harness.explain_cli:explain",
    "doctor": "mcs.doctor.cli:doctor",
    "completion": "mcs.completion_cli:completion",
}


@click.group(cls=OnUse, on_use=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mcs.__version__, prog_name="mcs")
def cli() -> None:
    """Mock Commerce Services: receive catalog feeds, and say what went missing on the way."""


def main() -> None:
    """Runs mcs; wrong usage is one line on stderr and exit code 2."""
    try:
        cli.main(prog_name="mcs", standalone_mode=True)
    except UsageError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(USAGE)
