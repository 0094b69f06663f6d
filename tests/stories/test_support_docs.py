"""docs/support-cases.md: every command of it works, in its order, with a shop's files."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from mcs.cli import cli
from mcs.contract.feeds import SEED_FEEDS
from mcs.exporter.run import Exporter, Resync
from tests.server.faulty import put_in_force
from tests.server.running import RunningService
from tests.stories.cases import pytest_says
from tests.stories.paired import PairedShop, VirtualClock, paired_shop

PAGE = Path(__file__).parents[2] / "docs" / "support-cases.md"
EXAMPLE_URL = "http://127.0.0.1:8080"
TABLE = "cde_product_prices_feed"


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def quoted(value: object) -> str:
    doubled = str(value).replace('"', '""')
    return f'"{doubled}"'


def leave_files(shop: PairedShop, folder: Path) -> None:
    """What a customer sends: logs and a dump of a feed table."""
    settings = shop.exporter.settings
    logging = replace(settings, extended_log=True, profiler=True)
    exporter = Exporter(shop.engine, logging, VirtualClock().time())
    for feed in SEED_FEEDS:
        exporter.resync(feed, Resync())
    (folder / "ticket").mkdir()
    (folder / "ticket" / "log").symlink_to(settings.log_dir)
    engine = create_engine(f"sqlite:///{settings.database}")
    with engine.connect() as connection:
        rows = connection.execute(text(f"select * from {TABLE}"))  # noqa: S608 - our own table
        lines = [",".join(rows.keys())]
        lines += [",".join(map(quoted, row)) for row in rows]
    engine.dispose()
    (folder / "ticket" / f"{TABLE}.csv").write_text("\n".join(lines) + "\n", "utf-8")


def test_every_command_of_the_page_works(
    service: RunningService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MCS_VAR", str(folder / "var"))
    ran = []
    with paired_shop(folder / "var", service.data_space(), products=8) as shop:
        put_in_force(shop.data_space, "reject", feed="products", nth=3)
        put_in_force(shop.data_space, "lose", feed="categories", nth=[5, 6])
        put_in_force(shop.data_space, "throttle", feed="prices")
        leave_files(shop, folder)
        for command in commands():
            name, *args = shlex.split(command.replace(EXAMPLE_URL, service.url), comments=True)
            if name == "pytest":
                assert "1 failed in" in pytest_says(folder / args[0])
            else:
                assert name == "mcs"
                told = CliRunner().invoke(cli, args)
                assert told.exit_code == 0, f"{command}\n{told.output}\n{told.exception!r}"
            ran.append(args[0])

    assert len(ran) > 10
