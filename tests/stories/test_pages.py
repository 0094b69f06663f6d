"""The commands of pages that are no tutorials, run as they stand there, with a small shop."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.docs_commands import blocks
from tests.docs_runs import HERE, ROOT, RUN_BY, run_lines
from tests.stories.clone import SERVE, START, needs_tools, run_in_clone

PAGES = sorted(page for page, test in RUN_BY.items() if test == HERE)
OF = "$(jq -r .{name} var/credentials/{space}.json)"
INSTEAD: Mapping[str, str] = {
    # What is the reader's to fill in.
    "http://127.0.0.1:8080": "http://127.0.0.1:$MCS_PORT",
    "https://mock.example.test/": "http://127.0.0.1:$MCS_PORT",
    "<data space id>": OF.format(name="data_space_id", space="staging"),
    "<API key>": OF.format(name="api_key", space="staging"),
    # What is as true of little.
    "--products 1000": "--products 8",
    "--random 20": "--random 2",
    "medium": "coverage",
    "--profile large --feed": "--profile coverage --feed",
}
PAIRED = """\
mcs dataspace create my-shop | grep 'magento config:set' | sh"""
SHOP = f"""\
{START}
bin/magento setup:performance:generate-fixtures --products 8
{PAIRED}
EXPORTER_EXTENDED_LOG=1 bin/magento saas:resync --feed products"""
"""What a page takes for granted that its reader has."""
BEFORE: Mapping[str, str] = {
    "README.md": """\
echo '[{"sku": "A", "storeViewCode": "default", "deleted": false}]' > expected.json""",
    "docs/case-library.md": SHOP,
    "docs/exporter.md": START,
    "docs/generator.md": f"{START}\nmcs dataspace create my-shop",
    "docs/reports.md": SHOP,
}
AFTER_LINE: Mapping[tuple[str, str], str] = {
    ("docs/catalog-ingestion.md", "mcs dataspace create"): "\n".join(
        f"{variable}={OF.format(name=name, space='my-shop')}"
        for variable, name in (
            ("TENANT", "data_space_id"),
            ("CLIENT_ID", "client_id"),
            ("CLIENT_SECRET", "client_secret"),
        )
    ),
    ("docs/catalog-ingestion.md", "mcs faults add"): """\
bin/magento setup:performance:generate-fixtures --products 8
echo '{"feed": "catalogProducts", "item": {"sku": "A"}}' > sent.ndjson""",
}
STEP = """\
{line}
code=$?
if [ $code -gt 1 ]; then echo "exit code $code of: {shown}" >&2; exit 9; fi"""
TRACEBACK = "Traceback (most recent call last)"


@needs_tools
@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_works(tmp_path: Path, page: str) -> None:
    lines = [line for block in blocks(ROOT / page) for line in run_lines(page, block)]

    done = run_in_clone("\n".join(_script(page, lines)), tmp_path)

    assert lines
    assert done.returncode == 0, done.stdout + done.stderr
    assert TRACEBACK not in done.stderr


@needs_tools
def test_a_command_that_does_not_work_would_be_found(tmp_path: Path) -> None:
    done = run_in_clone("\n".join(_script("README.md", ["mcs fly", "mcs doctor"])), tmp_path)

    assert done.returncode == 9
    assert "exit code 2 of: mcs fly" in done.stderr


def _script(page: str, lines: Iterable[str]) -> Iterable[str]:
    yield BEFORE.get(page, "")
    for line in lines:
        yield line if SERVE.match(line) else _step(line)
        for (where, start), more in AFTER_LINE.items():
            if where == page and line.startswith(start):
                yield more


def _step(line: str) -> str:
    """A line that ends the script unless it does what it says: 1 is a verdict as well."""
    for written, instead in INSTEAD.items():
        line = line.replace(written, instead)
    shown = "".join(char for char in line if char.isalnum() or char in " -_./:")
    return STEP.format(line=line, shown=shown)
