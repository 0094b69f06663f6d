"""`mcs`: the face of server, harness and fixtures. Commands live in their rooms and load on use."""

import sys
from collections.abc import Mapping, Sequence

import click

import mcs
from mcs.contract.errors import UsageError
from mcs.on_use import Entry, OnUse

USAGE = 2

_COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("mcs.demo:demo", "Send a generated catalog to a mock service, and diff."),
    "generate": Entry("mcs.generate_cli:generate", "Write the feed items of a generated catalog."),
    "estimate": Entry(
        "mcs.fixtures.estimate_cli:estimate",
        "How much a shop has to send, and how long that takes.",
    ),
    "simulate": Entry(
        "mcs.simulate_cli:simulate", "Live through a day of a shop and its service in a minute."
    ),
    "serve": Entry("mcs.server.cli:serve", "Run the service until Ctrl-C or SIGTERM."),
    "dataspace": Entry("mcs.server.cli:dataspace", "Make and list data spaces, the tenants."),
    "diff": Entry("mcs.harness.cli:diff", "Compare what was sent with what was received."),
    "export-received": Entry(
        "mcs.harness.export_cli:export_received", "Write what the service received to a file."
    ),
    "case": Entry("mcs.case_cli:case", "Capture, replay and explain support cases."),
    "support-bundle": Entry(
        "mcs.harness.cases.bundle_cli:support_bundle",
        "Collect what is to be sent with a support ticket.",
    ),
    "conform": Entry(
        "mcs.harness.conform_cli:conform", "Judge an exporter by how it behaves, clause by clause."
    ),
    "send": Entry("mcs.harness.cli:send", "Post a file of items as a small client would."),
    "faults": Entry(
        "mcs.harness.faults_cli:faults", "Make the service misbehave, and see what that did."
    ),
    "catalog": Entry(
        "mcs.exporter.catalog_cli:catalog", "Look at the catalog of the shop and edit it."
    ),
    "exporter": Entry("mcs.exporter.cron_cli:exporter", "The exporter as a service of its own."),
    "contract": Entry(
        "mcs.harness.contract_cli:contract", "Read the contract, or check a file against it."
    ),
    "loadtest": Entry(
        "mcs.loadtests.cli:loadtest",
        "Send a generated catalog with Locust, and compare what arrived.",
    ),
    "explain": Entry(
        "mcs.harness.explain_cli:explain", "Tell one item's whole story, over all feeds."
    ),
    "doctor": Entry("mcs.doctor.cli:doctor", "Diagnose a set-up, and say what to do."),
    "completion": Entry(
        "mcs.completion_cli:completion", "Print the set-up of completion for a shell."
    ),
}


@click.group(cls=OnUse, on_use=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mcs.__version__, prog_name="mcs")
def cli() -> None:
    """Mock Commerce Services: receive catalog feeds, and say what went missing on the way."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs mcs; wrong usage is one line on stderr and exit code 2. Leaves by SystemExit.

    arguments: instead of those that this process was called with.
    """
    try:
        cli.main(arguments, prog_name="mcs", standalone_mode=True)
    except UsageError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(USAGE)
