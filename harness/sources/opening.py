"""Opens the sides of a diff, wherever they are: one function for each side.

What reads a kind of place is imported when such a place is opened: each brings libraries that the
others do without (DuckDB, SQLAlchemy, SQLGlot, urllib3), and commands start without any.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.logs.files import log_files
from mcs.harness.sides import ReceivedSide, SentSide
from mcs.harness.sources.kinds import Kind, kind_of
from mcs.harness.sources.others import other_source
from mcs.harness.sources.reading import Reading

if TYPE_CHECKING:
    from mcs.harness.sources.csv_dump import CsvDump
    from mcs.harness.sources.har import HttpArchive
    from mcs.harness.sources.items_file import ItemsFile
    from mcs.harness.sources.service import Service
    from mcs.harness.sources.sql_dump import SqlDump

SENT_KINDS = (Kind.LOG, Kind.DATABASE, Kind.CSV, Kind.SQL, Kind.HAR, Kind.NDJSON, Kind.PARQUET)
RECEIVED_KINDS = (Kind.NDJSON, Kind.PARQUET, Kind.DATABASE, Kind.SERVICE)
SENT_EXPECTED = (
    "What was sent is read from an exporter's database, a saas-export.log, a dump of a feed table "
    "(CSV, SQL), an HTTP archive, or a file of items."
)
RECEIVED_EXPECTED = (
    "What was received is read from a service's URL, its database, or a file of "
    "`mcs export-received`."
)
NO_PLACE = "no place was given to read from. {expected}"
NO_DATA_SPACE = "{url}: which data space? Name it with --data-space ID."


@contextmanager
def open_sent(
    place: str | Sequence[str],
    *,
    feeds: Sequence[Feed] | None = None,
    data_space_id: str | None = None,
    mixed: bool = False,
    lenient: bool = False,
) -> Iterator[SentSide]:
    """What was sent, by a place or several; see `Reading` for the options.

    A place is a path, a pattern or folder of log files, or a SQLAlchemy URL; `log:`, `csv:`,
    `sql:`, `har:`, `ndjson:`, `parquet:` or `db:` before it says what it is, or the prefix of a
    further source (see `others`). Log files among
    several places are one log, whatever their order; it stands where the last of them does. Of an
    identity that several places know the last one counts. Raises UsageError, CouldNotTell.
    """
    places = [place] if isinstance(place, str) else list(place)
    if not places:
        raise UsageError(NO_PLACE.format(expected=SENT_EXPECTED))
    reading = Reading(tuple(feeds) if feeds else None, data_space_id, mixed, lenient)
    found = [other_source(one) or kind_of(one, SENT_KINDS, SENT_EXPECTED) for one in places]
    logs = [path for kind, path in found if kind is Kind.LOG]
    sides: list[SentSide] = []
    with ExitStack() as stack:
        for kind, path in found:
            if not isinstance(kind, Kind):
                sides.append(stack.enter_context(kind(path)))
            elif kind is not Kind.LOG:
                sides.append(stack.enter_context(_sent(kind, path, reading)))
            elif path is logs[-1]:
                sides.append(stack.enter_context(_log(logs, reading)))
        yield sides[0] if len(sides) == 1 else _together(sides)


@contextmanager
def open_received(
    place: str,
    *,
    feeds: Sequence[Feed] | None = None,
    data_space_id: str | None = None,
    mixed: bool = False,
    lenient: bool = False,
    token: str | None = None,
) -> Iterator[ReceivedSide]:
    """What was received, by a place: the URL of a service, its database, or an exported file.

    `db:`, `ndjson:` or `parquet:` before it says what it is. token: opens the control API of a
    service on another machine. Raises UsageError, CouldNotTell.
    """
    reading = Reading(tuple(feeds) if feeds else None, data_space_id, mixed, lenient)
    kind, path = kind_of(place, RECEIVED_KINDS, RECEIVED_EXPECTED)
    with _received(kind, path, reading, token) as side:
        yield side


def open_shop(place: str) -> AbstractContextManager[SentSide]:
    """The feed tables of a shop's database, as what was sent."""
    from mcs.harness.sources.exporter_database import opened

    return opened(place)


def open_service(url: str, data_space_id: str, token: str | None) -> "Service":
    """A data space of a running service, to be used in a `with` block."""
    from mcs.harness.sources.service import Service

    return Service(url, data_space_id, token)


def _sent(kind: Kind, path: str, reading: Reading) -> AbstractContextManager[SentSide]:
    if kind is Kind.DATABASE:
        return open_shop(path)
    _check_there(path, SENT_EXPECTED)
    return closing(_reader(kind)(Path(path), reading))


def _log(paths: Sequence[str], reading: Reading) -> AbstractContextManager[SentSide]:
    from mcs.harness.sources.log import ExporterLog

    return closing(ExporterLog(log_files(paths), reading))


def _together(sides: Sequence[SentSide]) -> SentSide:
    from mcs.harness.sources.together import Together

    return Together(sides)


def _reader(
    kind: Kind,
) -> "Callable[[Path, Reading], CsvDump | SqlDump | HttpArchive | ItemsFile]":
    """What reads a file of this kind as what was sent."""
    if kind is Kind.CSV:
        from mcs.harness.sources.csv_dump import CsvDump

        return CsvDump
    if kind is Kind.SQL:
        from mcs.harness.sources.sql_dump import SqlDump

        return SqlDump
    if kind is Kind.HAR:
        from mcs.harness.sources.har import HttpArchive

        return HttpArchive
    from mcs.harness.sources.items_file import ItemsFile

    return ItemsFile


def _received(
    kind: Kind, path: str, reading: Reading, token: str | None
) -> AbstractContextManager[ReceivedSide]:
    if kind is Kind.DATABASE:
        from mcs.harness.sources.service_database import opened

        return opened(path, reading)
    if kind is Kind.SERVICE:
        if reading.data_space_id is None:
            raise UsageError(NO_DATA_SPACE.format(url=path))
        return open_service(path, reading.data_space_id, token)
    _check_there(path, RECEIVED_EXPECTED)
    from mcs.harness.sources.received_file import ReceivedFile

    return closing(ReceivedFile(Path(path), reading))


def _check_there(path: str, expected: str) -> None:
    if not Path(path).is_file():
        raise UsageError(f"{path}: there is no such file. {expected}")
