"""Commands start quickly: what only some need is loaded by those alone."""

import subprocess
import sys

import pytest

SLOW = ("cryptography", "duckdb", "faker", "flask", "marshmallow", "sqlalchemy", "sqlglot")
"""Libraries that take a tenth of a second or more to load."""

RUN = """
import sys
from click.testing import CliRunner
from {module} import {group}

done = CliRunner().invoke({group}, {words!r})
assert done.exit_code == 0, done.output
print(*(name for name in {slow!r} if name in sys.modules))
print(done.output)
"""


@pytest.mark.parametrize(
    "words",
    [["--help"], ["case", "--help"], ["diff", "--help"], ["explain", "--help"]],
    ids=" ".join,
)
def test_mcs_tells_its_usage_without_a_slow_library(words: list[str]) -> None:
    loaded, usage = started("mcs.cli", "cli", words)

    assert loaded == ""
    assert usage.startswith("Usage:")


def test_magento_lists_its_commands_without_a_slow_library() -> None:
    loaded, usage = started("mcs.exporter.cli", "magento", ["--help"])

    assert loaded == ""
    assert "saas:resync" in usage


def test_state_of_the_indexers_is_told_without_what_sending_takes() -> None:
    loaded, _ = started("mcs.exporter.cli", "magento", ["indexer:status", "--help"])

    assert loaded == "sqlalchemy"


def started(module: str, group: str, words: list[str]) -> tuple[str, str]:
    """Which of the slow libraries a fresh Python has loaded after a command, and its output."""
    program = RUN.format(module=module, group=group, words=words, slow=SLOW)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded, _, output = done.stdout.partition("\n")
    return loaded, output
