"""`mcs exporter sent`: what went to the ingestion API, for a diff."""

import os
from pathlib import Path

import click
import orjson

from mcs.contract.errors import UsageError
from mcs.exporter.sent import sent_lines
from mcs.exporter.service import TENANT_ID, speaks_ingestion_api
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.whole_files import replacing

NOT_SPOKEN = (
    f"{TENANT_ID} is not set: the exporter sends signed feeds, and `mcs diff` reads what it sent "
    "from its database."
)


@click.command("sent")
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
def sent(output: Path) -> None:
    """Write what was sent to the catalog ingestion API, a line per item.

    `mcs diff --sent FILE` compares it with what the service holds.
    """
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.connect() as connection:
            if not speaks_ingestion_api(connection):
                raise UsageError(NOT_SPOKEN)
        count = 0
        with replacing(output) as draft, draft.open("wb") as file:
            for line in sent_lines(engine):
                file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                count += 1
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}.") from None
    finally:
        engine.dispose()
    click.echo(f"Wrote {count} lines to {output}.")
