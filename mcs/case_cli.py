"""`mcs case`: the support cases. Each command lives in its room and loads on use."""

from collections.abc import Mapping

import click

from mcs.on_use import Entry, OnUse

_COMMANDS: Mapping[str, Entry] = {
    "capture": Entry(
        "mcs.harness.cases.cli:capture",
        "Freeze a data space, feed tables and logs into a case file.",
    ),
    "import": Entry(
        "mcs.harness.cases.cli:import_files", "Make a case out of a customer's logs, dumps and HAR."
    ),
    "replay": Entry(
        "mcs.harness.cases.cli:replay",
        "Play a case again, and tell whether its symptom comes back.",
    ),
    "minimise": Entry(
        "mcs.harness.cases.cli:minimise",
        "Make a case as small as it can be while it shows a symptom.",
    ),
    "to-test": Entry(
        "mcs.harness.cases.cli:to_test", "Write a case as a pytest file that fails as it does."
    ),
    "list": Entry("mcs.library.cli:list_cases", "List the support cases that come with mcs."),
    "run": Entry("mcs.library.cli:run", "Live through support cases, from the symptom to the fix."),
}


@click.group(cls=OnUse, on_use=_COMMANDS)
def case() -> None:
    """Support cases: capture, import, replay, minimise; and the library of known ones."""
