"""The reference pages are what the code says."""

from pathlib import Path

import click
import pytest
from click import Group

from mcs.cli import cli
from mcs.exporter.cli import magento
from mcs.exporter.settings import Settings
from mcs.reference.command_lines import commands_page, contexts
from mcs.reference.configuration import configuration_page
from mcs.reference.pages import PAGES

DOCS = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run `make docs`"


def test_commands_within_commands_have_their_section() -> None:
    page = commands_page()

    assert "\n## mcs dataspace create\n" in page
    assert "\n## bin/magento saas:resync\n" in page
    assert "`--no-reindex`" in page


def test_every_command_says_what_it_does() -> None:
    silent = [path for path, found in contexts("bin/magento", magento) if not found.command.help]

    assert silent == []


@pytest.mark.parametrize(("name", "command"), [("mcs", cli), ("magento", magento)])
def test_no_list_of_commands_breaks_a_sentence_off(name: str, command: click.Command) -> None:
    groups = [found for _, found in contexts(name, command) if isinstance(found.command, Group)]

    listed = [line for group in groups for line in group.get_help().splitlines()]

    assert [line for line in listed if line.endswith("...") and "Usage:" not in line] == []


def test_each_variable_of_the_exporter_is_one_that_it_reads(tmp_path: Path) -> None:
    variables = {
        "MCS_VAR": "elsewhere",
        "MCS_COMMERCE": "postgresql://there/shop",
        "EXPORTER_EXTENDED_LOG": "1",
        "PERSIST_EXPORTED_FEED": "1",
        "EXPORTER_PROFILER": "1",
        "EXPORTER_LOG_PROGRESS_INTERVAL": "5",
        "MCS_CONTROL_TOKEN": "secret",
    }

    read, usual = Settings.from_env(variables), Settings()

    for name, field in Settings.__dataclass_fields__.items():
        assert getattr(read, name) != getattr(usual, name)
        assert f"| `{field.metadata['variable']}` |" in configuration_page()
        assert field.metadata["variable"] in variables
